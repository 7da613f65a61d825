/* Where Hydra's composition finds files: the folder of the main ones (ours,
 * which are built in, or --config-path) and the user's own, --config-dir.
 *
 * Of two files of one name Hydra takes the main one.  So do we for the top
 * file; but who brings a workload of his own (MLPerf's harness does, under the
 * names of DLIO's) means that one, and is told. */
#ifndef CONFIG_SEARCH_H
#define CONFIG_SEARCH_H

#include "config/node.h"

struct search {
	const char *main; /* a folder; NULL: ours */
	const char *own;  /* or NULL */
	struct {
		char **item;
		size_t n;
	} paths; /* of files read: what the nodes' marks point to */
};

/* Whether the folders are there.  -EINVAL: one is not, and it was said. */
int search_check(const struct search *s) MUST_USE;
void search_free(struct search *s);

/* Is there a folder of that name: "workload"? */
bool search_is_group(const struct search *s, const char *name);

/* A file, as "config" or "workload/unet3d_h100", with or without its ".yaml".
 * package: what its head says ("# @package _global_"), or "".  -ENOENT: there is
 * none; other errors were said. */
#define SEARCH_PACKAGE_SIZE 128
int search_load(struct search *s, const char *name, struct node **out,
		char package[SEARCH_PACKAGE_SIZE]) MUST_USE;

/* The files of a group, without ".yaml", sorted, each given to say(). */
void search_list(const struct search *s, const char *group,
		 void (*say)(void *arg, const char *name), void *arg);

/* Say that a file is not there, who wanted it ("": the user), and what there
 * is.  -EINVAL. */
int search_missing(const struct search *s, const char *parent,
		   const char *name);

#endif
