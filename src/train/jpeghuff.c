#include "train/jpeghuff.h"

#include "base/clones.h"

#include <endian.h>
#include <string.h>

/* No block has that many places: behind its end, wherever it began. */
#define END_OF_BLOCK 127u
#define ZEROS 15u /* 16 of them, without a coefficient */

/* The place of the n-th coefficient, in zigzags from the corner; what is beyond
 * the last goes where nobody looks. */
#define NOWHERE 64
static const uint8_t places[256] = {
	0,  1,	8,  16, 9,  2,	3,  10, 17, 24, 32, 25, 18,
	11, 4,	5,  12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
	13, 6,	7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43,
	36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45,
	38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63, [64 ... 255] = NOWHERE,
};

unsigned jpeghuff_place(unsigned n)
{
	return places[n];
}

/* ---- Tables ---- */

/* A number of so many bits: those that begin with 0 are negative. */
static int extend(unsigned bits, unsigned n)
{
	return n > 0 && !(bits >> (n - 1)) ? (int)bits - (1 << n) + 1 :
					     (int)bits;
}

static bool legal(enum jpeghuff_kind kind, uint8_t symbol)
{
	unsigned run = symbol >> 4, bits = symbol & 15;

	if (kind == JPEGHUFF_DC)
		return symbol <= 11;
	return bits <= 10 && (bits > 0 || run == 0 || run == ZEROS);
}

static unsigned skip_of(enum jpeghuff_kind kind, uint8_t symbol)
{
	return kind == JPEGHUFF_AC && symbol == 0 ? END_OF_BLOCK : symbol >> 4;
}

/* All that begins with this code, where its number fits as well. */
static void fill_singles(struct jpeghuff *t, enum jpeghuff_kind kind,
			 unsigned code, unsigned len, uint8_t symbol)
{
	unsigned n = symbol & 15, rest = JPEGHUFF_BITS - len;

	if (len + n > JPEGHUFF_BITS)
		return;
	for (unsigned i = 0; i < 1U << rest; i++)
		t->pairs[code << rest | i] = (struct jpeghuff_pair){
			.value[0] = (int16_t)extend(i >> (rest - n), n),
			.skip[0] = (uint8_t)skip_of(kind, symbol),
			.bits[0] = (uint8_t)(len + n),
		};
}

static void pair_up(struct jpeghuff *t, enum jpeghuff_kind kind)
{
	for (unsigned i = 0; i < ARRAY_SIZE(t->pairs); i++) {
		struct jpeghuff_pair *p = &t->pairs[i];
		unsigned rest = i << p->bits[0] & (ARRAY_SIZE(t->pairs) - 1);
		const struct jpeghuff_pair *next = &t->pairs[rest];
		unsigned bits = p->bits[0] + next->bits[0];

		p->value[1] = p->value[0];
		p->skip[1] = p->skip[0];
		p->bits[1] = p->bits[0];
		if (kind == JPEGHUFF_DC || !p->bits[0] || !next->bits[0] ||
		    p->skip[0] == END_OF_BLOCK || bits > JPEGHUFF_BITS)
			continue;
		p->value[1] = next->value[0];
		p->skip[1] = (uint8_t)(p->skip[0] + 1 + next->skip[0]);
		p->bits[1] = (uint8_t)bits;
	}
}

/* No code is all ones: libjpeg would not have it. */
bool jpeghuff_make(struct jpeghuff *t, enum jpeghuff_kind kind,
		   const uint8_t counts[16], const uint8_t *symbols)
{
	unsigned code = 0, n = 0;

	memset(t, 0, sizeof(*t));
	for (unsigned len = 1; len <= 16; len++) {
		t->first[len] = (int32_t)n - (int32_t)code;
		for (unsigned i = 0; i < counts[len - 1]; i++, code++, n++) {
			if (n >= ARRAY_SIZE(t->symbols) ||
			    code + 1 >= 1U << len || !legal(kind, symbols[n]))
				return false;
			t->symbols[n] = symbols[n];
			if (len <= JPEGHUFF_BITS)
				fill_singles(t, kind, code, len, symbols[n]);
		}
		t->end[len] = code << (16 - len);
		code <<= 1;
	}
	pair_up(t, kind);
	t->made = true;
	return true;
}

/* ---- Bits ---- */

/* 56 bits at least.  Those below them are right as well, and come again. */
static ALWAYS_INLINE void refill(struct jpeghuff_bits *b)
{
	uint64_t word;

	memcpy(&word, b->next, sizeof(word));
	b->buffer |= be64toh(word) >> b->left;
	b->next += (63 - b->left) >> 3;
	b->left |= 56;
}

static ALWAYS_INLINE void drop(struct jpeghuff_bits *b, unsigned n)
{
	b->buffer <<= n;
	b->left -= n;
}

static ALWAYS_INLINE struct jpeghuff_pair look(const struct jpeghuff_bits *b,
					       const struct jpeghuff *t)
{
	return t->pairs[b->buffer >> (64 - JPEGHUFF_BITS)];
}

/* What cannot be looked up: of one, and its bits are 0 if there is none. */
static __attribute__((noinline)) struct jpeghuff_pair
spell(uint64_t buffer, const struct jpeghuff *t, enum jpeghuff_kind kind)
{
	unsigned start = (unsigned)(buffer >> 48), len = 1, n;
	uint8_t symbol;

	while (len <= 16 && start >= t->end[len])
		len++;
	if (len > 16)
		return (struct jpeghuff_pair){ 0 };
	symbol = t->symbols[t->first[len] + (int32_t)(start >> (16 - len))];
	n = symbol & 15;
	/* In two steps: by 64 there is no shifting. */
	buffer = buffer << len >> 1 >> (63 - n);
	return (struct jpeghuff_pair){
		.value[0] = (int16_t)extend((unsigned)buffer, n),
		.skip[0] = (uint8_t)skip_of(kind, symbol),
		.bits[0] = (uint8_t)(len + n),
	};
}

/* ---- Blocks ---- */

/* An encoder's is between -1024 and 1024. */
#define MOST_DC 2047

static ALWAYS_INLINE bool take_dc(struct jpeghuff_bits *b,
				  const struct jpeghuff *t, int *dc)
{
	struct jpeghuff_pair p;

	refill(b);
	p = look(b, t);
	if (!p.bits[0])
		p = spell(b->buffer, t, JPEGHUFF_DC);
	drop(b, p.bits[0]);
	*dc += p.value[0];
	return p.bits[0] && abs(*dc) <= MOST_DC;
}

/* One coefficient; false: there is none. */
static ALWAYS_INLINE bool take_one(struct jpeghuff_bits *b,
				   struct jpeghuff_pair p, int16_t *block,
				   unsigned *k)
{
	block[places[*k + p.skip[0]]] = p.value[0];
	*k += p.skip[0] + 1U;
	drop(b, p.bits[0]);
	return p.bits[0];
}

/* The first of two never is the last of the block, up to here: the next bits are
 * not another block's. */
#define PAIRS_END (64 - ZEROS - 1)

static ALWAYS_INLINE void take_pair(struct jpeghuff_bits *b,
				    struct jpeghuff_pair p, int16_t *block,
				    unsigned *k)
{
	block[places[*k + p.skip[0]]] = p.value[0];
	block[places[*k + p.skip[1]]] = p.value[1];
	*k += p.skip[1] + 1U;
	drop(b, p.bits[1]);
}

/* So many look-ups, the last of which may be to be spelled, between refills. */
#define LOOKS 3
_Static_assert((LOOKS - 1) * JPEGHUFF_BITS + 26 <= 56, "bits are left");

/* What comes next is looked up before a refill, not to wait for it. */
static ALWAYS_INLINE bool take_ac(struct jpeghuff_bits *b,
				  const struct jpeghuff *t, int16_t *block)
{
	struct jpeghuff_pair p = look(b, t);
	unsigned k = 1;

	while (k < 64) {
		refill(b);
		for (unsigned i = 0; i < LOOKS && k < 64; i++) {
			if (!p.bits[0]) {
				p = spell(b->buffer, t, JPEGHUFF_AC);
				if (!take_one(b, p, block, &k))
					return false;
				refill(b);
			} else if (k < PAIRS_END) {
				take_pair(b, p, block, &k);
			} else {
				take_one(b, p, block, &k);
			}
			p = look(b, t);
		}
	}
	return k == 64 || k > END_OF_BLOCK;
}

/* All that a block can take, at most 64 times 26 bits, is in the padding if it
 * begins at the end. */
bool jpeghuff_block(struct jpeghuff_bits *from, const struct jpeghuff *dc_table,
		    const struct jpeghuff *ac_table, int *dc,
		    int16_t block[JPEGHUFF_BLOCK])
{
	struct jpeghuff_bits b = *from; /* for registers */
	bool good;

	if (b.next > b.end + 8 || !take_dc(&b, dc_table, dc))
		return false;
	block[0] = (int16_t)*dc;
	good = take_ac(&b, ac_table, block);
	*from = b;
	return good;
}
