/* What a user can do about a store that does not open.  complaint.h has said
 * what happened; this says which server it was, who named it, and what to
 * change: by the store's own rows, or by what holds for any server.
 *
 *	open s3://b at http://h:1 (by AWS_ENDPOINT_URL): nobody listens there
 *
 * No state; any thread. */
#ifndef BACKENDS_ADVICE_H
#define BACKENDS_ADVICE_H

#include "base/util.h"

struct http_exchange;

/* The first row that fits counts: status and error 0 and code NULL fit all. */
struct advice_row {
	int status;
	const char *code;
	int error; /* negative errno */
	const char *hint;
};

/* A store that says what it is in each answer.  Asked in the words of another
 * it only refuses. */
enum advice_kind { ADVICE_S3, ADVICE_AZURE };

struct advice {
	const char *uri;    /* "s3://bucket/prefix" */
	const char *server; /* "https://host:9000" */
	const char *by;	    /* who named it: "AWS_ENDPOINT_URL" */
	const char *source; /* of the credentials: "environment" */
	enum advice_kind kind;
	const struct advice_row *rows; /* ends with a row without hint */
};

/* How the first call ended: x, with the store's word for it, as rc. */
void advice_say(const struct advice *a, const struct http_exchange *x,
		const char *code, int rc);

/* The hint alone, or NULL. */
const char *advice_find(const struct advice *a, const struct http_exchange *x,
			const char *code, int rc);

#endif
