/* Folders of a branch, listed for a test that may wait. */
#ifndef TESTS_LIB_LISTED_H
#define TESTS_LIB_LISTED_H

#include "fuse/branch.h"

/* What came of listing a folder, or 0 if it is listed. */
int listed_now(struct branch *b, uint64_t folder);

/* A branch whose root is listed, for user 7, group 8. */
int listed_branch(struct backend *store, struct buffers *buffers,
		  struct branch **out);

/* Look a name up, in a folder that is listed first if need be. */
int listed_lookup(struct branch *b, uint64_t folder, const char *name,
		  struct branch_attr *out);

#endif
