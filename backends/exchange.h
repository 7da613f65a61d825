/* How far an exchange is, and whether its time is up: what http.c does with
 * bytes, without knowing who carries them.
 *
 * The carrier takes the request's bytes, hands over the reply's lines and bytes
 * as they come, and asks from time to time whether to go on.  Phases and their
 * times (http.h):
 *
 *	connecting   the carrier's affair
 *	sending      stall_ms for each KiB
 *	waiting      first_byte_ms, from the last byte taken
 *	receiving    stall_ms for each KiB
 *
 * A KiB, because a byte a second is a stall as well.  One thread at a time. */
#ifndef BACKENDS_EXCHANGE_H
#define BACKENDS_EXCHANGE_H

#include "backends/http.h"

struct exchange {
	struct http_exchange *x;
	const struct http_options *options; /* without zeros */
	int rc;				    /* why receiving was ended */
	bool connected, sent;		    /* the whole request */
	bool interim;			    /* so is the reply: 1xx */
	bool headers_over;		    /* of the reply */
	size_t reply_len;		    /* of x->reply */
	size_t piece, at;		    /* of the body that is sent next */
	uint64_t refused;		    /* bytes of a refusal's body */
	uint64_t moved;			    /* bytes, either way */
	uint64_t mark;			    /* so many of them … */
	uint64_t mark_ns;		    /* … at this time */
};

/* Begin, or begin again: forgets what came. */
void exchange_begin(struct exchange *e, struct http_exchange *x,
		    const struct http_options *options);

void exchange_connected(struct exchange *e, uint64_t now);

/* The next bytes of the request's body; 0: there are no more. */
size_t exchange_send(struct exchange *e, void *to, size_t room);

/* The body is sent again, from its begin. */
void exchange_rewind(struct exchange *e);

/* A line of the reply's head, with its end.  Nonzero: give up; e->rc. */
int exchange_line(struct exchange *e, const char *line, size_t len);

/* Bytes of the reply's body.  Nonzero: give up; e->rc. */
int exchange_receive(struct exchange *e, const void *data, size_t len);

/* It was given up because a refusal went on and on, of which we have enough. */
bool exchange_has_enough(const struct exchange *e);

/* Go on?  -ECANCELED, -ETIMEDOUT. */
int exchange_check(struct exchange *e, uint64_t now) MUST_USE;

#endif
