/* The reference of all settings, from their rows. */
#ifndef CONFIG_HELP_H
#define CONFIG_HELP_H

#include "base/util.h"

/* Text for a terminal, or Markdown tables for the README. */
void help_print(FILE *out, bool markdown);

#endif
