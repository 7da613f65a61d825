/* YAML's double quotes: for any text at all. */
#ifndef CONFIG_QUOTE_H
#define CONFIG_QUOTE_H

#include "base/util.h"

void quote_print(const char *text, FILE *out);

/* Is there a character in it that only double quotes can show? */
bool quote_is_needed(const char *text);

#endif
