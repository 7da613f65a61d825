#include "train/unzip.h"

#include "lib/numpy_files.h"

#include <criterion/criterion.h>
#include <string.h>

Test(unzip, finds_a_stored_member_of_what_numpy_writes)
{
	AUTO_FREE uint8_t *file = NULL;
	struct unzip_member m;
	uint64_t offset;
	size_t len;

	file = numpy_files_npz(31, 31, 3, &len);
	cr_assert_eq(len, 31 * 31 * 3 + 498 + 2 * 8);
	cr_assert_null(unzip_locate(file, len, "x.npy", &m, &offset));
	cr_expect_eq(offset, 55);
	cr_expect_eq(m.size, 128 + 31 * 31 * 3);
	cr_assert_null(unzip_locate(file, len, "y.npy", &m, &offset));
	cr_expect_eq(m.size, 128 + 3 * 8);
	cr_expect_not_null(unzip_locate(file, len, "z.npy", &m, &offset));
	cr_expect_not_null(unzip_locate(file, len, "x.np", &m, &offset));
}

Test(unzip, survives_every_cut_and_every_changed_byte)
{
	AUTO_FREE uint8_t *file = NULL;
	struct unzip_member m;
	uint64_t offset;
	size_t len;

	file = numpy_files_npz(4, 4, 1, &len);
	for (size_t cut = 0; cut < len; cut++) {
		/* A copy of exactly that size: sanitizers see any overrun. */
		AUTO_FREE uint8_t *part = malloc(cut + 1);

		memcpy(part, file, cut);
		cr_expect_not_null(unzip_locate(part, cut, "x.npy", &m,
						&offset),
				   "cut to %zu", cut);
	}
	for (size_t i = 0; i < len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			file[i] ^= (uint8_t)(1 << bit);
			if (!unzip_locate(file, len, "x.npy", &m, &offset))
				cr_expect_leq(offset + m.packed, len,
					      "byte %zu bit %u", i, bit);
			file[i] ^= (uint8_t)(1 << bit);
		}
}

static void put(uint8_t *at, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(v >> 8 * i);
}

Test(unzip, takes_sizes_that_need_64_bits_from_the_extra_field)
{
	uint8_t dir[46 + 1 + 4 + 24 + 4] = "PK\1\2";
	struct unzip_member m;

	dir[46] = 'a';
	put(dir + 20, UINT32_MAX, 4); /* packed */
	put(dir + 24, UINT32_MAX, 4); /* size */
	put(dir + 28, 1, 2);	      /* name */
	put(dir + 30, 32, 2);	      /* extra */
	put(dir + 42, UINT32_MAX, 4); /* offset */
	put(dir + 47, 0x4646, 2);     /* some other field first */
	put(dir + 51, 1, 2);
	put(dir + 53, 24, 2);
	put(dir + 55, 5000000001, 8);
	put(dir + 63, 5000000002, 8);
	put(dir + 71, 5000000003, 8);

	cr_assert_null(unzip_find(dir, sizeof(dir), "a", &m));
	cr_expect_eq(m.size, 5000000001);
	cr_expect_eq(m.packed, 5000000002);
	cr_expect_eq(m.header_offset, 5000000003);

	put(dir + 24, 77, 4);
	cr_assert_null(unzip_find(dir, sizeof(dir), "a", &m));
	cr_expect_eq(m.size, 77);
	cr_expect_eq(m.packed, 5000000001);

	put(dir + 53, 12, 2); /* too short for two numbers */
	cr_expect_not_null(unzip_find(dir, sizeof(dir), "a", &m));
	put(dir + 53, 99, 2); /* longer than the extra field */
	cr_expect_not_null(unzip_find(dir, sizeof(dir), "a", &m));
}

Test(unzip, knows_the_zip64_end)
{
	uint8_t end[UNZIP_END64_SIZE] = "PK\6\6";
	uint8_t locator[UNZIP_LOCATOR_SIZE] = "PK\6\7";
	struct unzip_end out;

	put(end + 40, 1ull << 33, 8);
	put(end + 48, 1ull << 34, 8);
	cr_assert_null(unzip_parse_end64(end, &out));
	cr_expect_eq(out.dir_size, 1ull << 33);
	cr_expect_eq(out.dir_offset, 1ull << 34);
	cr_expect(unzip_is_locator(locator));
	end[0] = locator[0] = 'x';
	cr_expect_not_null(unzip_parse_end64(end, &out));
	cr_expect_not(unzip_is_locator(locator));
}

Test(unzip, refuses_what_is_not_there_as_it_is)
{
	static const struct {
		struct unzip_member m;
		uint64_t offset, file_size;
		bool good;
	} cases[] = {
		{ { .packed = 10, .size = 10 }, 90, 100, true },
		{ { .packed = 11, .size = 11 }, 90, 100, false },
		{ { .packed = 10, .size = 11 }, 0, 100, false },
		{ { .packed = 10, .size = 10, .method = 8 }, 0, 100, false },
		{ { .packed = 10, .size = 10, .flags = 1 }, 0, 100, false },
		{ { .packed = UINT64_MAX, .size = UINT64_MAX }, 90, 100, false },
		{ { .packed = 0, .size = 0 }, 101, 100, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(unzip_check_stored(&cases[i].m, cases[i].offset,
						cases[i].file_size) == NULL,
			     cases[i].good, "case %zu", i);
}
