/* The part of a model that one rank holds: see model.h, which makes files of
 * it.  Pure; any thread. */
#ifndef TRAIN_SHARD_H
#define TRAIN_SHARD_H

#include "train/state.h"

struct config;

/* Where a rank is. */
struct shard {
	const struct config *c; /* stays the caller's */
	uint64_t rank, group;	/* group: the ranks of a replica, M */
	uint64_t tensor_ranks;	/* T */
	uint64_t replicas;	/* D */
	uint64_t stage, stages; /* pipeline rank, of P */
	uint64_t data, model;	/* data rank, model rank */
	int64_t zero;
	bool given_layers, given_groups; /* or computed */
};

/* The first and the last layer; none: the last is less. */
struct shard_range {
	int64_t first, last;
};

uint64_t shard_group(const struct config *c); /* M */
bool shard_is_subset(const struct config *c);
struct shard shard_of(const struct config *c, unsigned rank, unsigned ranks);

/* All layers' parameters; 0 without num_layers. */
#define SHARD_TOO_MANY ((uint64_t)1 << 57) /* or more: just that */
uint64_t shard_parameters(const struct config *c);

/* Are those, or sizes that are given, so many that their sums may overflow? */
bool shard_is_too_large(const struct config *c);

struct shard_range shard_layers(const struct shard *p);

/* Add a layer's tensors; add all layers, each a dict; add the optimizer's
 * state, if there is one. */
void shard_hold_layer(const struct shard *p, int64_t layer, struct state *s);
void shard_hold_layers(const struct shard *p, struct state *s);
void shard_hold_optimizer(const struct shard *p, struct state *s);

#endif
