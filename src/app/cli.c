#include "app/cli.h"

#include "app/handover.h"
#include "app/ranks.h"
#include "app/version.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

#define MAX_WORDS 1024

enum kind { FLAG, STRING, NUMBER };

static const struct option_row {
	const char *name;
	char letter;
	enum kind kind;
	size_t place;
	const char *argument;
	const char *commands; /* separated by blanks; NULL: not in --help */
	const char *help;
} options[] = {
#define PLACE(field) offsetof(struct cli, field)
	{ "config", 'c', STRING, PLACE(config), "FILE",
	  "run generate mount train overhead check verify",
	  "the workload, a DLIO YAML file" },
	{ "strict", 0, FLAG, PLACE(strict), NULL,
	  "run generate mount train overhead check verify",
	  "unknown settings are errors" },
	{ "results", 'o', STRING, PLACE(results), "DIR", "run train",
	  "where reports go (default: results/NAME/TIME)" },
	{ "no-mount", 0, FLAG, PLACE(no_mount), NULL, "run train",
	  "read the store natively, for comparison" },
	{ "through", 0, STRING, PLACE(through), "DIR", "train",
	  "train on a mount that exists" },
	{ "dlio-compat", 0, STRING, PLACE(compat), "strict", "run train",
	  "print DLIO's own figures where they are plainly wrong" },
	{ "no-record", 0, FLAG, PLACE(no_record), NULL, "run train mount",
	  "do not record latencies" },
	{ "threads", 't', NUMBER, PLACE(threads), "N", "run generate verify",
	  "how many files to work on at once (default: every core, or "
	  "dliofs.backend.threads on a network)" },
	{ "repeats", 'n', NUMBER, PLACE(repeats), "N", "overhead",
	  "epochs per way of reading (default: 5)" },
	{ "cache", 0, STRING, PLACE(cache), "warm|cold|direct",
	  "run train mount", "page-cache policy of the mount" },
	{ "listing", 0, STRING, PLACE(listing), "auto|lazy|all", "mount",
	  "list each folder when it is looked into, or all before" },
	{ "foreground", 'f', FLAG, PLACE(foreground), NULL, "mount",
	  "serve from this process" },
	{ "writable", 'w', FLAG, PLACE(writable), NULL, "mount",
	  "the folder or bucket given may be written to" },
	{ "allow-other", 0, FLAG, PLACE(allow_other), NULL, "mount",
	  "other users may use the mount" },
	{ "stats-file", 0, STRING, PLACE(stats_file), "FILE", "mount",
	  "where statistics go on SIGUSR1 and at the end, as JSON" },
	{ "log-file", 0, STRING, PLACE(log_file), "FILE", "mount",
	  "where a mount in the background logs" },
	{ "force", 0, FLAG, PLACE(force), NULL, "umount",
	  "detach even if files are open" },
	{ "json", 0, FLAG, PLACE(json), NULL, "stats overhead",
	  "JSON instead of a table" },
	{ "markdown", 0, FLAG, PLACE(markdown), NULL, "help-config",
	  "as Markdown tables" },
	{ "quiet", 'q', FLAG, PLACE(quiet), NULL,
	  "run generate train overhead verify", "no progress" },
	{ "ready-fd", 0, NUMBER, PLACE(ready_fd), "FD", NULL, NULL },
	{ "recorder-fd", 0, NUMBER, PLACE(recorder_fd), "FD", NULL, NULL },
	{ "private", 0, FLAG, PLACE(is_private), NULL, NULL, NULL },
	{ "mem-fd", 0, NUMBER, PLACE(mem_fd), "FD", NULL, NULL },
	{ "settings-fd", 0, NUMBER, PLACE(settings_fd), "FD", NULL, NULL },
#undef PLACE
};

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = words; (p = strstr(p, word)); p += len)
		if ((p == words || p[-1] == ' ') &&
		    (p[len] == ' ' || p[len] == '\0'))
			return true;
	return false;
}

/* The options that only a spawned server gets have no list of commands. */
static bool taken_by(const struct option_row *o, const char *command)
{
	return o->commands ? has_word(o->commands, command) :
			     !strcmp(command, "mount");
}

static int invalid(const struct cli *cli, const char *what, const char *word)
{
	const char *command = cli->command ? cli->command->name : "";

	return log_invalid("%s '%s'; see %s %s%s--help", what, word,
			   cli->program, command, *command ? " " : "");
}

static const struct option_row *find_option(const char *command,
					    const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (taken_by(&options[i], command) &&
		    strlen(options[i].name) == len &&
		    !strncmp(options[i].name, name, len))
			return &options[i];
	return NULL;
}

static const struct option_row *find_letter(const char *command, char letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].letter == letter &&
		    taken_by(&options[i], command))
			return &options[i];
	return NULL;
}

static int set_option(struct cli *cli, const struct option_row *o,
		      const char *value)
{
	char *place = (char *)cli + o->place;
	char *end;

	switch (o->kind) {
	case FLAG:
		*(bool *)place = true;
		return 0;
	case STRING:
		*(const char **)place = value;
		return 0;
	case NUMBER:
		errno = 0;
		*(int64_t *)place = strtoll(value, &end, 10);
		if (errno || end == value || *end || *(int64_t *)place < 0)
			return log_invalid("--%s: '%s' is not a number",
					   o->name, value);
		return 0;
	}
	return -EINVAL;
}

/* An option word, and perhaps the next word as its value.  Gives the number
 * of words used. */
static int parse_option(struct cli *cli, const char *word, const char *next)
{
	bool is_long = word[1] == '-';
	const char *value = is_long ? strchr(word, '=') : NULL;
	const char *command = cli->command->name;
	const struct option_row *o;
	int rc;

	if (is_long)
		o = find_option(command, word + 2,
				value ? (size_t)(value - word - 2) :
					strlen(word + 2));
	else
		o = word[2] ? NULL : find_letter(command, word[1]);
	if (!o)
		return invalid(cli, "unknown option", word);
	if (o->kind == FLAG) {
		if (value)
			return log_invalid("--%s takes no value", o->name);
		rc = set_option(cli, o, NULL);
		return rc ? rc : 1;
	}
	if (!value && !next)
		return log_invalid("--%s needs a value: %s", o->name,
				   o->argument);
	rc = set_option(cli, o, value ? value + 1 : next);
	if (rc)
		return rc;
	return value ? 1 : 2;
}

/* The value of a setting may be a URI: what comes first tells. */
static bool is_override(const char *word)
{
	const char *equals = strchr(word, '=');
	const char *scheme = strstr(word, "://");

	if (*word == '+' || *word == '~')
		return true;
	return equals && !strchr("/.", *word) && !(scheme && scheme < equals);
}

static int add_argument(struct cli *cli, const char *word)
{
	if (cli->n_args == cli->command->most_args)
		return invalid(cli, "unexpected argument", word);
	cli->args[cli->n_args++] = word;
	return 0;
}

static int parse_words(struct cli *cli, int argc, char **argv)
{
	bool options_end = false;

	for (int i = 0, used; i < argc; i += used) {
		used = 1;
		if (!options_end && !strcmp(argv[i], "--")) {
			options_end = true;
		} else if (!options_end && argv[i][0] == '-' && argv[i][1]) {
			used = parse_option(cli, argv[i],
					    i + 1 < argc ? argv[i + 1] : NULL);
			if (used < 0)
				return used;
		} else if (is_override(argv[i])) {
			cli->overrides[cli->n_overrides++] = argv[i];
		} else if (add_argument(cli, argv[i])) {
			return -EINVAL;
		}
	}
	return 0;
}

static void print_commands(const struct cli *cli,
			   const struct cli_command *commands)
{
	printf("Usage: %s COMMAND [OPTION...] [SETTING=VALUE...]\n\n"
	       "Measures whether a storage system can feed accelerators.\n\n",
	       cli->program);
	for (; commands->name; commands++)
		printf("  %-12s %s\n", commands->name, commands->help);
	printf("\n%s COMMAND --help describes a command; "
	       "%s --version, this build.\n",
	       cli->program, cli->program);
}

static void print_command(const struct cli *cli)
{
	const struct cli_command *c = cli->command;

	printf("Usage: %s %s [OPTION...] %s\n\n%s.\n\n", cli->program, c->name,
	       c->synopsis, c->help);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const struct option_row *o = &options[i];
		char text[64];

		if (!o->commands || !has_word(o->commands, c->name))
			continue;
		snprintf(text, sizeof(text), "%c%c%s --%s%s%s",
			 o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
			 o->letter ? "," : " ", o->name, o->argument ? " " : "",
			 o->argument ? o->argument : "");
		printf("  %-30s %s\n", text, o->help);
	}
}

static const struct cli_command *
find_command(const struct cli_command *commands, const char *name)
{
	for (; commands->name; commands++)
		if (!strcmp(commands->name, name))
			return commands;
	return NULL;
}

static int unknown_command(const struct cli *cli,
			   const struct cli_command *commands, const char *name)
{
	const char *names[64];
	const char *near;
	size_t n = 0;

	for (; commands->name && n < ARRAY_SIZE(names); commands++)
		names[n++] = commands->name;
	near = text_suggest(name, names, n);
	log_invalid("unknown command '%s'%s%s%s; see %s --help", name,
		    near ? "; did you mean " : "", near ? near : "",
		    near ? "?" : "", cli->program);
	return CLI_USAGE;
}

static bool wants(int argc, char **argv, const char *a, const char *b)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], a) || (b && !strcmp(argv[i], b)))
			return true;
	return false;
}

/* mpirun gives its own standard input to one rank, and nothing to the others. */
static int keep_config(struct cli *cli, char kept[HANDOVER_PATH])
{
	if (ranks_started() > 1 && handover_is_passing(cli->config))
		return log_invalid("%s is not the same for %lu ranks; put the "
				   "workload into a file",
				   cli->config, ranks_started());
	return handover_keep(&cli->config, kept);
}

/* Gives the exit status.  The words are those behind the command's name. */
static int execute(struct cli *cli, int argc, char **argv)
{
	char kept[HANDOVER_PATH];
	int rc;

	if (wants(argc, argv, "--help", "-h")) {
		print_command(cli);
		return CLI_OK;
	}
	if (parse_words(cli, argc, argv))
		return CLI_USAGE;
	rc = keep_config(cli, kept);
	if (!rc)
		rc = cli->command->run(cli);
	if (rc == -ENOMEM) /* what needed it has not always said so */
		log_fail(rc, "%s", cli->command->name);
	if (rc < 0)
		return rc == -EINVAL ? CLI_USAGE : CLI_FAILED;
	return CLI_OK;
}

int cli_main(const struct cli_command *commands, int argc, char **argv)
{
	const char *overrides[MAX_WORDS], *args[MAX_WORDS];
	struct cli cli = { .program = "dliofs",
			   .overrides = overrides,
			   .args = args,
			   .ready_fd = -1,
			   .recorder_fd = -1,
			   .mem_fd = -1,
			   .settings_fd = -1 };
	const char *name = argc > 1 ? argv[1] : "--help";
	int used = 2; /* words before the command's own */

	if (argc > MAX_WORDS) {
		log_invalid("more than %d words", MAX_WORDS);
		return CLI_USAGE;
	}
	if (!strcmp(name, "--version")) {
		version_print(stdout);
		return CLI_OK;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
		print_commands(&cli, commands);
		return argc > 1 ? CLI_OK : CLI_USAGE;
	}

	/* `dliofs --config W.yaml` is `dliofs run -c W.yaml`. */
	if (!strcmp(name, "-c") || !strncmp(name, "--config", 8)) {
		name = "run";
		used = 1;
	}
	cli.command = find_command(commands, name);
	if (!cli.command)
		return unknown_command(&cli, commands, name);
	return execute(&cli, argc - used, argv + used);
}
