/* Runs of the statistics from a list of events (tests/golden/dlio): plays the
 * part of the trainer's loop, for one rank or for two at once. */
#ifndef TESTS_LIB_STATS_PLAY_H
#define TESTS_LIB_STATS_PLAY_H

#include "config/config.h"
#include "train/stats.h"

/* What the recorded runs were configured as. */
void stats_play_config(const char *scenario, struct config *out);

/* Play {events}/{rank}_events of ranks 0 … ranks-1 in threads of their own.
 * Output files and {rank}_dlio.txt, at level info, go to the folder.  0 or an
 * error. */
int stats_play(const char *events, const struct config *c, unsigned ranks,
	       const char *folder);

#endif
