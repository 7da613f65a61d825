/* The configuration as text: what config_print() and its siblings say. */
#ifndef CONFIG_PRINT_H
#define CONFIG_PRINT_H

#include "config/config.h"

/* YAML of all settings, in the table's order.  0, or -EIO. */
int print_settings(const struct config *c, FILE *out) MUST_USE;

/* One setting as Python shows it; see config_print_one(). */
int print_one(const struct config *c, const char *path, FILE *out) MUST_USE;

/* A line for each setting that was given and does nothing; their number. */
size_t print_unused(const struct config *c, FILE *out);

#endif
