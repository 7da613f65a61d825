/* Hydra's casts in a value of the command line: int(3.7), str(5), bool('true'),
 * float([1,2]).  On lists and maps they go to each element. */
#ifndef CONFIG_CAST_H
#define CONFIG_CAST_H

#include "config/node.h"

bool cast_is_known(const char *name);

/* Replace *n by what the cast makes of it.  -EINVAL: it makes nothing of it,
 * and nothing is logged; *n stays the caller's. */
int cast_apply(const char *name, struct node **n) MUST_USE;

#endif
