/* A configuration made real: its dataset, its folders, its stores. */
#ifndef APP_WORKLOAD_H
#define APP_WORKLOAD_H

#include "app/cli.h"
#include "app/stores.h"
#include "config/config.h"
#include "data/dataset.h"

struct ranks;

struct workload {
	struct config *config;
	bool given; /* by a file or at least a setting */
	struct dataset *dataset;
	char *data_uri, *checkpoint_uri;
	struct stores_options stores;
};

/* Load the configuration that cli names, with its overrides and the options
 * that stand for settings. */
int workload_open(const struct cli *cli, struct workload *out) MUST_USE;

/* The same on all ranks: an error that all would meet is said by rank 0. */
int workload_open_on(struct ranks *ranks, const struct cli *cli,
		     struct workload *out) MUST_USE;

/* The whole of a command: the ranks meet and open the workload, do the work,
 * and part.  0, or the first failure on any rank.  Signals ask it to end. */
int workload_command(const struct cli *cli,
		     int (*work)(struct workload *w, const struct cli *cli,
				 struct ranks *ranks)) MUST_USE;

/* For a command that leaves the dataset to others, or finds it: can it be where
 * it is said to be?  Said if not. */
int workload_check_lasts(const struct workload *w) MUST_USE;

/* Can several ranks use its stores?  Said if not. */
int workload_check_ranks(const struct workload *w,
			 const struct ranks *ranks) MUST_USE;

/* The same of a configuration that is there already; taken. */
int workload_of(struct config *c, struct workload *out) MUST_USE;

/* The configured dataset, but with so many files. */
int workload_make_dataset(const struct config *c,
			  const uint64_t files[DATASET_SPLITS],
			  struct dataset **out) MUST_USE;

/* Replace the workload's dataset by that. */
int workload_resize(struct workload *w,
		    const uint64_t files[DATASET_SPLITS]) MUST_USE;

/* Fine with one that was not opened, if zeroed. */
void workload_close(struct workload *w);

/* For commands that are nothing without it: say so if nobody has said which. */
int workload_need_dataset(const struct workload *w) MUST_USE;

/* How many work on a dataset's files at a time: dliofs.dataset.threads; if that
 * does not say, as many as the store may be asked by where that means waiting
 * for a network; else 0, each core. */
unsigned workload_threads(const struct workload *w, const struct backend *b);

/* create: whoever writes makes a folder that is missing. */
int workload_open_data(struct workload *w, bool create,
		       struct backend **out) MUST_USE;
int workload_open_checkpoints(struct workload *w,
			      struct backend **out) MUST_USE;

#endif
