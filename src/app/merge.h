/* What all ranks measured, brought together on rank 0: histograms, bytes and
 * counters add up, and of each rank a line is kept. */
#ifndef APP_MERGE_H
#define APP_MERGE_H

#include "app/ranks.h"
#include "base/recorder.h"
#include "train/train.h"

/* One rank's line: what it read, and how it waited for the others. */
struct merge_line {
	char host[RANKS_HOST_SIZE];
	uint64_t samples, bytes;
	uint64_t read_p99_ns; /* of the trainer's reads */
	uint64_t barriers, barrier_p50_ns, barrier_max_ns, waited_ns;
};

/* Collective.  On rank 0, the recorder (NULL on all ranks: none) then holds all
 * ranks' figures, and line one of each rank: the caller's to free. */
int merge_recorders(struct ranks *ranks, struct recorder *r,
		    const struct train_result *result,
		    struct merge_line **line) MUST_USE;

/* Collective: samples, bytes and the readers' time become those of all ranks;
 * steps and wall time stay this rank's. */
int merge_result(struct ranks *ranks, struct train_result *result) MUST_USE;

void merge_print(const struct merge_line *line, unsigned ranks, FILE *out);

/* A rank's figures as bytes, the caller's to free; and back, added to what a
 * recorder has.  -EBADMSG: that is none.  For merge_recorders(), and tests. */
int merge_pack(const struct recorder *r, const struct merge_line *line,
	       char **out, size_t *len) MUST_USE;
int merge_unpack(struct recorder *r, const void *data, size_t len,
		 struct merge_line *line) MUST_USE;

#endif
