/* HDF5 files of many shapes, made and read by many threads at once: layouts are
 * remembered and forgotten in between, and libhdf5 is asked by all.  Whatever
 * the threads get must be what one thread got before. */
#include "data/hdf5_reading.h"

#include "base/rng.h"

#include <string.h>

/* More shapes than are remembered, all smaller than what is computed. */
enum { THREADS = 4, FILES = 400, ROUNDS = 80 };

struct file {
	unsigned char *bytes;
	uint64_t size;
};

struct worker {
	const struct dataset *dataset;
	const struct file *files;
	uint64_t seed;
	unsigned failed;
};

static bool same_bytes(const struct worker *w, uint64_t i)
{
	uint64_t size = dataset_size(w->dataset, i);
	AUTO_FREE unsigned char *buf = malloc(size);

	return size == w->files[i].size &&
	       dataset_read(w->dataset, i, buf, size, 0) == (ssize_t)size &&
	       memcmp(buf, w->files[i].bytes, size) == 0;
}

static bool finds_sample(const struct worker *w, struct hdf5_reading *r,
			 uint64_t i)
{
	const struct file *f = &w->files[i];
	struct hdf5_sample sample;
	struct hdf5_read want;
	int rc;

	hdf5_reading_open(r, f->size);
	while ((rc = hdf5_reading_find(r, 0, 1, &want, &sample)) > 0)
		memcpy(want.to, f->bytes + want.offset, want.len);
	hdf5_reading_close(r);
	return rc == 0 && sample.n > 0 &&
	       sample.parts[0].offset + sample.parts[0].len <= f->size;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct hdf5_reading *r;
	struct rng g;

	if (hdf5_reading_new(&r)) {
		w->failed++;
		return NULL;
	}
	rng_seed(&g, w->seed);
	for (int k = 0; k < ROUNDS; k++) {
		uint64_t i = rng_u64(&g) % FILES;

		w->failed += !same_bytes(w, i);
		w->failed += !finds_sample(w, r, i);
	}
	hdf5_reading_free(r);
	return NULL;
}

static unsigned work_by_many(const struct dataset *d, const struct file *files)
{
	struct worker workers[THREADS];
	pthread_t ids[THREADS];
	unsigned failed = 0;

	for (unsigned i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ d, files, i, 0 };
		pthread_create(&ids[i], NULL, work, &workers[i]);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(ids[i], NULL);
		failed += workers[i].failed;
	}
	return failed;
}

static unsigned try(const char *compression)
{
	struct dataset_options o = { .format = "hdf5",
				     .dtype = "uint8",
				     .file_prefix = "img",
				     .files = { FILES, 0 },
				     .samples_per_file = 2,
				     .record_length = 400,
				     .record_length_stdev = 300,
				     .layout = { .compression = compression,
						 .compression_level = 1 } };
	static struct file files[FILES];
	unsigned failed = 0;
	struct dataset *d;

	if (dataset_new(&o, &d) < 0)
		return 1;
	for (uint64_t i = 0; i < FILES; i++) {
		struct file *f = &files[i];

		f->size = dataset_size(d, i);
		f->bytes = malloc(f->size);
		failed += dataset_read(d, i, f->bytes, f->size, 0) !=
			  (ssize_t)f->size;
	}
	failed += work_by_many(d, files);
	for (uint64_t i = 0; i < FILES; i++)
		free(files[i].bytes);
	dataset_free(d);
	return failed;
}

int main(void)
{
	unsigned failed = try(NULL) + try("gzip");

	if (failed)
		fprintf(stderr, "%u failed\n", failed);
	return failed > 0;
}
