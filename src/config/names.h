/* Names in people's files against the names in the table: the old ones and
 * the unknown ones. */
#ifndef CONFIG_NAMES_H
#define CONFIG_NAMES_H

#include "config/node.h"

/* Old names of settings, a section that replaces another (data_reader), text
 * where a section is meant (`model: bert`): change the tree to what was meant,
 * and warn about each. */
int names_modernize(struct node *root) MUST_USE;

/* Warn about each name that no row knows, with a suggestion, and about those
 * that mean nothing to us.  strict: the former are errors, -EINVAL. */
int names_check(const struct node *root, bool strict) MUST_USE;

#endif
