#include "backends/dotenv.h"

#include "lib/capture.h"
#include "lib/scratch.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

static char **parsed(const char *text)
{
	char **list;
	size_t bad;

	cr_assert_eq(dotenv_parse(text, strlen(text), &list, &bad), 0);
	cr_expect_eq(bad, 0, "line %zu of '%s'", bad, text);
	return list;
}

Test(dotenv, reads_values_as_shells_would)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "A=b", "b" },
		{ "A=b\n", "b" },
		{ "A=b\r\n", "b" },
		{ "  A \t=\t b  ", "b" },
		{ "export A=b", "b" },
		{ "export\tA=b", "b" },
		{ "A=b c", "b c" },
		{ "A=b # c", "b" },
		{ "A=b#c", "b#c" },
		{ "A=# c", NULL },
		{ "A=", NULL },
		{ "A='b # \"c\\n'", "b # \"c\\n" },
		{ "A=\"b # 'c\"", "b # 'c" },
		{ "A=\"\\\"\\\\\\$\\n\\r\\t\"", "\"\\$\n\r\t" },
		{ "A='b' # c", "b" },
		{ "A=b=c==", "b=c==" },
		{ "A=1\nA=2", "2" },
		{ "A=1\nA=", NULL },
		{ "# A=1\n\n \t\nA=2", "2" },
		{ "AA=1\nA.A=3\nA=2", "2" },
		{ "exportA=1\nA=2", "2" },
		{ "B=1", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char **list = parsed(cases[i].text);
		const char *got = dotenv_get(list, "A");

		cr_expect(!got == !cases[i].want, "'%s'", cases[i].text);
		if (got && cases[i].want)
			cr_expect_str_eq(got, cases[i].want, "'%s'",
					 cases[i].text);
		dotenv_free(list);
	}
}

Test(dotenv, says_which_line_means_nothing_and_reads_the_others)
{
	static const struct {
		const char *text;
		size_t bad;
	} cases[] = {
		{ "words\nA=1", 1 },	      { "A=1\n\n=2", 3 },
		{ "A=1\nB='open", 2 },	      { "A=1\nB=\"open\\\"", 2 },
		{ "A=1\nB='a' b\nwords", 2 }, { "A=1\n1B=2", 2 },
		{ "A=1\nexport", 2 },	      { "A=1\nexport B", 2 },
		{ "A=1\nB=\"a\\", 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = cases[i].text;
		size_t bad;
		char **list;

		cr_assert_eq(dotenv_parse(text, strlen(text), &list, &bad), 0);
		cr_expect_eq(bad, cases[i].bad, "'%s'", text);
		cr_expect_str_eq(dotenv_get(list, "A"), "1");
		cr_expect_null(dotenv_get(list, "B"), "'%s'", text);
		dotenv_free(list);
	}
}

Test(dotenv, lets_no_nul_into_a_value)
{
	size_t bad;
	char **list;

	cr_assert_eq(dotenv_parse("A=1\0\nB=2", 8, &list, &bad), 0);
	cr_expect_eq(bad, 1);
	cr_expect_null(dotenv_get(list, "A"));
	cr_expect_str_eq(dotenv_get(list, "B"), "2");
	dotenv_free(list);
}

Test(dotenv, looks_into_the_process_when_told_nothing)
{
	char *const none[] = { NULL };

	setenv("DOTENV_TEST", "here", 1);
	setenv("DOTENV_EMPTY", "", 1);
	cr_expect_str_eq(dotenv_get(NULL, "DOTENV_TEST"), "here");
	cr_expect_null(dotenv_get(NULL, "DOTENV_EMPTY"));
	cr_expect_null(dotenv_get(NULL, "DOTENV_TES"));
	cr_expect_null(dotenv_get(none, "DOTENV_TEST"));
}

Test(dotenv, reads_nothing_where_nothing_is_if_told_so)
{
	char **list;

	setenv("DOTENV_TEST", "here", 1);
	cr_assert_eq(dotenv_read("/nonexistent/.env", &list), 0);
	cr_expect_null(dotenv_get(list, "DOTENV_TEST"));
	dotenv_free(list);
}

static int read_text(const char *text, char ***out)
{
	char *folder = scratch_new(), path[512];
	FILE *f;
	int rc;

	snprintf(path, sizeof(path), "%s/.env", folder);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
	rc = dotenv_read(path, out);
	scratch_remove(folder);
	return rc;
}

Test(dotenv, warns_of_a_line_without_saying_what_is_in_it)
{
	struct capture said;
	char **list;

	capture_start(&said);
	cr_expect_eq(read_text("KEY=good\nSECRET hush\n", &list), 0);
	capture_stop(&said);
	cr_expect_str_eq(dotenv_get(list, "KEY"), "good");
	cr_expect_not_null(strstr(said.text, ".env:2: "), "%s", said.text);
	cr_expect_null(strstr(said.text, "hush"), "%s", said.text);
	dotenv_free(list);
}

Test(dotenv, does_not_mind_that_there_is_no_file)
{
	struct capture said;
	char **list;

	capture_start(&said);
	cr_expect_eq(dotenv_read("/nonexistent/.env", &list), 0);
	cr_expect_null(dotenv_get(list, "HOME"));
	dotenv_free(list);
	cr_expect_eq(dotenv_read("/", &list), -EISDIR);
	capture_stop(&said);
	cr_expect_str_eq(said.text, "dliofs: error: read /: Is a directory\n");
}

Test(dotenv, refuses_a_file_without_end)
{
	struct capture said;
	char **list;

	capture_start(&said);
	cr_expect_eq(dotenv_read("/dev/zero", &list), -EFBIG);
	capture_stop(&said);
}
