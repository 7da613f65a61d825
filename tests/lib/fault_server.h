/* An HTTP/1.1 server for one test, which answers as it is told and breaks what
 * it is told to break.
 *
 *	static const struct fault_rule rules[] = {
 *		{ .method = "GET", .times = 2, .answer = { .status = 503 } },
 *		{ .method = "GET", .answer = { .body = "hello" } },
 *	};
 *	fault_server_new(&(struct fault_server_options){ .rules = rules,
 *			 .n_rules = ARRAY_SIZE(rules) }, &s);
 *
 * It listens on a port of its own on 127.0.0.1, keeps connections alive, with a
 * thread for each, and remembers every request.  What fits no rule goes to the
 * handler; without one it is answered 501. */
#ifndef TESTS_LIB_FAULT_SERVER_H
#define TESTS_LIB_FAULT_SERVER_H

#include "base/util.h"

struct fault_server;

enum fault {
	FAULT_NONE,
	FAULT_CLOSE,	  /* no answer; the connection ends, in all order */
	FAULT_RESET,	  /* no answer; reset */
	FAULT_RESET_BODY, /* reset after "at" bytes of the body */
	FAULT_SHORT,	  /* ends there in all order */
	FAULT_CUT,	  /* ends there; TLS without its close_notify */
	FAULT_STALL,	  /* "ms" before the status line, then all is well */
	FAULT_STALL_BODY, /* "ms" after "at" bytes of the body, then the rest */
	FAULT_DRIP,	  /* the body byte by byte, "ms" before each */
};

struct fault_answer {
	int status;	     /* 0: 200 */
	const char *headers; /* lines, each with its "\r\n"; or NULL */
	const void *body;    /* or NULL */
	size_t len;	     /* of it; 0: it is a text */
	bool no_length;	     /* the connection's end is the body's */
	enum fault fault;
	size_t at;
	unsigned ms;
	void *owned, *owned_too; /* freed when it has been sent */
};

struct fault_header {
	const char *name, *value;
};

#define FAULT_HEADERS 64

struct fault_request {
	const char *method, *target; /* "/bucket/key?list-type=2", as sent */
	struct fault_header headers[FAULT_HEADERS];
	size_t n_headers;
	const void *body; /* with a NUL after it */
	size_t len;
	unsigned connection; /* counts from 0 */
	unsigned number;     /* of the server's requests, from 0 */
	uint64_t at_ns;	     /* clock_ns() when it was whole */
	void **mine; /* for the handler to keep something of the connection */
};

/* The first rule that fits answers. */
struct fault_rule {
	const char *method; /* or NULL */
	const char *target; /* a part of it; or NULL */
	unsigned first;	    /* of the requests with these two, from 1; 0: 1 */
	unsigned times;	    /* so many of them; 0: all that follow */
	struct fault_answer answer;
};

struct fault_server_options {
	bool tls;
	bool misnamed; /* on 127.0.0.2, which is not in the certificate */
	const struct fault_rule *rules; /* kept */
	size_t n_rules;

	/* On the connection's thread; *a is zero. */
	void (*handler)(void *arg, const struct fault_request *q,
			struct fault_answer *a);
	void *arg;
	void (*forget_mine)(void *mine); /* the connection has ended */
	bool forget;			 /* do not remember requests */
};

int fault_server_new(const struct fault_server_options *options,
		     struct fault_server **out) MUST_USE;

/* Ends connections and whatever stalls.  NULL is fine. */
void fault_server_free(struct fault_server *s);

/* "https://127.0.0.1:41234" */
const char *fault_server_url(const struct fault_server *s);

/* TLS: a file with the certificate to trust, which goes with the server. */
const char *fault_server_ca(const struct fault_server *s);

/* Other rules from now on; their counts begin anew. */
void fault_server_rules(struct fault_server *s, const struct fault_rule *rules,
			size_t n_rules);

/* ---- What it saw -------------------------------------------------------- */

unsigned fault_server_seen(struct fault_server *s);	   /* requests */
unsigned fault_server_connections(struct fault_server *s); /* ever made */

/* The i-th request, from 0; lives as long as the server. */
const struct fault_request *fault_server_request(struct fault_server *s,
						 unsigned i);

/* How many requests had this method and a target with this part; NULL: any. */
unsigned fault_server_count(struct fault_server *s, const char *method,
			    const char *target);

/* The value of a header, or NULL; the case of the name does not matter. */
const char *fault_request_header(const struct fault_request *q,
				 const char *name);

/* ---- All of it at once -------------------------------------------------- */

/* Nobody listens any more, and all connections are reset. */
void fault_server_die(struct fault_server *s);

/* Connections are made, requests taken, and nothing is answered. */
void fault_server_hang(struct fault_server *s);

/* As at the start, on the same port; what hung is answered. */
void fault_server_recover(struct fault_server *s);

/* ---- For handlers ------------------------------------------------------- */

/* A body printed for this answer. */
void fault_answer_print(struct fault_answer *a, const char *fmt, ...)
	PRINTF(2, 3);

/* An object: all of it, or the Range (x-ms-range) asked for: 200, 206, 416; 412
 * if If-Match is not the ETag, which is given with its quotes. */
void fault_answer_object(struct fault_answer *a, const struct fault_request *q,
			 const void *bytes, size_t len, const char *etag);

#endif
