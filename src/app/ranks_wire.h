/* What ranks.c wants of whatever connects ranks: MPI, or threads in a test.
 *
 * Operations are begun, one at a time, and then tested until they are done, so
 * that a waiting rank can sleep and give up.  All but abort are collective. */
#ifndef APP_RANKS_WIRE_H
#define APP_RANKS_WIRE_H

#include "base/util.h"

struct ranks_wire {
	const struct ranks_wire_ops *ops;
	unsigned rank, size;
};

struct ranks_wire_ops {
	/* Ranks that give the same number are on one host; at once. */
	void (*set_host)(struct ranks_wire *w, unsigned host);

	/* These begin an operation.  The largest value of all; sums; rank 0's
	 * bytes, or those of the host's first rank; everybody's. */
	void (*max)(struct ranks_wire *w, int *value);
	void (*sum)(struct ranks_wire *w, double *values, size_t n);
	void (*tell)(struct ranks_wire *w, void *data, size_t len, bool host);
	void (*exchange)(struct ranks_wire *w, const void *mine, size_t len,
			 void *all);
	/* To rank 0: as many bytes of each as sizes say, to its place in all. */
	void (*gather)(struct ranks_wire *w, const void *mine, size_t len,
		       void *all, const int *sizes, const int *places);

	/* Wake the others, and be woken: without an operation that is
	 * collective.  An alarm is given at most once, by each. */
	void (*alarm)(struct ranks_wire *w);
	bool (*alarmed)(struct ranks_wire *w);

	/* Is it done? */
	bool (*test)(struct ranks_wire *w);

	/* The end; or the end of everybody, if the others do not come. */
	void (*close)(struct ranks_wire *w);
	void (*abort)(struct ranks_wire *w, int status);
};

#endif
