#include "config/anchors.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>

struct anchor {
	char *name;
	struct node *node;
};

int anchors_add(struct anchors *a, const char *name, const struct node *node)
{
	struct anchor *item = reallocarray(a->item, a->n + 1, sizeof(*item));
	struct node *copy;
	int rc;

	if (!item)
		return log_fail(-ENOMEM, "configuration");
	a->item = item;
	rc = node_copy(node, &copy);
	if (rc)
		return rc;
	item[a->n].node = copy;
	item[a->n].name = strdup(name);
	/* From here on anchors_free() finds it. */
	if (!item[a->n++].name)
		return log_fail(-ENOMEM, "configuration");
	return 0;
}

const struct node *anchors_find(const struct anchors *a, const char *name)
{
	for (size_t i = a->n; i-- > 0;)
		if (!strcmp(a->item[i].name, name))
			return a->item[i].node;
	return NULL;
}

void anchors_free(struct anchors *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->item[i].name);
		node_free(a->item[i].node);
	}
	free(a->item);
}
