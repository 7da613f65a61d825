#include "train/checkpoint.h"

#include "base/log.h"
#include "base/rng.h"
#include "config/config.h"
#include "train/source.h"
#include "train/torchload.h"
#include "train/torchsave.h"

#include <errno.h>
#include <string.h>

#define NAME_SIZE 128

struct checkpoint {
	struct source *source;
	unsigned rank;
	uint64_t tensor_bytes; /* 0: this rank has nothing */
	const char *extension;
	struct torchsave *save;
	struct torchload *load;
};

static unsigned writers(const struct config *c, unsigned ranks)
{
	int64_t holders =
		c->model.parallelism.tensor * c->model.parallelism.pipeline;

	if (c->model.parallelism.zero_stage > 0 || holders >= ranks)
		return ranks;
	return holders > 0 ? (unsigned)holders : 1;
}

uint64_t checkpoint_bytes(const struct config *c, unsigned ranks)
{
	return c->model.model_size_bytes * writers(c, ranks);
}

int checkpoint_check(const struct config *c)
{
	const char *what = NULL;

	if (c->model.type && !strcmp(c->model.type, "transformer"))
		what = "model.type transformer";
	else if (c->model.num_layers > 0)
		what = "model.num_layers";
	else if (c->model.optimization_groups.n)
		what = "model.optimization_groups";
	else if (c->model.layer_parameters.n)
		what = "model.layer_parameters";
	if (!what)
		return 0;
	log_error("%s: only checkpoints of a flat model "
		  "(model.model_size_bytes) can be written yet; set "
		  "workflow.checkpoint to false to train without",
		  what);
	return -ENOTSUP;
}

int checkpoint_new(const struct checkpoint_setup *setup,
		   struct checkpoint **out)
{
	const struct config *config = setup->config;
	struct checkpoint *c;
	int rc;

	*out = NULL;
	rc = checkpoint_check(config);
	if (rc)
		return rc;
	c = calloc(1, sizeof(*c));
	if (!c)
		return log_fail(-ENOMEM, "memory for checkpoints");
	c->source = setup->source;
	c->rank = setup->rank;
	if (setup->rank < writers(config, setup->ranks))
		c->tensor_bytes = config->model.model_size_bytes;
	c->extension = strcmp(config->storage.storage_type, "s3") ? "pt" :
								    "pts3";
	rc = torchsave_new(
		&(struct torchsave_setup){
			.source = setup->source,
			.randomize = config->checkpoint.randomize_tensor,
			.seed = rng_mix((uint64_t)config->train.seed,
					setup->rank),
			.durable = config->checkpoint.fsync,
			.stop = setup->stop,
		},
		&c->save);
	if (rc)
		goto fail;
	rc = torchload_new(
		&(struct torchload_setup){
			.source = setup->source,
			.check = config->dliofs.train.check_data,
			.stop = setup->stop,
		},
		&c->load);
	if (rc)
		goto fail;
	*out = c;
	return 0;
fail:
	checkpoint_free(c);
	return rc;
}

void checkpoint_free(struct checkpoint *c)
{
	if (!c)
		return;
	torchsave_free(c->save);
	torchload_free(c->load);
	free(c);
}

static void make_name(const struct checkpoint *c, uint64_t epoch, uint64_t step,
		      char out[NAME_SIZE])
{
	snprintf(out, NAME_SIZE, "global_epoch%llu_step%llu/model_states-%u.%s",
		 (unsigned long long)epoch, (unsigned long long)step, c->rank,
		 c->extension);
}

int checkpoint_save(struct checkpoint *c, uint64_t epoch, uint64_t step,
		    uint64_t *bytes)
{
	char name[NAME_SIZE];

	*bytes = 0;
	if (!c->tensor_bytes)
		return 0;
	make_name(c, epoch, step, name);
	return torchsave_write(c->save, name, c->tensor_bytes, bytes);
}

int checkpoint_load(struct checkpoint *c, uint64_t epoch, uint64_t step,
		    uint64_t *bytes)
{
	char name[NAME_SIZE];

	*bytes = 0;
	if (!c->tensor_bytes)
		return 0;
	make_name(c, epoch, step, name);
	return torchload_read(c->load, name, bytes);
}

int checkpoint_count(struct checkpoint *c, uint64_t *n)
{
	int rc = source_count(c->source, "", n);

	return rc ? log_fail(rc, "list the checkpoint folder") : 0;
}

uint64_t checkpoint_check_ns(const struct checkpoint *c)
{
	return torchload_check_ns(c->load);
}
