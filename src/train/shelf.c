#include "train/shelf.h"

#include <search.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
	const struct shelf_thing *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void *shelf_find(const struct shelf *s, const char *name)
{
	uintptr_t at = (uintptr_t)name; /* compared, and not written to */
	const struct shelf_thing key = { (char *)at };
	void *const *found = tfind(&key, &s->root, by_name);

	return found ? *found : NULL;
}

void *shelf_add(struct shelf *s, const char *name, size_t size)
{
	AUTO_FREE struct shelf_thing *thing = calloc(1, size);
	AUTO_FREE char *copy = strdup(name);

	if (!thing || !copy)
		return NULL;
	thing->name = copy;
	if (!tsearch(thing, &s->root, by_name))
		return NULL;
	copy = NULL;
	return TAKE(thing);
}

void shelf_empty(struct shelf *s, void (*clear)(void *thing))
{
	while (s->root) {
		struct shelf_thing *thing = *(struct shelf_thing **)s->root;

		tdelete(thing, &s->root, by_name);
		clear(thing);
		free(thing->name);
		free(thing);
	}
}
