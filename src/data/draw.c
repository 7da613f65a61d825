#include "data/draw.h"

#include "base/bytes16.h"

#include <assert.h>
#include <string.h>

void draw_init(struct draw *d, const struct payload *p,
	       const struct payload_span *s)
{
	d->payload = p;
	d->span = *s;
	d->next = 0;
	d->at = d->end = 0;
}

/* To the end of a block of the payload's, which is on the file's grid. */
static void refill(struct draw *d)
{
	size_t whole =
		PAYLOAD_BLOCK - (d->span.start + d->next) % PAYLOAD_BLOCK;
	size_t n = MIN(whole, d->span.len - d->next);

	assert(n > 0); /* nobody draws more than there is */
	payload_fill(d->payload, &d->span, d->next, d->block, n);
	d->next += n;
	d->at = 0;
	d->end = n;
}

void draw_bytes(struct draw *d, void *buf, size_t n)
{
	for (size_t done = 0; done < n;) {
		size_t part;

		if (d->at == d->end)
			refill(d);
		part = MIN(n - done, d->end - d->at);
		memcpy((char *)buf + done, d->block + d->at, part);
		d->at += part;
		done += part;
	}
}

/* 256 values become 255, times 255 / 256: so all but 0 become one less, and 0
 * comes up twice as often as the others, which no encoder notices. */
void draw_pixels(struct draw *d, unsigned char *row, size_t n)
{
	size_t i = 0;

	draw_bytes(d, row, n);
	for (; n - i >= 16; i += 16) {
		bytes16 v = bytes16_load(row + i);

		bytes16_store(row + i, v + (bytes16)(v != 0));
	}
	for (; i < n; i++)
		row[i] = (unsigned char)(row[i] - (row[i] != 0));
}
