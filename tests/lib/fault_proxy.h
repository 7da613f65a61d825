/* A proxy in front of a real server that lets everything pass but what it is
 * told to break.
 *
 * Requests go on as they came, their Host header too, which signatures cover: a
 * client uses the proxy's URL as its endpoint, and the server behind it finds
 * the signature to be right.  The proxy may speak TLS to the client; to the
 * server it speaks plain HTTP. */
#ifndef TESTS_LIB_FAULT_PROXY_H
#define TESTS_LIB_FAULT_PROXY_H

#include "lib/fault_server.h"

struct fault_proxy;

/* What breaks, and when.
 *
 *	these do not reach the server:
 *	500, 503      500 InternalError; 503 SlowDown with Retry-After: 1
 *	expired       403 ExpiredToken
 *	document      200 with an error document
 *	close, reset  the connection, without an answer
 *
 *	these do:
 *	lose          done, and then reset without an answer
 *	reset-headers, reset-body, short, cut
 *	              fault_server.h: after the headers, half of the body
 *	stall, stall-body, drip
 *	              the same; "ms" long
 *	truncate      half of the body, and all is well
 *	etag          another than the server's
 *	checksum      likewise, and Content-MD5 if there was none
 *	corrupt       one byte of the request's body is another
 *
 * With a percentage, of each method exactly one in each run of 100 / percent
 * requests breaks, where in it the seed says.  So N requests of a method have
 * at least N * percent / 100 broken ones, and at most one more, in whichever
 * order threads send them. */
struct fault_plan {
	const char *kinds;	     /* "500,reset": in turn, for each method */
	const char *method, *target; /* NULL: all; else as in fault_rule */
	unsigned percent;	     /* of those, see below; 0: by count */
	unsigned first, times;	     /* as in fault_rule */
	unsigned ms;
	uint64_t seed;
};

struct fault_proxy_options {
	const char *to;	    /* "127.0.0.1:8080" or a URL */
	bool tls, misnamed; /* see fault_server.h */
	const char *log;    /* a file for a line per request, or NULL */
	bool forget;	    /* likewise */
};

int fault_proxy_new(const struct fault_proxy_options *options,
		    struct fault_proxy **out) MUST_USE;
void fault_proxy_free(struct fault_proxy *p); /* NULL is fine */

/* To ask for the URL and what was seen, and to let it die, hang, recover. */
struct fault_server *fault_proxy_server(struct fault_proxy *p);

/* From now on; the strings are kept.  NULL: nothing breaks.  -EINVAL: there is
 * no such kind, or percentage. */
int fault_proxy_plan(struct fault_proxy *p,
		     const struct fault_plan *plan) MUST_USE;

/* Since the plan was made: requests that it might break, and those that it
 * did. */
unsigned fault_proxy_fitted(struct fault_proxy *p);
unsigned fault_proxy_broken(struct fault_proxy *p);

#endif
