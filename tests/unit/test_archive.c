#include "data/archive.h"

#include "lib/pile.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

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
