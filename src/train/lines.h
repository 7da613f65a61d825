/* DLIO's log lines that the trainer and the commands say: text that scripts
 * look for, in one place.  The statistics say their own (narrate.h).
 *
 * All are for rank 0 unless they say otherwise.  now_ns is the clock_ns() to
 * be stamped. */
#ifndef TRAIN_LINES_H
#define TRAIN_LINES_H

#include "base/util.h"

struct config;
struct config_time;
struct dlog;

/* "Running DLIO [Training & Checkpointing] with 2 process(es)" */
void lines_mode(struct dlog *d, const struct config *c, unsigned ranks,
		uint64_t now_ns);

void lines_generation_started(struct dlog *d, const struct config *c,
			      uint64_t now_ns);
void lines_generation_done(struct dlog *d, uint64_t now_ns);

/* Warnings of discovery: more files than wanted, and files left out so that
 * every rank has the same number of batches.  eval: of the validation set. */
void lines_more_files(struct dlog *d, const struct config *c, bool eval,
		      uint64_t found, uint64_t wanted);
void lines_trimmed(struct dlog *d, bool eval, uint64_t from, uint64_t to);

/* "Max steps per epoch: 8 = 1 * 16 / 2 / 1 (…)" and, where they apply, the
 * lines of total_training_steps and of evaluation.  Files as trimmed. */
void lines_steps(struct dlog *d, const struct config *c, unsigned ranks,
		 uint64_t files_train, uint64_t files_eval, uint64_t now_ns);

/* total_training_steps, or the epoch's steps, are over. */
void lines_steps_reached(struct dlog *d, uint64_t now_ns);

/* "Total number of parameters in the model: 8030261248", where there are any;
 * in subset mode, how many of the model's ranks there are. */
void lines_model(struct dlog *d, const struct config *c, unsigned ranks,
		 uint64_t parameters, uint64_t now_ns);

/* What a checkpoint consists of; 0 bytes: there is no such part. */
void lines_checkpoint_size(struct dlog *d, const struct config *c,
			   uint64_t model_bytes, uint64_t optimizer_bytes,
			   uint64_t now_ns);

/* "Saved model checkpoint in 0.1234 seconds".  part: "model", "optimizer". */
void lines_saved(struct dlog *d, const char *part, uint64_t duration_ns,
		 uint64_t now_ns);
void lines_loaded(struct dlog *d, const char *part, uint64_t duration_ns,
		  uint64_t now_ns);

/* Runs of checkpoints only: "Checkpointing write started". */
void lines_checkpointing(struct dlog *d, const char *what, uint64_t now_ns);

/* An emulated time as DLIO shows it, Python's text of a map:
 * "{'mean': 0.323, 'stdev': 0.1}". */
#define LINES_TIME_SIZE 128
void lines_time(const struct config_time *t, char out[LINES_TIME_SIZE]);

#endif
