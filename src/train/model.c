#include "train/model.h"

#include "base/log.h"
#include "config/config.h"
#include "train/shard.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static bool has_flat(const struct config *c)
{
	bool transformer = c->model.type &&
			   !strcmp(c->model.type, "transformer");

	return !transformer && c->model.model_size_bytes > 0;
}

static bool writes(const struct shard *p)
{
	return p->zero > 0 || p->rank < p->group;
}

/* The file's state is to be filled.  NULL: no memory. */
PRINTF(3, 4)
static struct state *add_file(struct model_files *f, enum model_part part,
			      const char *format, ...)
{
	struct model_file *file = f->file;
	va_list args;

	if (f->n == f->room) {
		size_t room = f->room ? 2 * f->room : 4;

		file = reallocarray(file, room, sizeof(*file));
		if (!file)
			return NULL;
		f->file = file;
		f->room = room;
	}
	file = &f->file[f->n++];
	*file = (struct model_file){ .part = part };
	va_start(args, format);
	vsnprintf(file->name, sizeof(file->name), format, args);
	va_end(args);
	return &file->state;
}

static int add_flat(const struct shard *p, struct model_files *f)
{
	struct state *s;

	if (!has_flat(p->c))
		return 0;
	s = add_file(f, MODEL_FLAT, "model_states-%" PRIu64, p->rank);
	if (!s)
		return -ENOMEM;
	state_tensor(s, "a", STATE_INT8, p->c->model.model_size_bytes);
	return 0;
}

static int add_layer_files(const struct shard *p, struct shard_range r,
			   struct model_files *f)
{
	for (int64_t i = r.first; i <= r.last; i++) {
		struct state *s = add_file(f, MODEL_LAYERS,
					   "layer_%" PRId64 "-model_%" PRIu64
					   "_model_states",
					   i, p->model);

		if (!s)
			return -ENOMEM;
		shard_hold_layer(p, i, s);
	}
	return 0;
}

/* With ZeRO 1 and 2 the first replica has the layers, a file each if they are
 * shared out.  Else every rank that writes has its own. */
static int add_layers(const struct shard *p, struct model_files *f)
{
	struct shard_range r = shard_layers(p);
	bool first_only = p->zero == 1 || p->zero == 2;
	struct state *s;

	if (r.first > r.last || (first_only && p->data > 0))
		return 0;
	if (first_only && p->stages > 1)
		return add_layer_files(p, r, f);
	if (first_only)
		s = add_file(f, MODEL_LAYERS, "model_%" PRIu64 "_model_states",
			     p->model);
	else
		s = add_file(f, MODEL_LAYERS,
			     "zero_pp_rank_%" PRIu64 "_mp_rank_%" PRIu64
			     "_model_states",
			     p->data, p->model);
	if (!s)
		return -ENOMEM;
	shard_hold_layers(p, s);
	return 0;
}

static int add_optimizer(const struct shard *p, struct model_files *f)
{
	struct state s = { 0 };
	struct state *kept;

	shard_hold_optimizer(p, &s);
	if (!s.items && !s.failed)
		return 0;
	kept = add_file(f, MODEL_OPTIMIZER,
			"zero_pp_rank_%" PRIu64 "_mp_rank_%" PRIu64
			"_optim_states",
			p->data, p->model);
	if (!kept) {
		state_clear(&s);
		return -ENOMEM;
	}
	*kept = s;
	return 0;
}

int model_files(const struct config *c, unsigned rank, unsigned ranks,
		struct model_files *out)
{
	struct shard p = shard_of(c, rank, ranks);
	int rc = 0;

	*out = (struct model_files){ 0 };
	if (!writes(&p))
		return 0;
	rc = add_flat(&p, out);
	if (!rc)
		rc = add_layers(&p, out);
	if (!rc)
		rc = add_optimizer(&p, out);
	for (size_t i = 0; i < out->n && !rc; i++)
		rc = out->file[i].state.failed ? -ENOMEM : 0;
	if (rc)
		model_files_clear(out);
	return rc;
}

void model_files_clear(struct model_files *f)
{
	for (size_t i = 0; i < f->n; i++)
		state_clear(&f->file[i].state);
	free(f->file);
	*f = (struct model_files){ 0 };
}

/* ---- All ranks ----------------------------------------------------------- */

int model_check(const struct config *c, unsigned ranks)
{
	uint64_t group = shard_group(c), all;

	if (shard_is_too_large(c))
		return log_invalid("model: 2^57 parameters or bytes are too "
				   "many");
	if (!shard_is_subset(c) && ranks % group)
		return log_invalid("Number of processes %u is not a multiple "
				   "of model parallelism size: %" PRIu64,
				   ranks, group);
	if (!shard_is_subset(c))
		return 0;
	all = group * (uint64_t)c->model.parallelism.data;
	if (ranks > all)
		return log_invalid("Comm size: %u is larger than 3D "
				   "parallelism size: %" PRIu64,
				   ranks, all);
	return 0;
}

static int add_written(const struct config *c, unsigned rank, unsigned ranks,
		       struct model_sizes *sizes)
{
	struct model_files files;
	int rc = model_files(c, rank, ranks, &files);

	if (rc)
		return rc;
	for (size_t i = 0; i < files.n; i++) {
		uint64_t bytes = state_bytes(&files.file[i].state);

		if (files.file[i].part == MODEL_OPTIMIZER)
			sizes->optimizer_bytes += bytes;
		else
			sizes->model_bytes += bytes;
	}
	model_files_clear(&files);
	return 0;
}

static int add_held(const struct shard *p,
		    void (*hold)(const struct shard *p, struct state *s),
		    uint64_t *bytes)
{
	struct state s = { 0 };
	int rc;

	hold(p, &s);
	rc = s.failed ? -ENOMEM : 0;
	*bytes += state_bytes(&s);
	state_clear(&s);
	return rc;
}

/* What DLIO counts. */
static int add_counted(const struct config *c, unsigned rank, unsigned ranks,
		       struct model_sizes *sizes)
{
	struct shard p = shard_of(c, rank, ranks);
	int rc = 0;

	if (!writes(&p))
		return 0;
	if (!has_flat(c) && !p.given_layers && !(p.zero == 1 && p.data > 0))
		rc = add_held(&p, shard_hold_layers, &sizes->model_bytes);
	if (!rc && !p.given_groups)
		rc = add_held(&p, shard_hold_optimizer,
			      &sizes->optimizer_bytes);
	return rc;
}

int model_sizes(const struct config *c, unsigned ranks, struct model_sizes *out)
{
	bool strict = c->dliofs.train.compat_strict;
	int rc = 0;

	*out = (struct model_sizes){ 0 };
	if (strict && has_flat(c))
		out->model_bytes = c->model.model_size_bytes;
	for (unsigned i = 0; i < ranks && !rc; i++)
		rc = strict ? add_counted(c, i, ranks, out) :
			      add_written(c, i, ranks, out);
	return rc;
}
