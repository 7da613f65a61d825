/* PNGs of the plainest kind, as DLIO's are: 8-bit grey, not interlaced, and no
 * chunk but the three that there must be.  They are decoded from memory, all at
 * once, into the same pixels as by libpng, in two thirds of the time.
 *
 * What this cannot do, or finds to be damaged, is libpng's to judge: nothing is
 * taken for good here that libpng would not take, so that "not plain" is all
 * there is to say.
 *
 * Portable Network Graphics (PNG) Specification, Third Edition, sections 5, 9
 * and 10.  Pure; any thread. */
#ifndef TRAIN_PNGPLAIN_H
#define TRAIN_PNGPLAIN_H

#include "base/util.h"

/* Signature and IHDR: what a file begins with. */
#define PNGPLAIN_HEAD 33

struct pngplain {
	size_t width, height;
	size_t rows_bytes; /* with the types of their filters, and one row of
			    * zeros in front */
};

/* Is it, by its head, one of at most so many bytes of rows? */
bool pngplain_begins(const unsigned char head[PNGPLAIN_HEAD], size_t most,
		     struct pngplain *out);

/* Decode a file, up to the end of its IEND.  packed has room for len bytes; rows
 * for rows_bytes: see pngplain_row().  sums: check the CRC of each chunk.  0;
 * -EBADMSG: not plain; -ENOMEM. */
int pngplain_decode(const struct pngplain *p, const unsigned char *file,
		    size_t len, bool sums, unsigned char *packed,
		    unsigned char *rows) MUST_USE;

/* The pixels of row y. */
static inline unsigned char *pngplain_row(const struct pngplain *p,
					  unsigned char *rows, size_t y)
{
	return rows + (y + 1) * (p->width + 1) + 1;
}

#endif
