/* What a checkpoint costs the trainer itself: one rank's share of a workload's
 * model, written to nowhere.
 *
 *	bench_checkpoint WORKLOAD.yaml RANK RANKS [OVERRIDE...]
 *
 * Prints bytes, seconds, the rate, the CRC-32 of all files, and the largest the
 * process ever was. */
#include "base/clock.h"
#include "config/config.h"
#include "lib/sink_source.h"
#include "train/checkpoint.h"

#include <err.h>
#include <inttypes.h>
#include <sys/resource.h>

int main(int argc, char **argv)
{
	struct checkpoint_setup setup = { 0 };
	struct sink_source sink;
	struct checkpoint *c;
	struct config *config;
	struct rusage usage;
	uint64_t start, bytes;
	double seconds;

	if (argc < 4)
		errx(2, "bench_checkpoint WORKLOAD.yaml RANK RANKS "
			"[OVERRIDE...]");
	if (config_load(argv[1], (const char *const *)argv + 4,
			(size_t)argc - 4, 0, &config))
		return 1;
	sink_source_init(&sink);
	setup.config = config;
	setup.source = &sink.base;
	setup.rank = (unsigned)strtoul(argv[2], NULL, 10);
	setup.ranks = (unsigned)strtoul(argv[3], NULL, 10);
	if (checkpoint_new(&setup, &c))
		return 1;
	start = clock_ns();
	if (checkpoint_save(c, 1, 1, &bytes))
		return 1;
	seconds = (double)(clock_ns() - start) / NS_PER_SEC;
	getrusage(RUSAGE_SELF, &usage);
	printf("%" PRIu64 " files, %" PRIu64 " bytes (%.3f GiB) in %.2f s: "
	       "%.2f GiB/s; CRC-32 %08" PRIx32 "; at most %ld MiB resident\n",
	       sink.files, sink.bytes, (double)sink.bytes / GIB, seconds,
	       (double)sink.bytes / GIB / seconds, sink.crc,
	       usage.ru_maxrss / 1024);
	checkpoint_free(c);
	config_free(config);
	return sink.bytes == bytes ? 0 : 1;
}
