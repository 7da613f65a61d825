/* Threads of two processes record into one recorder while another thread reads
 * it: nothing is lost, and what is read on the way is consistent. */
#include "base/recorder.h"

#include <stdatomic.h>
#include <sys/wait.h>

enum { THREADS = 4, EACH = 50000 };

struct shared {
	struct recorder *recorder;
	_Atomic bool done;
	_Atomic unsigned complaints;
};

#define CHECK(shared, condition)                                               \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
				__LINE__, #condition);                         \
			(shared)->complaints++;                                \
		}                                                              \
	} while (0)

static void *write_records(void *arg)
{
	struct shared *s = arg;

	for (unsigned i = 0; i < EACH; i++)
		recorder_add(s->recorder, REC_APP, REC_READ, 1000 + i % 1000,
			     i % 10 == 0 ? -5 : 2);
	return NULL;
}

static void *read_records(void *arg)
{
	struct shared *s = arg;
	uint64_t last = 0;

	while (!s->done) {
		struct rec_figures f;

		recorder_get(s->recorder, REC_APP, REC_READ, &f);
		CHECK(s, f.count >= last);
		last = f.count;
		if (f.count == 0)
			continue;
		/* Every value counted is between the extremes. */
		CHECK(s, hist_min(&f.latency) >= 1000);
		CHECK(s, hist_min(&f.latency) <= hist_max(&f.latency));
		CHECK(s, hist_max(&f.latency) <= 1999);
		CHECK(s, hist_sum(&f.latency) >= 1000 * f.count);
	}
	return NULL;
}

static void write_with_threads(struct shared *s)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, write_records, s);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
	const uint64_t total = 2 * THREADS * EACH;
	struct shared s = { 0 };
	struct rec_figures f;
	pthread_t reader;
	int status = -1;
	pid_t child;

	if (recorder_new(-1, &s.recorder))
		return 1;
	child = fork();
	if (child == 0) {
		write_with_threads(&s);
		_exit(0);
	}
	pthread_create(&reader, NULL, read_records, &s);
	write_with_threads(&s);
	waitpid(child, &status, 0);
	s.done = true;
	pthread_join(reader, NULL);

	recorder_get(s.recorder, REC_APP, REC_READ, &f);
	CHECK(&s, status == 0);
	CHECK(&s, f.count == total);
	CHECK(&s, f.errors == total / 10);
	CHECK(&s, f.bytes == total / 10 * 9 * 2);
	CHECK(&s, hist_sum(&f.latency) == total * 1000 + total / 2 * 999);
	CHECK(&s, hist_min(&f.latency) == 1000);
	CHECK(&s, hist_max(&f.latency) == 1999);
	recorder_free(s.recorder);
	return s.complaints != 0;
}
