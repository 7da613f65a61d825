/* Numbers for names in folders: (parent, name) to a number and back.
 *
 * The memory of a tree (tree.h), which keeps what it knows of a node in an
 * array of its own.  Numbers count from 1; 0 means none.  Per name: 8 bytes,
 * the name and its NUL, and 11 to 21 bytes of hash table.  Names never leave.
 *
 * One thread until it is complete; then const, and any thread may ask. */
#ifndef FUSE_NAMES_H
#define FUSE_NAMES_H

#include "base/util.h"

struct names;

int names_new(struct names **out) MUST_USE;
void names_free(struct names *n); /* NULL is fine */

/* The name need not end where len ends. */
uint32_t names_find(const struct names *n, uint32_t parent, const char *name,
		    size_t len);

/* A pair that is not there yet.  -EFBIG: more than 2^32 of them, or 4 GiB of
 * text; -ENOMEM. */
int names_add(struct names *n, uint32_t parent, const char *name, size_t len,
	      uint32_t *out) MUST_USE;

const char *names_text(const struct names *n, uint32_t number);
uint32_t names_parent(const struct names *n, uint32_t number);
uint32_t names_count(const struct names *n);

/* Number i becomes to[i - 1], for all of them, parents too; and spare memory
 * is given back. */
int names_renumber(struct names *n, const uint32_t *to) MUST_USE;

size_t names_bytes(const struct names *n);

#endif
