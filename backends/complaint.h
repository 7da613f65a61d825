/* What is said of a call that failed, and how often: each kind of failure at
 * once, and then at most once in COMPLAINT_QUIET_NS.
 *
 * Time is the caller's.  Any thread; struct complaints under the caller's
 * lock. */
#ifndef BACKENDS_COMPLAINT_H
#define BACKENDS_COMPLAINT_H

#include "base/util.h"

#define COMPLAINT_QUIET_NS (10 * NS_PER_SEC)
#define COMPLAINT_KINDS 16 /* beyond, the one said longest ago is forgotten */

/* What was said already.  Zeroed is new. */
struct complaints {
	struct {
		int kind;
		uint64_t at_ns;
		unsigned unsaid; /* since then */
	} said[COMPLAINT_KINDS];
};

/* kind: a status, or an errno; not 0.  Is it to be said now?  Then *unsaid is
 * how many of the kind were not since it was said last. */
bool complaint_due(struct complaints *c, int kind, uint64_t now_ns,
		   unsigned *unsaid);

/* One line.  Texts may be NULL; what comes from a server may hold anything, and
 * is made printable.
 *
 *	s3://b/p: key: http://host answered 403 AccessDenied, "No", request 7,
 *	after 2 attempts (and 3 like it): Permission denied */
struct complaint {
	int error;	   /* negative errno */
	const char *store; /* "s3://bucket/prefix" */
	const char *object;
	const char *server; /* "http://host" */

	int status; /* that it answered, or 0: then why nothing came */
	const char *code, *message;
	const char *request; /* its id */
	size_t request_len;
	const char *why;

	unsigned attempts, unsaid;
};

void complaint_say(const struct complaint *c);

#endif
