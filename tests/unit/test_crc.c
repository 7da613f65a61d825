#include "base/crc.h"
#include "base/rng.h"

#include <criterion/criterion.h>

#include <string.h>

/* The check values of the catalogue of parametrised CRC algorithms, RFC 3720
 * B.4 for CRC-32C of 32 bytes, and a few of zlib's. */
Test(crc, has_the_published_values)
{
	static const char zeros[32];
	static const struct {
		const char *data;
		size_t len;
		uint32_t crc32, crc32c;
	} cases[] = {
		{ "", 0, 0, 0 },
		{ "123456789", 9, 0xcbf43926, 0xe3069283 },
		{ "a", 1, 0xe8b7be43, 0xc1d04330 },
		{ zeros, 32, 0x190a55ad, 0x8a9136aa },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(crc_crc32(0, cases[i].data, cases[i].len),
			     cases[i].crc32, "case %zu", i);
		cr_expect_eq(crc_crc32c(0, cases[i].data, cases[i].len),
			     cases[i].crc32c, "case %zu", i);
	}
}

static void fill(unsigned char *buf, size_t len, uint64_t seed)
{
	struct rng g;

	rng_seed(&g, seed);
	for (size_t i = 0; i < len; i++)
		buf[i] = (unsigned char)rng_u64(&g);
}

/* One bit at a time, as the definition has it. */
static uint32_t slow_crc(uint32_t polynomial, const unsigned char *p,
			 size_t len)
{
	uint32_t crc = ~0U;

	while (len-- > 0) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
	}
	return ~crc;
}

Test(crc, agrees_with_the_definition_at_any_length_and_alignment)
{
	unsigned char buf[700];

	fill(buf, sizeof(buf), 1);
	for (size_t len = 0; len <= 600; len++) {
		const unsigned char *p = buf + len % 67;

		cr_assert_eq(crc_crc32(0, p, len), slow_crc(0xedb88320, p, len),
			     "%zu", len);
		cr_assert_eq(crc_crc32c(0, p, len),
			     slow_crc(0x82f63b78, p, len), "%zu", len);
	}
}

Test(crc, may_be_fed_in_pieces)
{
	unsigned char buf[1000];

	fill(buf, sizeof(buf), 2);
	for (size_t cut = 0; cut <= sizeof(buf); cut += 37) {
		uint32_t crc = crc_crc32(0, buf, cut);
		uint32_t crc32c = crc_crc32c(0, buf, cut);

		cr_expect_eq(crc_crc32(crc, buf + cut, sizeof(buf) - cut),
			     crc_crc32(0, buf, sizeof(buf)));
		cr_expect_eq(crc_crc32c(crc32c, buf + cut, sizeof(buf) - cut),
			     crc_crc32c(0, buf, sizeof(buf)));
	}
}

Test(crc, of_two_parts_joins)
{
	unsigned char buf[5000];

	fill(buf, sizeof(buf), 3);
	for (size_t cut = 0; cut <= sizeof(buf); cut += 113) {
		size_t rest = sizeof(buf) - cut;
		uint32_t a = crc_crc32(0, buf, cut);
		uint32_t b = crc_crc32(0, buf + cut, rest);
		uint32_t whole = crc_crc32(0, buf, sizeof(buf));

		cr_expect_eq(crc_crc32_join(a, b, rest), whole, "%zu", cut);
		cr_expect_eq(crc_multiply(a, crc_shift(rest)) ^ b, whole);
	}
}

Test(crc, of_zeros_needs_no_zeros)
{
	AUTO_FREE unsigned char *zeros = calloc(1, 100000);
	static const size_t lengths[] = { 0, 1, 7, 8, 64, 4095, 4096, 100000 };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		cr_expect_eq(crc_zeros(lengths[i]),
			     crc_crc32(0, zeros, lengths[i]), "%zu",
			     lengths[i]);
}

/* What 8 * 2^k bytes do, 2 * 2^(k-1) must do, far beyond what can be fed. */
Test(crc, shifts_by_any_length)
{
	for (unsigned k = 1; k < 64; k++) {
		uint32_t half = crc_shift((uint64_t)1 << (k - 1));

		cr_expect_eq(crc_shift((uint64_t)1 << k),
			     crc_multiply(half, half), "2^%u bytes", k);
	}
	cr_expect_eq(crc_shift(0), 0x80000000);
	cr_expect_eq(crc_shift(1), 0x00800000);
	cr_expect_eq(crc_shift(((uint64_t)5 << 32) + 12345),
		     crc_multiply(crc_shift((uint64_t)5 << 32),
				  crc_shift(12345)));
}

Test(crc, maps_multiply_by_a_constant)
{
	struct crc_map m;
	struct rng g;

	rng_seed(&g, 4);
	crc_map_init_multiply(&m, crc_shift(65536));
	for (int i = 0; i < 1000; i++) {
		uint32_t a = (uint32_t)rng_u64(&g);

		cr_assert_eq(crc_map_apply(&m, a),
			     crc_multiply(a, crc_shift(65536)));
	}
}

Test(crc, maps_are_given_by_the_images_of_the_bits)
{
	uint32_t image[32];
	struct crc_map m;

	for (unsigned i = 0; i < 32; i++)
		image[i] = (uint32_t)1 << (31 - i); /* turn the word round */
	crc_map_init(&m, image);
	cr_expect_eq(crc_map_apply(&m, 0), 0);
	cr_expect_eq(crc_map_apply(&m, 0x00000001), 0x80000000);
	cr_expect_eq(crc_map_apply(&m, 0x12345678), 0x1e6a2c48);
}
