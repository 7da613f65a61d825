/* One dataset, read by many threads at once: every thread sees the file that the
 * checksum promises, of formats that compute each range and of those that make
 * a file whole to read any of it, of which there are more than are kept. */
#include "base/rng.h"
#include "data/dataset.h"

#include <string.h>

enum { THREADS = 4, FILES = 20, WINDOWS = 60, MOST = 100000 };

struct reader {
	const struct dataset *dataset;
	unsigned char *const *files; /* as one thread read them before */
	uint64_t seed;
	unsigned failed;
};

static bool window_is_right(const struct reader *r, struct rng *g,
			    unsigned char *buf)
{
	uint64_t i = rng_u64(g) % FILES;
	uint64_t size = dataset_size(r->dataset, i);
	uint64_t at = rng_u64(g) % size;
	uint64_t most = MIN(MOST, size - at);
	size_t n = 1 + rng_u64(g) % most;
	ssize_t got = dataset_read(r->dataset, i, buf, n, at);

	return got == (ssize_t)n && memcmp(buf, r->files[i] + at, n) == 0;
}

static void *read_windows(void *arg)
{
	AUTO_FREE unsigned char *buf = malloc(MOST);
	struct reader *r = arg;
	struct rng g;

	rng_seed(&g, r->seed);
	for (int k = 0; k < WINDOWS; k++)
		if (!window_is_right(r, &g, buf))
			r->failed++;
	return NULL;
}

static unsigned read_by_many(const struct dataset *d,
			     unsigned char *const *files)
{
	struct reader readers[THREADS];
	pthread_t ids[THREADS];
	unsigned failed = 0;

	for (unsigned i = 0; i < THREADS; i++) {
		readers[i] = (struct reader){ d, files, i, 0 };
		pthread_create(&ids[i], NULL, read_windows, &readers[i]);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(ids[i], NULL);
		failed += readers[i].failed;
	}
	return failed;
}

/* A whole file, if its CRC is right. */
static unsigned char *read_whole(const struct dataset *d, uint64_t i)
{
	size_t size = dataset_size(d, i);
	AUTO_FREE unsigned char *buf = malloc(size);
	uint32_t crc;

	if (dataset_read(d, i, buf, size, 0) != (ssize_t)size ||
	    dataset_crc32(d, i, &crc) != 0 || crc_crc32(0, buf, size) != crc)
		return NULL;
	return TAKE(buf);
}

/* What one dataset has, and another one that nobody read before. */
static unsigned compare(const struct dataset_options *o)
{
	unsigned char *files[FILES];
	unsigned failed = 0;
	struct dataset *d, *again;

	if (dataset_new(o, &d) < 0)
		return 1;
	if (dataset_new(o, &again) < 0) {
		dataset_free(d);
		return 1;
	}
	for (uint64_t i = 0; i < FILES; i++) {
		files[i] = read_whole(d, i);
		failed += !files[i];
	}
	if (!failed)
		failed = read_by_many(again, files);
	for (int i = 0; i < FILES; i++)
		free(files[i]);
	dataset_free(d);
	dataset_free(again);
	if (failed)
		fprintf(stderr, "%s: %u wrong\n", o->format, failed);
	return failed;
}

int main(void)
{
	static const struct {
		const char *format, *dtype;
		double length;
	} cases[] = {
		{ "npz", "float32", 50000 },
		{ "csv", "uint8", 10000 },
		{ "tfrecord", "uint8", 50000 },
	};
	unsigned failed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct dataset_options o = {
			.format = cases[i].format,
			.dtype = cases[i].dtype,
			.file_prefix = "img",
			.files = { FILES, 0 },
			.samples_per_file = 2,
			.record_length = cases[i].length,
			.record_length_stdev = cases[i].length / 10,
		};

		failed += compare(&o);
	}
	return failed != 0;
}
