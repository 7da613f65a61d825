/* YAML text into a tree of nodes: libyaml's events, and on top of them what
 * OmegaConf does, because DLIO's files were written for it: YAML 1.1 words
 * (scalar.h), no key twice in a map, merge keys (<<) and aliases.  A tag says
 * what kind a value is of, or is refused.  Keys are text, however they look.
 *
 * Bounded: a file is at most YAML_MAX_BYTES, a tree at most YAML_MAX_NODES
 * (aliases count with all they stand for) and NODE_MAX_DEPTH deep.
 *
 * Errors are logged as file:line:column and are -EINVAL, or the errno of
 * reading the file.  One thread. */
#ifndef CONFIG_YAML_H
#define CONFIG_YAML_H

#include "config/node.h"

#define YAML_MAX_BYTES (1 * MIB)
#define YAML_MAX_NODES 10000

/* name is for messages and must outlive the tree.  Text without a document
 * gives an empty map. */
int yaml_parse(const char *name, const char *text, size_t len,
	       struct node **out) MUST_USE;

/* All of a file, with a zero byte after it; the caller frees. */
int yaml_read_file(const char *path, char **text, size_t *len) MUST_USE;

#endif
