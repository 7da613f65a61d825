/* The command line: one table of commands, one table of options.
 *
 * An option is a row: its name, what it sets, which commands take it, and its
 * help.  Parsing and every --help come from the rows.  Words that contain '='
 * or begin with '+' or '~' are overrides of the configuration in DLIO's
 * grammar.  The others are the command's arguments, and so are paths that begin
 * with '/' or '.', and URIs, whatever is in them. */
#ifndef APP_CLI_H
#define APP_CLI_H

#include "base/util.h"

/* Exit statuses: done; failed while working; asked for something impossible. */
enum cli_status { CLI_OK, CLI_FAILED, CLI_USAGE };

/* Everything the options can say; each command uses its part. */
struct cli {
	const char *program; /* "dliofs" */
	const struct cli_command *command;

	const char *config;
	const char **overrides;
	size_t n_overrides;
	const char **args;
	size_t n_args;

	const char *results; /* folder */
	const char *through; /* a mount that exists */
	const char *cache;   /* page-cache policy of a mount */
	const char *listing; /* when a mount lists what it shows */
	const char *stats_file;
	const char *log_file;
	const char *compat; /* "strict" */
	uint64_t threads;
	uint64_t repeats;
	bool strict, json, quiet, no_mount, foreground, force, writable,
		allow_other, markdown, no_record;

	/* A server's, set by the process that spawns it; -1: not spawned. */
	int64_t ready_fd, recorder_fd, mem_fd, settings_fd;
	bool is_private; /* it ends with that process */
};

struct cli_command {
	const char *name;
	const char *synopsis; /* of arguments: "[URI] DIR" */
	size_t most_args;     /* of those: more are an error */
	const char *help;
	int (*run)(const struct cli *cli); /* 0 or a negative errno */
};

/* Run the command that the arguments name.  Gives the process's exit status.
 * commands ends with a row without a name. */
int cli_main(const struct cli_command *commands, int argc, char **argv);

#endif
