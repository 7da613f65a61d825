/* Small questions to services that give out keys and tokens.  They are asked a
 * few times if they do not answer, or not well, and what they say is cleared
 * from memory.
 *
 * A message tells who was asked, where, and the status of the answer; never
 * more, for servers like to repeat secrets.  Any thread. */
#ifndef BACKENDS_ASK_H
#define BACKENDS_ASK_H

#include "backends/http.h"

#define ASK_ANSWER 65536 /* bytes at most */

struct ask_question {
	const char *who; /* "STS": for messages */
	enum http_method method;
	const char *url;
	const char *const *headers; /* "Name: value", ends with NULL; or NULL */
	const char *body;	    /* or NULL */
	bool direct;	     /* not over a proxy: it is of this machine */
	unsigned tries;	     /* 0: 3 */
	uint32_t timeout_ms; /* of each; 0: 5000 */

	/* A refusal that may pass, besides 429 and 5xx; may be NULL. */
	bool (*again)(int status, const char *text);
};

struct ask_answer {
	int status;
	char *text; /* of at most HTTP_REFUSAL bytes if it is a refusal */
	size_t len;
};

/* 0: some status came.  Nothing is said; errors are http_perform()'s. */
int ask_server(struct http *http, const _Atomic bool *stop,
	       const struct ask_question *q, struct ask_answer *a) MUST_USE;
void ask_clear(struct ask_answer *a); /* fine with an empty one */

/* Say what came of it: rc, or, if that is 0, a status that is no success, or a
 * success that makes no sense.  The result is rc, -EACCES or -EBADMSG.
 * -ECANCELED is not said. */
int ask_fail(const struct ask_question *q, int rc, const struct ask_answer *a);

/* "http://host:port" of a URL, without names and passwords. */
#define ASK_PLACE_SIZE 256
const char *ask_place(const char *url, char out[ASK_PLACE_SIZE]);

#endif
