#include "train/pattern.h"

#include <string.h>

static bool is_tfrecord(const struct config *c)
{
	return !strcmp(c->dataset.format, "tfrecord");
}

/* DLIO compares the text with an enum, so that a value that is given is never
 * on_demand (T13). */
static enum loader_keep keep(const struct config *c)
{
	bool memory = c->dliofs.train.compat_strict ?
			      config_given(c, "reader.read_type") :
			      c->reader.read_type == CONFIG_MEMORY;

	return memory ? LOADER_KEEP_ALL : LOADER_KEEP_NONE;
}

/* ---- The loaders --------------------------------------------------------- */

static void pytorch_samples(const struct config *c, struct sampler_setup *s)
{
	s->order = SAMPLER_INDEX;
	s->workers = (unsigned)c->reader.read_threads;
}

static void pytorch_loading(const struct config *c, const struct sampler *s,
			    struct loader_setup *l)
{
	(void)s;
	l->threads = (unsigned)c->reader.read_threads;
	l->ahead = loader_pytorch_ahead(l->threads, c->reader.prefetch_size);
	l->keep = keep(c);
}

static void tensorflow_samples(const struct config *c, struct sampler_setup *s)
{
	s->order = is_tfrecord(c) ? SAMPLER_RECORDS : SAMPLER_ITERATIVE;
	s->workers = (unsigned)MAX(c->reader.read_threads, 1);
}

static void tensorflow_loading(const struct config *c, const struct sampler *s,
			       struct loader_setup *l)
{
	l->threads = s->setup.workers;
	l->ahead = 2 * (uint64_t)l->threads +
		   c->reader.prefetch_size * s->per_batch;
	l->keep = LOADER_KEEP_RUN;
	if (s->setup.order == SAMPLER_RECORDS && s->setup.shuffle_samples)
		l->shuffled = c->reader.shuffle_size;
}

static void dali_samples(const struct config *c, struct sampler_setup *s)
{
	pytorch_samples(c, s);
	s->single = true;
}

static void dali_loading(const struct config *c, const struct sampler *s,
			 struct loader_setup *l)
{
	uint64_t depth = c->reader.prefetch_size ? c->reader.prefetch_size : 2;

	pytorch_loading(c, s, l);
	l->ahead = depth * s->per_batch;
}

/* DLIO tells DALI of all shards, but never which is whose (T14). */
static void native_dali_samples(const struct config *c, struct sampler_setup *s)
{
	(void)c;
	s->order = SAMPLER_INDEX;
	s->workers = 1;
	if (s->strict)
		s->rank = 0;
}

static void native_dali_loading(const struct config *c, const struct sampler *s,
				struct loader_setup *l)
{
	(void)c;
	(void)s;
	l->threads = 1;
	l->ahead = 2;
}

static void idle_samples(const struct config *c, struct sampler_setup *s)
{
	(void)c;
	s->order = SAMPLER_INDEX;
}

static void idle_loading(const struct config *c, const struct sampler *s,
			 struct loader_setup *l)
{
	(void)c;
	(void)s;
	l->idle = true;
}

static const struct pattern {
	void (*samples)(const struct config *c, struct sampler_setup *s);
	void (*loading)(const struct config *c, const struct sampler *s,
			struct loader_setup *l);
} patterns[] = {
	[CONFIG_LOADER_TENSORFLOW] = { tensorflow_samples, tensorflow_loading },
	[CONFIG_LOADER_PYTORCH] = { pytorch_samples, pytorch_loading },
	[CONFIG_LOADER_DALI] = { dali_samples, dali_loading },
	[CONFIG_LOADER_NATIVE_DALI] = { native_dali_samples,
					native_dali_loading },
	[CONFIG_LOADER_NONE] = { idle_samples, idle_loading },
	[CONFIG_LOADER_SYNTHETIC] = { idle_samples, idle_loading },
};

/* ---- What the header promised -------------------------------------------- */

enum config_loader pattern_loader(const struct config *c)
{
	switch (c->reader.data_loader) {
	case CONFIG_LOADER_UNSET:
		return c->framework == CONFIG_PYTORCH ?
			       CONFIG_LOADER_PYTORCH :
			       CONFIG_LOADER_TENSORFLOW;
	case CONFIG_LOADER_CUSTOM:
		return c->reader.data_loader_sampler ==
				       CONFIG_SAMPLER_ITERATIVE ?
			       CONFIG_LOADER_TENSORFLOW :
			       CONFIG_LOADER_PYTORCH;
	default:
		return c->reader.data_loader;
	}
}

bool pattern_reads(const struct config *c)
{
	enum config_loader l = pattern_loader(c);

	return l != CONFIG_LOADER_SYNTHETIC && l != CONFIG_LOADER_NONE;
}

bool pattern_preprocesses(const struct config *c)
{
	return !c->dliofs.train.compat_strict ||
	       (!is_tfrecord(c) && strcmp(c->dataset.format, "synthetic") != 0);
}

/* As for read_type: file_shuffle shuffles if it is given, off or not. */
void pattern_samples(const struct config *c, struct sampler_setup *s)
{
	s->strict = c->dliofs.train.compat_strict;
	s->shuffle_samples = c->reader.sample_shuffle != CONFIG_SHUFFLE_OFF;
	s->shuffle_files = s->strict ?
				   config_given(c, "reader.file_shuffle") :
				   c->reader.file_shuffle != CONFIG_SHUFFLE_OFF;
	s->seed = c->train.seed;
	s->reseed = c->train.seed_change_epoch;
	patterns[pattern_loader(c)].samples(c, s);
}

void pattern_trim(const struct config *c, struct sampler *s)
{
	uint64_t samples = s->setup.files * s->setup.samples_per_file;

	if (!s->setup.strict ||
	    c->reader.data_loader != CONFIG_LOADER_SYNTHETIC)
		return;
	s->pieces = samples / s->setup.batch;
	s->pieces -= s->pieces > 0;
}

void pattern_loading(const struct config *c, const struct sampler *s,
		     struct loader_setup *l)
{
	patterns[pattern_loader(c)].loading(c, s, l);
}
