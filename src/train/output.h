/* DLIO's result files, key for key, in its order and with its types:
 *
 *	summary.json			rank 0
 *	{rank}_output.json		every rank: each step's times
 *	{rank}_per_epoch_stats.json	every rank: when things were
 *
 * Two things differ on purpose: NaN, which is no JSON, is null; and summary.json
 * ends with one more key, "dliofs", with what DLIO has no place for:
 *
 *	compat_strict	DLIO's own throughput and evaluation figures?
 *	epochs		for each: samples and bytes that the readers consumed,
 *			bytes that the store delivered (null: not counted),
 *			seconds from start to end on rank 0,
 *			consumed_MB_per_second = consumed bytes / 2^20 / those,
 *			readers' seconds in reading and in checking (summed over
 *			threads and ranks), and check_share = checking / both
 *	checkpoints	for each: the slowest rank's seconds, all ranks' bytes */
#ifndef TRAIN_OUTPUT_H
#define TRAIN_OUTPUT_H

#include "train/summary.h"

/* Of an earlier run: it must not pass for that of one that fails. */
void output_forget_summary(const char *folder);

/* This rank's two files. */
int output_save(const struct stats_setup *setup,
		const struct ledger *l) MUST_USE;

/* Last of all, since it says that the results are complete. */
int output_save_summary(const struct stats_setup *setup, const struct ledger *l,
			const struct summary *s) MUST_USE;

#endif
