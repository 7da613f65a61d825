/* What aliases of a YAML file stand for.  Each is a copy: the tree moves its
 * own nodes about. */
#ifndef CONFIG_ANCHORS_H
#define CONFIG_ANCHORS_H

#include "config/node.h"

struct anchor;

/* Zeroed is empty. */
struct anchors {
	struct anchor *item;
	size_t n;
};

int anchors_add(struct anchors *a, const char *name,
		const struct node *node) MUST_USE;

/* The latest of that name, or NULL. */
const struct node *anchors_find(const struct anchors *a, const char *name);
void anchors_free(struct anchors *a);

#endif
