/* A tree as the YAML that OmegaConf and PyYAML write, byte for byte but for
 * one thing: long lines are not folded.  Reads back as the same tree. */
#ifndef CONFIG_DUMP_H
#define CONFIG_DUMP_H

#include "config/node.h"

/* Whether it was written is for the stream to say. */
void dump_tree(const struct node *n, FILE *out);

#endif
