#include "app/profiler.h"

#include "lib/await.h"
#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[] = "/tmp/test_profiler.XXXXXX";

static void set_up(void)
{
	cr_assert_not_null(mkdtemp(root));
}

static void tear_down(void)
{
	char command[64];

	snprintf(command, sizeof(command), "/bin/rm -rf %s", root);
	cr_expect_eq(system(command), 0);
}

TestSuite(profiler, .init = set_up, .fini = tear_down);

static struct config *configure(const char *profiler, const char *more)
{
	char text[64];
	const char *overrides[] = { "workflow.profiling=true", text, more };
	struct config *c;

	snprintf(text, sizeof(text), "profiling.profiler=%s", profiler);
	cr_assert_eq(config_load(NULL, overrides, 3, 0, &c), 0);
	return c;
}

/* An iostat of our own: says how it was called, and ends like the real one. */
static void install(const char *script)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/iostat", root);
	f = fopen(path, "w");
	cr_assert(f);
	fputs(script, f);
	fclose(f);
	cr_assert_eq(chmod(path, 0755), 0);
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", root);
	setenv("PATH", path, 1);
}

static const char *result(void)
{
	static char text[256];
	char path[128];
	AUTO_FCLOSE FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/iostat.json", root);
	f = fopen(path, "r");
	cr_assert(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	return text;
}

Test(profiler, is_called_as_dlio_calls_it_and_ended_by_sigint, .timeout = 100)
{
	struct config *c =
		configure("iostat", "profiling.iostat_devices=[sda,sdb]");
	struct profiler *p;

	install("#!/bin/sh\n"
		"trap 'echo ended; exit 0' INT\n"
		"echo \"$@\"\n"
		"while :; do sleep 0.05; done\n");
	cr_expect_eq(profiler_check(c), 0);
	cr_assert_eq(profiler_start(c, root, &p), 0);
	cr_expect(AWAIT(strchr(result(), '\n')));
	profiler_stop(p);
	cr_expect_str_eq(result(), "-mdxtcy -o JSON sda sdb 1\nended\n");
	cr_expect(waitpid(-1, NULL, WNOHANG) < 0, "nobody is left");
	config_free(c);
}

Test(profiler, that_fails_or_is_killed_is_told_of, .timeout = 100)
{
	static const char *const scripts[] = {
		"#!/bin/sh\ntrap '' INT\nexit 3\n",
		"#!/bin/sh\nkill -KILL $$\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		struct config *c = configure("iostat", "train.epochs=1");
		struct capture said;
		struct profiler *p;

		install(scripts[i]);
		cr_assert_eq(profiler_start(c, root, &p), 0);
		capture_start(&said);
		profiler_stop(p);
		capture_stop(&said);
		cr_expect(strstr(said.text, "iostat.json is not complete"),
			  "%zu: %s", i, said.text);
		config_free(c);
	}
}

Test(profiler, that_is_not_installed_is_missed_before_anything_is_written)
{
	struct config *c = configure("iostat", "train.epochs=1");
	struct capture said;

	setenv("PATH", root, 1);
	capture_start(&said);
	cr_expect_eq(profiler_check(c), -EINVAL);
	capture_stop(&said);
	cr_expect(strstr(said.text, "install sysstat"), "%s", said.text);
	config_free(c);
}

Test(profiler, is_none_where_nothing_is_to_be_started)
{
	static const char *const cases[][2] = {
		{ "none", "train.epochs=1" },
		{ "tensorboard", "train.epochs=1" },
		{ "iostat", "workflow.profiling=false" },
		{ "iostat", "workflow.train=false" },
	};

	setenv("PATH", root, 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config *c = configure(cases[i][0], cases[i][1]);
		struct profiler *p;

		cr_expect_eq(profiler_check(c), 0, "case %zu", i);
		cr_expect_eq(profiler_start(c, root, &p), 0, "case %zu", i);
		cr_expect_null(p, "case %zu", i);
		profiler_stop(p);
		config_free(c);
	}
}
