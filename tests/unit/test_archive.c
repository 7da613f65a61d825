#include "data/archive.h"

#include "lib/pile.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <zlib.h>

static const char *const methods[] = { "zip", "tar" };

/* All of data through it, in pieces of `step` bytes. */
static int run(const char *method, enum squeeze_way way, const void *data,
	       size_t len, size_t step, struct pile *out)
{
	struct archive *a;
	int rc = archive_new(method, way, len, pile_up, out, &a);

	for (size_t at = 0; at < len && !rc; at += step)
		rc = archive_add(a, (const char *)data + at,
				 MIN(step, len - at));
	if (!rc)
		rc = archive_end(a);
	archive_free(a);
	return rc;
}

Test(archive, gives_back_the_file_in_pieces_of_any_size)
{
	static const struct {
		size_t len, step;
	} cases[] = { { 0, 1 },	    { 1, 1 },	     { 511, 7 },
		      { 512, 512 }, { 8704, 100 },   { 8705, 8705 },
		      { 9216, 31 }, { 200000, 4096 } };
	static unsigned char data[200000];

	for (size_t m = 0; m < ARRAY_SIZE(methods); m++)
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
			struct pile packed = { 0 }, back = { 0 };
			size_t len = cases[i].len, step = cases[i].step;

			pile_digits(data, len);
			cr_expect_eq(run(methods[m], SQUEEZE_PACK, data, len,
					 step, &packed),
				     0);
			cr_expect(m || packed.len < len + 250, "%zu",
				  packed.len);
			cr_expect(!m || packed.len % 10240 == 0, "%zu",
				  packed.len);
			cr_expect_str_eq(
				archive_of(packed.bytes, packed.len) ?: "",
				packed.len < 512 && m ? "" : methods[m]);
			cr_expect_eq(run(methods[m], SQUEEZE_EXPAND,
					 packed.bytes, packed.len, step, &back),
				     0, "%s %zu", methods[m], len);
			cr_assert_eq(back.len, len);
			cr_expect_eq(memcmp(back.bytes ?: data, data, len), 0);
			free(packed.bytes);
			free(back.bytes);
		}
}

static uint64_t number(const unsigned char *at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = bytes; i-- > 0;)
		value = value << 8 | at[i];
	return value;
}

/* Behind the local header, which says that they come later; behind the file;
 * and in the directory: APPNOTE.TXT 4.3. */
Test(archive, zip_says_the_crc_and_sizes_of_the_file)
{
	enum { NAME = 8, FIELD = 20, END = 22, LOCAL = 30 + NAME + FIELD };
	struct pile zip = { 0 };
	const unsigned char *end, *entry, *after;
	unsigned char data[5000];
	uint64_t packed;

	pile_digits(data, sizeof(data));
	cr_assert_eq(run("zip", SQUEEZE_PACK, data, sizeof(data), 700, &zip),
		     0);
	end = zip.bytes + zip.len - END;
	cr_assert_eq(number(end, 4), 0x06054b50u);
	cr_expect_eq(number(end + 10, 2), 1u);
	entry = zip.bytes + number(end + 16, 4);
	cr_assert_eq(entry + number(end + 12, 4), end);
	cr_assert_eq(number(entry, 4), 0x02014b50u);
	cr_expect_eq(number(entry + 16, 4), crc32(0, data, sizeof(data)));
	cr_expect_eq(number(entry + 46 + NAME + 4, 8), sizeof(data));
	packed = number(entry + 46 + NAME + 12, 8);
	cr_expect_eq(number(entry + 42, 4), 0u);
	after = zip.bytes + LOCAL + packed;
	cr_assert_eq(after + 24, entry);
	cr_expect_eq(number(after, 4), 0x08074b50u);
	cr_expect_eq(number(after + 4, 4), crc32(0, data, sizeof(data)));
	cr_expect_eq(number(after + 8, 8), packed);
	cr_expect_eq(number(after + 16, 8), sizeof(data));
	free(zip.bytes);
}

/* The sum of the header's bytes, with blanks where it stands itself: POSIX,
 * pax, "ustar Interchange Format". */
Test(archive, tar_says_the_sum_of_its_header)
{
	static const size_t sizes[] = { 0, 1, 511, 9000 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		unsigned char data[9000];
		struct pile tar = { 0 };
		unsigned long sum = 8 * ' ';

		pile_digits(data, sizes[i]);
		cr_assert_eq(
			run("tar", SQUEEZE_PACK, data, sizes[i], 700, &tar), 0);
		for (size_t k = 0; k < 512; k++)
			sum += k < 148 || k >= 156 ? tar.bytes[k] : 0;
		cr_expect_eq(strtoul((char *)tar.bytes + 148, NULL, 8), sum);
		cr_expect_eq(strtoul((char *)tar.bytes + 124, NULL, 8),
			     sizes[i]);
		free(tar.bytes);
	}
}

Test(archive, notices_that_the_file_is_cut)
{
	unsigned char data[5000];

	pile_digits(data, sizeof(data));
	for (size_t m = 0; m < ARRAY_SIZE(methods); m++) {
		struct pile packed = { 0 };

		cr_assert_eq(run(methods[m], SQUEEZE_PACK, data, sizeof(data),
				 100, &packed),
			     0);
		for (size_t len = 0; len < 2000; len++) {
			struct pile back = { 0 };

			cr_expect_eq(run(methods[m], SQUEEZE_EXPAND,
					 packed.bytes, len, 64, &back),
				     -EBADMSG, "%s %zu", methods[m], len);
			free(back.bytes);
		}
		free(packed.bytes);
	}
}

Test(archive, reads_a_size_that_fills_its_field)
{
	struct pile tar = { 0 }, back = { 0 };

	cr_assert_eq(run("tar", SQUEEZE_PACK, "12345", 5, 5, &tar), 0);
	/* The field behind it begins with a digit, too. */
	memcpy(tar.bytes + 124, "000000000005", 12);
	cr_expect_eq(run("tar", SQUEEZE_EXPAND, tar.bytes, tar.len, 512, &back),
		     0);
	cr_expect_eq(back.len, 5);
	free(tar.bytes);
	free(back.bytes);
}

Test(archive, takes_no_other_bytes_for_an_archive)
{
	static const unsigned char junk[600] = "PK\5\6";
	struct pile out = { 0 };

	cr_expect_null(archive_of(junk, sizeof(junk)));
	cr_expect_null(archive_of("", 0));
	for (size_t m = 0; m < ARRAY_SIZE(methods); m++)
		cr_expect_eq(run(methods[m], SQUEEZE_EXPAND, junk, sizeof(junk),
				 600, &out),
			     -EBADMSG);
	cr_expect_eq(out.len, 0u);
	cr_expect_not(archive_knows("rar"));
}

Test(archive, passes_on_what_its_taker_returns)
{
	unsigned char data[300000];

	pile_digits(data, sizeof(data));
	for (size_t m = 0; m < ARRAY_SIZE(methods); m++) {
		struct pile full = { .rc = -ENOSPC };

		cr_expect_eq(run(methods[m], SQUEEZE_PACK, data, sizeof(data),
				 4096, &full),
			     -ENOSPC);
		free(full.bytes);
	}
}
