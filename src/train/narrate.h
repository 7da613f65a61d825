/* DLIO's log lines that the statistics say: each event as it happens, and the
 * "[METRIC]" block at the end.  A NULL log takes nothing: ranks other than 0,
 * except for the steps, which every rank tells of. */
#ifndef TRAIN_NARRATE_H
#define TRAIN_NARRATE_H

#include "train/summary.h"

struct config;
struct dlog;

void narrate_window(struct dlog *d, const struct config *c,
		    const struct metrics_window *w, uint64_t now_ns);
void narrate_host(struct dlog *d, const struct config *c,
		  const struct ledger *l, const struct summary *s);

void narrate_train_start(struct dlog *d, const struct config *c, size_t epoch,
			 uint64_t steps, uint64_t now_ns);
void narrate_train_end(struct dlog *d, size_t epoch,
		       const struct ledger_epoch *e, uint64_t steps);
void narrate_block_start(struct dlog *d, unsigned number, uint64_t now_ns);

/* compute: of the steps measured. */
void narrate_block_end(struct dlog *d, const struct stats_setup *setup,
		       size_t epoch, const struct ledger_phase *p,
		       struct metrics_spread compute);

/* The latest step of a block or an evaluation, to setup's log. */
void narrate_step(const struct stats_setup *setup, const struct ledger_phase *p,
		  uint64_t step, uint64_t now_ns);

void narrate_eval_start(struct dlog *d, uint64_t steps, uint64_t now_ns);
void narrate_eval_end(struct dlog *d, unsigned ranks, size_t epoch,
		      const struct ledger_phase *p);

void narrate_checkpoint_start(struct dlog *d, size_t epoch,
			      const struct ledger_phase *p, uint64_t step);
void narrate_checkpoint_end(struct dlog *d, size_t epoch,
			    const struct ledger_phase *p);

void narrate_metrics(struct dlog *d, const struct stats_setup *setup,
		     const struct summary *s);

#endif
