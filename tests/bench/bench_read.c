/* What a read costs, of several files that are compared: nanoseconds a read,
 * a line for each file.
 *
 *	bench_read BLOCK_BYTES TURNS FILE...
 *
 * The files take turns of TURN_READS reads at random offsets (from a fixed
 * seed), so that whatever else the machine does meanwhile falls on all of them.
 * Printed is the median of a file's turns: a turn that the scheduler or another
 * program broke into does not count.  Descriptors are O_DIRECT, so that a
 * mount's handlers see every read. */
#include "base/clock.h"
#include "base/rng.h"
#include "base/util.h"

#include <err.h>
#include <fcntl.h>
#include <sys/stat.h>

#define TURN_READS 200

struct subject {
	const char *path;
	int fd;
	uint64_t blocks;
	double *turns; /* the mean of each turn, in ns */
};

static void open_subject(struct subject *s, const char *path, size_t block,
			 size_t turns)
{
	struct stat st;

	s->path = path;
	s->fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st))
		err(1, "%s", path);
	s->blocks = (uint64_t)st.st_size / block;
	s->turns = calloc(turns, sizeof(*s->turns));
	if (!s->blocks || !s->turns)
		errx(1, "%s: too short for a block, or no memory", path);
}

static double turn(const struct subject *s, struct rng *rng, void *buffer,
		   size_t block)
{
	uint64_t start = clock_ns();

	for (unsigned i = 0; i < TURN_READS; i++) {
		off_t at = (off_t)(rng_u64(rng) % s->blocks * block);

		if (pread(s->fd, buffer, block, at) != (ssize_t)block)
			err(1, "read %s", s->path);
	}
	return (double)(clock_ns() - start) / TURN_READS;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	AUTO_FREE struct subject *subjects = NULL;
	AUTO_FREE void *buffer = NULL;
	size_t block, turns, n;
	struct rng rng;

	if (argc < 4)
		errx(2, "usage: bench_read BLOCK_BYTES TURNS FILE...");
	block = strtoull(argv[1], NULL, 10);
	turns = strtoull(argv[2], NULL, 10);
	n = (size_t)argc - 3;
	subjects = calloc(n, sizeof(*subjects));
	buffer = aligned_alloc(4096, round_up(block, 4096));
	if (!block || !turns || !subjects || !buffer)
		errx(1, "nothing to read, or no memory");
	for (size_t i = 0; i < n; i++)
		open_subject(&subjects[i], argv[3 + i], block, turns);
	rng_seed(&rng, 1);
	for (size_t t = 0; t < turns; t++)
		for (size_t i = 0; i < n; i++)
			subjects[i].turns[t] =
				turn(&subjects[i], &rng, buffer, block);
	for (size_t i = 0; i < n; i++) {
		qsort(subjects[i].turns, turns, sizeof(double), by_value);
		printf("%.1f\n", subjects[i].turns[turns / 2]);
		free(subjects[i].turns);
		close(subjects[i].fd);
	}
	return 0;
}
