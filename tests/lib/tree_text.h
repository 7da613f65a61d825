/* A configuration tree as one line, for comparison: {a: 1, b: [true, "x"]}. */
#ifndef TESTS_LIB_TREE_TEXT_H
#define TESTS_LIB_TREE_TEXT_H

#include "config/node.h"

/* The caller frees. */
char *tree_text(const struct node *n);

#endif
