#include "backends/program.h"

#include "backends/strbuf.h"
#include "base/clock.h"
#include "lib/capture.h"
#include "lib/scratch.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define SH(script) ((const char *const[]){ "/bin/sh", "-c", script, NULL })
#define ENVIRONMENT(...)                                                       \
	((char *const *)(uintptr_t)(const char *const[]){ __VA_ARGS__, NULL })

static int output_of(const char *const *argv, char *const *environment,
		     int *status, char **text)
{
	const struct program_call c = { .argv = argv,
					.environment = environment,
					.timeout_ms = 20000 };

	return program_output(&c, status, text);
}

Test(program, gives_what_was_printed_and_how_it_ended)
{
	static const struct {
		const char *script, *text;
		int status;
	} cases[] = {
		{ "echo a; echo b", "a\nb\n", 0 },
		{ ":", "", 0 },
		{ "printf x; exit 3", "x", 3 },
		{ "read line; echo \"<$line>\"", "<>\n", 0 },
		{ "exec >&-; sleep 0.1; exit 4", "", 4 },
	};
	char *text;
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_eq(output_of(SH(cases[i].script), NULL, &status,
				       &text),
			     0, "%s", cases[i].script);
		cr_expect_str_eq(text, cases[i].text, "%s", cases[i].script);
		cr_expect(WIFEXITED(status));
		cr_expect_eq(WEXITSTATUS(status), cases[i].status, "%s",
			     cases[i].script);
		strbuf_wipe(text);
	}
	cr_assert_eq(output_of(SH("kill -9 $$"), NULL, &status, &text), 0);
	cr_expect(WIFSIGNALED(status));
	strbuf_wipe(text);
}

Test(program, does_not_let_it_complain)
{
	struct capture said;
	char *text;
	int status;

	capture_start(&said);
	cr_assert_eq(output_of(SH("echo secret >&2"), NULL, &status, &text), 0);
	capture_stop(&said);
	cr_expect_str_empty(said.text);
	cr_expect_str_empty(text);
	strbuf_wipe(text);
}

Test(program, gives_it_the_environment_that_was_given)
{
	char *text;
	int status;

	setenv("PROGRAM_TEST", "ours", 1);
	cr_assert_eq(output_of(SH("echo $PROGRAM_TEST"), NULL, &status, &text),
		     0);
	cr_expect_str_eq(text, "ours\n");
	strbuf_wipe(text);
	cr_assert_eq(output_of(SH("echo $PROGRAM_TEST"),
			       ENVIRONMENT("PROGRAM_TEST=given"), &status,
			       &text),
		     0);
	cr_expect_str_eq(text, "given\n");
	strbuf_wipe(text);
}

static void write_script(const char *folder, const char *name, const char *says)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	fprintf(f, "#!/bin/sh\necho %s \"$@\"\n", says);
	fclose(f);
	cr_assert_eq(chmod(path, 0755), 0);
}

Test(program, is_looked_up_in_the_environments_path)
{
	static const char *const argv[] = { "dliofs-test-tool", "a b", NULL };
	char *folder = scratch_new(), path[1024], *text;
	int status;

	write_script(folder, argv[0], "found");
	snprintf(path, sizeof(path), "PATH=/nonexistent:%s:/usr/bin:/bin",
		 folder);
	cr_assert_eq(output_of(argv, ENVIRONMENT(path), &status, &text), 0);
	cr_expect_str_eq(text, "found a b\n");
	strbuf_wipe(text);
	scratch_remove(folder);
}

Test(program, is_not_found_where_it_is_not)
{
	static const char *const argv[] = { "dliofs-test-tool", NULL };
	static const char *const gone[] = { "/nonexistent/tool", NULL };
	char *folder = scratch_new(), *text;
	int status;

	write_script(folder, argv[0], "found");
	cr_assert_eq(chdir(folder), 0);
	cr_expect_eq(output_of(argv, ENVIRONMENT("PATH=.::/nonexistent"),
			       &status, &text),
		     -ENOENT);
	cr_expect_eq(output_of(argv, ENVIRONMENT("HOME=/"), &status, &text),
		     -ENOENT);
	cr_expect_eq(output_of(gone, NULL, &status, &text), -ENOENT);
	cr_assert_eq(chdir("/"), 0);
	scratch_remove(folder);
}

/* They have the end of a pipe for as long as they live. */
Test(program, is_killed_with_its_children_when_the_time_is_up)
{
	static const char *const scripts[] = {
		"sleep 60; :",
		"exec >&-; sleep 60; :",
		"sleep 60 & wait",
	};
	char *text, byte;
	int status, ends[2];

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		const struct program_call c = { .argv = SH(scripts[i]),
						.timeout_ms = 300 };
		uint64_t start = clock_ns();

		cr_assert_eq(pipe(ends), 0);
		cr_expect_eq(program_output(&c, &status, &text), -ETIMEDOUT);
		close(ends[1]);
		cr_expect_eq(read(ends[0], &byte, 1), 0, "%s", scripts[i]);
		cr_expect_lt(clock_ns() - start, 10 * NS_PER_SEC);
		close(ends[0]);
	}
}

static void *set_soon(void *flag)
{
	clock_sleep_until(clock_ns() + NS_PER_SEC / 10);
	*(_Atomic bool *)flag = true;
	return NULL;
}

Test(program, ends_when_it_shall)
{
	_Atomic bool stop = false;
	const struct program_call c = { .argv = SH("sleep 60; :"),
					.timeout_ms = 50000,
					.stop = &stop };
	uint64_t start = clock_ns();
	pthread_t thread;
	char *text;
	int status;

	pthread_create(&thread, NULL, set_soon, &stop);
	cr_expect_eq(program_output(&c, &status, &text), -ECANCELED);
	cr_expect_lt(clock_ns() - start, 10 * NS_PER_SEC);
	pthread_join(thread, NULL);
}

Test(program, may_not_print_without_end)
{
	char *text;
	int status;

	cr_expect_eq(output_of(SH("yes"), NULL, &status, &text), -EFBIG);
	cr_expect_eq(output_of(SH("printf 'a\\0b'"), NULL, &status, &text),
		     -EILSEQ);
}
