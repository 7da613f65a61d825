/* Emulated times (dlio.md 9): a number of seconds, or a map
 *
 *	{type: normal, mean: 1, stdev: 0.1}	{type: uniform, min: 1, max: 2}
 *	{type: gamma, shape: 1, scale: 1}	{type: exponential, scale: 1}
 *	{type: poisson, lam: 1}			{mean: 1, stdev: 0.1}
 *
 * DLIO sleeps for the absolute value of what it draws; so may numbers here be
 * negative. */
#ifndef CONFIG_DELAY_H
#define CONFIG_DELAY_H

#include "config/config.h"
#include "config/node.h"

/* path is the setting's, for messages. */
int delay_read(const char *path, const struct node *n,
	       struct config_time *out) MUST_USE;

/* What `<key>_stdev` beside a time means.  No time stays none. */
void delay_add_stdev(struct config_time *t, double stdev);

/* The text that reads back to the same: "0.5", "{type: poisson, lam: 2}". */
#define DELAY_SIZE 128
const char *delay_text(const struct config_time *t, char out[DELAY_SIZE]);

#endif
