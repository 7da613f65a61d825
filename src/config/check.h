/* What must hold between settings.  DLIO checks most of this too, but after it
 * has written the dataset; we check before anything is touched. */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "config/config.h"
#include "config/node.h"

/* Say everything that is wrong, at the place of the setting to change; then
 * -EINVAL.  Also warns of what is only unwise. */
int check_config(const struct config *c, const struct node *root) MUST_USE;

#endif
