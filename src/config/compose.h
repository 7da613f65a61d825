/* What Hydra does before DLIO sees anything: the top file, the files that its
 * defaults list names and the command line chooses, and the overrides, as one
 * document with hydra's own settings under `hydra` and DLIO's under `workload`.
 *
 *	defaults:
 *	  - _self_
 *	  - workload: default	workload/default.yaml, put under `workload`
 *
 * Lists in the chosen files work, too; of `optional` and `override` there is
 * what DLIO's files need: choices among hydra's own parts are taken and do
 * nothing.  One thread. */
#ifndef CONFIG_COMPOSE_H
#define CONFIG_COMPOSE_H

#include "config/assign.h"
#include "config/search.h"

struct compose_options {
	const char *main_folder; /* --config-path, or NULL: what is built in */
	const char *own_folder;	 /* --config-dir, or NULL */
	const char *name;	 /* --config-name, or NULL: "config" */
	const char *const *overrides;
	size_t n;
};

/* A file that went in, for --info defaults. */
struct compose_part {
	char *name, *package, *parent;
	bool self;
};

struct compose {
	struct node *root;
	struct search search;
	struct assign *assigns;
	size_t n;
	struct {
		struct compose_part *item;
		size_t n;
	} parts;
};

/* Errors are logged, with Hydra's words where there are such, and are
 * -EINVAL or an errno of reading. */
int compose_new(const struct compose_options *o, struct compose **out) MUST_USE;
void compose_free(struct compose *c); /* NULL is fine */

/* Is it one of hydra's own settings, or a group of them?  Is a word of the
 * command line a choice among files? */
bool compose_is_hydras(const char *key);
bool compose_is_choice(const struct compose *c, const struct assign *a);

#endif
