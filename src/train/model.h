/* What each rank holds of a model, and in which files of a checkpoint it puts
 * it, as DLIO has it: from the section `model` of the configuration alone.
 *
 *	T tensor ranks share each layer, P pipeline ranks share the layers out,
 *	and there are D replicas of these M = T * P ranks; of rank r,
 *	  tensor rank    r mod T	pipeline rank  r / T mod P
 *	  model rank     r mod M	data rank      r / M
 *	D is ranks / M; with checkpoint.mode subset, parallelism.data, and the
 *	ranks that there are stand for the first of T * P * D.
 *
 * Without ZeRO (zero_stage 0) only replica 0 writes; else all do.  A rank has
 *
 *	a flat tensor, model_size_bytes long, unless the model is a
 *	transformer;
 *	layers: 0 the embedding, 1 … L, L + 1 the head, L + 2 the last norm,
 *	with the sizes of a transformer's tensors; or of layers 1 … L only,
 *	with sizes as given (layer_parameters), all layers one object;
 *	the optimizer's state: three times its share of all parameters and of
 *	5 * hidden_size others; or given (optimization_groups).
 *
 * All divisions round down.  Pure; any thread. */
#ifndef TRAIN_MODEL_H
#define TRAIN_MODEL_H

#include "train/state.h"

struct config;

#define MODEL_NAME_SIZE 96

enum model_part { MODEL_FLAT, MODEL_LAYERS, MODEL_OPTIMIZER };

struct model_file {
	enum model_part part;
	char name[MODEL_NAME_SIZE]; /* without folder and extension */
	struct state state;
};

struct model_files {
	struct model_file *file;
	size_t n, room;
};

/* Is there such a model on so many ranks?  -EINVAL, logged. */
int model_check(const struct config *c, unsigned ranks) MUST_USE;

/* The files that a rank writes into each checkpoint, in this order.  They have
 * passed model_check().  -ENOMEM. */
int model_files(const struct config *c, unsigned rank, unsigned ranks,
		struct model_files *out) MUST_USE;
void model_files_clear(struct model_files *f); /* zeroed is fine */

/* What all ranks together write into one checkpoint, without the containers:
 * flat tensor and layers, and the optimizer's state.
 *
 * With dliofs.train.compat_strict it is DLIO's figure, which counts a flat
 * tensor once, and instead of layers; given tensors not at all; and with ZeRO 2
 * the layers of every replica.  -ENOMEM. */
struct model_sizes {
	uint64_t model_bytes, optimizer_bytes;
};
int model_sizes(const struct config *c, unsigned ranks,
		struct model_sizes *out) MUST_USE;

#endif
