#include "data/payload.h"
#include "base/rng.h"

#include <criterion/criterion.h>
#include <isa-l/igzip_lib.h>

#include <math.h>
#include <string.h>

#define BLOCK ((size_t)PAYLOAD_BLOCK)

static const uint64_t lengths[] = { 0,	   1,	  2,	  3,	 4,    5,
				    7,	   8,	  15,	  16,	 31,   32,
				    33,	   63,	  64,	  65,	 4096, 65535,
				    65536, 65537, 131072, 200003 };
static const uint64_t starts[] = { 0, 1, 128, 183, 65535, 65536, 65544 };

static unsigned char *whole(const struct payload *p,
			    const struct payload_span *s)
{
	unsigned char *buf = malloc(s->len + 1);

	cr_assert_not_null(buf);
	payload_fill(p, s, 0, buf, s->len);
	return buf;
}

/* Every dtype, length and place: the promise, and the bytes. */
Test(payload, crc_is_that_of_the_bytes)
{
	const struct dtype *t;

	for (size_t i = 0; (t = dtype_at(i)); i++) {
		struct payload p;

		payload_init(&p, t, 42);
		for (size_t j = 0; j < ARRAY_SIZE(lengths); j++) {
			struct payload_span s = {
				.stream = i * 100 + j,
				.start = starts[(i + j) % ARRAY_SIZE(starts)],
				.len = lengths[j],
			};
			AUTO_FREE unsigned char *buf = whole(&p, &s);

			cr_expect_eq(payload_crc32(&p, &s),
				     crc_crc32(0, buf, s.len),
				     "%s, %zu bytes at %zu", t->name,
				     (size_t)s.len, (size_t)s.start);
		}
	}
}

Test(payload, crc_of_many_blocks_is_that_of_the_bytes)
{
	static const char *const names[] = { "uint8", "float32" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct payload_span s = { .stream = 3,
					  .start = 183,
					  .len = 3 * MIB };
		struct payload p;

		payload_init(&p, dtype_find(names[i]), 1);

		AUTO_FREE unsigned char *buf = whole(&p, &s);

		cr_expect_eq(payload_crc32(&p, &s), crc_crc32(0, buf, s.len));
	}
}

/* Windows are filled into memory of exactly their size, so that the address
 * sanitizer sees a byte too many. */
Test(payload, any_window_equals_the_same_part_of_the_whole)
{
	const struct dtype *t;
	struct rng g;

	rng_seed(&g, 11);
	for (size_t i = 0; (t = dtype_at(i)); i++) {
		struct payload_span s = { .stream = i,
					  .start = starts[i % 7],
					  .len = 3 * BLOCK + 1000 + i % 3 };
		struct payload p;

		payload_init(&p, t, 43);

		AUTO_FREE unsigned char *buf = whole(&p, &s);

		for (int k = 0; k < 150; k++) {
			uint64_t at = rng_u64(&g) % (s.len + 1);
			uint64_t most = k % 2 ? s.len - at :
						MIN(s.len - at, 100);
			size_t n = rng_u64(&g) % (most + 1);
			AUTO_FREE unsigned char *window = malloc(n + !n);

			payload_fill(&p, &s, at, window, n);
			cr_assert_eq(memcmp(window, buf + at, n), 0,
				     "%s: %zu bytes at %zu", t->name, n,
				     (size_t)at);
		}
	}
}

/* One byte at a time across every border: where the tail's bits are. */
Test(payload, single_bytes_around_the_borders_are_right)
{
	const struct dtype *t;

	for (size_t i = 0; (t = dtype_at(i)); i++) {
		struct payload_span s = { .stream = 1,
					  .start = 183,
					  .len = BLOCK + 2000 };
		size_t border = BLOCK - 183;
		struct payload p;

		payload_init(&p, t, 44);

		AUTO_FREE unsigned char *buf = whole(&p, &s);

		for (size_t at = border - 80; at < border + 80; at++) {
			unsigned char byte;

			payload_fill(&p, &s, at, &byte, 1);
			cr_expect_eq(byte, buf[at], "%s at %zu", t->name, at);
		}
		for (size_t at = s.len - 80; at < s.len; at++) {
			unsigned char byte;

			payload_fill(&p, &s, at, &byte, 1);
			cr_expect_eq(byte, buf[at], "%s at %zu", t->name, at);
		}
	}
}

Test(payload, of_other_seeds_streams_and_blocks_is_other_bytes)
{
	struct payload_span s = { .stream = 1, .len = 2 * BLOCK };
	struct payload_span other = { .stream = 2, .len = 2 * BLOCK };
	struct payload a, b;

	payload_init(&a, dtype_find("uint8"), 1);
	payload_init(&b, dtype_find("uint8"), 2);

	AUTO_FREE unsigned char *first = whole(&a, &s);
	AUTO_FREE unsigned char *stream = whole(&a, &other);
	AUTO_FREE unsigned char *seed = whole(&b, &s);

	cr_expect_neq(memcmp(first, stream, 64), 0);
	cr_expect_neq(memcmp(first, seed, 64), 0);
	cr_expect_neq(memcmp(first, first + BLOCK, 64), 0);
	cr_expect_neq(payload_crc32(&a, &s), payload_crc32(&a, &other));
	cr_expect_neq(payload_crc32(&a, &s), payload_crc32(&b, &s));
}

/* If all blocks had one raw CRC, these would pass unnoticed. */
Test(payload, crc_notices_swapped_and_foreign_blocks)
{
	struct payload_span s = { .stream = 1, .len = 4 * BLOCK };
	struct payload_span other = { .stream = 2, .len = 4 * BLOCK };
	AUTO_FREE unsigned char *mixed = malloc(4 * BLOCK);
	struct payload p;
	uint32_t crc;

	payload_init(&p, dtype_find("float32"), 1);
	crc = payload_crc32(&p, &s);

	payload_fill(&p, &s, 0, mixed, 4 * BLOCK);
	cr_expect_eq(crc_crc32(0, mixed, 4 * BLOCK), crc);
	payload_fill(&p, &s, 2 * BLOCK, mixed + BLOCK, BLOCK);
	payload_fill(&p, &s, BLOCK, mixed + 2 * BLOCK, BLOCK);
	cr_expect_neq(crc_crc32(0, mixed, 4 * BLOCK), crc);

	payload_fill(&p, &s, 0, mixed, 4 * BLOCK);
	payload_fill(&p, &other, BLOCK, mixed + BLOCK, BLOCK);
	cr_expect_neq(crc_crc32(0, mixed, 4 * BLOCK), crc);
}

/* Pearson's chi-square of the 256 byte values: 255 degrees of freedom, so mean
 * 255 and stdev sqrt(510) = 22.6; we allow five of them both ways (a generator
 * that is too even is no better). */
static double chi_square(const unsigned char *buf, size_t len)
{
	double expected = (double)len / 256, sum = 0;
	size_t count[256] = { 0 };

	for (size_t i = 0; i < len; i++)
		count[buf[i]]++;
	for (size_t i = 0; i < 256; i++)
		sum += ((double)count[i] - expected) *
		       ((double)count[i] - expected) / expected;
	return sum;
}

static size_t deflated_size(unsigned char *buf, size_t len)
{
	AUTO_FREE unsigned char *out = malloc(2 * len);
	AUTO_FREE unsigned char *room = malloc(ISAL_DEF_LVL3_LARGE);
	struct isal_zstream z = { 0 }; /* init leaves some of it */

	isal_deflate_stateless_init(&z);
	z.level = 3;
	z.level_buf = room;
	z.level_buf_size = ISAL_DEF_LVL3_LARGE;
	z.end_of_stream = 1;
	z.next_in = buf;
	z.avail_in = (uint32_t)len;
	z.next_out = out;
	z.avail_out = (uint32_t)(2 * len);
	cr_assert_eq(isal_deflate_stateless(&z), COMP_OK);
	return z.total_out;
}

Test(payload, of_integers_is_even_and_does_not_compress)
{
	static const char *const names[] = { "uint8", "int32", "uint64" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct payload_span s = { .stream = 9, .len = MIB };
		struct payload p;

		payload_init(&p, dtype_find(names[i]), 10);

		AUTO_FREE unsigned char *buf = whole(&p, &s);

		cr_expect_float_eq(chi_square(buf, s.len), 255, 113, "%s: %g",
				   names[i], chi_square(buf, s.len));
		cr_expect_geq(deflated_size(buf, s.len), s.len, "%s", names[i]);
	}
}

Test(payload, compresses_as_well_as_it_is_told_to)
{
	static const double ratios[] = { 1.5, 2, 4, 10 };

	for (size_t i = 0; i < ARRAY_SIZE(ratios); i++) {
		struct payload_span s = { .stream = 9,
					  .start = 128,
					  .len = MIB + 77 };
		unsigned char part[4097];
		struct payload p;
		double ratio;

		payload_init(&p, dtype_find("uint8"), 10);
		payload_shape(&p, ratios[i], 1);

		AUTO_FREE unsigned char *buf = whole(&p, &s);

		ratio = (double)s.len / (double)deflated_size(buf, s.len);
		cr_expect_float_eq(ratio, ratios[i], ratios[i] / 7, "%g: %g",
				   ratios[i], ratio);
		cr_expect_eq(payload_crc32(&p, &s), crc_crc32(0, buf, s.len));
		for (size_t at = 0; at + sizeof(part) < s.len; at += 65521) {
			payload_fill(&p, &s, at, part, sizeof(part));
			cr_assert(!memcmp(part, buf + at, sizeof(part)),
				  "%g at %zu", ratios[i], at);
		}
	}
}

static int compare_crcs(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

Test(payload, has_as_many_blocks_twice_as_it_is_told_to)
{
	enum { N = 1536 };
	static const double ratios[] = { 1, 1.5, 3 };

	for (size_t i = 0; i < ARRAY_SIZE(ratios); i++) {
		AUTO_FREE unsigned char *block = malloc(BLOCK);
		struct payload_span s = { .stream = 9, .len = N * BLOCK };
		uint32_t crcs[N];
		double distinct = 1;
		struct payload p;

		payload_init(&p, dtype_find("float32"), 10);
		payload_shape(&p, 1, ratios[i]);
		for (size_t n = 0; n < N; n++) {
			payload_fill(&p, &s, n * BLOCK, block, BLOCK);
			crcs[n] = crc_crc32(0, block, BLOCK);
		}
		qsort(crcs, N, sizeof(*crcs), compare_crcs);
		for (size_t n = 1; n < N; n++)
			distinct += crcs[n] != crcs[n - 1];
		if (ratios[i] > 1)
			distinct -= PAYLOAD_REPEATED;
		cr_expect_float_eq(distinct, N / ratios[i], N / 20, "%g: %g",
				   ratios[i], distinct);
	}
}

/* The bytes that settle the CRC are as random as the rest: the last four of
 * 16 384 blocks. */
Test(payload, settling_bits_are_even_too)
{
	AUTO_FREE unsigned char *tails = malloc((size_t)4 * 16384);
	struct payload p;

	payload_init(&p, dtype_find("uint8"), 10);
	for (uint64_t i = 0; i < 16384; i++) {
		struct payload_span s = { .stream = i, .len = 100 };

		payload_fill(&p, &s, 96, tails + 4 * i, 4);
	}
	cr_expect_float_eq(chi_square(tails, (size_t)4 * 16384), 255, 113);
}

static double number_at(const unsigned char *p, size_t size)
{
	uint64_t raw = 0;
	float f;
	double d;

	for (size_t i = size; i-- > 0;)
		raw = raw << 8 | p[i];
	if (size == 2) /* no sign, no infinity: checked by the caller */
		return raw >> 10 ? ldexp(1024 + (double)(raw & 1023),
					 (int)(raw >> 10) - 25) :
				   ldexp((double)(raw & 1023), -24);
	if (size == 4) {
		uint32_t low = (uint32_t)raw;

		memcpy(&f, &low, 4);
		return f;
	}
	memcpy(&d, &raw, 8);
	return d;
}

Test(payload, of_floats_is_finite_from_zero_to_one)
{
	static const struct {
		const char *name;
		size_t size;
	} cases[] = { { "float16", 2 },
		      { "float32", 4 },
		      { "float64", 8 },
		      { "complex64", 4 },
		      { "complex128", 8 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct payload_span s = { .stream = 1,
					  .start = 183,
					  .len = 4 * BLOCK + 65 };
		size_t n = s.len / cases[i].size;
		double sum = 0;
		struct payload p;

		payload_init(&p, dtype_find(cases[i].name), 3);

		AUTO_FREE unsigned char *buf = whole(&p, &s);

		for (size_t k = 0; k < n; k++) {
			double x = number_at(buf + k * cases[i].size,
					     cases[i].size);

			cr_assert(x >= 0 && x < 1, "%s[%zu] = %g",
				  cases[i].name, k, x);
			sum += x;
		}
		/* stdev of the mean: sqrt(1/12/n) */
		cr_expect_float_eq(sum / (double)n, 0.5,
				   5 * sqrt(1.0 / 12 / (double)n), "%s: %g",
				   cases[i].name, sum / (double)n);
	}
}

Test(payload, of_bools_is_zeros_and_ones)
{
	struct payload_span s = { .stream = 1, .start = 5, .len = 2 * BLOCK };
	size_t ones = 0;
	struct payload p;

	payload_init(&p, dtype_find("bool"), 3);

	AUTO_FREE unsigned char *buf = whole(&p, &s);

	for (size_t i = 0; i < s.len; i++) {
		cr_assert_leq(buf[i], 1);
		ones += buf[i];
	}
	cr_expect_float_eq((double)ones, (double)s.len / 2,
			   5 * sqrt((double)s.len / 4));
}

/* Datasets written by one version must be verified by the next: these bytes
 * never change. */
Test(payload, bytes_of_a_seed_are_forever)
{
	static const struct {
		const char *name;
		unsigned char first[8];
		uint32_t crc32c;
	} cases[] = {
		{ "uint8",
		  { 0x72, 0x2c, 0x89, 0xd9, 0xd2, 0x4d, 0xff, 0x0d },
		  0xb5d475d0 },
		{ "bool",
		  { 0x00, 0x00, 0x01, 0x01, 0x01, 0x00, 0x00, 0x01 },
		  0x882e79e2 },
		{ "float16",
		  { 0x40, 0x20, 0x00, 0x30, 0xfe, 0x39, 0x06, 0x39 },
		  0x73080eab },
		{ "float32",
		  { 0x70, 0x4a, 0x9a, 0x3e, 0x74, 0xa9, 0x55, 0x3e },
		  0x354e1231 },
		{ "float64",
		  { 0xe4, 0xf4, 0x69, 0x90, 0x82, 0x37, 0xd8, 0x3f },
		  0xae3a6243 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct payload_span s = { .stream = 7,
					  .start = 183,
					  .len = 200000 };
		struct payload p;

		payload_init(&p, dtype_find(cases[i].name), 123);

		AUTO_FREE unsigned char *buf = whole(&p, &s);

		cr_expect_arr_eq(buf, cases[i].first, 8,
				 "%s: %02x %02x %02x %02x %02x %02x %02x %02x",
				 cases[i].name, buf[0], buf[1], buf[2], buf[3],
				 buf[4], buf[5], buf[6], buf[7]);
		cr_expect_eq(crc_crc32c(0, buf, s.len), cases[i].crc32c,
			     "%s: %08x", cases[i].name,
			     crc_crc32c(0, buf, s.len));
	}
}
