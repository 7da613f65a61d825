#include "base/sysfile.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static void write_file(const char *path, const char *text)
{
	AUTO_FCLOSE FILE *f = fopen(path, "we");

	cr_assert(f && fputs(text, f) >= 0);
}

Test(sysfile, a_file_is_one_number_and_nothing_else)
{
	static const struct {
		const char *text;
		int rc;
		uint64_t want;
	} cases[] = {
		{ "0\n", 0, 0 },
		{ "512\n", 0, 512 },
		{ "4096", 0, 4096 },
		{ "18446744073709551615\n", 0, UINT64_MAX },
		{ "18446744073709551616\n", -ERANGE, 7 },
		{ "", -EINVAL, 7 },
		{ "\n", -EINVAL, 7 },
		{ "-1\n", -EINVAL, 7 },
		{ " 1\n", -EINVAL, 7 },
		{ "1 \n", -EINVAL, 7 },
		{ "1\n2\n", -EINVAL, 7 },
		{ "0x10\n", -EINVAL, 7 },
		{ "max\n", -EINVAL, 7 },
		/* Longer than any number needs to be. */
		{ "00000000000000000000000000000000000001\n", -ERANGE, 7 },
	};
	char folder[] = "/tmp/dliofs-test-XXXXXX", path[64];
	uint64_t got;

	cr_assert(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/number", folder);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		got = 7;
		write_file(path, cases[i].text);
		cr_expect_eq(sysfile_number(path, &got), cases[i].rc, "'%s'",
			     cases[i].text);
		cr_expect_eq(got, cases[i].want, "'%s'", cases[i].text);
	}
	unlink(path);
	cr_expect_eq(sysfile_number(path, &got), -ENOENT);
	cr_expect_eq(sysfile_number(folder, &got), -EISDIR);
	rmdir(folder);
}
