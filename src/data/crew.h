/* Threads that work through the files of a dataset, each taking the next one,
 * while the caller's thread tells of the progress. */
#ifndef DATA_CREW_H
#define DATA_CREW_H

#include "base/util.h"

#include <stdatomic.h>

struct crew_progress {
	uint64_t files, files_total; /* done, all */
	uint64_t bytes, bytes_total; /* worked through, all; 0: unknown */
	uint64_t elapsed_ns;
};

struct crew;

/* Work on one file with a buffer of CREW_BUFFER_BYTES, aligned to
 * CREW_ALIGNMENT; c->arg is crew_run()'s.  0, or an error that ends the whole
 * work. */
typedef int (*crew_work_fn)(struct crew *c, uint64_t file, void *buffer);

struct crew {
	/* The caller's. */
	unsigned threads; /* 0: one for each CPU this process may use */
	uint64_t files_total, bytes_total;

	/* Told about five times a second and once at the end, on the calling
	 * thread; or NULL. */
	void (*progress)(void *arg, const struct crew_progress *p);
	void *progress_arg;

	/* Set by somebody else to end early; or NULL. */
	const atomic_bool *stop;

	/* The crew's.  The work adds to bytes. */
	crew_work_fn work;
	void *arg;
	_Atomic uint64_t next, files, bytes;
	_Atomic int error;
	atomic_uint running;
	uint64_t start_ns;
};

/* Small enough to stay in a core's cache between being computed and being
 * copied, and a multiple of every alignment. */
#define CREW_BUFFER_BYTES (256 * KIB)
#define CREW_ALIGNMENT 4096

/* Run to the end.  0; the first error; or -EINTR if stopped. */
int crew_run(struct crew *c, crew_work_fn work, void *arg) MUST_USE;

/* Whether the work on a file should give up half-way, with -EINTR. */
bool crew_stopped(const struct crew *c);

#endif
