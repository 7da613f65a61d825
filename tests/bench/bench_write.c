/* The yardstick for generation: the same number of files and bytes, written
 * with plain buffered writes of bytes that cost nothing to make.
 *
 *	bench_write DIR FILES BYTES THREADS
 *
 * Files are made and removed again; prints the seconds that writing took. */
#include "base/clock.h"
#include "base/util.h"

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#define CHUNK (MIB)

struct job {
	const char *folder;
	uint64_t files, bytes;
	unsigned threads, number;
};

static void file_path(const struct job *j, uint64_t file, char *out, size_t n)
{
	snprintf(out, n, "%s/plain_%" PRIu64, j->folder, file);
}

static void write_file(const struct job *j, uint64_t file, const char *chunk)
{
	char path[4096];
	int fd;

	file_path(j, file, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		err(1, "%s", path);
	for (uint64_t left = j->bytes; left;) {
		ssize_t n = write(fd, chunk, MIN(left, CHUNK));

		if (n <= 0)
			err(1, "write %s", path);
		left -= (uint64_t)n;
	}
	close(fd);
}

static void *work(void *arg)
{
	const struct job *j = arg;
	AUTO_FREE char *chunk = malloc(CHUNK);

	if (!chunk)
		errx(1, "no memory");
	memset(chunk, j->number + 1, CHUNK);
	for (uint64_t file = j->number; file < j->files; file += j->threads)
		write_file(j, file, chunk);
	return NULL;
}

static void remove_files(const struct job *j)
{
	char path[4096];

	for (uint64_t file = 0; file < j->files; file++) {
		file_path(j, file, path, sizeof(path));
		unlink(path);
	}
}

int main(int argc, char **argv)
{
	struct job jobs[64];
	pthread_t threads[64];
	uint64_t start;
	unsigned n;

	if (argc != 5)
		errx(2, "usage: bench_write DIR FILES BYTES THREADS");
	n = (unsigned)MIN(strtoul(argv[4], NULL, 10), ARRAY_SIZE(jobs));
	start = clock_ns();
	for (unsigned i = 0; i < n; i++) {
		jobs[i] = (struct job){ argv[1], strtoull(argv[2], NULL, 10),
					strtoull(argv[3], NULL, 10), n, i };
		pthread_create(&threads[i], NULL, work, &jobs[i]);
	}
	for (unsigned i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	printf("%.6f\n", (double)(clock_ns() - start) / 1e9);
	if (n)
		remove_files(&jobs[0]);
	return 0;
}
