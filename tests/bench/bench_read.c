/* Reads at random offsets of one file: the mean nanoseconds of a read.
 *
 *	bench_read FILE BLOCK_BYTES READS
 *
 * The offsets come from a fixed seed; the descriptor is O_DIRECT, so that a
 * mount's handlers see every read. */
#include "base/clock.h"
#include "base/rng.h"
#include "base/util.h"

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
	AUTO_FREE char *buffer = NULL;
	AUTO_CLOSE int fd = -1;
	uint64_t block, reads, blocks, start;
	struct rng rng;
	struct stat st;

	if (argc != 4)
		errx(2, "usage: bench_read FILE BLOCK_BYTES READS");
	block = strtoull(argv[2], NULL, 10);
	reads = strtoull(argv[3], NULL, 10);
	fd = open(argv[1], O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", argv[1]);
	blocks = block ? (uint64_t)st.st_size / block : 0;
	buffer = aligned_alloc(4096, round_up(block, 4096));
	if (!blocks || !reads || !buffer)
		errx(1, "nothing to read");
	rng_seed(&rng, 1);
	start = clock_ns();
	for (uint64_t i = 0; i < reads; i++) {
		uint64_t at = rng_u64(&rng) % blocks * block;

		if (pread(fd, buffer, block, (off_t)at) != (ssize_t)block)
			err(1, "read %s at %" PRIu64, argv[1], at);
	}
	printf("%.1f\n", (double)(clock_ns() - start) / (double)reads);
	return 0;
}
