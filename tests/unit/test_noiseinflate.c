#include "data/noiseinflate.h"

#include "base/rng.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>
#include <zlib.h>

#define LEN 200000

static unsigned char plain[LEN], out[LEN + 1], packed[LEN + LEN / 10];

/* Noise of so many values, of which `again` in 256 begin a repetition. */
static void draw(size_t len, unsigned values, unsigned again)
{
	struct rng g;

	rng_seed(&g, values);
	for (size_t i = 0; i < len; i++) {
		uint64_t word = rng_u64(&g);
		size_t n = 3 + (word >> 8) % 300;
		size_t back = 1 + (word >> 32) % 5000;

		plain[i] = (unsigned char)((word >> 24) % values);
		if ((word & 255) >= again || back > i || n > len - i)
			continue;
		for (size_t end = i + n; i < end; i++)
			plain[i] = plain[i - back];
		i--;
	}
}

static size_t pack(size_t len, int level, int strategy)
{
	z_stream z = { .next_in = plain,
		       .avail_in = (uInt)len,
		       .next_out = packed,
		       .avail_out = sizeof(packed) };

	cr_assert_eq(deflateInit2(&z, level, Z_DEFLATED, 15, 9, strategy),
		     Z_OK);
	cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static const struct {
	size_t len;
	unsigned values, again;
	int level, strategy;
} cases[] = {
	{ LEN, 255, 0, 6, Z_RLE },
	{ LEN, 255, 0, 6, Z_DEFAULT_STRATEGY },
	{ LEN, 256, 0, 6, Z_RLE }, /* stored */
	{ LEN, 255, 0, 0, Z_RLE },
	{ LEN, 255, 1, 6, Z_DEFAULT_STRATEGY },
	{ LEN, 250, 1, 1, Z_DEFAULT_STRATEGY },
	{ 5000, 255, 0, 6, Z_RLE },
	{ 1, 255, 0, 0, Z_RLE },
	{ 0, 255, 0, 0, Z_RLE },
};

Test(noiseinflate, gives_back_noise)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = cases[i].len, n;

		draw(len, cases[i].values, cases[i].again);
		n = pack(len, cases[i].level, cases[i].strategy);
		cr_assert_eq(noiseinflate(packed, n, out, len), 0, "case %zu",
			     i);
		cr_expect(memcmp(plain, out, len) == 0, "case %zu", i);
		/* A byte more or less than there is. */
		cr_expect_eq(noiseinflate(packed, n, out, len + 1), -EBADMSG,
			     "case %zu", i);
		if (len > 0)
			cr_expect_eq(noiseinflate(packed, n, out, len - 1),
				     -EBADMSG, "case %zu", i);
	}
}

Test(noiseinflate, leaves_what_is_no_noise)
{
	size_t n;

	memset(plain, 'x', 1000);
	n = pack(1000, 6, Z_DEFAULT_STRATEGY);
	cr_expect_eq(noiseinflate(packed, n, out, 1000), -EBADMSG);
	draw(LEN, 10, 0);
	n = pack(LEN, 6, Z_DEFAULT_STRATEGY);
	cr_expect_eq(noiseinflate(packed, n, out, LEN), -EBADMSG);
}

Test(noiseinflate, notices_every_damage_and_cut)
{
	size_t len = 5000, n;

	draw(len, 255, 1);
	n = pack(len, 6, Z_DEFAULT_STRATEGY);
	cr_assert_eq(noiseinflate(packed, n, out, len), 0);
	for (size_t at = 0; at < n; at++) {
		unsigned char was = packed[at];

		packed[at] ^= (unsigned char)(1 << at % 8);
		/* How hard it was compressed matters to nobody. */
		if (at != 1)
			cr_expect_eq(noiseinflate(packed, n, out, len),
				     -EBADMSG, "byte %zu", at);
		packed[at] = was;
	}
	while (n-- > 0)
		cr_expect_eq(noiseinflate(packed, n, out, len), -EBADMSG,
			     "cut to %zu", n);
}
