/* Settings out of a tree of nodes into struct config, by the rows of keys.h.
 *
 * Errors are logged with the place of the fault and are -EINVAL.  Everything
 * wrong is said, not only the first thing. */
#ifndef CONFIG_READ_H
#define CONFIG_READ_H

#include "config/keys.h"
#include "config/node.h"

/* All rows: first the default, then what the tree has; null there is as good
 * as nothing.  c is zeroed before, and may be given to read_free() after any
 * outcome. */
int read_settings(const struct node *root, struct config *c) MUST_USE;

/* Free what the rows of a configuration own. */
void read_free(struct config *c);

#endif
