/* The files of configs/ that are built into the program: what dlio_benchmark
 * composes, and the workloads it knows by name.  CMake makes builtin.c. */
#ifndef CONFIG_BUILTIN_H
#define CONFIG_BUILTIN_H

#include "base/util.h"

struct builtin_file {
	const char *name; /* "config", "hydra", "workload/unet3d_h100" */
	const char *text;
};

/* Ends with a row without one. */
extern const struct builtin_file builtin_files[];

#endif
