/* Threads that work through the files of a dataset, each taking the next one,
 * while the caller's thread tells of the progress. */
#ifndef DATA_CREW_H
#define DATA_CREW_H

#include "base/util.h"

#include <semaphore.h>
#include <stdatomic.h>

struct crew_progress {
	uint64_t files, files_total; /* done, all */
	uint64_t bytes, bytes_total; /* worked through, all; 0: unknown */
	uint64_t elapsed_ns;
};

struct crew;

/* Crews of several processes that share the work: each takes every ranks-th
 * file, from its rank on.  The functions are as those of ranks are: all call
 * them, in the same order; a failure that one reports is everybody's. */
struct crew_team {
	unsigned rank, ranks;
	void *arg;
	int (*agree)(void *arg, int rc);
	int (*tell)(void *arg, void *data, size_t len); /* rank 0's, to all */
	int (*gather)(void *arg, const void *data, size_t len,
		      int (*take)(void *arg, unsigned rank, const void *data,
				  size_t len),
		      void *take_arg); /* everybody's, to rank 0 */
};

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

	const struct crew_team *team; /* NULL: alone */

	/* The crew's.  The work adds to bytes. */
	crew_work_fn work;
	void *arg;
	_Atomic uint64_t next, files, bytes;
	_Atomic int error;
	sem_t ended; /* posted by each thread */
	uint64_t start_ns;
};

/* Small enough to stay in a core's cache between being computed and being
 * copied, and a multiple of every alignment. */
#define CREW_BUFFER_BYTES (256 * KIB)
#define CREW_ALIGNMENT 4096

/* Run to the end of this crew's share.  0; the first error; or -EINTR if
 * stopped. */
int crew_run(struct crew *c, crew_work_fn work, void *arg) MUST_USE;

/* Whether the work on a file should give up half-way, with -EINTR. */
bool crew_stopped(const struct crew *c);

/* The team's, if there is one. */
unsigned crew_rank(const struct crew *c);
int crew_agree(const struct crew *c, int rc) MUST_USE;
int crew_tell(const struct crew *c, void *data, size_t len) MUST_USE;

#endif
