/* The folder of a run's results, and what is in it beside DLIO's files:
 *
 *	latency.json	every level and operation (latency.h)
 *	latency.svg	where the time of reads went (picture.h) */
#ifndef APP_RESULTS_H
#define APP_RESULTS_H

#include "app/cli.h"
#include "base/recorder.h"
#include "config/config.h"

/* --results, or output.folder, or results/NAME/TIME, made if missing.  The
 * caller frees. */
int results_folder(const struct cli *cli, const struct config *c,
		   char **out) MUST_USE;

/* title, subtitle: of the picture. */
int results_write(const char *folder, const char *title, const char *subtitle,
		  const struct recorder *r) MUST_USE;

#endif
