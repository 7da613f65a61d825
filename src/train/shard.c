#include "train/shard.h"

#include "config/config.h"

#include <inttypes.h>
#include <string.h>

/* A product of five numbers below 2^31, and sums of a few. */
__extension__ typedef unsigned __int128 wide;

bool shard_is_subset(const struct config *c)
{
	return !strcmp(c->checkpoint.mode, "subset");
}

uint64_t shard_group(const struct config *c)
{
	return (uint64_t)(c->model.parallelism.tensor *
			  c->model.parallelism.pipeline);
}

struct shard shard_of(const struct config *c, unsigned rank, unsigned ranks)
{
	uint64_t group = shard_group(c);
	uint64_t tensor = (uint64_t)c->model.parallelism.tensor;
	uint64_t stages = (uint64_t)c->model.parallelism.pipeline;

	return (struct shard){
		.c = c,
		.rank = rank,
		.group = group,
		.tensor_ranks = tensor,
		.replicas = shard_is_subset(c) ?
				    (uint64_t)c->model.parallelism.data :
				    ranks / group,
		.stage = rank / tensor % stages,
		.stages = stages,
		.data = rank / group,
		.model = rank % group,
		.zero = c->model.parallelism.zero_stage,
		.given_layers = c->model.layer_parameters.n > 0,
		.given_groups = c->model.optimization_groups.n > 0,
	};
}

/* ---- Sizes --------------------------------------------------------------- */

static wide hidden(const struct config *c)
{
	return (wide)c->model.transformer.hidden_size;
}

static wide vocabulary(const struct config *c)
{
	return hidden(c) * (wide)c->model.transformer.vocab_size;
}

/* Queries, keys and values. */
static wide attention(const struct config *c)
{
	int64_t head = c->model.transformer.hidden_size /
		       c->model.transformer.num_attention_heads;
	wide kv = (wide)head * (wide)c->model.transformer.num_kv_heads;

	return hidden(c) * (hidden(c) + 2 * kv);
}

static wide feed_forward(const struct config *c)
{
	return hidden(c) * (wide)c->model.transformer.ffn_hidden_size;
}

uint64_t shard_parameters(const struct config *c)
{
	wide layer, all;

	if (c->model.num_layers <= 0)
		return 0;
	layer = 2 * hidden(c) + attention(c) + hidden(c) * hidden(c) +
		3 * feed_forward(c);
	all = 2 * vocabulary(c) + hidden(c) + layer * (wide)c->model.num_layers;
	return all < SHARD_TOO_MANY ? (uint64_t)all : SHARD_TOO_MANY;
}

/* Of numbers that count. */
static wide sum_of(const struct config_ints *given)
{
	wide sum = 0;

	for (size_t i = 0; i < given->n; i++)
		sum += given->item[i] > 0 ? (wide)given->item[i] : 0;
	return sum;
}

bool shard_is_too_large(const struct config *c)
{
	return shard_parameters(c) >= SHARD_TOO_MANY ||
	       c->model.model_size_bytes >= SHARD_TOO_MANY ||
	       sum_of(&c->model.layer_parameters) >= SHARD_TOO_MANY ||
	       sum_of(&c->model.optimization_groups) >= SHARD_TOO_MANY;
}

/* Tensors that every rank has whole, or its part of. */
static uint64_t norm(const struct shard *p)
{
	uint64_t shards = p->zero == 3 ? p->replicas : 1;

	return (uint64_t)hidden(p->c) / shards;
}

static uint64_t matrix(const struct shard *p, wide elements)
{
	uint64_t shards = p->zero == 3 ? p->replicas : 1;

	return (uint64_t)elements / p->tensor_ranks / shards;
}

/* ---- States -------------------------------------------------------------- */

static enum state_type type_of(const char *name)
{
	enum state_type type = STATE_INT8;

	(void)!state_parse_type(name, &type); /* the key table has the names */
	return type;
}

static const char *number(uint64_t n, char out[STATE_KEY_SIZE])
{
	snprintf(out, STATE_KEY_SIZE, "%" PRIu64, n);
	return out;
}

/* Tensors of nothing are left out, and keep their number. */
static void add_tensors(struct state *s, enum state_type type,
			const uint64_t *elements, size_t n)
{
	char key[STATE_KEY_SIZE];

	for (size_t i = 0; i < n; i++)
		if (elements[i])
			state_tensor(s, number(i, key), type, elements[i]);
}

static void add_computed_layer(const struct shard *p, int64_t layer,
			       struct state *s)
{
	const struct config *c = p->c;
	int64_t layers = c->model.num_layers;
	uint64_t ends[] = { matrix(p, vocabulary(c)) };
	uint64_t last[] = { norm(p) };
	uint64_t inner[] = {
		norm(p),
		matrix(p, attention(c)),
		matrix(p, hidden(c) * hidden(c)),
		norm(p),
		matrix(p, 2 * feed_forward(c)),
		matrix(p, feed_forward(c)),
	};
	enum state_type type = type_of(c->model.model_datatype);

	if (layer == 0 || layer == layers + 1)
		add_tensors(s, type, ends, ARRAY_SIZE(ends));
	else if (layer == layers + 2)
		add_tensors(s, type, last, ARRAY_SIZE(last));
	else
		add_tensors(s, type, inner, ARRAY_SIZE(inner));
}

/* Those that are more than nothing, and may be nothing when divided. */
static void add_given_layer(const struct shard *p, struct state *s)
{
	const struct config_ints *given = &p->c->model.layer_parameters;
	char key[STATE_KEY_SIZE];

	for (size_t i = 0; i < given->n; i++)
		if (given->item[i] > 0)
			state_tensor(s, number(i, key), STATE_INT8,
				     (uint64_t)given->item[i] /
					     p->tensor_ranks);
}

void shard_hold_layer(const struct shard *p, int64_t layer, struct state *s)
{
	if (p->given_layers)
		add_given_layer(p, s);
	else
		add_computed_layer(p, layer, s);
}

/* The first stages have one more where it does not come out even.  The ends go
 * to the first stage and to the last. */
struct shard_range shard_layers(const struct shard *p)
{
	int64_t layers = p->c->model.num_layers;
	int64_t stage = (int64_t)p->stage, stages = (int64_t)p->stages;
	int64_t each, more;
	struct shard_range r;

	if (layers <= 0)
		return (struct shard_range){ 0, -1 };
	each = layers / stages;
	more = layers % stages;
	r.first = stage * each + MIN(stage, more) + 1;
	r.last = r.first + each - (stage < more ? 0 : 1);
	if (p->given_layers)
		return r;
	if (stage == 0)
		r.first = 0;
	if (stage == stages - 1)
		r.last = layers + 2;
	return r;
}

void shard_hold_layers(const struct shard *p, struct state *s)
{
	struct shard_range r = shard_layers(p);
	char key[STATE_KEY_SIZE];

	for (int64_t i = r.first; i <= r.last; i++) {
		number((uint64_t)i, key);
		if (p->given_layers && i > r.first) {
			state_same(s, key, 0);
			continue;
		}
		state_dict_begin(s, key);
		shard_hold_layer(p, i, s);
		state_dict_end(s);
	}
}

static void hold_given_groups(const struct config_ints *given, struct state *s)
{
	char key[STATE_KEY_SIZE];
	uint64_t sum = 0;

	for (size_t i = 0; i < given->n; i++) {
		uint64_t n = given->item[i] > 0 ? (uint64_t)given->item[i] : 0;

		if (!n)
			continue;
		sum += n;
		state_dict_begin(s, number(i, key));
		state_tensor(s, "a", STATE_INT8, n);
		state_tensor(s, "b", STATE_INT8, n);
		state_dict_end(s);
	}
	state_tensor(s, "combined", STATE_INT8, sum);
}

static void hold_computed_groups(const struct shard *p, struct state *s)
{
	uint64_t sharers = p->zero > 0 ? p->replicas * p->group : p->group;
	uint64_t share = shard_parameters(p->c) / sharers;
	uint64_t rest = 5 * (uint64_t)hidden(p->c);
	uint64_t groups[] = { share, rest, share, rest, share, rest };

	if (share)
		add_tensors(s, type_of(p->c->model.optimizer_datatype), groups,
			    ARRAY_SIZE(groups));
}

void shard_hold_optimizer(const struct shard *p, struct state *s)
{
	if (p->given_groups)
		hold_given_groups(&p->c->model.optimization_groups, s);
	else
		hold_computed_groups(p, s);
}
