#include "data/noiseinflate.h"

#include "data/deflatecode.h"
#include "data/inflate.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

/* What is read, the next bit being the lowest of `buffer`.  Behind the end are
 * zeros, as many as one likes; whether any were taken is seen in time. */
struct bits {
	uint64_t buffer;
	unsigned left;
	size_t at, len;
	const unsigned char *in;
};

struct inflater {
	struct bits b;
	unsigned char *out;
	size_t done, room;
	struct code literals, distances;
};

/* ---- Bits ---- */

/* 56 bits at least.  Those above them are right as well, and come again. */
static ALWAYS_INLINE void refill(struct bits *b)
{
	uint64_t word;

	if (b->at + 8 <= b->len) {
		memcpy(&word, b->in + b->at, sizeof(word));
		b->buffer |= le64toh(word) << b->left;
		b->at += (63 - b->left) >> 3;
		b->left |= 56;
		return;
	}
	for (; b->left < 56; b->left += 8, b->at++)
		if (b->at < b->len)
			b->buffer |= (uint64_t)b->in[b->at] << b->left;
}

static ALWAYS_INLINE unsigned take(struct bits *b, unsigned n)
{
	unsigned bits = (unsigned)(b->buffer & ((1U << n) - 1));

	b->buffer >>= n;
	b->left -= n;
	return bits;
}

static bool overrun(const struct bits *b)
{
	return b->at - b->left / 8 > b->len;
}

/* To the next whole byte; what is in the buffer is given back. */
static size_t align(struct bits *b)
{
	b->at -= b->left / 8;
	b->buffer = b->left = 0;
	return b->at;
}

/* At least 15 bits are there. */
static ALWAYS_INLINE symbol next(struct bits *b, const struct code *c)
{
	symbol s = c->look[b->buffer & ((1 << LOOK_BITS) - 1)];

	if (bits_of(s) == 0)
		s = deflatecode_spell(c, b->buffer);
	take(b, bits_of(s));
	return s;
}

/* ---- Blocks ---- */

static int stored(struct inflater *z)
{
	size_t at = align(&z->b), left;
	const unsigned char *in = z->b.in + at;
	size_t len;

	if (at > z->b.len || z->b.len - at < 4)
		return -EBADMSG;
	left = z->b.len - at - 4;
	len = in[0] | (size_t)in[1] << 8;
	if ((len ^ 0xffff) != (in[2] | (size_t)in[3] << 8) || len > left ||
	    len > z->room - z->done)
		return -EBADMSG;
	memcpy(z->out + z->done, in + 4, len);
	z->done += len;
	z->b.at = at + 4 + len;
	return 0;
}

/* The lengths of n codes, which are coded themselves. */
static bool read_lengths(struct inflater *z, uint8_t *lens, unsigned n)
{
	/* Of 16, 17, 18: bits, and what they are added to. */
	static const uint8_t bits[] = { 2, 3, 7 }, base[] = { 3, 3, 11 };
	unsigned i = 0;

	while (i < n) {
		symbol s;
		unsigned repeat;

		refill(&z->b);
		s = next(&z->b, &z->literals);
		if (kind_of(s) != LITERAL || (base_of(s) == 16 && i == 0))
			return false;
		if (base_of(s) < 16) {
			lens[i++] = (uint8_t)base_of(s);
			continue;
		}
		repeat = base[base_of(s) - 16] +
			 take(&z->b, bits[base_of(s) - 16]);
		if (repeat > n - i)
			return false;
		memset(lens + i, base_of(s) == 16 ? lens[i - 1] : 0, repeat);
		i += repeat;
	}
	return true;
}

static bool read_codes(struct inflater *z)
{
	static const uint8_t order[19] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
					   11, 4,  12, 3, 13, 2, 14, 1, 15 };
	uint8_t lens[DEFLATECODE_MOST + DEFLATECODE_DISTANCE_MOST] = { 0 };
	unsigned literals, distances, n;

	refill(&z->b);
	literals = 257 + take(&z->b, 5);
	distances = 1 + take(&z->b, 5);
	n = 4 + take(&z->b, 4);
	for (unsigned i = 0; i < n; i++) {
		refill(&z->b);
		lens[order[i]] = take(&z->b, 3) & 7;
	}
	if (literals > 286 || distances > 30 ||
	    !deflatecode_make(&z->literals, lens, 19, DEFLATECODE_LENGTHS) ||
	    !read_lengths(z, lens, literals + distances) ||
	    lens[END_OF_BLOCK] == 0)
		return false;
	return deflatecode_make(&z->literals, lens, literals,
				DEFLATECODE_LITERALS) &&
	       deflatecode_make(&z->distances, lens + literals, distances,
				DEFLATECODE_DISTANCES);
}

/* Where bytes go.  Compilers must take each to change what pointers point to: so
 * this and the bits are variables of compressed(). */
struct out {
	unsigned char *at, *start, *end;
};

/* Bytes may come again before they are all there. */
static ALWAYS_INLINE bool repeat(struct bits *b, const struct code *distances,
				 struct out *out, unsigned len)
{
	unsigned char *to = out->at;
	size_t back;
	symbol s;

	refill(b);
	s = next(b, distances);
	back = base_of(s) + (size_t)take(b, extra_of(s));
	if (kind_of(s) != LENGTH || back > (size_t)(to - out->start) ||
	    len > (size_t)(out->end - to))
		return false;
	if (back >= len)
		memcpy(to, to - back, len);
	else if (back == 1)
		memset(to, to[-1], len);
	else
		for (unsigned i = 0; i < len; i++)
			to[i] = to[(ptrdiff_t)i - (ptrdiff_t)back];
	out->at += len;
	return true;
}

/* Of noise nearly all codes have eight bits.  Then one need not know the first
 * to find the second: six are looked up side by side.  false: one of them has
 * not. */
#define SIX 6
static ALWAYS_INLINE bool six_bytes(struct bits *bits, const symbol *look,
				    struct out *out)
{
	const symbol eight = make_symbol(LITERAL, 0, 0) | 8;
	const unsigned mask = (1 << LOOK_BITS) - 1;
	const uint64_t buffer = bits->buffer;
	symbol a = look[buffer & mask] ^ eight;
	symbol b = look[buffer >> 8 & mask] ^ eight;
	symbol c = look[buffer >> 16 & mask] ^ eight;
	symbol d = look[buffer >> 24 & mask] ^ eight;
	symbol e = look[buffer >> 32 & mask] ^ eight;
	symbol f = look[buffer >> 40 & mask] ^ eight;
	unsigned char *to = out->at;

	if (((a | b | c | d | e | f) & 0xffff) || out->end - to < SIX)
		return false;
	to[0] = (unsigned char)base_of(a);
	to[1] = (unsigned char)base_of(b);
	to[2] = (unsigned char)base_of(c);
	to[3] = (unsigned char)base_of(d);
	to[4] = (unsigned char)base_of(e);
	to[5] = (unsigned char)base_of(f);
	bits->buffer >>= 8 * SIX;
	bits->left -= 8 * SIX;
	out->at += SIX;
	return true;
}

/* So many codes of literals, at most, are in 56 bits with those that can be
 * looked up, and one more that cannot. */
#define LITERALS_A_REFILL 3

/* Codes up to one that is no literal, which is given; or until there may be too
 * few bits for another. */
static ALWAYS_INLINE symbol take_literals(struct bits *b,
					  const struct code *literals,
					  struct out *out)
{
	symbol s = 0;

	for (unsigned i = 0; i < LITERALS_A_REFILL; i++) {
		s = next(b, literals);
		if (kind_of(s) != LITERAL)
			return s;
		if (out->at == out->end)
			return make_symbol(ILLEGAL, 0, 0);
		*out->at++ = (unsigned char)base_of(s);
	}
	return s;
}

static int compressed(struct inflater *z)
{
	struct out out = { z->out + z->done, z->out, z->out + z->room };
	struct bits b = z->b;

	symbol s;

	do {
		refill(&b);
		s = make_symbol(LITERAL, 0, 0);
		if (six_bytes(&b, z->literals.look, &out))
			continue;
		s = take_literals(&b, &z->literals, &out);
		if (kind_of(s) == LENGTH &&
		    !repeat(&b, &z->distances, &out,
			    base_of(s) + take(&b, extra_of(s))))
			return -EBADMSG;
	} while (kind_of(s) == LITERAL || kind_of(s) == LENGTH);
	z->b = b;
	z->done = (size_t)(out.at - out.start);
	return kind_of(s) == END ? 0 : -EBADMSG;
}

/* Of codes that are made for it alone; they must be such as noise has. */
static int block(struct inflater *z, unsigned type)
{
	if (type == 0)
		return stored(z);
	if (type != 2 || !read_codes(z) || z->literals.counts[8] <= 128)
		return -EBADMSG;
	return compressed(z);
}

static int blocks(struct inflater *z)
{
	unsigned last = 0;
	int rc = 0;

	while (!rc && !last) {
		refill(&z->b);
		last = take(&z->b, 1);
		rc = block(z, take(&z->b, 2));
		if (!rc && overrun(&z->b))
			rc = -EBADMSG;
	}
	return rc || z->done == z->room ? rc : -EBADMSG;
}

#define HEAD 2 /* method and window: 0x78, and how; no dictionary */
#define TAIL 4 /* Adler-32 */

static bool known_head(const unsigned char *in)
{
	return in[0] == 0x78 && !(in[1] & 0x20) && (0x7800 | in[1]) % 31 == 0;
}

int noiseinflate(const void *data, size_t len, void *out, size_t out_len)
{
	AUTO_FREE struct inflater *z = NULL;
	const unsigned char *in = data;
	uint32_t sum;
	int rc;

	if (len < HEAD + TAIL || !known_head(in))
		return -EBADMSG;
	z = malloc(sizeof(*z));
	if (!z)
		return -ENOMEM;
	z->b = (struct bits){ .in = in + HEAD, .len = len - HEAD - TAIL };
	z->out = out;
	z->done = 0;
	z->room = out_len;
	rc = blocks(z);
	if (rc)
		return rc;
	memcpy(&sum, in + HEAD + align(&z->b), sizeof(sum));
	if (be32toh(sum) != inflate_adler32(out, out_len))
		rc = -EBADMSG;
	return rc;
}
