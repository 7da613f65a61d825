/* What must hold between the settings of stores on the network: rows for
 * check.c. */
#ifndef CONFIG_CHECK_REMOTE_H
#define CONFIG_CHECK_REMOTE_H

#include "config/config.h"

#define WHY_SIZE 256

/* The setting to point at, and whether it is wrong.  Each says why, also when
 * it is not. */
struct check_row {
	const char *path;
	bool (*wrong)(const struct config *c, char *why);
};

extern const struct check_row check_remote_rows[];
extern const size_t check_remote_count;

#endif
