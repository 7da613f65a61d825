#include "train/dlog.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static char root[] = "/tmp/test_dlog.XXXXXX";
static char *shown;
static size_t shown_len;
static FILE *console;

static void set_up(void)
{
	cr_redirect_stderr();
	cr_assert_not_null(mkdtemp(root));
	cr_assert_eq(chdir(root), 0);
	console = open_memstream(&shown, &shown_len);
	fflush(console); /* now there is a buffer to look at */
}

static void tear_down(void)
{
	char command[64];

	fclose(console);
	free(shown);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_expect_eq(system(command), 0);
}

TestSuite(dlog, .init = set_up, .fini = tear_down);

static void expect_file(const char *path, const char *want)
{
	AUTO_FCLOSE FILE *f = fopen(path, "re");
	char got[512] = "";

	cr_assert_not_null(f, "%s", path);
	got[fread(got, 1, sizeof(got) - 1, f)] = 0;
	cr_expect_str_eq(got, want);
}

/* A message of each level. */
static void say_all(struct dlog *d)
{
	dlog_debug(d, DLOG_NO_STAMP, "one");
	dlog_info(d, DLOG_NO_STAMP, "two");
	dlog_warning(d, DLOG_NO_STAMP, "three");
	dlog_output(d, DLOG_NO_STAMP, "four %d%%", 4);
	dlog_error(d, DLOG_NO_STAMP, "five");
}

Test(dlog, a_level_shows_itself_and_those_above)
{
	static const struct {
		const char *level, *want;
	} cases[] = {
		{ "info", "[INFO] two\n[WARNING] three\n[OUTPUT] four 4%\n"
			  "[ERROR] five\n" },
		{ "warning",
		  "[WARNING] three\n[OUTPUT] four 4%\n[ERROR] five\n" },
		{ NULL, "[WARNING] three\n[OUTPUT] four 4%\n[ERROR] five\n" },
		{ "", "[WARNING] three\n[OUTPUT] four 4%\n[ERROR] five\n" },
		{ "Warn", "[WARNING] three\n[OUTPUT] four 4%\n[ERROR] five\n" },
		{ "ERROR", "[ERROR] five\n" },
		{ "critical", "" },
	};
	enum dlog_level level;
	struct dlog *d;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_eq(dlog_parse_level(cases[i].level, &level), 0);
		cr_assert_eq(dlog_remove("log"), 0);
		cr_assert_eq(dlog_new("log", console, level, &d), 0);
		fseek(console, 0, SEEK_SET);
		memset(shown, 0, shown_len);
		say_all(d);
		cr_expect_str_eq(shown, cases[i].want, "%s", cases[i].level);
		expect_file("log", cases[i].want);
		dlog_free(d);
	}
}

Test(dlog, an_unknown_level_is_refused_with_the_choices)
{
	enum dlog_level level = DLOG_INFO;
	char text[256] = "";
	FILE *err;

	cr_expect_eq(dlog_parse_level("loud", &level), -EINVAL);
	cr_expect_eq(level, DLOG_INFO);
	err = cr_get_redirected_stderr();
	cr_assert_not_null(fgets(text, sizeof(text), err));
	cr_expect_not_null(strstr(text, "DLIO_LOG_LEVEL=loud"), "%s", text);
	cr_expect_not_null(strstr(text, "warning"), "%s", text);
}

Test(dlog, debug_says_where)
{
	struct dlog *d;
	char want[128];

	cr_assert_eq(dlog_new(NULL, console, DLOG_DEBUG, &d), 0);
	dlog_output(d, DLOG_NO_STAMP, "here");
	snprintf(want, sizeof(want), "[OUTPUT] here [%s:%d]\n", __FILE__,
		 __LINE__ - 2);
	cr_expect_str_eq(shown, want);
	dlog_free(d);
}

Test(dlog, a_stamp_is_that_of_the_moment_given)
{
	uint64_t when = clock_ns() - 5 * NS_PER_SEC;
	char stamp[CLOCK_STAMP_SIZE];
	struct dlog *d;

	cr_assert_eq(dlog_new(NULL, console, DLOG_INFO, &d), 0);
	dlog_output(d, when, "then");
	clock_stamp_at(when, stamp);
	/* To a tenth of a second; two readings of two clocks differ a bit. */
	cr_expect_eq(strncmp(shown, "[OUTPUT] ", 9), 0);
	cr_expect_eq(strncmp(shown + 9, stamp, 19), 0, "%s %s", shown, stamp);
	cr_expect_str_eq(shown + 9 + 26, " then\n");
	dlog_free(d);
}

Test(dlog, ranks_append_to_one_file_in_a_folder_that_is_made)
{
	struct dlog *one, *two;

	cr_assert_eq(dlog_new("a/b/log", NULL, DLOG_INFO, &one), 0);
	cr_assert_eq(dlog_new("a/b/log", NULL, DLOG_INFO, &two), 0);
	dlog_info(one, DLOG_NO_STAMP, "1");
	dlog_info(two, DLOG_NO_STAMP, "2\n[METRIC] 2");
	dlog_info(one, DLOG_NO_STAMP, "3");
	expect_file("a/b/log", "[INFO] 1\n[INFO] 2\n[METRIC] 2\n[INFO] 3\n");
	dlog_free(one);
	dlog_free(two);
}

Test(dlog, removing_a_log_that_is_not_there_is_fine)
{
	cr_expect_eq(dlog_remove("log"), 0);
	cr_assert_eq(mkdir("log", 0755), 0);
	cr_expect_lt(dlog_remove("log"), 0);
}

Test(dlog, a_full_disk_is_said_once_and_the_console_goes_on)
{
	struct dlog *d;
	char text[256] = "";
	unsigned lines = 0;
	FILE *err;

	cr_assert_eq(dlog_new("/dev/full", console, DLOG_INFO, &d), 0);
	dlog_info(d, DLOG_NO_STAMP, "1");
	dlog_info(d, DLOG_NO_STAMP, "2");
	cr_expect_str_eq(shown, "[INFO] 1\n[INFO] 2\n");
	dlog_free(d);

	fflush(stderr);
	err = cr_get_redirected_stderr();
	close(STDERR_FILENO);
	while (fgets(text, sizeof(text), err))
		lines++;
	cr_expect_eq(lines, 1, "%u", lines);
}

Test(dlog, no_log_takes_every_message)
{
	cr_expect_not(dlog_shows(NULL, DLOG_CRITICAL));
	say_all(NULL);
	dlog_free(NULL);
}

Test(dlog, a_log_that_cannot_be_opened_is_an_error)
{
	struct dlog *d;

	cr_assert_eq(mkdir("log", 0755), 0);
	cr_expect_eq(dlog_new("log", console, DLOG_INFO, &d), -EISDIR);
}
