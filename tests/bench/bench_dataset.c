/* How fast a dataset is made out of nothing, on one core:
 *
 *	bench_dataset [MEGABYTES]
 *
 * For each dtype GB/s of noise alone, of payload (noise, checksum and the bits
 * that settle it), and of whole NPZ files read in pieces as a writer and as the
 * kernel ask for them; then what questions cost that need no payload.  The best
 * of five rounds. */
#include "base/clock.h"
#include "data/dataset.h"
#include "data/noise.h"

#include <string.h>

enum { ROUNDS = 5 };

struct bench {
	const struct dataset *dataset;
	struct payload payload;
	unsigned char *buf;
	uint64_t bytes; /* to go through in a round */
	size_t piece;
};

static void noise(const struct bench *b)
{
	struct noise n;

	noise_seed(&n, 1);
	for (uint64_t at = 0; at < b->bytes; at += b->piece)
		noise_fill(&n, NOISE_BITS, b->buf, b->piece);
}

static void payload(const struct bench *b)
{
	struct payload_span s = { .stream = 1, .start = 183, .len = b->bytes };

	for (uint64_t at = 0; at + b->piece <= b->bytes; at += b->piece)
		payload_fill(&b->payload, &s, at, b->buf, b->piece);
}

static void file(const struct bench *b)
{
	for (uint64_t at = 0; at < b->bytes; at += b->piece)
		if (dataset_read(b->dataset, 0, b->buf, b->piece, at) <= 0)
			abort();
}

static double gb_per_s(void (*f)(const struct bench *), struct bench *b,
		       size_t piece)
{
	double best = 0;

	b->piece = piece;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t start = clock_ns();
		double rate;

		f(b);
		rate = (double)b->bytes / (double)(clock_ns() - start);
		best = MAX(best, rate);
	}
	return best;
}

static struct dataset *make(const char *dtype, uint64_t bytes)
{
	struct dataset_options o = { .format = "npz",
				     .dtype = dtype,
				     .file_prefix = "img",
				     .files = { 1, 0 },
				     .samples_per_file = 1,
				     .record_dims = &bytes,
				     .record_ndims = 1 };
	struct dataset *d;

	bytes /= dtype_find(dtype)->size;
	return dataset_new(&o, &d) < 0 ? NULL : d;
}

static void rates(const char *dtype, uint64_t bytes, unsigned char *buf)
{
	struct dataset *d = make(dtype, bytes);
	struct bench b = { .dataset = d, .buf = buf, .bytes = bytes };

	if (!d)
		exit(1);
	payload_init(&b.payload, dtype_find(dtype), 1);
	printf("%-8s payload %5.1f GB/s   npz by 1 MiB %5.1f   by 128 KiB %5.1f"
	       "   by 4 KiB %5.1f\n",
	       dtype, gb_per_s(payload, &b, MIB), gb_per_s(file, &b, MIB),
	       gb_per_s(file, &b, 128 * KIB), gb_per_s(file, &b, 4 * KIB));
	dataset_free(d);
}

static void questions(uint64_t bytes, unsigned char *buf)
{
	struct dataset *d = make("uint8", bytes);
	uint64_t best_header = UINT64_MAX, best_crc = UINT64_MAX;
	uint32_t crc;

	for (int i = 0; i < 100; i++) {
		uint64_t start = clock_ns(), header;

		if (!d || dataset_read(d, 0, buf, 100, 0) < 0)
			exit(1);
		header = clock_ns();
		if (dataset_crc32(d, 0, &crc) < 0)
			exit(1);
		best_header = MIN(best_header, header - start);
		best_crc = MIN(best_crc, clock_ns() - header);
	}
	printf("of a file of %.0f MB: header %.1f us, CRC-32 %.1f us\n",
	       (double)bytes / 1e6, (double)best_header / 1e3,
	       (double)best_crc / 1e3);
	dataset_free(d);
}

int main(int argc, char **argv)
{
	static const char *const dtypes[] = { "uint8", "bool", "float16",
					      "float32", "float64" };
	uint64_t bytes = MIB * (argc > 1 ? strtoull(argv[1], NULL, 10) : 64);
	AUTO_FREE unsigned char *buf = malloc(MIB);
	struct bench b = { .buf = buf, .bytes = bytes };

	memset(buf, 1, MIB);
	printf("noise    %5.1f GB/s\n", gb_per_s(noise, &b, 64 * KIB));
	for (size_t i = 0; i < ARRAY_SIZE(dtypes); i++)
		rates(dtypes[i], bytes, buf);
	questions(150000000, buf);
	return 0;
}
