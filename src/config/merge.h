/* One map into another.  Both take what they need out of `from`, which stays
 * the caller's. */
#ifndef CONFIG_MERGE_H
#define CONFIG_MERGE_H

#include "config/node.h"

/* Only what map does not have. */
int merge_missing(struct node *map, struct node *from) MUST_USE;

/* Everything: maps into maps, all the way down; the rest is replaced. */
int merge_over(struct node *map, struct node *from) MUST_USE;

/* Are both maps?  NULL is none. */
bool merge_can(const struct node *map, const struct node *from);

#endif
