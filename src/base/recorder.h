/* What operations cost: one recorder per level, in shared memory.
 *
 * Levels follow the way of a read from top to bottom.  For one operation,
 * app >= fuse >= store: the differences are the kernel's share, ours, and the
 * store's.
 *
 *	REC_APP      what the trainer saw: the system call's whole time
 *	REC_FUSE     a handler, from request read to just before the reply
 *	REC_STORE    a call of a store, retries and all
 *	REC_REQUEST  an attempt of a request to a server, from its first byte
 *	             sent (or its connection begun) to the last byte received
 *
 * A call of a store on a network takes one request or several, one after the
 * other or at once, and some of them fail and are made again: their times need
 * not add up to the call's.
 *
 * A recorder is one mapping that every process of a run shares (memfd,
 * inherited by number).  Any thread and process may record at any time, also
 * after fork.  Recording is lock-free: two or three relaxed atomic adds to the
 * copy (of REC_SHARDS) that belongs to the CPU it runs on, so that writers meet
 * on a cache line only when one CPU's thread is preempted in the middle.  The
 * C library knows the CPU without a system call (rseq), and unlike a number per
 * thread it never gives two busy processes the same copy.
 *
 * Cost (`bench_recorder`, AMD EPYC, -O2): 53 ns per record, alone and with two
 * threads, of which the two clock reads that bracket the operation take 46.
 *
 * The mapping is huge and sparse; memory is spent only on the pages of
 * operations that happened, on the CPUs where they did.
 *
 * An operation that fails is counted in errors, and its time is recorded too.
 * Bytes are what was delivered.  What was given up because nobody wants it any
 * more (-ECANCELED) is not recorded: it neither failed nor took its time.
 *
 * Beside them stand a few counters of what happens seldom. */
#ifndef BASE_RECORDER_H
#define BASE_RECORDER_H

#include "base/hist.h"

#define REC_SHARDS 256

enum rec_level { REC_APP, REC_FUSE, REC_STORE, REC_REQUEST, REC_LEVELS };

/* One list of operations for all levels; each level uses those it has. */
enum rec_op {
	REC_OPEN,
	REC_READ,
	REC_FIRST_BYTE, /* part of READ at the store, and of its requests: start
			 * to first byte */
	REC_CLOSE,
	REC_STAT, /* stat, lookup, getattr */
	REC_LIST, /* readdir */
	REC_CREATE,
	REC_WRITE,
	REC_COMMIT, /* fsync, flush, commit */
	REC_RENAME,
	REC_REMOVE,
	REC_OTHER,
	REC_BARRIER, /* waiting for the other ranks */
	REC_OPS
};

/* What stores on a network count.  Limits are of requests at a time
 * (throttle.h). */
enum rec_counter {
	REC_RETRIES,	  /* attempts beyond a call's first */
	REC_THROTTLED,	  /* answers that it is too much: 503, 429 */
	REC_REFRESHED,	  /* credentials that a server did not take any more */
	REC_LIMIT,	  /* now, of all stores together */
	REC_LIMIT_LOWEST, /* of one store since it began; 0: it never fell */
	REC_COUNTERS
};

struct recorder;

/* One operation's figures, summed over all threads and processes. */
struct rec_figures {
	uint64_t count, errors, bytes;
	struct hist latency; /* ns; count is hist_count() of it */
};

/* Make a recorder (shm_fd < 0), or map one that another process made, and take
 * its descriptor, whatever comes of it.  -EINVAL: that is no recorder of this
 * version of the program.  recorder_fd() is the descriptor to inherit; it is
 * close-on-exec, the one who spawns clears that. */
int recorder_new(int shm_fd, struct recorder **out) MUST_USE;
int recorder_fd(const struct recorder *r);
void recorder_free(struct recorder *r); /* NULL is fine */

/* Record one operation.  result: bytes delivered, 0, or a negative errno.
 * A NULL recorder records nothing. */
void recorder_add(struct recorder *r, enum rec_level level, enum rec_op op,
		  uint64_t duration_ns, int64_t result);

/* A copy of one operation's figures at this moment.  What is being recorded
 * meanwhile may be in bytes and errors and not yet in count. */
void recorder_get(const struct recorder *r, enum rec_level level,
		  enum rec_op op, struct rec_figures *out);

/* Add what was recorded elsewhere: on other hosts.  For who alone still writes
 * to the recorder. */
void recorder_put(struct recorder *r, enum rec_level level, enum rec_op op,
		  const struct rec_figures *figures);

/* Total bytes of an operation, without copying a histogram. */
uint64_t recorder_bytes(const struct recorder *r, enum rec_level level,
			enum rec_op op);

/* Add to a counter; what is a measure of now goes down, too.  A NULL recorder
 * counts nothing. */
void recorder_count(struct recorder *r, enum rec_counter counter, int64_t n);

/* Keep the lowest of the values that are given, of which none is 0. */
void recorder_lowest(struct recorder *r, enum rec_counter counter,
		     uint64_t value);

uint64_t recorder_counter(const struct recorder *r, enum rec_counter counter);

const char *recorder_level_name(enum rec_level level);	     /* "app" … */
const char *recorder_op_name(enum rec_op op);		     /* "open" … */
const char *recorder_counter_name(enum rec_counter counter); /* "retries" … */

#endif
