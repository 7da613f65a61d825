#include "train/checkpoint.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"
#include "config/config.h"
#include "train/lines.h"
#include "train/model.h"
#include "train/source.h"
#include "train/stateout.h"
#include "train/tfload.h"
#include "train/tfsave.h"
#include "train/torchload.h"
#include "train/torchsave.h"

#include <errno.h>
#include <string.h>

#define NAME_SIZE (MODEL_NAME_SIZE + 64)

struct checkpoint {
	struct source *source;
	struct dlog *log;
	struct model_files own;	  /* what this rank saves, … */
	struct model_files other; /* … and with rank shift, what it loads */
	bool shifted;
	const char *extension;
	struct stateout out;
	struct torchload *load; /* PyTorch's way, … */
	struct tfload *tfload;	/* … or TensorFlow's */
};

static void warn_of_one_host(const struct checkpoint_setup *setup)
{
	if (setup->rank == 0)
		log_warn("checkpoint.recovery_rank_shift: all ranks are on "
			 "one host, so each reads what it wrote itself");
}

static int choose_files(struct checkpoint *c,
			const struct checkpoint_setup *setup)
{
	const struct config *config = setup->config;
	unsigned shift = setup->node_ranks;
	int rc = model_files(config, setup->rank, setup->ranks, &c->own);

	if (rc || !config->checkpoint.recovery_rank_shift)
		return rc;
	if (!shift || shift >= setup->ranks) {
		warn_of_one_host(setup);
		return 0;
	}
	c->shifted = true;
	return model_files(config, (setup->rank + shift) % setup->ranks,
			   setup->ranks, &c->other);
}

static int open_files(struct checkpoint *c,
		      const struct checkpoint_setup *setup)
{
	const struct config *config = setup->config;
	const struct stateout_setup save = {
		.source = setup->source,
		.randomize = config->checkpoint.randomize_tensor,
		.seed = rng_mix((uint64_t)config->train.seed, setup->rank),
		.durable = config->checkpoint.fsync,
		.stop = setup->stop,
	};
	const struct torchload_setup load = {
		.source = setup->source,
		.check = config->dliofs.train.check_data,
		.stop = setup->stop,
	};

	int rc = stateout_open(&c->out, &save);

	if (rc)
		return rc;
	if (config->framework == CONFIG_TENSORFLOW)
		return tfload_new(&load, &c->tfload);
	return torchload_new(&load, &c->load);
}

static const char *extension(const struct config *c)
{
	if (c->framework == CONFIG_TENSORFLOW)
		return "pb";
	return strcmp(c->storage.storage_type, "s3") ? "pt" : "pts3";
}

int checkpoint_new(const struct checkpoint_setup *setup,
		   struct checkpoint **out)
{
	struct checkpoint *c;
	int rc;

	*out = NULL;
	rc = model_check(setup->config, setup->ranks);
	if (rc)
		return rc;
	c = calloc(1, sizeof(*c));
	if (!c)
		return log_fail(-ENOMEM, "memory for checkpoints");
	c->source = setup->source;
	c->log = setup->rank == 0 ? setup->log : NULL;
	c->extension = extension(setup->config);
	rc = choose_files(c, setup);
	if (rc) {
		log_fail(rc, "memory for the model's layers");
		goto fail;
	}
	rc = open_files(c, setup);
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
	model_files_clear(&c->own);
	model_files_clear(&c->other);
	stateout_close(&c->out);
	torchload_free(c->load);
	tfload_free(c->tfload);
	free(c);
}

struct transfer {
	struct checkpoint *c;
	uint64_t epoch, step;

	/* One file, and DLIO's line about a part, if any. */
	int (*move)(struct checkpoint *c, const char *name,
		    const struct model_file *file, uint64_t *bytes);
	void (*say)(struct dlog *d, const char *part, uint64_t duration_ns,
		    uint64_t now_ns);
};

static int move_file(const struct transfer *t, const struct model_file *file,
		     uint64_t *bytes)
{
	char name[NAME_SIZE];
	uint64_t moved = 0;
	int rc;

	snprintf(name, sizeof(name), "global_epoch%llu_step%llu/%s.%s",
		 (unsigned long long)t->epoch, (unsigned long long)t->step,
		 file->name, t->c->extension);
	rc = t->move(t->c, name, file, &moved);
	*bytes += moved;
	return rc;
}

/* The files of a part follow one another; DLIO says nothing of flat ones. */
static int move_files(const struct transfer *t, const struct model_files *files,
		      uint64_t *bytes)
{
	static const char *const parts[] = {
		[MODEL_LAYERS] = "model", [MODEL_OPTIMIZER] = "optimizer"
	};
	uint64_t from_ns = clock_ns();
	int rc = 0;

	*bytes = 0;
	for (size_t i = 0; i < files->n && !rc; i++) {
		enum model_part part = files->file[i].part;
		bool last = i + 1 == files->n ||
			    files->file[i + 1].part != part;
		uint64_t now_ns;

		rc = move_file(t, &files->file[i], bytes);
		if (rc || !last)
			continue;
		now_ns = clock_ns();
		if (parts[part] && t->c->log && t->say)
			t->say(t->c->log, parts[part], now_ns - from_ns,
			       now_ns);
		from_ns = now_ns;
	}
	return rc;
}

static int save_file(struct checkpoint *c, const char *name,
		     const struct model_file *file, uint64_t *bytes)
{
	if (c->tfload)
		return tfsave_write(&c->out, name, &file->state, bytes);
	return torchsave_write(&c->out, name, &file->state, bytes);
}

static int load_file(struct checkpoint *c, const char *name,
		     const struct model_file *file, uint64_t *bytes)
{
	(void)file;
	if (c->tfload)
		return tfload_read(c->tfload, name, bytes);
	return torchload_read(c->load, name, bytes);
}

static int drop_file(struct checkpoint *c, const char *name,
		     const struct model_file *file, uint64_t *bytes)
{
	char data[NAME_SIZE + 32];
	int rc;

	snprintf(data, sizeof(data), "%s%s", name,
		 c->tfload ? "-1.data-00000-of-00001" : "");
	rc = source_drop(c->source, data);
	(void)file;
	(void)bytes;
	if (rc)
		log_warn("cannot drop %s%s from the page cache: %s",
			 source_place(c->source), data, strerror(-rc));
	return rc;
}

static const struct model_files *files_to_load(const struct checkpoint *c)
{
	return c->shifted ? &c->other : &c->own;
}

int checkpoint_save(struct checkpoint *c, uint64_t epoch, uint64_t step,
		    uint64_t *bytes)
{
	const struct transfer t = { c, epoch, step, save_file, lines_saved };

	return move_files(&t, &c->own, bytes);
}

int checkpoint_load(struct checkpoint *c, uint64_t epoch, uint64_t step,
		    uint64_t *bytes)
{
	const struct transfer t = { c, epoch, step, load_file, lines_loaded };

	return move_files(&t, files_to_load(c), bytes);
}

int checkpoint_drop(struct checkpoint *c, uint64_t epoch, uint64_t step)
{
	const struct transfer t = { c, epoch, step, drop_file, NULL };
	uint64_t none;

	return move_files(&t, files_to_load(c), &none);
}

int checkpoint_count(struct checkpoint *c, uint64_t *n)
{
	int rc = source_count(c->source, "", n);

	return rc ? log_fail(rc, "list the checkpoint folder %s",
			     source_place(c->source)) :
		    0;
}

uint64_t checkpoint_check_ns(const struct checkpoint *c)
{
	if (c->tfload)
		return tfload_check_ns(c->tfload);
	return torchload_check_ns(c->load);
}
