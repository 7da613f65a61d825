/* The codes of deflate (RFC 1951, section 3.2), as tables to decode them.
 *
 * Tables are const once made: any thread. */
#ifndef DATA_DEFLATECODE_H
#define DATA_DEFLATECODE_H

#include "base/clones.h"
#include "base/util.h"

#define MAX_BITS 15  /* of a code */
#define LOOK_BITS 10 /* of codes that are looked up */
#define END_OF_BLOCK 256
#define DEFLATECODE_MOST 288
#define DEFLATECODE_DISTANCE_MOST 32

enum kind { LITERAL, LENGTH, END, ILLEGAL };

/* What a code says: a byte, or a base to which bits that follow are added.  In
 * one word, for speed: base, extra bits, kind, bits of the code, which are 0 if
 * it is too long to be looked up. */
typedef uint32_t symbol;

static ALWAYS_INLINE symbol make_symbol(enum kind kind, unsigned extra,
					unsigned base)
{
	return base << 16 | extra << 12 | (unsigned)kind << 8;
}

static ALWAYS_INLINE unsigned base_of(symbol s)
{
	return s >> 16;
}

static ALWAYS_INLINE unsigned extra_of(symbol s)
{
	return s >> 12 & 15;
}

static ALWAYS_INLINE enum kind kind_of(symbol s)
{
	return (enum kind)(s >> 8 & 15);
}

static ALWAYS_INLINE unsigned bits_of(symbol s)
{
	return s & 255;
}

struct code {
	uint16_t counts[MAX_BITS + 1];	  /* codes of this length */
	uint16_t order[DEFLATECODE_MOST]; /* symbols by their codes */
	symbol look[1 << LOOK_BITS];
	symbol symbols[DEFLATECODE_MOST]; /* with all their bits */
};

/* What is coded: lengths of codes, literals and lengths, distances. */
enum deflatecode_what {
	DEFLATECODE_LENGTHS,
	DEFLATECODE_LITERALS,
	DEFLATECODE_DISTANCES,
};

/* The code of n symbols whose codes have these lengths; 0: has none.  false:
 * there is no such code. */
bool deflatecode_make(struct code *c, const uint8_t *lens, unsigned n,
		      enum deflatecode_what what);

/* The symbol that 15 bits begin with, the first being the lowest, whose code is
 * too long to be looked up; ILLEGAL, of no bits: it is none. */
symbol deflatecode_spell(const struct code *c, uint64_t bits);

#endif
