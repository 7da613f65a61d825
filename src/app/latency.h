/* Where the time went: the recorders of a run, as a table and as JSON.
 *
 * For each level (app, fuse, store) and operation: count, errors, bytes, and
 * percentiles, whose error is that of a histogram (hist.h).
 *
 * The shares of the reads' time come from three sums over all reads of a run,
 * each recorded at its level: A (app), F (handlers), S (store).
 *
 *	store    S
 *	handler  max(F - S, 0)
 *	kernel   max(A - F, 0)   system call, page cache, FUSE transport
 *
 * each over the sum of the three.  Where the kernel reads ahead or from its
 * cache, A and F are not of the same reads; then F > A may happen, the time
 * was overlapped, and the report says so. */
#ifndef APP_LATENCY_H
#define APP_LATENCY_H

#include "base/json.h"
#include "base/recorder.h"

struct latency_shares {
	double app_s, fuse_s, store_s; /* the three sums, seconds */
	double kernel, handler, store; /* shares, 0 … 1, … */
	double total_s;		       /* … of this sum, seconds */
	bool overlapped;	       /* F > A, or S > F */
};

/* All shares are 0 where nothing was read.  A level that recorded nothing (no
 * mount, no trainer) has no share. */
void latency_shares(const struct recorder *r, struct latency_shares *out);

void latency_print(const struct recorder *r, FILE *out);

/* Members "levels" and "read_time" of the object that is open in j. */
void latency_json(const struct recorder *r, struct json *j);

/* One JSON document with both. */
int latency_write(const struct recorder *r, FILE *out) MUST_USE;

#endif
