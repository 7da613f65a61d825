#include "config/merge.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>

/* Take the first item out of from; *key is the caller's to free. */
static int take_first(struct node *from, char **key, struct node **child)
{
	*key = strdup(from->item[0]->key);
	if (!*key)
		return log_fail(-ENOMEM, "configuration");
	*child = node_take(from, *key);
	return 0;
}

int merge_missing(struct node *map, struct node *from)
{
	while (from->n) {
		AUTO_FREE char *key = NULL;
		struct node *child = NULL;
		int rc = take_first(from, &key, &child);

		if (!rc && node_get(map, key))
			node_free(child);
		else if (!rc)
			rc = node_put(map, key, child);
		if (rc)
			return rc;
	}
	return 0;
}

bool merge_can(const struct node *map, const struct node *from)
{
	return map && from && map->kind == NODE_MAP && from->kind == NODE_MAP;
}

int merge_over(struct node *map, struct node *from)
{
	while (from->n) {
		AUTO_FREE char *key = NULL;
		struct node *child = NULL, *old;
		int rc = take_first(from, &key, &child);

		if (rc)
			return rc;
		old = node_get(map, key);
		if (merge_can(old, child)) {
			rc = merge_over(old, child);
			node_free(child);
		} else {
			rc = node_put(map, key, child);
		}
		if (rc)
			return rc;
	}
	return 0;
}
