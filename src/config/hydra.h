/* What Hydra says of itself in the document under `hydra`: the words of the
 * command line, where files came from, what was chosen; and the few of its
 * settings that do something. */
#ifndef CONFIG_HYDRA_H
#define CONFIG_HYDRA_H

#include "config/compose.h"

/* Fill in overrides, job and runtime.  name: --config-name; cwd: the current
 * folder. */
int hydra_describe(struct compose *c, const char *name,
		   const char *cwd) MUST_USE;

/* From here on there is a run, with files in folder. */
int hydra_started(struct compose *c, const char *folder) MUST_USE;

/* The words of the command line, secrets hidden, as a list: hydra's, or all
 * others. */
int hydra_overrides(const struct compose *c, bool hydras,
		    struct node **out) MUST_USE;

/* A copy of the document, or of a part of it, with secrets hidden: for people
 * and files. */
enum hydra_part { HYDRA_JOB = 1, HYDRA_OWN = 2, HYDRA_ALL = 3 };
int hydra_document(const struct compose *c, enum hydra_part part,
		   struct node **out) MUST_USE;

/* Of which part is this member of the document? */
enum hydra_part hydra_part_of(const struct node *member);

#endif
