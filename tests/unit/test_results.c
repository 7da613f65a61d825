#include "app/results.h"

#include "lib/capture.h"
#include "lib/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static char *scratch;

/* Where relative folders go. */
static void set_up(void)
{
	scratch = scratch_new();
	cr_assert_eq(chdir(scratch), 0);
}

static void tear_down(void)
{
	scratch_remove(scratch);
}

TestSuite(results, .init = set_up, .fini = tear_down);

static struct config *configure(const char *setting)
{
	const char *const overrides[] = { "model.name=unet", setting };
	struct config *c;

	cr_assert_eq(config_load(NULL, overrides, setting ? 2 : 1, 0, &c), 0);
	return c;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static char *read_file(const char *name)
{
	char *text = calloc(1, 1 << 17);
	AUTO_FCLOSE FILE *f = fopen(name, "re");

	cr_assert(text && f, "%s", name);
	text[fread(text, 1, (1 << 17) - 1, f)] = '\0';
	return text;
}

Test(results, go_where_the_option_says_or_else_the_setting)
{
	static const struct {
		const char *option, *setting, *want;
	} cases[] = {
		{ "a/b", NULL, "a/b" },
		{ "c", "output.folder=d", "c" },
		{ NULL, "output.folder=e/f", "e/f" },
		{ "a", NULL, "a" }, /* is there already */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config *c = configure(cases[i].setting);
		const struct cli cli = { .results = cases[i].option };
		AUTO_FREE char *folder = NULL;

		cr_assert_eq(results_folder(&cli, c, &folder), 0);
		cr_expect_str_eq(folder, cases[i].want);
		cr_expect(is_folder(cases[i].want), "%s", cases[i].want);
		config_free(c);
	}
	cr_expect_not(is_folder("d"));
}

/* 20-…: a year, a month, … */
static bool is_stamp(const char *text)
{
	static const char shape[] = "2000-00-00-00-00-00";

	for (size_t i = 0; i < sizeof(shape); i++)
		if (shape[i] == '-' || shape[i] == '\0' ?
			    text[i] != shape[i] :
			    text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

Test(results, go_to_a_folder_of_model_and_time_by_default)
{
	struct config *c = configure(NULL);
	const struct cli cli = { .results = NULL };
	AUTO_FREE char *folder = NULL;

	cr_assert_eq(results_folder(&cli, c, &folder), 0);
	cr_expect(!strncmp(folder, "results/unet/", 13), "%s", folder);
	cr_expect(is_stamp(folder + 13), "%s", folder);
	cr_expect(is_folder(folder));
	config_free(c);
}

Test(results, of_runs_in_the_same_second_are_apart)
{
	struct config *c = configure(NULL);
	const struct cli cli = { 0 };
	char *folder[4];

	for (size_t i = 0; i < ARRAY_SIZE(folder); i++) {
		cr_assert_eq(results_folder(&cli, c, &folder[i]), 0);
		cr_expect(is_folder(folder[i]), "%s", folder[i]);
		for (size_t k = 0; k < i; k++)
			cr_expect_str_neq(folder[i], folder[k]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(folder); i++)
		free(folder[i]);
	config_free(c);
}

Test(results, a_folder_that_cannot_be_made_is_named)
{
	const struct cli cli = { .results = "file/below" };
	struct config *c = configure(NULL);
	struct capture said;
	char *folder = NULL;
	FILE *f = fopen("file", "we");

	cr_assert(f && !fclose(f));
	capture_start(&said);
	cr_expect_eq(results_folder(&cli, c, &folder), -ENOTDIR);
	cr_expect_not_null(strstr(capture_stop(&said), "file/below"), "%s",
			   said.text);
	cr_expect_null(folder);
	config_free(c);
}

Test(results, are_figures_and_a_picture)
{
	AUTO_FREE char *json = NULL, *svg = NULL;
	struct recorder *r;

	cr_assert_eq(recorder_new(-1, &r), 0);
	recorder_add(r, REC_APP, REC_READ, 90000000, 7);
	recorder_add(r, REC_APP, REC_READ, 10000000, 7);
	recorder_add(r, REC_FUSE, REC_READ, 60000000, 7);
	recorder_add(r, REC_STORE, REC_READ, 45000000, 7);
	recorder_add(r, REC_REQUEST, REC_READ, 36000000, 7);
	cr_assert_eq(results_write(".", "my title", "my subtitle", r), 0);
	json = read_file("latency.json");
	cr_expect_not_null(strstr(json, "\"sum_ns\": 60000000"), "%s", json);
	cr_expect_not_null(strstr(json, "\"overlapped\": false"), "%s", json);
	svg = read_file("latency.svg");
	cr_expect(!strncmp(svg, "<?xml", 5) || !strncmp(svg, "<svg", 4));
	cr_expect_not_null(strstr(svg, "my title"));
	cr_expect_not_null(strstr(svg, "my subtitle"));
	/* The shares of latency.h: 40, 15, 9 and 36 % of 100 ms. */
	cr_expect_not_null(strstr(svg, ">40.0 %"), "%s", svg);
	cr_expect_not_null(strstr(svg, ">15.0 %"));
	cr_expect_not_null(strstr(svg, ">9.0 %"));
	cr_expect_not_null(strstr(svg, ">36.0 %"));
	cr_expect_not_null(strstr(svg, "15.0 ms"), "of that");
	recorder_free(r);
}

Test(results, that_cannot_be_written_are_an_error)
{
	FILE *f = fopen("file", "we");
	struct capture said;
	struct recorder *r;

	cr_assert(f && !fclose(f));
	cr_assert_eq(recorder_new(-1, &r), 0);
	capture_start(&said);
	cr_expect_eq(results_write("file/below", "t", "s", r), -ENOTDIR);
	cr_expect_not_null(strstr(capture_stop(&said), "file/below"), "%s",
			   said.text);
	recorder_free(r);
}
