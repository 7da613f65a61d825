/* Hydra's flags, anywhere among the overrides: --flag value, --flag=value, and
 * any beginning of a flag's name that is no other's. */
#ifndef APP_DLIO_FLAGS_H
#define APP_DLIO_FLAGS_H

#include "config/compose.h"

struct dlio_flags {
	bool help, hydra_help, version, resolve, run, multirun,
		shell_completion;
	const char *cfg;  /* "job", "hydra" or "all" */
	const char *info; /* "all", "config", … */
	const char *package, *config_path, *config_name, *config_dir, *rerun;
	const char **overrides; /* freed by the caller */
	size_t n;
};

/* -EINVAL: what is wrong was said, as was how flags are written. */
int dlio_flags_parse(int argc, char **argv, struct dlio_flags *out) MUST_USE;

/* A line per flag. */
void dlio_flags_print(FILE *out);

#endif
