/* What an unquoted word is: nothing, true, 5, 1e3 or text.
 *
 * Files and the command line disagree, and a benchmark's users have files and
 * scripts that lean on both:
 *  - files follow YAML 1.1 as PyYAML's safe loader reads it (yaml.org/type),
 *    with OmegaConf's wider floats (1e3) and without dates;
 *  - overrides follow Hydra 1.3's grammar, where only true and false are
 *    booleans and there is neither octal nor hexadecimal.
 * An integer beyond int64_t becomes a float.  Pure; any thread. */
#ifndef CONFIG_SCALAR_H
#define CONFIG_SCALAR_H

#include "config/node.h"

void scalar_from_yaml(const char *text, struct scalar *out);
void scalar_from_override(const char *text, struct scalar *out);

/* true for true, on, yes and their opposites in any case: for settings that
 * are switches, whichever way the word came. */
bool scalar_switch(const char *text, bool *out);

#endif
