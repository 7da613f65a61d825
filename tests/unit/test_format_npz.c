/* Where things are in an archive of any size, from numpy.savez() of arrays of
 * shape (dims, 1) into a file that keeps only the headers.  Smaller ones are
 * compared whole with NumPy's in contract/test_numpy.c. */
#include "data/dataset.h"

#include <criterion/criterion.h>

#include <string.h>

static struct dataset *make(uint64_t bytes)
{
	struct dataset_options o = {
		.format = "npz",
		.dtype = "uint8",
		.file_prefix = "img",
		.files = { 1, 0 },
		.samples_per_file = 1,
		.record_dims = &bytes,
		.record_ndims = 1,
		.seed = 1,
	};
	struct dataset *d = NULL;

	cr_assert_eq(dataset_new(&o, &d), 0);
	return d;
}

static uint32_t crc_at(const struct dataset *d, uint64_t offset)
{
	uint32_t crc = 0;

	cr_assert_eq(dataset_read(d, 0, &crc, 4, offset), 4);
	return crc;
}

/* The bytes at an offset; "........" stands for a CRC. */
static void expect_at(const struct dataset *d, uint64_t offset, const char *hex)
{
	unsigned char buf[256];
	size_t len = strlen(hex) / 2;

	cr_assert_leq(len, sizeof(buf));
	cr_assert_eq(dataset_read(d, 0, buf, len, offset), (ssize_t)len);
	for (size_t i = 0; i < len; i++) {
		char got[3];

		snprintf(got, sizeof(got), "%02x", buf[i]);
		if (hex[2 * i] != '.')
			cr_assert_eq(strncmp(got, hex + 2 * i, 2), 0,
				     "at %zu + %zu: %s, not %.2s",
				     (size_t)offset, i, got, hex + 2 * i);
	}
}

#define X "782e6e7079"
#define Y "792e6e7079"

static const struct {
	uint64_t bytes;
	int64_t size;
	uint64_t y, directory; /* offsets */
	const char *x_header, *directory_hex;
} cases[] = {
	{ 4096, 4594, 4279, 4470,
	  "504b03041400000000000000210"
	  "0........801000008010000005001400" X
	  "0100100080100000000000008010000000000000",
	  "504b01021403140000000000000021"
	  "00........801000008010000005000000000000000000000080010000"
	  "0000" X "504b01021403140000000000000021"
	  "00........8800000088000000050000000000000000000000800"
	  "1b7100000" Y "504b0506000000000200020066000000761100000000" },
	{ 2147483519, 2147484105, 2147483702, 2147483893,
	  "504b03041400000000000000210"
	  "0........ffffff7fffffff7f05001400" X
	  "01001000ffffff7f00000000ffffff7f00000000",
	  "504b01021403140000000000000021"
	  "00........ffffff7fffffff7f05000000000000000000000080010000"
	  "0000" X "504b01022d032d0000000000000021"
	  "00........880000008800000005000c0000000000000000008001ffff"
	  "ffff" Y "010008003600008000000000"
	  "504b06062c000000000000002d002d00000000000000000002000000"
	  "0000000002000000000000007200000000000000f500008000000000"
	  "504b060700000000670100800000000001000000"
	  "504b0506000000000200020072000000f50000800000" },
	{ 2147483520, 2147484126, 2147483703, 2147483894,
	  "504b03042d00000000000000210"
	  "0........ffffffffffffffff05001400" X
	  "0100100000000080000000000000008000000000",
	  "504b01022d032d0000000000000021"
	  "00........ffffffffffffffff05001400000000000000000080010000"
	  "0000" X "0100100000000080000000000000008000000000"
	  "504b01022d032d0000000000000021"
	  "00........880000008800000005000c0000000000000000008001ffff"
	  "ffff" Y "010008003700008000000000"
	  "504b06062c000000000000002d002d00000000000000000002000000"
	  "0000000002000000000000008600000000000000f600008000000000"
	  "504b0607000000007c0100800000000001000000"
	  "504b0506000000000200020086000000f60000800000" },
	{ 4294967296, 4294967902, 4294967479, 4294967670,
	  "504b03042d00000000000000210"
	  "0........ffffffffffffffff05001400" X
	  "0100100080000000010000008000000001000000",
	  "504b01022d032d0000000000000021"
	  "00........ffffffffffffffff05001400000000000000000080010000"
	  "0000" X "0100100080000000010000008000000001000000"
	  "504b01022d032d0000000000000021"
	  "00........880000008800000005000c0000000000000000008001ffff"
	  "ffff" Y "01000800b700000001000000"
	  "504b06062c000000000000002d002d00000000000000000002000000"
	  "00000000020000000000000086000000000000007601000001000000"
	  "504b060700000000fc0100000100000001000000"
	  "504b0506000000000200020086000000ffffffff0000" },
};

Test(format_npz, headers_of_any_size_are_numpys)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dataset *d = make(cases[i].bytes);

		cr_expect_eq(dataset_size(d, 0), cases[i].size, "case %zu", i);
		expect_at(d, 0, cases[i].x_header);
		expect_at(d, cases[i].y,
			  "504b0304140000000000000021"
			  "00........880000008800000005001400" Y
			  "0100100088000000000000008800000000000000");
		expect_at(d, cases[i].directory, cases[i].directory_hex);
		dataset_free(d);
	}
}

Test(format_npz, crcs_of_members_stand_in_both_places)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t x_central = cases[i].directory;
		uint64_t y_central =
			x_central + 51 + (cases[i].bytes > 2147483519 ? 20 : 0);
		struct dataset *d = make(cases[i].bytes);

		cr_expect_eq(crc_at(d, 14), crc_at(d, x_central + 16));
		cr_expect_eq(crc_at(d, cases[i].y + 14),
			     crc_at(d, y_central + 16));
		cr_expect_neq(crc_at(d, 14), crc_at(d, cases[i].y + 14));
		dataset_free(d);
	}
}

/* The member's bytes: its NPY header and the numbers. */
Test(format_npz, crc_of_a_member_is_that_of_its_bytes)
{
	struct dataset *d = make(300000);
	AUTO_FREE unsigned char *x = malloc(300128);

	cr_assert_eq(dataset_read(d, 0, x, 300128, 55), 300128);
	cr_expect_eq(crc_at(d, 14), crc_crc32(0, x, 300128));
	dataset_free(d);
}
