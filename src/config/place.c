#include "config/place.h"

#include <ctype.h>
#include <string.h>

struct place place_top(const struct node *root)
{
	return (struct place){ .chain = { root }, .n = 1 };
}

const struct node *place_node(const struct place *p)
{
	return p->chain[p->n - 1];
}

bool place_enter(struct place *p, const struct node *child)
{
	if (p->n == ARRAY_SIZE(p->chain))
		return false;
	p->chain[p->n++] = child;
	return true;
}

static const struct node *child_of(const struct node *n, const char *key)
{
	char *end;
	size_t i;

	if (n->kind != NODE_LIST)
		return node_get(n, key);
	if (!isdigit((unsigned char)*key))
		return NULL;
	i = strtoul(key, &end, 10);
	return !*end && i < n->n ? n->item[i] : NULL;
}

static bool descend(struct place *p, const char *path)
{
	while (*path) {
		size_t len = strcspn(path, ".");
		const struct node *child;
		char key[256];

		if (len >= sizeof(key))
			return false;
		memcpy(key, path, len);
		key[len] = '\0';
		child = child_of(place_node(p), key);
		if (!child || !place_enter(p, child))
			return false;
		path += len + (path[len] == '.');
	}
	return true;
}

bool place_find(const struct place *from, const char *path, struct place *to)
{
	size_t up = strspn(path, ".");

	if (up >= from->n)
		return false;
	*to = up ? *from : place_top(from->chain[0]);
	to->n -= up;
	return descend(to, path + up);
}
