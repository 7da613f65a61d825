/* The contents of the files that every rank writes; see output.h. */
#ifndef TRAIN_RANKFILE_H
#define TRAIN_RANKFILE_H

#include "train/ledger.h"

struct json;

/* {rank}_per_epoch_stats.json */
void rankfile_epochs(struct json *j, const struct ledger *l);

/* {rank}_output.json */
void rankfile_steps(struct json *j, const struct ledger *l);

/* A map of texts, left out if empty; a stamp, left out if it has not been. */
void rankfile_map(struct json *j, const char *key,
		  const struct hostinfo_map *m);
void rankfile_stamp(struct json *j, const char *key,
		    const struct ledger_moment *m);

#endif
