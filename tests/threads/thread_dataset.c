/* One dataset, read by many threads at once without a lock: every thread sees
 * the file that the checksum promises. */
#include "base/rng.h"
#include "data/dataset.h"

#include <string.h>

enum { THREADS = 4, FILES = 3, WINDOWS = 60, MOST = 100000 };

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

int main(void)
{
	struct dataset_options o = { .format = "npz",
				     .dtype = "float32",
				     .file_prefix = "img",
				     .files = { FILES, 0 },
				     .samples_per_file = 2,
				     .record_length = 50000,
				     .record_length_stdev = 5000 };
	unsigned char *files[FILES];
	unsigned failed = 0;
	struct dataset *d;

	if (dataset_new(&o, &d) < 0)
		return 1;
	for (uint64_t i = 0; i < FILES; i++) {
		files[i] = read_whole(d, i);
		failed += !files[i];
	}
	if (!failed)
		failed = read_by_many(d, files);
	for (int i = 0; i < FILES; i++)
		free(files[i]);
	dataset_free(d);
	if (failed)
		fprintf(stderr, "%u wrong\n", failed);
	return failed != 0;
}
