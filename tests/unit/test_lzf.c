#include "data/lzf.h"

#include "base/rng.h"

#include <criterion/criterion.h>

#include <string.h>

/* Bytes that repeat themselves more or less. */
static void make(unsigned char *buf, size_t len, unsigned kinds, size_t period)
{
	struct rng g;

	rng_seed(&g, len + kinds);
	for (size_t i = 0; i < len; i++)
		buf[i] = period && i >= period && rng_u64(&g) % 50 ?
				 buf[i - period] :
				 (unsigned char)(rng_u64(&g) % kinds);
}

Test(lzf, gives_back_what_it_got)
{
	static const struct {
		size_t len;
		unsigned kinds;
		size_t period;
		bool smaller;
	} cases[] = {
		{ 1, 1, 0, false },	     { 2, 1, 0, false },
		{ 3, 256, 0, false },	     { 50, 1, 0, true },
		{ 100000, 1, 0, true },	     { 100000, 2, 0, true },
		{ 100000, 256, 100, true },  { 100000, 256, 8192, true },
		{ 20000, 256, 8193, false }, { 100000, 256, 0, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = cases[i].len, room = 2 * len + 10, n;
		AUTO_FREE unsigned char *in = malloc(len);
		AUTO_FREE unsigned char *small = malloc(room);
		AUTO_FREE unsigned char *out = malloc(len);

		make(in, len, cases[i].kinds, cases[i].period);
		n = lzf_compress(in, len, small, room);
		cr_assert_gt(n, 0);
		cr_expect_eq(n < len, cases[i].smaller, "case %zu: %zu of %zu",
			     i, n, len);
		cr_expect_eq(lzf_expand(small, n, out, len), len, "case %zu",
			     i);
		cr_expect_arr_eq(in, out, len, "case %zu", i);
		/* Just enough room, and one byte less. */
		cr_expect_eq(lzf_compress(in, len, small, n), n);
		cr_expect_eq(lzf_compress(in, len, small, n - 1), 0);
		cr_expect_eq(lzf_expand(small, n, out, len - 1), 0);
	}
}

Test(lzf, expands_what_the_format_says)
{
	/* "ab", 5 from 2 back; then 9 + 1 zeros by way of the long length. */
	static const unsigned char in[] = { 1, 'a', 'b',    3 << 5, 1,
					    0, 0,   7 << 5, 0,	    0 };
	unsigned char out[64];

	cr_expect_eq(lzf_expand(in, sizeof(in), out, sizeof(out)), 17);
	cr_expect_arr_eq(out, "abababa\0\0\0\0\0\0\0\0\0", 17);
}

Test(lzf, refuses_what_is_damaged)
{
	static const struct {
		unsigned char in[4];
		size_t len;
	} cases[] = {
		{ { 3, 'a', 'b' }, 3 },	   /* too few literals */
		{ { 0, 'a', 32 }, 3 },	   /* no distance */
		{ { 0, 'a', 224 }, 3 },	   /* no length */
		{ { 0, 'a', 224, 9 }, 4 }, /* a length, no distance */
		{ { 0, 'a', 32, 1 }, 4 },  /* from before the beginning */
	};
	unsigned char out[600];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(lzf_expand(cases[i].in, cases[i].len, out,
					sizeof(out)),
			     0, "case %zu", i);
}
