/* The numbers of a payload stream one after the other, for formats that encode
 * a row or a number at a time.  payload_fill() generates a block from its start
 * whatever part of it is asked for; here each block is generated once.
 *
 * A struct draw belongs to one thread. */
#ifndef DATA_DRAW_H
#define DATA_DRAW_H

#include "data/payload.h"

struct draw {
	const struct payload *payload;
	struct payload_span span;
	uint64_t next;	/* of the stream, not generated yet */
	size_t at, end; /* block[at … end) is generated, not drawn */
	unsigned char block[PAYLOAD_BLOCK];
};

/* From the start of a stream. */
void draw_init(struct draw *d, const struct payload *p,
	       const struct payload_span *s);

/* The next n bytes, of which there are as many. */
void draw_bytes(struct draw *d, void *buf, size_t n);

/* The next n pixels: 0 … 254, as DLIO's. */
void draw_pixels(struct draw *d, unsigned char *row, size_t n);

#endif
