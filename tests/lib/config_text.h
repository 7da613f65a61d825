/* Loading and printing configurations in tests. */
#ifndef TESTS_LIB_CONFIG_TEXT_H
#define TESTS_LIB_CONFIG_TEXT_H

#include "config/config.h"

/* What config_print() says.  The caller frees. */
char *config_text(const struct config *c);

/* Load what was printed, print it again and compare: "" if both are the same,
 * else what is wrong.  The caller frees. */
char *config_text_reload(const char *printed);

#endif
