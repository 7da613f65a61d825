/* Huffman's codes as JPEG has them, and the coefficients of blocks that they
 * are the text of: one look-up gives up to two coefficients, with the zeros in
 * front of them.
 *
 * ITU-T T.81, annexes C and F.2.2.  A struct jpeghuff_bits belongs to one
 * thread; tables are const once made. */
#ifndef TRAIN_JPEGHUFF_H
#define TRAIN_JPEGHUFF_H

#include "base/util.h"

/* Bits that are looked up at once.  More of them find more pairs, and find them
 * slower, as the table leaves the CPU's first cache. */
#define JPEGHUFF_BITS 11

/* What such bits begin with: a coefficient, and if the second fits as well, two
 * of them; if not, the first again. */
struct jpeghuff_pair {
	int16_t value[2];
	uint8_t skip[2]; /* places from here to each */
	uint8_t bits[2]; /* to the end of each; 0: they are too many */
};

struct jpeghuff {
	bool made;
	uint32_t end[17];  /* the first 16 bits behind codes of a length */
	int32_t first[17]; /* from a code of this length to its symbol */
	uint8_t symbols[256];
	struct jpeghuff_pair pairs[1 << JPEGHUFF_BITS];
};

enum jpeghuff_kind { JPEGHUFF_DC, JPEGHUFF_AC };

/* Make a table of so many codes of each length from 1 to 16.  false: there is no
 * such code, or it is not one of 8-bit pictures. */
bool jpeghuff_make(struct jpeghuff *t, enum jpeghuff_kind kind,
		   const uint8_t counts[16], const uint8_t *symbols);

/* What is read, the next bit being the highest of `buffer`.  Behind the end are
 * JPEGHUFF_PAD bytes more. */
#define JPEGHUFF_PAD 256
#define JPEGHUFF_BLOCK 72
struct jpeghuff_bits {
	uint64_t buffer;
	unsigned left;
	const uint8_t *next, *end;
};

/* The next block: coefficients in rows from the top, zeros before; what is
 * behind them is for our own use.  *dc: of the block before, and this.  false:
 * it is none. */
bool jpeghuff_block(struct jpeghuff_bits *b, const struct jpeghuff *dc_table,
		    const struct jpeghuff *ac_table, int *dc,
		    int16_t block[JPEGHUFF_BLOCK]);

/* Where the n-th coefficient, of 64, is in a block. */
unsigned jpeghuff_place(unsigned n);

#endif
