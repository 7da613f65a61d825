/* A run in figures, for people: AU and throughput, and epoch by epoch what the
 * trainer consumed beside what the store delivered, so that a cached epoch
 * cannot pass for a storage result. */
#ifndef APP_SUMMARY_TABLE_H
#define APP_SUMMARY_TABLE_H

#include "train/stats.h"
#include "train/train.h"

void summary_table_print(const struct train_result *r, const struct stats *s,
			 FILE *out);

#endif
