/* A workload's access pattern and nothing else, for measuring layers: one pass
 * through the training files with the workload's readers and workers, and no
 * computation at all.  Latencies are in the recorder, if there is one. */
#ifndef TRAIN_ACCESS_H
#define TRAIN_ACCESS_H

#include "base/util.h"

#include <stdatomic.h>

struct config;
struct dataset;
struct recorder;
struct source;

struct access_setup {
	const struct config *config;
	const struct dataset *dataset;
	struct source *source;
	struct recorder *recorder; /* NULL: none */
	unsigned rank, ranks;	   /* 0, 1 if alone */
	bool generated;		   /* see struct train_env */
	bool drop;		   /* from the page cache, before */
	const atomic_bool *stop;   /* NULL: never */
};

struct access_result {
	uint64_t samples;
	uint64_t bytes;	   /* of the files read */
	uint64_t wall_ns;  /* from the first request to the last batch */
	uint64_t read_ns;  /* of all workers, open to close, … */
	uint64_t check_ns; /* … of which to check the data */
};

/* samples / wall_ns * 10^9 */
double access_samples_per_second(const struct access_result *r);

/* 0, -EINTR (*stop), or an error, logged. */
int access_run(const struct access_setup *setup,
	       struct access_result *out) MUST_USE;

#endif
