/* The command line, with commands that write down what they were given. */
#include "app/cli.h"

#include "data/format.h"
#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define MOST_WORDS 12

/* What the last command saw, as text: its name, options and words. */
static char seen[1024];
static int answer;

static void see(const char *fmt, ...) PRINTF(1, 2);

static void see(const char *fmt, ...)
{
	size_t len = strlen(seen);
	va_list args;

	va_start(args, fmt);
	vsnprintf(seen + len, sizeof(seen) - len, fmt, args);
	va_end(args);
}

static int look(const struct cli *cli)
{
	see("%s", cli->command->name);
	if (cli->config)
		see(" config=%s", cli->config);
	if (cli->results)
		see(" results=%s", cli->results);
	if (cli->cache)
		see(" cache=%s", cli->cache);
	if (cli->threads)
		see(" threads=%u", (unsigned)cli->threads);
	if (cli->repeats)
		see(" repeats=%u", (unsigned)cli->repeats);
	if (cli->ready_fd != -1 || cli->recorder_fd != -1 || cli->mem_fd != -1)
		see(" fds=%d,%d,%d", (int)cli->ready_fd, (int)cli->recorder_fd,
		    (int)cli->mem_fd);
	see("%s%s%s%s%s", cli->strict ? " strict" : "",
	    cli->quiet ? " quiet" : "", cli->no_mount ? " no-mount" : "",
	    cli->foreground ? " foreground" : "", cli->force ? " force" : "");
	for (size_t i = 0; i < cli->n_overrides; i++)
		see(" {%s}", cli->overrides[i]);
	for (size_t i = 0; i < cli->n_args; i++)
		see(" [%s]", cli->args[i]);
	return answer;
}

static const struct cli_command commands[] = {
	{ "run", "[SETTING=VALUE...]", 0, "Do it all", look },
	{ "generate", "[SETTING=VALUE...]", 0, "Write it", look },
	{ "mount", "[URI] DIR", 2, "Mount it", look },
	{ "umount", "DIR", 1, "Unmount it", look },
	{ "overhead", "", 0, "Compare it", look },
	{ 0 },
};

static struct capture out, err;

/* Run a line of words, split at blanks, after the program's name. */
static int run_words(const char *line)
{
	AUTO_FREE char *copy = strdup(line);
	char program[] = "dliofs";
	char *argv[MOST_WORDS] = { program }, *rest = NULL;
	int argc = 1, status;

	for (char *word = strtok_r(copy, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		cr_assert_lt(argc, MOST_WORDS);
		argv[argc++] = word;
	}
	seen[0] = '\0';
	capture_start_stdout(&out);
	capture_start(&err);
	status = cli_main(commands, argc, argv);
	capture_stop(&err);
	capture_stop(&out);
	return status;
}

Test(cli, gives_a_command_what_was_said)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "run", "run" },
		{ "run -c a.yaml", "run config=a.yaml" },
		{ "run --config a.yaml", "run config=a.yaml" },
		{ "run --config=a.yaml", "run config=a.yaml" },
		{ "run --config=a=b", "run config=a=b" },
		{ "run --config=", "run config=" },
		{ "run -o there -q --strict",
		  "run results=there strict quiet" },
		{ "run --threads 3", "run threads=3" },
		{ "run -t 3", "run threads=3" },
		{ "run --no-mount --cache=cold", "run cache=cold no-mount" },
		/* A value is whatever comes next. */
		{ "run -c -q", "run config=-q" },
		{ "run -c a -c b", "run config=b" },
		{ "overhead -n 7", "overhead repeats=7" },
		{ "mount -f dir", "mount foreground [dir]" },
		{ "umount --force dir", "umount force [dir]" },
		{ "umount dir --force", "umount force [dir]" },
		/* What a spawned server gets. */
		{ "mount --ready-fd 3 --recorder-fd 4 --mem-fd=5 dir",
		  "mount fds=3,4,5 [dir]" },
		/* Without a command it is run. */
		{ "-c a.yaml", "run config=a.yaml" },
		{ "--config a.yaml", "run config=a.yaml" },
		{ "--config=a.yaml x=1", "run config=a.yaml {x=1}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(run_words(cases[i].line), CLI_OK, "%s: %s",
			     cases[i].line, err.text);
		cr_expect_str_eq(seen, cases[i].want, "%s", cases[i].line);
		cr_expect_str_empty(err.text, "%s: %s", cases[i].line,
				    err.text);
	}
}

Test(cli, tells_settings_from_arguments)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "mount a.b=1 d", "mount {a.b=1} [d]" },
		{ "mount d a=1 +b=2 ++c=3 ~e ~f=4",
		  "mount {a=1} {+b=2} {++c=3} {~e} {~f=4} [d]" },
		{ "mount a= d", "mount {a=} [d]" },
		/* Folders and stores may have any name … */
		{ "mount /a=b ./c=d", "mount [/a=b] [./c=d]" },
		{ "mount ../a=b d", "mount [../a=b] [d]" },
		{ "mount s3://bucket/a=b d", "mount [s3://bucket/a=b] [d]" },
		/* … and settings any value. */
		{ "mount dataset.data_folder=s3://b/x d",
		  "mount {dataset.data_folder=s3://b/x} [d]" },
		{ "mount ++dataset.data_folder=mem://x d",
		  "mount {++dataset.data_folder=mem://x} [d]" },
		{ "mount a=/x=y d", "mount {a=/x=y} [d]" },
		/* After -- there are no options; settings are none. */
		{ "umount -- --force", "umount [--force]" },
		{ "mount -f -- -f a=1", "mount foreground {a=1} [-f]" },
		{ "umount -- --help", "umount [--help]" },
		{ "umount -- --", "umount [--]" },
		{ "umount -", "umount [-]" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(run_words(cases[i].line), CLI_OK, "%s: %s",
			     cases[i].line, err.text);
		cr_expect_str_eq(seen, cases[i].want, "%s", cases[i].line);
	}
}

Test(cli, refuses_what_it_does_not_know_with_status_2)
{
	static const struct {
		const char *line, *word; /* what the message has to name */
	} cases[] = {
		{ "run --bogus", "'--bogus'; see dliofs run --help" },
		{ "run --bogus=3", "'--bogus=3'" },
		{ "run --conf a", "'--conf'" },
		{ "run --configs a", "'--configs'" },
		{ "run -z", "'-z'" },
		{ "run -qc a", "'-qc'" },
		{ "run --force", "'--force'" },	    /* umount's */
		{ "run -f", "'-f'" },		    /* mount's */
		{ "mount --force d", "'--force'" }, /* nor is it mount's */
		{ "run --ready-fd 3", "'--ready-fd'" },
		{ "--bogus", "'--bogus'" },
		{ "run -c", "--config needs a value: FILE" },
		{ "run -q -o", "--results needs a value: DIR" },
		{ "run --quiet=yes", "--quiet takes no value" },
		{ "run -t many", "--threads: 'many' is not a number" },
		{ "run -t 3x", "'3x'" },
		{ "run -t -3", "'-3'" },
		{ "run --threads=", "''" },
		{ "run -t 99999999999999999999", "is not a number" },
		{ "run file.yaml", "'file.yaml'" },
		{ "generate x=1 what", "'what'" },
		{ "umount a b", "'b'" },
		{ "mount a b c", "'c'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(run_words(cases[i].line), CLI_USAGE, "%s",
			     cases[i].line);
		cr_expect_str_empty(seen, "%s ran", cases[i].line);
		cr_expect_not_null(strstr(err.text, cases[i].word), "%s: %s",
				   cases[i].line, err.text);
	}
}

Test(cli, guesses_what_a_mistyped_command_was)
{
	cr_expect_eq(run_words("genrate -c x"), CLI_USAGE);
	cr_expect_not_null(strstr(err.text, "unknown command 'genrate'; "
					    "did you mean generate?"),
			   "%s", err.text);
	cr_expect_eq(run_words("xyzzy"), CLI_USAGE);
	cr_expect_not_null(strstr(err.text, "unknown command 'xyzzy'; see"),
			   "%s", err.text);
	cr_expect_str_empty(seen);
}

Test(cli, turns_what_a_command_returns_into_a_status)
{
	static const struct {
		int rc, status;
	} cases[] = {
		{ 0, CLI_OK },		 { 5, CLI_OK },
		{ -EINVAL, CLI_USAGE },	 { -EIO, CLI_FAILED },
		{ -ENOENT, CLI_FAILED }, { -EINTR, CLI_FAILED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		answer = cases[i].rc;
		cr_expect_eq(run_words("run"), cases[i].status, "%d",
			     cases[i].rc);
		cr_expect_str_eq(seen, "run");
	}
}

Test(cli, help_of_a_command_has_its_options_and_no_other)
{
	static const struct {
		const char *line, *has, *lacks;
	} cases[] = {
		{ "run --help", "-c, --config FILE", "--force" },
		{ "run -h", "    --no-mount ", "--foreground" },
		{ "run -c x --help", "Do it all.", "--ready-fd" },
		{ "mount --help", "-f, --foreground", "--ready-fd" },
		{ "mount --help", "-w, --writable ", "--force" },
		{ "mount --help", "--cache warm|cold|direct", "--threads" },
		{ "umount --help", "Usage: dliofs umount [OPTION...] DIR\n",
		  "--config" },
		{ "umount --help", "    --force ", "--foreground" },
		{ "--help", "generate     Write it\n", "--config" },
		{ "-h", "run ", "--config" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(run_words(cases[i].line), CLI_OK, "%s",
			     cases[i].line);
		cr_expect_not_null(strstr(out.text, cases[i].has), "%s: %s",
				   cases[i].line, out.text);
		cr_expect_null(strstr(out.text, cases[i].lacks), "%s: %s",
			       cases[i].line, out.text);
		cr_expect_str_empty(seen, "%s ran", cases[i].line);
		cr_expect_str_empty(err.text);
	}
}

Test(cli, says_what_it_is_and_how_it_is_used)
{
	cr_expect_eq(run_words("--version"), CLI_OK);
	cr_expect_not_null(strstr(out.text, "dliofs"), "%s", out.text);
	cr_expect_eq(run_words(""), CLI_USAGE);
	cr_expect_not_null(strstr(out.text, "Usage: dliofs"), "%s", out.text);
}

Test(cli, says_which_stores_and_formats_it_has)
{
	static const char *const stores[] = { "file", "direct", "mem",
					      "s3",   "az",	"synth" };
	const struct format *f;

	cr_assert_eq(run_words("--version"), CLI_OK);
	for (size_t i = 0; i < ARRAY_SIZE(stores); i++)
		cr_expect(strstr(out.text, stores[i]), "%s", stores[i]);
	for (size_t i = 0; (f = format_at(i)); i++)
		cr_expect(strstr(out.text, f->name), "%s", f->name);
}

Test(cli, refuses_more_words_than_it_has_room_for)
{
	static char *argv[1026];
	char word[] = "run";

	for (size_t i = 0; i < ARRAY_SIZE(argv) - 1; i++)
		argv[i] = word;
	capture_start(&err);
	cr_expect_eq(cli_main(commands, (int)ARRAY_SIZE(argv) - 1, argv),
		     CLI_USAGE);
	cr_expect_not_null(strstr(capture_stop(&err), "more than"));
}
