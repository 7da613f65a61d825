#include "data/noise.h"

#include "base/clones.h"
#include "base/rng.h"

#include <string.h>

/* Compilers cut these to the width the machine has. */
typedef uint64_t u64x4 __attribute__((vector_size(32)));
typedef uint32_t u32x8 __attribute__((vector_size(32)));
typedef int32_t i32x8 __attribute__((vector_size(32)));
typedef float f32x8 __attribute__((vector_size(32)));
typedef double f64x4 __attribute__((vector_size(32)));

void noise_seed(struct noise *n, uint64_t seed)
{
	struct rng g;

	rng_seed(&g, seed);
	for (size_t i = 0; i < 4; i++)
		for (size_t lane = 0; lane < NOISE_LANES; lane++)
			n->s[i][lane] = rng_u64(&g);
}

/* A float32 below 2^-112 has the bits of a float16 2^112 times as large, 13
 * places to the left; k * 2^-11 needs only 11 of them, so nothing is lost. */
static ALWAYS_INLINE void to_half(u32x8 *k)
{
	f32x8 f = __builtin_convertvector((i32x8)*k, f32x8) * 0x1p-123F;

	*k = (u32x8)f >> 13;
}

static ALWAYS_INLINE void to_halves(u64x4 *word)
{
	u32x8 low = (u32x8)*word & 0x7ff;
	u32x8 high = (u32x8)*word >> 21;

	to_half(&low);
	to_half(&high);
	*word = (u64x4)(low | high << 16);
}

static ALWAYS_INLINE void to_floats(u64x4 *word)
{
	i32x8 k = (i32x8)((u32x8)*word >> 8);

	*word = (u64x4)(__builtin_convertvector(k, f32x8) * 0x1p-24F);
}

/* 52 random bits behind the exponent of 1.0 make a number in [1, 2). */
static ALWAYS_INLINE void to_doubles(u64x4 *word)
{
	u64x4 one_to_two = *word >> 12 | 0x3ff0000000000000ULL;

	*word = (u64x4)((f64x4)one_to_two - 1.0);
}

static ALWAYS_INLINE void convert(u64x4 *word, enum noise_kind kind)
{
	switch (kind) {
	case NOISE_BITS:
		break;
	case NOISE_BOOLS:
		*word &= 0x0101010101010101ULL;
		break;
	case NOISE_HALVES:
		to_halves(word);
		break;
	case NOISE_FLOATS:
		to_floats(word);
		break;
	case NOISE_DOUBLES:
		to_doubles(word);
		break;
	}
}

static ALWAYS_INLINE void store(unsigned char *out, const u64x4 *word)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	memcpy(out, word, sizeof(*word));
#else
	/* Numbers of any size stand in a word lowest first. */
	for (int i = 0; i < 4; i++) {
		uint64_t swapped = __builtin_bswap64((*word)[i]);

		memcpy(out + 8 * i, &swapped, 8);
	}
#endif
}

static ALWAYS_INLINE void step(u64x4 *s0, u64x4 *s1, u64x4 *s2, u64x4 *s3,
			       enum noise_kind kind, unsigned char *out)
{
	u64x4 word = *s0 + *s3;
	u64x4 t = *s1 << 17;

	word = (word << 23 | word >> 41) + *s0;
	*s2 ^= *s0;
	*s3 ^= *s1;
	*s1 ^= *s2;
	*s0 ^= *s3;
	*s2 ^= t;
	*s3 = *s3 << 45 | *s3 >> 19;
	convert(&word, kind);
	store(out, &word);
}

/* Lanes 0 … 3 are a, 4 … 7 are b.  Eight variables, for eight registers: of
 * an array the compilers keep a copy in memory. */
static ALWAYS_INLINE void fill(struct noise *n, enum noise_kind kind,
			       unsigned char *out, size_t len)
{
	u64x4 a0, a1, a2, a3, b0, b1, b2, b3;

	memcpy(&a0, &n->s[0][0], sizeof(a0));
	memcpy(&b0, &n->s[0][4], sizeof(b0));
	memcpy(&a1, &n->s[1][0], sizeof(a1));
	memcpy(&b1, &n->s[1][4], sizeof(b1));
	memcpy(&a2, &n->s[2][0], sizeof(a2));
	memcpy(&b2, &n->s[2][4], sizeof(b2));
	memcpy(&a3, &n->s[3][0], sizeof(a3));
	memcpy(&b3, &n->s[3][4], sizeof(b3));
	for (size_t at = 0; at < len; at += NOISE_STEP) {
		step(&a0, &a1, &a2, &a3, kind, out + at);
		step(&b0, &b1, &b2, &b3, kind, out + at + NOISE_STEP / 2);
	}
	memcpy(&n->s[0][0], &a0, sizeof(a0));
	memcpy(&n->s[0][4], &b0, sizeof(b0));
	memcpy(&n->s[1][0], &a1, sizeof(a1));
	memcpy(&n->s[1][4], &b1, sizeof(b1));
	memcpy(&n->s[2][0], &a2, sizeof(a2));
	memcpy(&n->s[2][4], &b2, sizeof(b2));
	memcpy(&n->s[3][0], &a3, sizeof(a3));
	memcpy(&n->s[3][4], &b3, sizeof(b3));
}

/* One loop per kind, none of which asks which kind it is. */
#define FILL(name, kind)                                                       \
	WITH_AND_WITHOUT_AVX2 static void name(struct noise *n,                \
					       unsigned char *out, size_t len) \
	{                                                                      \
		fill(n, kind, out, len);                                       \
	}

FILL(noise_bits, NOISE_BITS)
FILL(noise_bools, NOISE_BOOLS)
FILL(noise_halves, NOISE_HALVES)
FILL(noise_floats, NOISE_FLOATS)
FILL(noise_doubles, NOISE_DOUBLES)

void noise_fill(struct noise *n, enum noise_kind kind, void *buf, size_t len)
{
	static void (*const by_kind[])(struct noise *, unsigned char *,
				       size_t) = {
		[NOISE_BITS] = noise_bits,	 [NOISE_BOOLS] = noise_bools,
		[NOISE_HALVES] = noise_halves,	 [NOISE_FLOATS] = noise_floats,
		[NOISE_DOUBLES] = noise_doubles,
	};

	by_kind[kind](n, buf, len);
}
