/* Where the time went: the recorders of a run, as a table and as JSON.
 *
 * For each level (app, fuse, store, request) and operation: count, errors,
 * bytes, and percentiles, whose error is that of a histogram (hist.h).
 *
 * The shares of the reads' time come from four sums over all reads of a run,
 * each recorded at its level: A (app), F (handlers), S (store), R (requests,
 * all attempts; 0 where the store is on this machine).
 *
 *	network  R               network and server
 *	store    max(S - R, 0)   here: a store on this machine; or of one
 *	                         elsewhere our client: waiting for a turn, and
 *	                         pauses before it tries again
 *	handler  max(F - S, 0)
 *	kernel   max(A - F, 0)   system call, page cache, FUSE transport
 *
 * each over the sum of the four.  Where the kernel or the mount reads ahead or
 * from a cache, the sums are not of the same reads; then F > A, S > F or R > S
 * may happen, the time was overlapped, and the report says so. */
#ifndef APP_LATENCY_H
#define APP_LATENCY_H

#include "base/json.h"
#include "base/recorder.h"

struct latency_shares {
	double app_s, fuse_s, store_s, request_s; /* the sums, seconds */
	double kernel, handler, store, network;	  /* shares, 0 … 1, … */
	double total_s;				  /* … of this sum, seconds */
	bool overlapped;			  /* F > A, S > F, or R > S */
};

/* All shares are 0 where nothing was read.  A level that recorded nothing (no
 * mount, no trainer) has no share. */
void latency_shares(const struct recorder *r, struct latency_shares *out);

/* Did a store ask a server for anything? */
bool latency_requests(const struct recorder *r);

void latency_print(const struct recorder *r, FILE *out);

/* Members "levels", "read_time" and "counters" of the object that is open in
 * j. */
void latency_json(const struct recorder *r, struct json *j);

/* One JSON document with them. */
int latency_write(const struct recorder *r, FILE *out) MUST_USE;

#endif
