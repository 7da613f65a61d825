#include "train/loader.h"

#include "base/clock.h"
#include "lib/await.h"
#include "lib/fake_source.h"
#include "lib/numpy_files.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define FILES 12

struct world {
	struct fake_source *fake;
	struct loader_setup setup;
	struct sampler sampler;
	uint64_t epoch;
	struct loader *l;
	size_t file_len;
};

static int describe(void *arg, uint64_t number, struct loader_file *out)
{
	const struct world *w = arg;

	snprintf(out->name, sizeof(out->name), "f%02lu", number);
	out->size = w->file_len;
	out->has_crc = false;
	return 0;
}

static struct world *new_world(unsigned threads, uint64_t prefetch,
			       uint64_t batch)
{
	struct world *w = calloc(1, sizeof(*w));
	struct sampler_setup sampler = {
		.files = FILES,
		.samples_per_file = 1,
		.batch = batch,
		.ranks = 1,
		.workers = threads,
	};
	AUTO_FREE uint8_t *bytes = NULL;

	cr_assert(w);
	w->fake = fake_source_new(4096);
	bytes = numpy_files_npy(8, 8, 1, &w->file_len);
	for (uint64_t i = 0; i < FILES; i++) {
		struct loader_file file;

		describe(w, i, &file);
		fake_source_put(w->fake, file.name, bytes, w->file_len);
	}
	w->setup.reader = (struct reader_setup){
		.source = fake_source(w->fake),
		.format = "npy",
		.check = true,
	};
	w->setup.threads = threads;
	w->setup.ahead = loader_pytorch_ahead(threads, prefetch);
	w->setup.file = describe;
	w->setup.arg = w;
	cr_assert_eq(sampler_init(&w->sampler, &sampler), 0);
	w->setup.sampler = &w->sampler;
	return w;
}

static void start(struct world *w)
{
	if (!w->l)
		cr_assert_eq(loader_new(&w->setup, &w->l), 0);
	cr_assert_eq(loader_start(w->l, ++w->epoch), 0);
}

static void free_world(struct world *w)
{
	loader_free(w->l);
	sampler_clear(&w->sampler);
	cr_expect_eq(fake_source_open_files(w->fake), 0);
	source_free(fake_source(w->fake));
	free(w);
}

static size_t opened(struct world *w)
{
	return fake_source_count_of(w->fake, FAKE_OPEN);
}

/* How often each file was opened so far. */
static void count_opens(struct world *w, unsigned count[FILES])
{
	const struct fake_event *e;
	size_t n;

	memset(count, 0, FILES * sizeof(*count));
	e = fake_source_events(w->fake, &n);
	for (size_t i = 0; i < n; i++)
		if (e[i].op == FAKE_OPEN)
			count[strtoul(e[i].name + 1, NULL, 10)]++;
}

Test(loader, delivers_whole_batches_in_order_and_reads_each_file_once)
{
	static const struct {
		unsigned threads;
		uint64_t prefetch, batch;
	} cases[] = {
		{ 0, 2, 4 }, { 1, 2, 4 }, { 2, 0, 3 },	{ 3, 2, 1 },
		{ 4, 9, 1 }, { 2, 2, 5 }, { 1, 0, 12 }, { 8, 2, 6 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world *w = new_world(cases[i].threads, cases[i].prefetch,
					    cases[i].batch);
		uint64_t batches = FILES / cases[i].batch;
		unsigned count[FILES];
		struct batch b;

		for (int pass = 1; pass <= 3; pass++) {
			start(w);
			for (uint64_t n = 0; n < batches; n++) {
				cr_assert_eq(loader_next(w->l, &b), 1);
				cr_expect_eq(b.number, n, "case %zu", i);
				cr_expect_eq(b.io.samples, cases[i].batch);
				cr_expect_eq(b.io.bytes,
					     cases[i].batch * w->file_len);
			}
			cr_expect_eq(loader_next(w->l, &b), 0, "case %zu", i);
			cr_expect_eq(loader_next(w->l, &b), 0, "case %zu", i);
			count_opens(w, count);
			for (uint64_t f = 0; f < FILES; f++)
				cr_expect_eq(count[f],
					     f < batches * cases[i].batch ?
						     (unsigned)pass :
						     0,
					     "case %zu, file %lu", i, f);
		}
		free_world(w);
	}
}

Test(loader, reads_ahead_as_many_batches_as_pytorch)
{
	static const struct {
		unsigned threads;
		uint64_t prefetch;
		size_t ahead; /* batches of one sample */
	} cases[] = {
		{ 1, 2, 2 }, { 2, 2, 2 }, { 4, 2, 4 },
		{ 2, 5, 6 }, { 2, 0, 4 }, { 0, 2, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world *w =
			new_world(cases[i].threads, cases[i].prefetch, 1);
		struct batch b;

		start(w);
		cr_assert_eq(loader_drain(w->l), 0);
		cr_expect_eq(opened(w), cases[i].ahead, "case %zu", i);

		/* Each batch taken lets one more be read. */
		cr_assert_eq(loader_next(w->l, &b), 1);
		cr_assert_eq(loader_drain(w->l), 0);
		cr_expect_eq(opened(w), cases[i].ahead + 1, "case %zu", i);
		free_world(w);
	}
}

Test(loader, reads_ahead_no_further_than_there_is_anything)
{
	struct world *w = new_world(2, 2, 1);
	struct batch b;

	w->setup.ahead = UINT64_MAX / 2;
	start(w);
	cr_assert_eq(loader_drain(w->l), 0);
	cr_expect_eq(opened(w), FILES);
	for (unsigned n = 0; n < FILES; n++)
		cr_expect_eq(loader_next(w->l, &b), 1);
	cr_expect_eq(loader_next(w->l, &b), 0);
	free_world(w);
}

Test(loader, counts_what_was_read_for_nothing_and_starts_again_from_the_first)
{
	struct world *w = new_world(2, 2, 2);
	struct loader_io io;
	struct batch b;

	start(w);
	cr_assert_eq(loader_next(w->l, &b), 1);
	start(w);
	loader_io(w->l, &io);
	cr_expect_geq(io.samples, 6, "one taken, two ahead: %lu", io.samples);
	cr_assert_eq(loader_next(w->l, &b), 1);
	cr_expect_eq(b.number, 0);
	cr_assert_eq(loader_drain(w->l), 0);
	loader_io(w->l, &io);
	cr_expect_eq(io.samples, 12);
	cr_expect_eq(io.bytes, 12 * w->file_len);
	cr_expect_geq(io.read_ns, io.check_ns);
	free_world(w);
}

Test(loader, deals_batches_round_robin_to_its_workers)
{
	struct world *w = new_world(3, 6, 2);
	struct batch b;

	/* Worker 0 builds batches 0 and 3: files 0 1, 6 7; each in order. */
	w->setup.preprocess =
		(struct config_time){ CONFIG_TIME_CONSTANT, 0.001, 0 };
	start(w);
	while (loader_next(w->l, &b) == 1)
		;
	for (unsigned worker = 0; worker < 3; worker++) {
		unsigned long want[] = { 2 * worker, 2 * worker + 1,
					 2 * worker + 6, 2 * worker + 7 };
		const struct fake_event *e;
		size_t n, next = 0;

		e = fake_source_events(w->fake, &n);
		for (size_t i = 0; i < n && next < 4; i++)
			if (e[i].op == FAKE_OPEN &&
			    strtoul(e[i].name + 1, NULL, 10) == want[next])
				next++;
		cr_expect_eq(next, 4, "worker %u", worker);
	}
	free_world(w);
}

Test(loader, with_read_type_memory_reads_no_file_twice)
{
	struct world *w = new_world(2, 2, 2);
	unsigned count[FILES];
	struct batch b;

	w->setup.keep = LOADER_KEEP_ALL;
	for (int pass = 0; pass < 3; pass++) {
		start(w);
		while (loader_next(w->l, &b) == 1)
			cr_expect_eq(b.io.bytes, pass ? 0 : 2 * w->file_len);
	}
	count_opens(w, count);
	for (unsigned f = 0; f < FILES; f++)
		cr_expect_eq(count[f], 1, "file %u", f);
	free_world(w);
}

Test(loader, opens_the_file_again_for_each_of_its_samples)
{
	struct world *w = new_world(1, 2, 4);
	struct sampler_setup sampler = {
		.files = 2,
		.samples_per_file = 4,
		.batch = 4,
		.ranks = 1,
	};
	unsigned count[FILES];
	struct batch b;

	cr_assert_eq(sampler_init(&w->sampler, &sampler), 0);
	start(w);
	while (loader_next(w->l, &b) == 1)
		;
	count_opens(w, count);
	cr_expect_eq(count[0], 4);
	cr_expect_eq(count[1], 4);
	cr_expect_eq(count[2], 0);
	free_world(w);
}

/* With another sampler: files of this many samples. */
static void sample(struct world *w, const struct sampler_setup *setup)
{
	sampler_clear(&w->sampler);
	cr_assert_eq(sampler_init(&w->sampler, setup), 0);
}

Test(loader, that_generates_opens_a_file_once_for_all_of_its_samples)
{
	static const enum sampler_order orders[] = { SAMPLER_ITERATIVE,
						     SAMPLER_RECORDS };

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		struct world *w = new_world(2, 2, 4);
		unsigned count[FILES];
		struct batch b;

		sample(w, &(struct sampler_setup){ .order = orders[i],
						   .files = 6,
						   .samples_per_file = 4,
						   .batch = 4,
						   .ranks = 1,
						   .workers = 2 });
		w->setup.keep = LOADER_KEEP_RUN;
		for (unsigned pass = 1; pass <= 2; pass++) {
			uint64_t samples = 0;

			start(w);
			while (loader_next(w->l, &b) == 1)
				samples += b.io.samples;
			cr_expect_eq(samples, 24);
			count_opens(w, count);
			for (unsigned f = 0; f < 6; f++)
				cr_expect_eq(count[f], pass,
					     "order %zu file %u", i, f);
		}
		free_world(w);
	}
}

/* DLIO's generators count samples, not those of the file they are at. */
Test(loader, that_generates_opens_again_after_as_many_samples_as_a_file_has)
{
	static const unsigned want[] = { 1, 2, 2 };
	struct world *w = new_world(2, 2, 2);
	unsigned count[FILES];
	struct batch b;

	/* The second worker begins in the middle of file 1. */
	sample(w, &(struct sampler_setup){ .order = SAMPLER_ITERATIVE,
					   .files = 3,
					   .samples_per_file = 4,
					   .batch = 2,
					   .ranks = 1,
					   .workers = 2 });
	w->setup.keep = LOADER_KEEP_RUN;
	start(w);
	while (loader_next(w->l, &b) == 1)
		;
	count_opens(w, count);
	for (size_t f = 0; f < ARRAY_SIZE(want); f++)
		cr_expect_eq(count[f], want[f], "file %zu: %u", f, count[f]);
	free_world(w);
}

Test(loader, delivers_strictly_padded_batches_of_the_samples_there_are)
{
	static const uint64_t samples[] = { 3, 2, 2, 2, 2, 1 };
	struct world *w = new_world(5, 2, 3);
	struct batch b;

	/* Twelve for five threads: DLIO's generators make six batches. */
	sample(w, &(struct sampler_setup){ .order = SAMPLER_ITERATIVE,
					   .files = FILES,
					   .samples_per_file = 1,
					   .batch = 3,
					   .ranks = 1,
					   .workers = 5,
					   .strict = true });
	w->setup.keep = LOADER_KEEP_RUN;
	start(w);
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		cr_assert_eq(loader_next(w->l, &b), 1);
		cr_expect_eq(b.io.samples, samples[i], "batch %zu: %lu", i,
			     b.io.samples);
	}
	cr_expect_eq(loader_next(w->l, &b), 0);
	free_world(w);
}

Test(loader, fills_its_shuffle_buffer_before_the_first_batch)
{
	for (unsigned threads = 1; threads <= 3; threads++) {
		struct world *w = new_world(threads, 2, 2);
		struct batch b;

		sample(w, &(struct sampler_setup){ .order = SAMPLER_RECORDS,
						   .files = FILES,
						   .samples_per_file = 1,
						   .batch = 2,
						   .ranks = 1,
						   .workers = threads });
		w->setup.shuffled = 5;
		w->setup.ahead = threads;
		start(w);
		for (unsigned n = 0; n < 6; n++) {
			cr_assert_eq(loader_next(w->l, &b), 1);
			cr_expect_eq(b.io.samples,
				     n == 0 ? 7 :
				     n < 3  ? 2 :
				     n == 3 ? 1 :
					      0,
				     "batch %u: %lu", n, b.io.samples);
		}
		cr_expect_eq(loader_next(w->l, &b), 0);
		free_world(w);
	}
}

Test(loader, makes_batches_of_single_samples_side_by_side)
{
	struct world *w = new_world(3, 2, 4);
	unsigned count[FILES];
	struct batch b;

	sample(w, &(struct sampler_setup){ .order = SAMPLER_INDEX,
					   .single = true,
					   .files = FILES,
					   .samples_per_file = 1,
					   .batch = 4,
					   .ranks = 1,
					   .workers = 3 });
	w->setup.ahead = 4;
	start(w);
	cr_assert_eq(loader_drain(w->l), 0);
	cr_expect_eq(opened(w), 4, "one batch ahead");
	for (unsigned n = 0; n < 3; n++) {
		cr_assert_eq(loader_next(w->l, &b), 1);
		cr_expect_eq(b.io.samples, 4);
	}
	cr_expect_eq(loader_next(w->l, &b), 0);
	count_opens(w, count);
	for (unsigned f = 0; f < FILES; f++)
		cr_expect_eq(count[f], 1);
	free_world(w);
}

Test(loader, that_is_idle_touches_no_file)
{
	struct world *w = new_world(0, 2, 4);
	struct batch b;

	w->setup.idle = true;
	start(w);
	for (unsigned n = 0; n < 3; n++)
		cr_expect_eq(loader_next(w->l, &b), 1);
	cr_expect_eq(loader_next(w->l, &b), 0);
	cr_expect_eq(opened(w), 0);
	free_world(w);
}

Test(loader, gives_the_first_error_of_any_reader_and_then_always,
     .timeout = 100)
{
	for (unsigned threads = 0; threads <= 4; threads++)
		for (unsigned nth = 0; nth < 40; nth += 7) {
			struct world *w = new_world(threads, 4, 2);
			struct batch b;
			int rc;

			fake_source_fail(w->fake, FAKE_READ, nth, -EIO);
			start(w);
			while ((rc = loader_next(w->l, &b)) == 1)
				;
			cr_expect_eq(rc, -EIO, "%u threads, read %u", threads,
				     nth);
			cr_expect_eq(loader_next(w->l, &b), -EIO);
			cr_expect_eq(loader_start(w->l, 2), -EIO);
			cr_expect_eq(loader_next(w->l, &b), -EIO);
			free_world(w);
		}
}

Test(loader, gives_up_waiting_when_stopped, .timeout = 100)
{
	struct world *w = new_world(2, 2, 2);
	atomic_bool stop = false;
	struct batch b;

	fake_source_delay(w->fake, NS_PER_SEC / 5);
	w->setup.stop = &stop;
	start(w);
	stop = true;
	cr_expect_eq(loader_next(w->l, &b), -EINTR);
	free_world(w);
}

/* A file of a thousand reads and more, of which each takes 20 ms: whoever waits
 * for the last has seen them all. */
Test(loader, that_is_freed_reads_no_file_to_its_end, .timeout = 100)
{
	struct world *w = new_world(1, 1, 1);
	AUTO_FREE uint8_t *bytes = NULL;
	size_t reads;

	w->setup.reader.format = "npz";
	bytes = numpy_files_npz(1 << 14, 1 << 14, 1, &w->file_len);
	fake_source_put(w->fake, "f00", bytes, w->file_len);
	fake_source_delay(w->fake, NS_PER_SEC / 50);
	start(w);
	cr_expect(AWAIT(fake_source_count_of(w->fake, FAKE_READ) > 0));
	loader_free(TAKE(w->l));
	reads = fake_source_count_of(w->fake, FAKE_READ);
	cr_expect_lt(reads, 1000, "%zu", reads);
	free_world(w);
}

/* Two samples of 0.2 s in each of six workers: whether side by side.  Unless
 * for want of a processor they are. */
static bool preprocesses_side_by_side(void)
{
	struct world *w = new_world(6, 12, 2);
	uint64_t from_ns, took_ns;
	struct batch b;

	w->setup.preprocess =
		(struct config_time){ CONFIG_TIME_CONSTANT, 0.2, 0 };
	from_ns = clock_ns();
	start(w);
	while (loader_next(w->l, &b) == 1)
		;
	took_ns = clock_ns() - from_ns;
	cr_expect_geq(took_ns, 400000000);
	free_world(w);
	return took_ns < 2000000000;
}

Test(loader, preprocesses_each_sample_in_its_worker)
{
	cr_expect(AWAIT(preprocesses_side_by_side()));
}

Test(loader, has_nothing_to_bring_when_there_is_no_whole_batch)
{
	struct world *w = new_world(2, 2, FILES + 1);
	struct batch b;

	start(w);
	cr_expect_eq(loader_next(w->l, &b), 0);
	cr_expect_eq(opened(w), 0);
	free_world(w);
}

Test(loader, refuses_a_format_that_cannot_be_read)
{
	struct world *w = new_world(1, 2, 2);
	struct loader *l;

	w->setup.reader.format = "parchment";
	cr_expect_eq(loader_new(&w->setup, &l), -EINVAL);
	cr_expect_null(l);
	loader_free(NULL);
	free_world(w);
}
