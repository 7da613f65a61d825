/* A mount of a store that is far away: through the block cache. */
#include "backends/backend.h"
#include "backends/mem.h"
#include "backends/record.h"
#include "base/clock.h"
#include "base/recorder.h"
#include "base/rng.h"
#include "fuse/mountpoint.h"
#include "lib/await.h"
#include "lib/cached.h"
#include "lib/served.h"
#include "lib/shared_page.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define MS ((uint64_t)1000000)

enum { BIG = 24 * 1024 * 1024 + 777 };

static const struct {
	const char *name;
	uint64_t size;
} files[] = {
	{ "empty", 0 },	     { "one", 1 },     { "d/140k", 143360 },
	{ "d/5M", 5000000 }, { "d/big", BIG },
};

/* What a test's last store was asked. */
static _Atomic uint64_t *begun;

/* Late by so much, and failing if asked to. */
static struct backend *far_store(uint64_t delay_ns,
				 const struct fault_rule *open, int error)
{
	const struct backend_options mem = { .mem_fd = -1,
					     .mem_limit = 64 * MIB };
	struct fault_plan plan = { 0 };
	struct backend *inner, *b;
	struct cached c;

	cr_assert_eq(backend_open(&mem_ops, "mem://far", &mem, &inner), 0);
	c.mem = inner;
	for (unsigned i = 0; i < ARRAY_SIZE(files); i++)
		cr_assert_eq(cached_add(&c, files[i].name, files[i].size, i),
			     0);
	plan.rule[FAULT_READ] = (struct fault_rule){ .shape = FAULT_FIXED,
						     .a_ns = delay_ns,
						     .error = error };
	plan.begun = begun = shared_page_new(); /* gone when the test is */
	cr_assert(begun);
	if (open)
		plan.rule[FAULT_OPEN] = *open;
	cr_assert_eq(fault_wrap(inner, &plan, &b), 0);
	b->local = false;
	return b;
}

/* A number of the control file. */
static unsigned long figure(const struct served *s, const char *name)
{
	return served_figure(s, ".dliofs/cache", name);
}

/* close() is asynchronous. */
static bool is_closed(const struct served *s)
{
	return AWAIT(figure(s, "readers") == 0);
}

/* What is queued here may be being fetched a moment later. */
static bool is_quiet(const struct served *s)
{
	static const char *const work[] = { "fetching", "queued" };

	return AWAIT(served_sum(s, ".dliofs/cache", work, 2) == 0);
}

static void check_file(const struct served *s, unsigned i, int flags)
{
	int fd = open(served_path(s, files[i].name), O_RDONLY | flags);
	size_t size = files[i].size, room = round_up(size + 1, 4096);
	char *buf = aligned_alloc(4096, room);
	struct rng g;

	cr_assert_geq(fd, 0, "%s", files[i].name);
	cr_expect_eq(read(fd, buf, room), (ssize_t)size);
	cr_expect(cached_bytes_are(buf, i, 0, size), "%s", files[i].name);
	rng_seed(&g, i);
	for (int n = 0; n < 20 && size > 0; n++) {
		size_t at = round_down(rng_u64(&g) % size, 4096);
		size_t len = 4096 * (1 + rng_u64(&g) % 100);
		ssize_t want = (ssize_t)MIN(len, size - at);

		if ((size_t)want > room)
			continue;
		len = MIN(len, room);
		cr_expect_eq(pread(fd, buf, len, (off_t)at), want);
		cr_expect(cached_bytes_are(buf, i, at, (size_t)want));
	}
	close(fd);
	free(buf);
}

Test(mount_cached, every_byte_is_read_under_every_policy_and_budget)
{
	static const struct {
		enum mount_cache cache;
		uint64_t memory;
	} cases[] = {
		{ MOUNT_WARM, 0 },
		{ MOUNT_COLD, 64 * MIB },
		{ MOUNT_DIRECT, CACHE_LEAST },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mount_options o = { .cache = cases[i].cache,
					   .memory = cases[i].memory };
		struct backend *store = far_store(MS, NULL, 0);
		struct served s = { 0 };

		served_start_store(&s, store, &o);
		for (unsigned k = 0; k < ARRAY_SIZE(files); k++) {
			check_file(&s, k, 0);
			check_file(&s, k, O_DIRECT);
		}
		served_stop_store(&s, store);
	}
}

/* Two opens of a file of which one byte is read each time: whether the second
 * asks the store again. */
Test(mount_cached, a_cold_mount_reads_again_what_nobody_has_open)
{
	static const struct {
		enum mount_cache cache;
		bool again;
	} cases[] = { { MOUNT_WARM, false },
		      { MOUNT_COLD, true },
		      { MOUNT_DIRECT, true } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mount_options o = { .cache = cases[i].cache };
		struct backend *far = far_store(MS, NULL, 0), *store;
		struct recorder *recorder;
		struct served s = { 0 };
		char byte;

		cr_assert_eq(recorder_new(-1, &recorder), 0);
		cr_assert_eq(record_wrap(far, recorder, &store), 0);
		served_start_store(&s, store, &o);
		for (off_t n = 1; n <= 2; n++) {
			int fd = open(served_path(&s, "d/5M"), O_RDONLY);

			cr_expect_eq(pread(fd, &byte, 1, n * 2000000), 1);
			cr_expect(is_quiet(&s));
			close(fd);
			cr_expect(is_closed(&s));
		}
		cr_expect_eq(recorder_bytes(recorder, REC_STORE, REC_READ),
			     cases[i].again ? 10000000u : 5000000u, "row %zu",
			     i);
		served_stop_store(&s, store);
		recorder_free(recorder);
	}
}

struct reader {
	const char *path;
	unsigned file;
	uint64_t seed;
	_Atomic unsigned *wrong;
};

static void *read_on(void *arg)
{
	const struct reader *r = arg;
	uint64_t size = files[r->file].size;
	int fd = open(r->path, O_RDONLY);
	char *buf = malloc(300000);
	struct rng g;

	rng_seed(&g, r->seed);
	for (uint64_t at = 0; at < size; at += 131072) {
		size_t len = 1 + rng_u64(&g) % 300000;
		uint64_t off = r->seed % 2 ? at : rng_u64(&g) % size;
		ssize_t got = pread(fd, buf, len, (off_t)off);

		if (got != (ssize_t)MIN(len, size - off) ||
		    !cached_bytes_are(buf, r->file, off, (size_t)got))
			++*r->wrong;
	}
	close(fd);
	free(buf);
	return NULL;
}

Test(mount_cached, many_readers_with_little_memory_see_the_right_bytes)
{
	struct mount_options o = { .cache = MOUNT_COLD, .memory = 8 * MIB };
	struct backend *store = far_store(MS, NULL, 0);
	_Atomic unsigned wrong = 0;
	struct served s = { 0 };
	struct reader readers[12];
	pthread_t threads[12];

	served_start_store(&s, store, &o);
	for (unsigned i = 0; i < 12; i++) {
		unsigned file = 2 + i % 3;

		readers[i] = (struct reader){
			strdup(served_path(&s, files[file].name)), file, i,
			&wrong
		};
		pthread_create(&threads[i], NULL, read_on, &readers[i]);
	}
	for (size_t i = 0; i < 12; i++) {
		pthread_join(threads[i], NULL);
		free((void *)(uintptr_t)readers[i].path);
	}
	cr_expect_eq(wrong, 0u);
	served_stop_store(&s, store);
}

Test(mount_cached, its_gauges_are_seen_and_return_to_zero)
{
	static const char *const gauges[] = {
		"used_bytes", "ahead_bytes",
		"files",      "readers",
		"blocks",     "reads_waiting",
		"fetching",   "reads_without_memory",
		"queued",
	};
	struct mount_options o = { .cache = MOUNT_COLD, .memory = 16 * MIB };
	struct backend *store = far_store(MS, NULL, 0);
	struct served s = { 0 };
	char byte;
	int fd;

	served_start_store(&s, store, &o);
	fd = open(served_path(&s, "d/big"), O_RDONLY);
	cr_expect_eq(pread(fd, &byte, 1, 9000000), 1);
	cr_expect_eq(figure(&s, "budget_bytes"), 16 * MIB);
	cr_expect_eq(figure(&s, "readers"), 1u);
	cr_expect_gt(figure(&s, "used_bytes"), 0u);
	close(fd);
	for (size_t i = 0; i < ARRAY_SIZE(gauges); i++)
		cr_expect(AWAIT(figure(&s, gauges[i]) == 0), "%s", gauges[i]);
	served_stop_store(&s, store);
}

/* Unless for want of a processor. */
static bool opens_at_once(void)
{
	const struct fault_rule late = { .shape = FAULT_FIXED,
					 .a_ns = 1000 * MS };
	struct backend *store = far_store(0, &late, 0);
	struct served s = { 0 };
	uint64_t began, took;
	char byte;
	int fd;

	served_start_store(&s, store, &(struct mount_options){ 0 });
	began = clock_ns();
	fd = open(served_path(&s, "one"), O_RDONLY);
	cr_assert_geq(fd, 0);
	took = clock_ns() - began;
	cr_expect_eq(read(fd, &byte, 1), 1);
	cr_expect_geq(clock_ns() - began, 1000 * MS);
	close(fd);
	served_stop_store(&s, store);
	return took < 900 * MS;
}

Test(mount_cached, opening_does_not_wait_for_the_store)
{
	cr_expect(AWAIT(opens_at_once()));
}

Test(mount_cached, what_the_store_says_is_what_readers_get)
{
	static const int errors[] = { -EIO, -ETIMEDOUT, -EACCES, -ESTALE };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct backend *store = far_store(MS, NULL, errors[i]);
		struct served s = { 0 };
		char byte;
		int fd;

		served_start_store(&s, store, &(struct mount_options){ 0 });
		fd = open(served_path(&s, "d/140k"), O_RDONLY);
		cr_assert_geq(fd, 0);
		cr_expect_eq(read(fd, &byte, 1), -1);
		cr_expect_eq(errno, -errors[i]);
		close(fd);
		served_stop_store(&s, store);
	}
}

/* What he waits for comes in ten minutes. */
Test(mount_cached, a_reader_that_waits_can_be_killed)
{
	struct backend *store = far_store(600 * NS_PER_SEC, NULL, 0);
	struct mount_options o = { .drain_seconds = 1 };
	struct served s = { 0 };
	pid_t reader;

	served_start_store(&s, store, &o);
	reader = served_fork_reader(&s, "d/big");
	cr_expect(AWAIT(begun[FAULT_READ]));
	kill(reader, SIGKILL);
	cr_expect(AWAIT(waitpid(reader, NULL, WNOHANG) == reader));
	served_end(&s, SIGKILL);
	served_remove(&s);
	backend_close(store);
}

Test(mount_cached, a_mount_ends_while_it_is_read)
{
	struct backend *store = far_store(500 * MS, NULL, 0);
	struct mount_options o = { .drain_seconds = 60 };
	_Atomic unsigned wrong = 0;
	struct served s = { 0 };
	struct mountpoint_info info;
	struct reader r;
	pthread_t thread;
	uint64_t began;
	int fd;

	served_start_store(&s, store, &o);
	fd = open(served_path(&s, "one"), O_RDONLY); /* in use to the end */
	r = (struct reader){ strdup(served_path(&s, "d/big")), 4, 1, &wrong };
	pthread_create(&thread, NULL, read_on, &r);
	cr_expect(AWAIT(begun[FAULT_READ]));
	began = clock_ns();
	kill(s.pid, SIGTERM);
	cr_expect(AWAIT(mountpoint_info(s.dir, &info) == -ENOENT));
	kill(s.pid, SIGTERM); /* does not wait for users */
	pthread_join(thread, NULL);
	cr_expect_eq(served_wait(&s), -EBUSY);
	cr_expect_lt(clock_ns() - began, 30 * NS_PER_SEC);
	close(fd);
	free((void *)(uintptr_t)r.path);
	served_remove(&s);
	backend_close(store);
}
