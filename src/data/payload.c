#include "data/payload.h"

#include "base/rng.h"
#include "data/noise.h"

#include <assert.h>
#include <string.h>

/* What the dtypes differ in.  The 32 bits that settle a block's CRC are the
 * lowest `bits` bits of each of the block's last `numbers` numbers of `size`
 * bytes, until there are 32.  Integers of all sizes are just bytes here.  That
 * the 32 are independent was tried out: the lower 16 bits of two floats, or 8
 * of four halves, are not. */
struct payload_kind {
	enum noise_kind noise;
	unsigned size, numbers, bits;
};

static const struct payload_kind bits_kind = { NOISE_BITS, 1, 4, 8 };
static const struct payload_kind bool_kind = { NOISE_BOOLS, 1, 32, 1 };
static const struct payload_kind half_kind = { NOISE_HALVES, 2, 8, 4 };
static const struct payload_kind float_kind = { NOISE_FLOATS, 4, 2, 22 };
static const struct payload_kind double_kind = { NOISE_DOUBLES, 8, 1, 32 };

#define MAX_TAIL 32	/* size * numbers of any kind */
#define CHUNK (8 * KIB) /* generated and summed at a time: fits in L1 */

static const struct payload_kind *kind_of(const struct dtype *t)
{
	size_t size = t->kind == DTYPE_COMPLEX ? t->size / 2 : t->size;

	if (t->kind == DTYPE_BOOL)
		return &bool_kind;
	if (t->kind == DTYPE_INTEGER)
		return &bits_kind;
	return size == 2 ? &half_kind : size == 4 ? &float_kind : &double_kind;
}

static size_t tail_of(const struct payload_kind *k)
{
	return (size_t)k->size * k->numbers;
}

/* ---- Raw CRCs: register 0 before, not inverted after ---- */

/* crc_crc32() inverts at both ends: ~0 in is register 0. */
#define RAW_START 0xffffffffU

static uint32_t raw_crc(const void *data, size_t len)
{
	return ~crc_crc32(RAW_START, data, len);
}

/* ---- The 32 bits ---- */

/* Flip those of the tail's 32 bits that are set in flips, in out, which holds
 * bytes from … to of the tail. */
static void flip(const struct payload_kind *k, uint32_t flips,
		 unsigned char *out, size_t from, size_t to)
{
	for (unsigned bit = 0; bit < 32; bit++) {
		unsigned in_number = bit % k->bits;
		size_t byte = bit / k->bits * k->size + in_number / 8;

		if (flips >> bit & 1 && byte >= from && byte < to)
			out[byte - from] ^= (unsigned char)(1 << in_number % 8);
	}
}

/* Gauss and Jordan on 32 x 32 bits: column[i] is what bit i does to r; at the
 * end inverse[j] says which bits to flip to change r by 1 << j. */
static void invert(uint32_t column[32], uint32_t inverse[32])
{
	for (unsigned i = 0; i < 32; i++)
		inverse[i] = (uint32_t)1 << i;
	for (unsigned j = 0; j < 32; j++) {
		unsigned pivot = j;
		uint32_t swap;

		while (pivot < 32 && !(column[pivot] >> j & 1))
			pivot++;
		assert(pivot < 32); /* the v_i of every kind are a basis */
		swap = column[j], column[j] = column[pivot];
		column[pivot] = swap;
		swap = inverse[j], inverse[j] = inverse[pivot];
		inverse[pivot] = swap;
		for (unsigned i = 0; i < 32; i++) {
			if (i == j || !(column[i] >> j & 1))
				continue;
			column[i] ^= column[j];
			inverse[i] ^= inverse[j];
		}
	}
}

void payload_init(struct payload *p, const struct dtype *t, uint64_t seed)
{
	uint32_t column[32], inverse[32];

	p->kind = kind_of(t);
	p->seed = rng_mix(seed, p->kind->noise);
	p->random = PAYLOAD_UNIT;
	p->repeats = 0;
	crc_map_init_multiply(&p->over_block, crc_shift(PAYLOAD_BLOCK));
	for (unsigned bit = 0; bit < 32; bit++) {
		unsigned char tail[MAX_TAIL] = { 0 };

		flip(p->kind, (uint32_t)1 << bit, tail, 0, sizeof(tail));
		column[bit] = raw_crc(tail, tail_of(p->kind));
	}
	invert(column, inverse);
	crc_map_init(&p->flips, inverse);
}

void payload_shape(struct payload *p, double compress_ratio,
		   double dedupe_ratio)
{
	double random = (double)PAYLOAD_UNIT / compress_ratio;

	p->random = round_up((uint64_t)random, NOISE_STEP);
	p->repeats = (uint32_t)((1 - 1 / dedupe_ratio) * 0x1p32);
}

/* ---- Blocks ---- */

struct block {
	uint64_t seed;
	uint64_t start; /* in the stream */
	size_t len;
	bool settled; /* its raw CRC is the promised one, not what came out */
};

static uint32_t promised_crc(uint64_t block_seed)
{
	return (uint32_t)(block_seed >> 32);
}

/* The seed of a whole block: its own, or that of one of the few. */
static uint64_t whole_block_seed(const struct payload *p, uint64_t own)
{
	uint64_t lot = rng_mix(own, p->repeats);

	if (lot >> 32 >= p->repeats)
		return own;
	return rng_mix(p->seed, lot % PAYLOAD_REPEATED);
}

/* The block that holds the stream's byte at offset.  Seen from the grid, the
 * stream starts at `phase` of block 0; block 0 and the last are cut. */
static struct block block_at(const struct payload *p,
			     const struct payload_span *s, uint64_t base,
			     uint64_t offset)
{
	uint64_t phase = round_up(s->start, p->kind->size) % PAYLOAD_BLOCK;
	uint64_t n = (offset + phase) / PAYLOAD_BLOCK;
	uint64_t start = n > 0 ? n * PAYLOAD_BLOCK - phase : 0;
	uint64_t end = MIN((n + 1) * PAYLOAD_BLOCK - phase, s->len);
	uint64_t seed = rng_mix(base, n);

	if (p->repeats && end - start == PAYLOAD_BLOCK)
		seed = whole_block_seed(p, seed);
	return (struct block){
		.seed = seed,
		.start = start,
		.len = end - start,
		.settled = end - start >= tail_of(p->kind) &&
			   (end - start) % p->kind->size == 0,
	};
}

/* The next len bytes of a block, from the begin of a unit on, to where there is
 * room for whole NOISE_STEPs. */
static void make(const struct payload *p, struct noise *noise,
		 unsigned char *out, size_t len)
{
	len = round_up(len, NOISE_STEP);
	for (size_t at = 0; at < len; at += PAYLOAD_UNIT) {
		size_t n = MIN(PAYLOAD_UNIT, len - at);
		size_t random = MIN(p->random, n);

		noise_fill(noise, p->kind->noise, out + at, random);
		memset(out + at + random, 0, n - random);
	}
}

/* Generate bytes 0 … end of a block, copy from … to into out, and return the
 * raw CRC of all if asked to. */
static uint32_t block_run(const struct payload *p, const struct block *b,
			  size_t end, bool sum, size_t from, size_t to,
			  unsigned char *out)
{
	unsigned char scratch[CHUNK];
	uint32_t crc = RAW_START;
	struct noise noise;

	noise_seed(&noise, b->seed);
	for (size_t at = 0; at < end; at += CHUNK) {
		size_t n = MIN(CHUNK, end - at);
		unsigned char *chunk = scratch;

		if (at >= from && at + n <= to && n % NOISE_STEP == 0)
			chunk = out + (at - from);
		make(p, &noise, chunk, n);
		if (sum)
			crc = crc_crc32(crc, chunk, n);
		if (chunk == scratch && at < to && at + n > from) {
			size_t skip = from > at ? from - at : 0;

			memcpy(out + (at + skip - from), chunk + skip,
			       MIN(n, to - at) - skip);
		}
	}
	return ~crc;
}

/* Bytes from … to of a block.  If any of the tail is wanted, all must be
 * generated and summed, to know what the tail is. */
static void block_fill(const struct payload *p, const struct block *b,
		       size_t from, size_t to, unsigned char *out)
{
	size_t tail, first;
	uint32_t crc;

	if (!b->settled || to <= b->len - tail_of(p->kind)) {
		block_run(p, b, to, false, from, to, out);
		return;
	}
	tail = b->len - tail_of(p->kind);
	first = MAX(from, tail);
	crc = block_run(p, b, b->len, true, from, to, out);
	flip(p->kind, crc_map_apply(&p->flips, crc ^ promised_crc(b->seed)),
	     out + (first - from), first - tail, to - tail);
}

void payload_fill(const struct payload *p, const struct payload_span *s,
		  uint64_t offset, void *buf, size_t len)
{
	uint64_t base = rng_mix(p->seed, s->stream);
	unsigned char *out = buf;

	while (len > 0) {
		struct block b = block_at(p, s, base, offset);
		size_t from = offset - b.start;
		size_t to = MIN(b.len, from + len);

		block_fill(p, &b, from, to, out);
		out += to - from;
		offset += to - from;
		len -= to - from;
	}
}

uint32_t payload_crc32(const struct payload *p, const struct payload_span *s)
{
	uint64_t base = rng_mix(p->seed, s->stream);
	uint32_t crc = ~0U;

	for (uint64_t at = 0; at < s->len;) {
		struct block b = block_at(p, s, base, at);

		if (b.len == PAYLOAD_BLOCK)
			crc = crc_map_apply(&p->over_block, crc);
		else
			crc = crc_multiply(crc, crc_shift(b.len));
		if (b.settled)
			crc ^= promised_crc(b.seed);
		else
			crc ^= block_run(p, &b, b.len, true, 0, 0, NULL);
		at += b.len;
	}
	return ~crc;
}
