/* The folder of a run, and Hydra's files in it: .hydra/config.yaml,
 * overrides.yaml and hydra.yaml (hydra.output_subdir names .hydra otherwise, and
 * null makes none). */
#ifndef APP_DLIO_FILES_H
#define APP_DLIO_FILES_H

#include "config/compose.h"
#include "config/interpolate.h"

/* Make the folder that hydra.run.dir names and write the files.  The caller
 * frees the name, which is absolute. */
int dlio_files_write(struct compose *c, const struct interpolate_env *env,
		     char **folder) MUST_USE;

#endif
