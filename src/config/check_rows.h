/* Tables of what must hold between settings, for check.c: a row each.  What
 * DLIO checks, too, is said in its words, and then what to do about it. */
#ifndef CONFIG_CHECK_ROWS_H
#define CONFIG_CHECK_ROWS_H

#include "config/config.h"

#define WHY_SIZE 320

/* The setting to point at, and whether it is wrong.  Each says why, also when
 * it is not. */
struct check_row {
	const char *path;
	bool (*wrong)(const struct config *c, char *why);
};

/* Data, formats and how they are read. */
extern const struct check_row check_reading_rows[];
extern const size_t check_reading_count;

/* What DLIO cannot do and we can: only with --dlio-compat=strict. */
extern const struct check_row check_reading_strict_rows[];
extern const size_t check_reading_strict_count;

void check_reading_warn(const struct config *c); /* of what is only unwise */

/* Stores on the network. */
extern const struct check_row check_remote_rows[];
extern const size_t check_remote_count;

#endif
