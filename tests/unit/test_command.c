#include "backends/command.h"

#include "backends/strbuf.h"
#include "base/clock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

Test(command, a_line_is_split_as_a_shell_would)
{
	static const struct {
		const char *line, *want; /* words, each in [] */
	} cases[] = {
		{ "a", "[a]" },
		{ "  a\tb \n c ", "[a][b][c]" },
		{ "a b c d e", "[a][b][c][d][e]" },
		{ "'a b' \"c d\"", "[a b][c d]" },
		{ "a'b c'd", "[ab cd]" },
		{ "'' \"\"", "[][]" },
		{ "a\\ b \\'c", "[a b]['c]" },
		{ "\"a\\\"b\\\\c\\n\"", "[a\"b\\c\\n]" },
		{ "'a\\'", "[a\\]" },
		{ "x # ; $HOME `id` > y", "[x][#][;][$HOME][`id`][>][y]" },
		{ "", NULL },
		{ "  \t", NULL },
		{ "a 'b", NULL },
		{ "a \"b\\\"", NULL },
		{ "a \\", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char **words = NULL;
		int rc = command_split(cases[i].line, &words);
		char got[256] = "";

		cr_expect_eq(rc, cases[i].want ? 0 : -EINVAL, "%s",
			     cases[i].line);
		for (char **w = words; w && *w; w++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got),
				 "[%s]", *w);
		if (cases[i].want)
			cr_expect_str_eq(got, cases[i].want);
	}
}

static int run(const char *line, uint64_t timeout_ms, const _Atomic bool *stop,
	       char **out, int *status)
{
	static const char *const environment[] = { "GREETING=hello", NULL };
	AUTO_FREE char **words = NULL;

	cr_assert_eq(command_split(line, &words), 0);
	return command_run(
		&(struct command){
			.words = words,
			.environment = (char *const *)(uintptr_t)environment,
			.timeout_ms = timeout_ms,
			.stop = stop },
		out, status);
}

Test(command, output_and_status_come_back)
{
	static const struct {
		const char *line, *out;
		int status;
	} cases[] = {
		{ "echo hello", "hello\n", 0 },
		{ "true", "", 0 },
		{ "sh -c 'echo $GREETING; exit 3'", "hello\n", 3 },
		{ "sh -c 'echo out; echo err >&2'", "out\n", 0 },
		{ "cat", "", 0 },
		{ "sh -c 'kill -TERM $$'", "", 128 + SIGTERM },
		{ "sh -c 'exec >&-; sleep 0.1; exit 4'", "", 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_WIPE char *out = NULL;
		int status = -1;

		cr_expect_eq(run(cases[i].line, 60000, NULL, &out, &status), 0,
			     "%s", cases[i].line);
		cr_expect(out && !strcmp(out, cases[i].out), "%s: '%s'",
			  cases[i].line, out);
		cr_expect_eq(status, cases[i].status, "%s: %d", cases[i].line,
			     status);
	}
}

Test(command, it_ends_in_bounded_time_with_all_it_started)
{
	static _Atomic bool stopped = true;
	static const struct {
		const char *line;
		uint64_t timeout_ms;
		const _Atomic bool *stop;
		int rc;
	} cases[] = {
		{ "sleep 300", 200, NULL, -ETIMEDOUT },
		{ "sh -c 'sleep 300 & sleep 300'", 200, NULL, -ETIMEDOUT },
		{ "sh -c 'exec >&-; sleep 300'", 200, NULL, -ETIMEDOUT },
		{ "sleep 300", 60000, &stopped, -ECANCELED },
		{ "cat /dev/zero", 60000, NULL, -EMSGSIZE },
		{ "/nonexistent/program", 60000, NULL, -ENOENT },
		{ "/", 60000, NULL, -EACCES },
	};
	uint64_t begin = clock_ns();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_WIPE char *out = NULL;
		int status;

		cr_expect_eq(run(cases[i].line, cases[i].timeout_ms,
				 cases[i].stop, &out, &status),
			     cases[i].rc, "%s", cases[i].line);
		cr_expect_null(out);
	}
	cr_expect_lt(clock_ns() - begin, 100 * NS_PER_SEC);
}
