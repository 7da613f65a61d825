#include "data/rle.h"

#include <criterion/criterion.h>

/* All values, at most n of them; how many there were. */
static size_t all(const void *bytes, size_t len, unsigned width, uint64_t n,
		  uint32_t *out)
{
	uint32_t some[RLE_AT_ONCE];
	struct rle_in in;
	size_t got = 0;

	rle_read(&in, bytes, len, width);
	while (got < n) {
		uint64_t times;
		size_t k = rle_some(&in, n - got, some, &times);

		if (k == 0)
			break;
		for (size_t i = 0; i < k; i++)
			for (uint64_t j = 0; j < times; j++)
				out[got++] = some[i];
	}
	return got;
}

/* The example of Encodings.md: 0 … 7 in 3 bits. */
Test(rle, unpacks_bits_lowest_first)
{
	static const unsigned char bytes[] = { 3, 0x88, 0xc6, 0xfa };
	uint32_t out[8];

	cr_assert_eq(all(bytes, sizeof(bytes), 3, 8, out), 8);
	for (uint32_t i = 0; i < 8; i++)
		cr_expect_eq(out[i], i);
}

Test(rle, reads_runs_and_packed_groups_in_turn)
{
	static const unsigned char bytes[] = { 5 << 1, 9,    1 << 1 | 1, 0xab,
					       0xcd,   0xef, 0x12 };
	unsigned char run[RLE_MAX_HEADER + 1];
	static uint32_t out[2000];
	size_t len;

	cr_assert_eq(all(bytes, 7, 4, 13, out), 13);
	cr_expect_eq(out[0], 9);
	cr_expect_eq(out[4], 9);
	cr_expect_eq(out[5], 0xb);
	cr_expect_eq(out[12], 1);

	len = rle_put_run(run, 2000, 3);
	cr_assert_eq(all(run, len, 2, 3000, out), 2000);
	cr_expect_eq(out[1999], 3);
	/* Runs that nobody asked to the end of. */
	cr_expect_eq(all(run, len, 2, 7, out), 7);
}

Test(rle, packs_bytes_as_they_are)
{
	unsigned char bytes[RLE_MAX_HEADER + 1000];
	static uint32_t out[1000];
	size_t len = rle_put_packed(bytes, 1000);

	for (size_t i = 0; i < 1000; i++)
		bytes[len + i] = (unsigned char)(i * 7);
	cr_assert_eq(all(bytes, len + 1000, 8, 1000, out), 1000);
	for (size_t i = 0; i < 1000; i++)
		cr_expect_eq(out[i], (unsigned char)(i * 7));
}

Test(rle, reads_values_of_no_bits)
{
	static const unsigned char packed[] = { 1 << 1 | 1 },
				   run[] = { 8 << 1 };
	uint32_t out[8] = { 1 };

	cr_expect_eq(all(packed, 1, 0, 8, out), 8);
	cr_expect_eq(out[7], 0);
	cr_expect_eq(all(run, 1, 0, 8, out), 8);
}

Test(rle, gives_nothing_that_is_not_there)
{
	static const struct {
		unsigned char bytes[6];
		size_t len;
		unsigned width;
	} cases[] = {
		{ { 0 }, 0, 1 },
		{ { 4 }, 1, 8 },
		{ { 4, 1 }, 2, 16 },
		{ { 0x80, 0x80 }, 2, 1 },
		{ { 0, 0, 0, 0, 0, 0 }, 6, 1 },
	};
	uint32_t out[8];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(all(cases[i].bytes, cases[i].len, cases[i].width,
				 8, out),
			     0, "case %zu", i);
}
