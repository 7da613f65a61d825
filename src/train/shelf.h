/* What is kept of files, by their names: a reader's indexes, for instance.
 *
 * Things are the caller's structs, which begin with a struct shelf_thing.  One
 * thread at a time. */
#ifndef TRAIN_SHELF_H
#define TRAIN_SHELF_H

#include "base/util.h"

struct shelf_thing {
	char *name;
};

struct shelf {
	void *root; /* NULL: empty */
};

/* The thing of this name, NULL if there is none. */
void *shelf_find(const struct shelf *s, const char *name);

/* Put a thing of so many bytes there, all zeros but for its name.  NULL: no
 * memory. */
void *shelf_add(struct shelf *s, const char *name, size_t size);

/* Clear each thing, and free all. */
void shelf_empty(struct shelf *s, void (*clear)(void *thing));

#endif
