/* What one record costs, with the two clock reads that bracket the operation:
 *
 *	bench_recorder [RECORDS]
 *
 * Prints nanoseconds per record (wall time / records of one thread), the best
 * of five rounds, for one thread and for two at once. */
#include "base/clock.h"
#include "base/recorder.h"

enum { ROUNDS = 5 };

struct job {
	struct recorder *recorder; /* NULL: the clocks alone */
	uint64_t records;
	pthread_barrier_t *start;
	double ns_per_record;
};

static void *run(void *arg)
{
	struct job *job = arg;
	uint64_t start;

	pthread_barrier_wait(job->start);
	start = clock_ns();
	for (uint64_t i = 0; i < job->records; i++) {
		uint64_t begin = clock_ns();

		recorder_add(job->recorder, REC_FUSE, REC_READ,
			     clock_ns() - begin, 4096);
	}
	job->ns_per_record =
		(double)(clock_ns() - start) / (double)job->records;
	return NULL;
}

/* The slowest thread's figure of one round. */
static double round_of(unsigned threads, struct recorder *r, uint64_t records)
{
	pthread_barrier_t start;
	struct job jobs[2];
	pthread_t ids[2];
	double slowest = 0;

	pthread_barrier_init(&start, NULL, threads);
	for (unsigned i = 0; i < threads; i++) {
		jobs[i] = (struct job){ r, records, &start, 0 };
		pthread_create(&ids[i], NULL, run, &jobs[i]);
	}
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		slowest = MAX(slowest, jobs[i].ns_per_record);
	}
	pthread_barrier_destroy(&start);
	return slowest;
}

static void report(const char *what, unsigned threads, struct recorder *r,
		   uint64_t records)
{
	double best = round_of(threads, r, records);

	for (int i = 1; i < ROUNDS; i++) {
		double ns = round_of(threads, r, records);

		best = MIN(best, ns);
	}
	printf("%-18s %u thread%s %6.1f ns\n", what, threads,
	       threads == 1 ? " " : "s", best);
}

int main(int argc, char **argv)
{
	uint64_t records = argc > 1 ? strtoull(argv[1], NULL, 10) : 2000000;
	struct recorder *r;

	if (records == 0 || recorder_new(-1, &r))
		return 2;
	for (unsigned threads = 1; threads <= 2; threads++) {
		report("two clock reads", threads, NULL, records);
		report("clocks and record", threads, r, records);
	}
	recorder_free(r);
	return 0;
}
