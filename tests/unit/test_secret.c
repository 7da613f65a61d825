#include "backends/secret.h"

#include "backends/strbuf.h"
#include "lib/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static void write_file(const char *path, const char *bytes, size_t len)
{
	AUTO_FCLOSE FILE *f = fopen(path, "we");

	cr_assert(f && fwrite(bytes, 1, len, f) == len);
}

Test(secret, a_file_is_read_whole_or_not_at_all)
{
	static const struct {
		const char *bytes;
		size_t len;
		int rc;
	} cases[] = {
		{ "", 0, 0 },
		{ "12345", 5, 0 },
		{ "12345\n", 6, 0 },
		{ "1234567", 7, -EFBIG },
		{ "12\0004", 4, -EILSEQ },
	};
	char *folder = scratch_new(), path[256];

	snprintf(path, sizeof(path), "%s/token", folder);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_WIPE char *text = NULL;

		write_file(path, cases[i].bytes, cases[i].len);
		cr_expect_eq(secret_read(path, 6, &text), cases[i].rc,
			     "case %zu", i);
		if (cases[i].rc == 0)
			cr_expect_str_eq(text, cases[i].bytes);
		else
			cr_expect_null(text, "case %zu", i);
	}
	scratch_remove(folder);
}

Test(secret, bytes_may_be_any)
{
	char *folder = scratch_new(), path[256], *bytes;
	size_t len = 0;

	snprintf(path, sizeof(path), "%s/bytes", folder);
	write_file(path, "a\0b\0", 4);
	cr_assert_eq(secret_read_bytes(path, 4, &bytes, &len), 0);
	cr_expect_eq(len, 4);
	cr_expect_arr_eq(bytes, "a\0b\0", 5);
	free(bytes);
	cr_expect_eq(secret_read_bytes(path, 3, &bytes, &len), -EFBIG);
	scratch_remove(folder);
}

Test(secret, what_is_no_file_says_why)
{
	AUTO_WIPE char *text = NULL;

	cr_expect_eq(secret_read("/nonexistent/token", 6, &text), -ENOENT);
	cr_expect_eq(secret_read("/", 6, &text), -EISDIR);
	cr_expect_null(text);
}

Test(secret, strings_are_copied_in_their_places)
{
	char given[] = "given";
	const char *a = given, *none = NULL;
	const char **const places[] = { &a, &none };

	cr_assert_eq(secret_copy(places, 2), 0);
	cr_expect_neq(a, given);
	cr_expect_str_eq(a, "given");
	cr_expect_null(none);
	strbuf_wipe((char *)(uintptr_t)a);
}
