#include "train/idct.h"

#include "base/clones.h"

#include <string.h>

#define BITS 13 /* behind the constants' point */
#define MORE 2	/* between the passes, for precision */

typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef int32_t i32x8 __attribute__((vector_size(32)));
typedef uint32_t u32x8 __attribute__((vector_size(32)));

/* Eight rows, or columns: variables, not an array, of which compilers keep a
 * copy in memory. */
struct eight {
	u32x8 a, b, c, d, e, f, g, h;
};

/* cos and sin of multiples of pi/16, times sqrt(2), and their sums. */
enum {
	C_0_298 = 2446,
	C_0_390 = 3196,
	C_0_541 = 4433,
	C_0_765 = 6270,
	C_0_899 = 7373,
	C_1_175 = 9633,
	C_1_501 = 12299,
	C_1_847 = 15137,
	C_1_961 = 16069,
	C_2_053 = 16819,
	C_2_562 = 20995,
	C_3_072 = 25172,
};

#define DOWN(x) ((u32x8)((i32x8)(x) >> shift))

/* Eight transforms side by side, of the lanes.  Unsigned, as nonsense may
 * overflow. */
static ALWAYS_INLINE void transform(struct eight *v, unsigned shift)
{
	const u32x8 half = (u32x8){ 0 } + (1U << (shift - 1));
	u32x8 turn = (v->c + v->g) * C_0_541;
	u32x8 low = turn - v->g * C_1_847, high = turn + v->c * C_0_765;
	u32x8 sum = ((v->a + v->e) << BITS) + half;
	u32x8 difference = ((v->a - v->e) << BITS) + half;
	u32x8 all = (v->b + v->d + v->f + v->h) * C_1_175;
	u32x8 outer = (v->b + v->h) * C_0_899, inner = (v->d + v->f) * C_2_562;
	u32x8 one = all - (v->d + v->h) * C_1_961;
	u32x8 other = all - (v->b + v->f) * C_0_390;
	u32x8 b = v->b * C_1_501 - outer + other;
	u32x8 d = v->d * C_3_072 - inner + one;
	u32x8 f = v->f * C_2_053 - inner + other;
	u32x8 h = v->h * C_0_298 - outer + one;

	v->a = DOWN(sum + high + b);
	v->b = DOWN(difference + low + d);
	v->c = DOWN(difference - low + f);
	v->d = DOWN(sum - high + h);
	v->e = DOWN(sum - high - h);
	v->f = DOWN(difference - low - f);
	v->g = DOWN(difference + low - d);
	v->h = DOWN(sum + high - b);
}

#define MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#define LOW_HALVES(a, b) MIX(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define HIGH_HALVES(a, b) MIX(a, b, 4, 5, 6, 7, 12, 13, 14, 15)
#define LOW_PAIRS(a, b) MIX(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define HIGH_PAIRS(a, b) MIX(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define EVEN(a, b) MIX(a, b, 0, 8, 2, 10, 4, 12, 6, 14)
#define ODD(a, b) MIX(a, b, 1, 9, 3, 11, 5, 13, 7, 15)

/* Four rows of halves, into four columns of them. */
static ALWAYS_INLINE void turn_half(u32x8 *a, u32x8 *b, u32x8 *c, u32x8 *d)
{
	u32x8 low_even = LOW_PAIRS(*a, *c), low_odd = LOW_PAIRS(*b, *d);
	u32x8 high_even = HIGH_PAIRS(*a, *c), high_odd = HIGH_PAIRS(*b, *d);

	*a = EVEN(low_even, low_odd);
	*b = ODD(low_even, low_odd);
	*c = EVEN(high_even, high_odd);
	*d = ODD(high_even, high_odd);
}

static ALWAYS_INLINE void transpose(struct eight *v)
{
	struct eight h = {
		LOW_HALVES(v->a, v->e),	 LOW_HALVES(v->b, v->f),
		LOW_HALVES(v->c, v->g),	 LOW_HALVES(v->d, v->h),
		HIGH_HALVES(v->a, v->e), HIGH_HALVES(v->b, v->f),
		HIGH_HALVES(v->c, v->g), HIGH_HALVES(v->d, v->h),
	};

	turn_half(&h.a, &h.b, &h.c, &h.d);
	turn_half(&h.e, &h.f, &h.g, &h.h);
	*v = h;
}

static ALWAYS_INLINE void load(const int16_t *row, const int16_t *divisors,
			       u32x8 *out)
{
	i16x8 x, by;

	memcpy(&x, row, sizeof(x));
	memcpy(&by, divisors, sizeof(by));
	x *= by;
	*out = (u32x8) __builtin_convertvector(x, i32x8);
}

/* 0 … 255, grey being 0; at this byte of the lanes. */
static ALWAYS_INLINE void add_pixels(u32x8 *to, const u32x8 *v, unsigned byte)
{
	i32x8 x = (i32x8)(*v + 128);

	x &= ~(x < 0);
	x |= x > 255;
	*to |= ((u32x8)x & 255) << 8 * byte;
}

/* Four columns: each lane is four pixels of its row, in memory's order. */
static ALWAYS_INLINE void join(const u32x8 *a, const u32x8 *b, const u32x8 *c,
			       const u32x8 *d, u32x8 *out)
{
	const bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

	*out = (u32x8){ 0 };
	add_pixels(out, a, little ? 0 : 3);
	add_pixels(out, b, little ? 1 : 2);
	add_pixels(out, c, little ? 2 : 1);
	add_pixels(out, d, little ? 3 : 0);
}

static ALWAYS_INLINE void put(const struct eight *columns, unsigned char *out,
			      size_t stride)
{
	u32x8 left, right, rows[2];

	join(&columns->a, &columns->b, &columns->c, &columns->d, &left);
	join(&columns->e, &columns->f, &columns->g, &columns->h, &right);
	rows[0] = MIX(left, right, 0, 8, 1, 9, 2, 10, 3, 11);
	rows[1] = MIX(left, right, 4, 12, 5, 13, 6, 14, 7, 15);
	for (size_t y = 0; y < 8; y++)
		memcpy(out + y * stride, (unsigned char *)rows + 8 * y, 8);
}

WITH_AND_WITHOUT_AVX2 void idct_block(const int16_t coefficients[64],
				      const int16_t divisors[64],
				      unsigned char *out, size_t stride)
{
	struct eight v;

	load(coefficients, divisors, &v.a);
	load(coefficients + 8, divisors + 8, &v.b);
	load(coefficients + 16, divisors + 16, &v.c);
	load(coefficients + 24, divisors + 24, &v.d);
	load(coefficients + 32, divisors + 32, &v.e);
	load(coefficients + 40, divisors + 40, &v.f);
	load(coefficients + 48, divisors + 48, &v.g);
	load(coefficients + 56, divisors + 56, &v.h);
	transform(&v, BITS - MORE);
	transpose(&v);
	transform(&v, BITS + MORE + 3);
	put(&v, out, stride);
}
