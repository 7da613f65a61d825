/* Calls of a store's HTTP interface that have been retried: what s3.c and
 * azure.c are made of.
 *
 * A call is described once, signed anew for each attempt, sent, judged by the
 * store's table of errors, and, if that may help, sent again: after a pause
 * drawn evenly from 0 to base * 2^attempt ("full jitter", M. Brooker,
 * "Exponential Backoff And Jitter", AWS Architecture Blog, 2015), or after what
 * Retry-After says, if that is longer.  Attempts and the whole time are
 * bounded; an attempt that would begin too late is not waited for.  A server
 * that has never answered is given three attempts: its address is mistaken.
 *
 * The number of calls under way at a time is bounded by the one setting for
 * concurrency, and falls when the store says that it is too much (503 SlowDown,
 * 429): halved at most once per round of calls, raised by one for each round
 * that went well (AIMD; D. Chiu, R. Jain, 1989).
 *
 * Every attempt is recorded at level REC_REQUEST under the call's op, and the
 * first byte of reads; retries, throttling, refreshed credentials and the bound
 * above are counted.
 *
 * A failure that nobody expects (a refusal, the last of several attempts) is
 * said, as complaint.h has it: with store, object, server, status, code, message
 * and request id.  Signatures, tokens and query strings never are.
 *
 * Any number of threads.  Stores block, and so does rest_call(). */
#ifndef BACKENDS_REST_H
#define BACKENDS_REST_H

#include "backends/http.h"
#include "base/recorder.h"

#define REST_CODE 64
#define REST_KEY 160

struct rest;

/* One call.  Zero means none, or no. */
struct rest_call {
	enum rec_op op;	    /* what it is counted as */
	const char *object; /* for messages; or NULL */
	enum http_method method;
	const char *server;	    /* "https://host:9000" */
	const char *path;	    /* encoded as it is sent: "/bucket/a%20b" */
	const char *query;	    /* encoded, without '?'; or NULL */
	const char *const *headers; /* "Name: value", ends with NULL; or NULL */
	const struct http_piece *body;
	size_t n_body;

	/* As in http.h.  begin is called before each attempt, so that a sink
	 * can start afresh. */
	void *into;
	size_t into_size;
	void (*begin)(void *sink_arg);
	int (*sink)(void *sink_arg, const void *data, size_t len);
	void *sink_arg;
	const _Atomic bool *cancel;
	bool background; /* those that somebody waits for go first */
	bool tidies;	 /* leaves nothing behind: is sent although stop is set,
		      * and given up after ten seconds */
	bool begins;	 /* what must be ended again: once sent, its answer is
			  * waited for, up to ten seconds, although stop is set,
			  * since without it nobody could */
	bool patient;	 /* as in http.h */
	bool silent;	 /* a failure is the caller's to say */

	/* What came of it.  The exchange is the caller's to bring, or NULL: the
	 * last attempt, good or bad, with status, headers, times, bytes. */
	struct http_exchange *exchange;
	unsigned attempts;    /* that were made */
	unsigned sent;	      /* times: at least as often (http.h) */
	char code[REST_CODE]; /* the store's word for the error, or "" */
};

/* What a signer adds to. */
struct rest_request {
	const char *query; /* what is sent; a signer may put another here, that
			    * lives in its strings */
	const char *headers[40]; /* ends with NULL */
	char strings[12288];	 /* room for what is made up */
	size_t used;		 /* of it */
	char key[REST_KEY]; /* the signer's name for what it signed with; "" */
};

/* A row of a store's table of errors.  The first that fits counts: status 0 and
 * code NULL fit all.  Rows for -ENOENT and -ESTALE are not said. */
enum rest_advice {
	REST_FINAL,
	REST_AGAIN,   /* it may pass */
	REST_SLOWER,  /* again, and fewer at a time */
	REST_REFRESH, /* again, once, with new credentials */
};

struct rest_error {
	int status;
	const char *code; /* as the store spells it */
	int error;	  /* negative errno */
	enum rest_advice advice;
};

/* What a store brings. */
struct rest_dialect {
	const char *name;		 /* "S3" */
	const char *request_id;		 /* header: "x-amz-request-id" */
	const struct rest_error *errors; /* ends with a row that fits all */

	/* Code and message of a refusal's body or headers; "" if there is
	 * none. */
	void (*explain)(const struct http_exchange *x, char code[REST_CODE],
			char message[256]);

	/* Add the headers (and change the URL) that make the call
	 * authentic, at this moment.  Negative errno: there are no
	 * credentials, which has been said. */
	int (*sign)(void *store, const struct rest_call *call,
		    struct rest_request *request);

	/* What an attempt was signed with, key, is no good any more: get
	 * another, unless others have done so meanwhile.  Called once per call
	 * at most. */
	void (*refresh)(void *store, const char *key);

	/* May be NULL.  A 2xx whose body says otherwise (S3's 200 with an
	 * error document): negative errno and advice in *e, or 0. */
	int (*doubt)(const struct rest_call *call,
		     const struct http_exchange *x, struct rest_error *e);
};

struct rest_options {
	const struct rest_dialect *dialect;
	void *store;	 /* for the dialect */
	const char *uri; /* for messages: "s3://bucket/prefix" */
	struct http_options http;
	unsigned attempts;	   /* 0: 10 */
	uint64_t deadline_ms;	   /* of a whole call; 0: 120000 */
	unsigned concurrency;	   /* calls at a time; 0: 16 */
	uint32_t pause_ms;	   /* the base above; 0: 200 */
	uint64_t seed;		   /* of the jitter; 0: from the clock */
	struct recorder *recorder; /* or NULL */
	const _Atomic bool *stop;  /* end everything; or NULL */
};

int rest_new(const struct rest_options *options, struct rest **out) MUST_USE;
void rest_free(struct rest *r); /* no call is under way; NULL is fine */

/* 0: a 2xx came, and its body whole.  Else the table's error, or that of
 * http_perform() when no status came at all; -ETIMEDOUT when the time is up. */
int rest_call(struct rest *r, struct rest_call *call) MUST_USE;

/* Add a header to a request: "Name: value", printed into its strings.
 * -EMSGSIZE: there is no room. */
int rest_add_header(struct rest_request *q, const char *fmt, ...)
	PRINTF(2, 3) MUST_USE;

/* Gauges: calls under way, and the most there may be at this moment. */
unsigned rest_busy(struct rest *r);
unsigned rest_limit(struct rest *r);

#endif
