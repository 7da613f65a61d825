/* Fills a tree from what a store lists. */
#ifndef FUSE_LISTING_H
#define FUSE_LISTING_H

#include "base/util.h"

struct backend;
struct tree;

/* Add all objects of a store as files of an export that was added, in no order,
 * with so many requests at a time.  What the tree does not take (names that
 * cannot be paths) is left out with one warning for all; files hidden by
 * folders likewise.  Blocks. */
int listing_add(struct tree *t, unsigned export, struct backend *b,
		unsigned threads) MUST_USE;

#endif
