#include "train/feed.h"

#include "base/log.h"
#include "base/rng.h"
#include "train/pattern.h"
#include "train/source.h"

#include <errno.h>
#include <string.h>

struct feed {
	struct feed_setup setup;
	struct sampler sampler;
	uint64_t steps;
	bool give_crc;
	struct loader *loader;
};

/* A dataset may have more files than this run wants. */
static uint64_t files_wanted(const struct config *config,
			     const struct dataset *dataset,
			     enum dataset_split split)
{
	return MIN(dataset_count(dataset, split),
		   split == DATASET_TRAIN ? config->dataset.num_files_train :
					    config->dataset.num_files_eval);
}

static struct sampler_setup plan(const struct config *config,
				 const struct dataset *dataset,
				 enum dataset_split split, unsigned rank,
				 unsigned ranks)
{
	bool train = split == DATASET_TRAIN;
	struct sampler_setup setup = {
		.files = files_wanted(config, dataset, split),
		.samples_per_file = config->dataset.num_samples_per_file,
		.batch = train ? config->reader.batch_size :
				 config->reader.batch_size_eval,
		.rank = rank,
		.ranks = ranks,
	};

	pattern_samples(config, &setup);
	return setup;
}

static int64_t step_cap(const struct config *config, enum dataset_split split)
{
	return split == DATASET_TRAIN ? config->train.total_training_steps : -1;
}

uint64_t feed_expected_steps(const struct config *config,
			     const struct dataset *dataset,
			     enum dataset_split split, unsigned ranks)
{
	struct sampler_setup setup = plan(config, dataset, split, 0, ranks);

	return sampler_expected_steps(&setup, step_cap(config, split));
}

static uint64_t file_of(const struct feed *f, uint64_t number)
{
	return dataset_first(f->setup.dataset, f->setup.split) + number;
}

/* What is not known is not made here: that would be time of the trainer's. */
static int describe_encoded(const struct feed *f, uint64_t file,
			    struct loader_file *out)
{
	struct dataset_sum sum = { .size = READER_ANY_SIZE };
	bool known = f->setup.generated &&
		     dataset_known(f->setup.dataset, file, &sum);

	out->size = sum.size;
	out->crc = sum.crc;
	out->has_crc = known && f->give_crc;
	return 0;
}

/* For the workers. */
static int describe(void *arg, uint64_t number, struct loader_file *out)
{
	const struct feed *f = arg;
	const struct dataset *d = f->setup.dataset;
	uint64_t file = file_of(f, number);
	int rc = 0;

	_Static_assert(LOADER_NAME_SIZE >= DATASET_MAX_NAME, "names fit");
	dataset_name(d, file, out->name);
	if (dataset_is_encoded(d))
		return describe_encoded(f, file, out);
	out->size = dataset_size(d, file);
	out->has_crc = f->give_crc;
	if (f->give_crc)
		rc = dataset_crc32(d, file, &out->crc);
	return rc ? log_fail(rc, "what %s%s should be",
			     source_place(f->setup.source), out->name) :
		    0;
}

static void name_file(void *arg, uint64_t number, char out[HERALD_NAME_SIZE])
{
	const struct feed *f = arg;

	_Static_assert(HERALD_NAME_SIZE >= DATASET_MAX_NAME, "names fit");
	dataset_name(f->setup.dataset, file_of(f, number), out);
}

/* A file that stays in memory is read once, and what a warm mount has read the
 * kernel keeps: to have that fetched again would only cost. */
static struct herald_setup plan_herald(struct feed *f)
{
	const struct config *c = f->setup.config;
	bool kept = c->reader.read_type == CONFIG_MEMORY ||
		    (c->dliofs.mount.cache == CONFIG_CACHE_WARM &&
		     !c->dliofs.train.drop_caches && !c->reader.odirect);

	return (struct herald_setup){
		.announce = reader_takes_files(c->dataset.format) ?
				    f->setup.announce :
				    NULL,
		.announce_arg = f->setup.announce_arg,
		.name = name_file,
		.name_arg = f,
		.pieces = f->steps * f->sampler.per_batch,
		.passes = kept ? 1 : 0,
	};
}

/* DLIO shuffles the files to train on first, as many as it left. */
static int count_files_before(struct feed *f, struct sampler_setup *setup)
{
	const struct feed_setup *fs = &f->setup;
	struct sampler_setup before =
		plan(fs->config, fs->dataset, DATASET_TRAIN, 0, fs->ranks);
	struct sampler s;
	int rc;

	if (!setup->strict || fs->split == DATASET_TRAIN)
		return 0;
	rc = sampler_init(&s, &before);
	if (rc)
		return rc;
	setup->files_before = s.setup.files;
	sampler_clear(&s);
	return 0;
}

static void warn_of_no_steps(const struct feed *f,
			     const struct sampler_setup *setup)
{
	if (f->steps || f->setup.rank != 0)
		return;
	log_warn("%s: %llu files of %llu samples are not one batch of %llu "
		 "for each of %u ranks: no steps",
		 f->setup.split == DATASET_TRAIN ? "training" : "evaluation",
		 (unsigned long long)setup->files,
		 (unsigned long long)setup->samples_per_file,
		 (unsigned long long)setup->batch, setup->ranks);
}

static int plan_samples(struct feed *f)
{
	struct sampler_setup setup = plan(f->setup.config, f->setup.dataset,
					  f->setup.split, f->setup.rank,
					  f->setup.ranks);
	int64_t cap = step_cap(f->setup.config, f->setup.split);
	int rc;

	rc = count_files_before(f, &setup);
	if (!rc)
		rc = sampler_init(&f->sampler, &setup);
	if (rc)
		return rc;
	pattern_trim(f->setup.config, &f->sampler);
	f->steps = f->sampler.batches;
	if (cap > 0)
		f->steps = MIN(f->steps, (uint64_t)cap);
	warn_of_no_steps(f, &setup);
	return 0;
}

/* What of the contents can be checked depends on the format. */
static void plan_checks(struct feed *f)
{
	const struct config *c = f->setup.config;
	enum reader_proof proof = reader_proof(c->dataset.format);

	if (!c->dliofs.train.check_data || proof == READER_PROOF_OWN)
		return;
	f->give_crc = proof == READER_PROOF_FILE && f->setup.generated;
	if (!f->give_crc && f->setup.split == DATASET_TRAIN &&
	    f->setup.rank == 0)
		log_info("%s files carry no checksum%s: only their sizes and "
			 "headers are checked",
			 c->dataset.format,
			 proof == READER_PROOF_FILE ?
				 ", and dliofs did not generate these" :
				 "");
}

static int make_loader(struct feed *f)
{
	const struct config *c = f->setup.config;
	struct loader_setup loader = {
		.reader = {
			.source = f->setup.source,
			.format = c->dataset.format,
			.direct = c->reader.odirect,
			.check = c->dliofs.train.check_data,
			.samples = c->dataset.num_samples_per_file,
			.datasets =
				(unsigned)c->dataset.hdf5.num_dset_per_record,
			.transfer_size = c->reader.transfer_size,
			.touch = c->dliofs.train.touch_mapped,
			.columns = &c->dataset.parquet.columns,
		},
		.sampler = &f->sampler,
		.seed = rng_mix((uint64_t)c->train.seed, f->setup.rank),
		.file = describe,
		.arg = f,
		.herald = plan_herald(f),
		.stop = f->setup.stop,
	};

	if (!f->setup.no_preprocess && pattern_preprocesses(c))
		loader.preprocess = c->reader.preprocess_time;
	pattern_loading(c, &f->sampler, &loader);
	if (loader.idle)
		loader.reader.format = "synthetic"; /* touches nothing */
	return loader_new(&loader, &f->loader);
}

int feed_new(const struct feed_setup *setup, struct feed **out)
{
	struct feed *f = calloc(1, sizeof(*f));
	int rc;

	*out = NULL;
	if (!f)
		return log_fail(-ENOMEM, "a loader");
	f->setup = *setup;
	rc = plan_samples(f);
	if (rc)
		goto fail;
	plan_checks(f);
	rc = make_loader(f);
	if (rc)
		goto fail;
	*out = f;
	return 0;
fail:
	feed_free(f);
	return rc;
}

void feed_free(struct feed *f)
{
	if (!f)
		return;
	loader_free(f->loader);
	sampler_clear(&f->sampler);
	free(f);
}

struct loader *feed_loader(struct feed *f)
{
	return f->loader;
}

uint64_t feed_steps(const struct feed *f)
{
	return f->steps;
}

uint64_t feed_files(const struct feed *f)
{
	return dataset_count(f->setup.dataset, f->setup.split);
}

uint64_t feed_files_wanted(const struct feed *f)
{
	return files_wanted(f->setup.config, f->setup.dataset, f->setup.split);
}

uint64_t feed_files_used(const struct feed *f)
{
	return f->sampler.files;
}

/* Of this rank, where they are in a row; else all. */
static void files_to_drop(const struct feed *f, uint64_t *from, uint64_t *to)
{
	const struct sampler *s = &f->sampler;
	const struct sampler_setup *p = &s->setup;
	struct sampler_place place;

	*from = 0;
	*to = 0;
	if (!s->pieces || !pattern_reads(f->setup.config))
		return;
	*to = feed_files_wanted(f);
	if (p->order != SAMPLER_INDEX || p->shuffle_files || p->shuffle_samples)
		return;
	if (sampler_place(s, 0, 0, &place))
		*from = place.file;
	if (sampler_place(s, s->pieces - 1, s->piece - 1, &place))
		*to = place.file + 1;
}

int feed_drop(struct feed *f)
{
	uint64_t file, end;

	for (files_to_drop(f, &file, &end); file < end; file++) {
		char name[DATASET_MAX_NAME];
		int rc;

		dataset_name(f->setup.dataset, file_of(f, file), name);
		rc = source_drop(f->setup.source, name);
		if (rc) {
			log_warn("cannot drop %s%s from the page cache: %s",
				 source_place(f->setup.source), name,
				 strerror(-rc));
			return rc;
		}
	}
	return 0;
}
