/* A node of a tree with all that is above it, so that a reference can look up:
 * .a is in the map that the text is in, ..a in the one above. */
#ifndef CONFIG_PLACE_H
#define CONFIG_PLACE_H

#include "config/node.h"

struct place {
	const struct node *chain[NODE_MAX_DEPTH + 2];
	size_t n;
};

struct place place_top(const struct node *root);
const struct node *place_node(const struct place *p);

/* One of its children; false: it is too deep for one. */
bool place_enter(struct place *p, const struct node *child);

/* Where a path leads, from the top or, with dots before it, from here; items of
 * lists go by their numbers.  false: nowhere. */
bool place_find(const struct place *from, const char *path, struct place *to);

#endif
