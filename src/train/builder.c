#include "train/builder.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <limits.h>

#define NO_FILE UINT64_MAX

static unsigned files_open(enum loader_keep keep)
{
	switch (keep) {
	case LOADER_KEEP_NONE:
		break;
	case LOADER_KEEP_ALL:
		return UINT_MAX;
	case LOADER_KEEP_RUN:
		return 1;
	}
	return 0;
}

int builder_init(struct builder *b, const struct loader_setup *setup,
		 unsigned number, const atomic_bool *quit)
{
	struct reader_setup reader = setup->reader;

	*b = (struct builder){ .setup = setup, .quit = quit, .number = number };
	compute_init(&b->preprocess, &setup->preprocess,
		     rng_mix(setup->seed, number));
	if (setup->keep == LOADER_KEEP_ALL) {
		b->seen = calloc(setup->sampler->setup.files / 8 + 1, 1);
		if (!b->seen)
			return log_fail(-ENOMEM, "a loader");
	}
	builder_begin(b);
	reader.keep_open = files_open(setup->keep);
	reader.stop = quit;
	return reader_new(&reader, &b->reader);
}

void builder_clear(struct builder *b)
{
	reader_free(b->reader);
	free(b->seen);
	*b = (struct builder){ 0 };
}

void builder_begin(struct builder *b)
{
	b->samples = 0;
	b->kept = NO_FILE;
}

void builder_say_fault(const struct builder *b)
{
	if (*reader_fault(b->reader) && !atomic_load(b->quit))
		log_error("%s", reader_fault(b->reader));
}

static bool seen_before(struct builder *b, uint64_t file)
{
	uint8_t bit = (uint8_t)(1u << file % 8);
	bool before = b->seen[file / 8] & bit;

	b->seen[file / 8] |= bit;
	return before;
}

/* Is this file open still? */
static bool is_kept(struct builder *b, uint64_t file)
{
	switch (b->setup->keep) {
	case LOADER_KEEP_NONE:
		break;
	case LOADER_KEEP_ALL:
		return seen_before(b, file);
	case LOADER_KEEP_RUN:
		return b->kept == file;
	}
	return false;
}

/* DLIO's generators close the file they are at, whichever it is, after as many
 * samples as a file has. */
static void built_sample(struct builder *b, uint64_t file)
{
	uint64_t per_file = b->setup->sampler->setup.samples_per_file;

	b->samples++;
	b->kept = b->samples % per_file ? file : NO_FILE;
}

static int read_sample(struct builder *b, struct sampler_place place,
		       struct loader_io *io)
{
	struct reader_cost cost;
	struct loader_file file;
	int rc;

	rc = b->setup->file(b->setup->arg, place.file, &file);
	if (rc)
		return rc;
	rc = reader_read(b->reader,
			 &(struct reader_file){
				 .name = file.name,
				 .sample = place.sample,
				 .kept = is_kept(b, place.file),
				 .size = file.size,
				 .crc = file.has_crc ? &file.crc : NULL,
			 },
			 &cost);
	io->samples++;
	io->bytes += cost.bytes;
	io->read_ns += cost.read_ns;
	io->check_ns += cost.check_ns;
	built_sample(b, place.file);
	return rc;
}

static int expect_file(struct builder *b, uint64_t number, struct loader_io *io)
{
	struct reader_cost cost;
	struct loader_file file;
	int rc;

	rc = b->setup->file(b->setup->arg, number, &file);
	if (rc)
		return rc;
	rc = reader_expect(b->reader, file.name, &cost);
	io->bytes += cost.bytes;
	io->read_ns += cost.read_ns;
	return rc;
}

/* All files of a piece that were not yet seen. */
static int expect_piece(struct builder *b, uint64_t piece, uint8_t *seen,
			struct loader_io *io)
{
	const struct sampler *s = b->setup->sampler;
	struct sampler_place place;
	int rc = 0;

	for (uint64_t i = 0; !rc && i < s->piece; i++) {
		uint8_t bit;

		if (!sampler_place(s, piece, i, &place))
			break;
		if (atomic_load(b->quit))
			return -ECANCELED;
		bit = (uint8_t)(1u << place.file % 8);
		if (!(seen[place.file / 8] & bit))
			rc = expect_file(b, place.file, io);
		seen[place.file / 8] |= bit;
	}
	return rc;
}

/* PyTorch's workers have the samples of their rank, TensorFlow's generators
 * have their own. */
static int expect_files(struct builder *b, struct loader_io *io)
{
	const struct sampler *s = b->setup->sampler;
	bool own = s->setup.order != SAMPLER_INDEX;
	AUTO_FREE uint8_t *seen = calloc(s->setup.files / 8 + 1, 1);
	int rc = 0;

	b->expected = true;
	if (!reader_expects(b->reader))
		return 0;
	if (!seen)
		return log_fail(-ENOMEM, "a loader");
	for (uint64_t k = 0; !rc; k++) {
		uint64_t piece = own ? sampler_piece(s, b->number, k) : k;

		if (piece == SAMPLER_NONE || piece >= s->pieces)
			break;
		rc = expect_piece(b, piece, seen, io);
	}
	return rc;
}

int builder_build(struct builder *b, uint64_t piece, struct loader_io *io)
{
	const struct loader_setup *setup = b->setup;

	*io = (struct loader_io){ 0 };
	if (!setup->idle && !b->expected) {
		int rc = expect_files(b, io);

		if (rc)
			return rc;
	}
	for (uint64_t i = 0; !setup->idle && i < setup->sampler->piece; i++) {
		struct sampler_place place;
		int rc;

		if (!sampler_place(setup->sampler, piece, i, &place))
			break; /* the rest pads the batch */
		if (atomic_load(b->quit))
			return -ECANCELED;
		rc = read_sample(b, place, io);
		if (rc)
			return rc;
		compute_run(&b->preprocess, clock_ns(), b->quit);
	}
	return 0;
}
