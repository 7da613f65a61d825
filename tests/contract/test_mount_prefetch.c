/* The file .dliofs/prefetch of a mount: what is announced there is fetched
 * ahead of who reads it. */
#include "backends/backend.h"
#include "backends/mem.h"
#include "base/clock.h"
#include "lib/await.h"
#include "lib/cached.h"
#include "lib/served.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#define MS ((uint64_t)1000000)

enum { FILES = 40, SIZE = 100000, THREADS = 16 };

/* "d/f0" and so on, and "big", each request for which takes so long. */
static struct backend *slow_store(bool local, uint64_t delay_ns)
{
	const struct backend_options mem = { .mem_fd = -1,
					     .mem_limit = 64 * MIB };
	struct fault_plan plan = { 0 };
	struct backend *inner, *b;
	struct cached c;
	char name[32];

	cr_assert_eq(backend_open(&mem_ops, "mem://far", &mem, &inner), 0);
	c.mem = inner;
	for (unsigned i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "d/f%u", i);
		cr_assert_eq(cached_add(&c, name, SIZE, i), 0);
	}
	cr_assert_eq(cached_add(&c, "big", 20 * MIB, FILES), 0);
	plan.rule[FAULT_READ] =
		(struct fault_rule){ .shape = FAULT_FIXED, .a_ns = delay_ns };
	cr_assert_eq(fault_wrap(inner, &plan, &b), 0);
	b->local = local;
	return b;
}

static struct backend *new_store(bool local)
{
	return slow_store(local, 20 * MS);
}

static void start(struct served *s, struct backend *store,
		  enum mount_cache cache, bool lazy)
{
	struct mount_export e = { .path = "", .store = store, .lazy = lazy };
	const struct mount_options o = {
		.exports = &e,
		.n_exports = 1,
		.cache = cache,
		.io_threads = THREADS,
		.memory = 64 * MIB,
	};

	cr_assert_eq(served_start(s, &o), 0);
}

static void stop(struct served *s, struct backend *store)
{
	cr_expect_eq(served_end(s, SIGTERM), 0);
	served_remove(s);
	backend_close(store);
}

static unsigned long of_cache(const struct served *s, const char *name)
{
	return served_figure(s, ".dliofs/cache", name);
}

static void announce(const struct served *s, const char *text)
{
	int fd = open(served_path(s, ".dliofs/prefetch"), O_WRONLY | O_TRUNC);

	cr_assert_geq(fd, 0, "%s", strerror(errno));
	cr_expect_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	cr_expect_eq(close(fd), 0);
}

static void announce_all(const struct served *s)
{
	char text[FILES * 16] = "";

	for (unsigned i = 0; i < FILES; i++)
		snprintf(text + strlen(text), 16, "d/f%u\n", i);
	announce(s, text);
}

/* One file after the other, as a loader without workers. */
static void read_all(const struct served *s)
{
	char *buf = malloc(SIZE + 1), name[32];

	for (unsigned i = 0; i < FILES; i++) {
		int fd;

		snprintf(name, sizeof(name), "d/f%u", i);
		fd = open(served_path(s, name), O_RDONLY);
		cr_assert_geq(fd, 0);
		cr_assert_eq(read(fd, buf, SIZE + 1), SIZE);
		cr_assert(cached_bytes_are(buf, i, 0, SIZE), "%u", i);
		close(fd);
	}
	free(buf);
}

/* Until the store has nothing to do; the most requests that were seen to be
 * under way at once. */
static unsigned long await_quiet(const struct served *s)
{
	static const char *const work[] = { "fetching", "queued",
					    "hints_waiting" };
	uint64_t deadline = clock_ns() + 60 * NS_PER_SEC;
	unsigned long most = 0;

	do
		most = MAX(most, of_cache(s, "fetching"));
	while (served_sum(s, ".dliofs/cache", work, ARRAY_SIZE(work)) &&
	       clock_ns() < deadline);
	return most;
}

static void expect_no_gauge(const struct served *s)
{
	static const char *const gauges[] = { "used_bytes",   "ahead_bytes",
					      "hinted_bytes", "hints_waiting",
					      "files",	      "blocks",
					      "fetching" };

	/* close() is asynchronous. */
	for (size_t i = 0; i < ARRAY_SIZE(gauges); i++)
		cr_expect(AWAIT(of_cache(s, gauges[i]) == 0), "%s", gauges[i]);
}

struct way {
	enum mount_cache cache;
	bool lazy;
};

/* They wait for nobody; whether they were seen to be fetched at once, which who
 * has no processor misses. */
static bool are_fetched_at_once(const struct way *way)
{
	struct backend *store = slow_store(false, 100 * MS);
	struct served s = { 0 };
	unsigned long at_once;
	struct stat st;

	start(&s, store, way->cache, way->lazy);
	cr_expect_eq(stat(served_path(&s, "d/f0"), &st), 0);
	announce_all(&s);
	at_once = await_quiet(&s);
	cr_expect_eq(of_cache(&s, "fetches"), FILES);
	read_all(&s);
	cr_expect_eq(of_cache(&s, "fetches"), FILES);
	cr_expect_geq(of_cache(&s, "reads"), FILES);
	cr_expect_eq(of_cache(&s, "reads_at_hand"), of_cache(&s, "reads"));
	cr_expect_eq(of_cache(&s, "hints_used"), FILES);
	expect_no_gauge(&s);
	stop(&s, store);
	return at_once > THREADS / 2u;
}

Test(mount_prefetch, announced_files_are_fetched_at_once_and_wait_for_nobody)
{
	static const struct way ways[] = { { MOUNT_WARM, false },
					   { MOUNT_COLD, false },
					   { MOUNT_DIRECT, false },
					   { MOUNT_COLD, true } };

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		cr_expect(AWAIT(are_fetched_at_once(&ways[i])), "row %zu", i);
}

/* What the test above would see if announcing did nothing. */
Test(mount_prefetch, without_it_each_file_is_waited_for)
{
	struct backend *store = new_store(false);
	struct served s = { 0 };

	start(&s, store, MOUNT_COLD, false);
	read_all(&s);
	cr_expect_leq(of_cache(&s, "reads_at_hand") + FILES,
		      of_cache(&s, "reads"));
	stop(&s, store);
}

Test(mount_prefetch, a_range_of_a_large_file_is_fetched_alone)
{
	struct backend *store = new_store(false);
	struct served s = { 0 };
	char byte;
	int fd;

	start(&s, store, MOUNT_DIRECT, false);
	announce(&s, "big\t10485760\t4096");
	await_quiet(&s);
	cr_expect_eq(of_cache(&s, "fetched_bytes"), 4096u);
	fd = open(served_path(&s, "big"), O_RDONLY);
	cr_expect_eq(pread(fd, &byte, 1, 10485761), 1);
	cr_expect_eq(byte, cached_byte(FILES, 10485761));
	close(fd);
	cr_expect_eq(of_cache(&s, "reads_at_hand"), 1u);
	stop(&s, store);
}

Test(mount_prefetch, what_cannot_be_read_is_ignored_and_counted)
{
	static const struct {
		const char *text;
		unsigned long taken, ignored;
	} cases[] = {
		{ "d/f0", 1, 0 },
		{ "./d//f1\n", 1, 0 },
		{ "none\nd/none\nd/f0/x\nd\n\n", 0, 4 },
		{ "../x\nd/../d/f0\n/d/f0\n.dliofs/cache\n.\n/\n", 0, 6 },
		{ "d/f2\t5\nd/f2\t5\t5\nd/f2\t500000\t5", 2, 1 },
	};
	struct backend *store = new_store(false);
	unsigned long taken = 0, ignored = 0;
	struct served s = { 0 };

	start(&s, store, MOUNT_COLD, false);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		announce(&s, cases[i].text);
		taken += cases[i].taken;
		ignored += cases[i].ignored;
		cr_expect_eq(served_figure(&s, ".dliofs/prefetch",
					   "lines_taken"),
			     taken, "row %zu", i);
		cr_expect_eq(served_figure(&s, ".dliofs/prefetch",
					   "lines_ignored"),
			     ignored, "row %zu", i);
	}
	stop(&s, store);
}

Test(mount_prefetch, of_a_lazy_mount_only_folders_that_were_looked_into_count)
{
	struct backend *store = new_store(false);
	struct served s = { 0 };
	struct stat st;

	start(&s, store, MOUNT_COLD, true);
	announce(&s, "d/f0");
	cr_expect_eq(served_figure(&s, ".dliofs/prefetch", "lines_ignored"),
		     1u);
	cr_expect_eq(stat(served_path(&s, "d/f1"), &st), 0);
	announce(&s, "d/f0");
	cr_expect_eq(served_figure(&s, ".dliofs/prefetch", "lines_taken"), 1u);
	stop(&s, store);
}

Test(mount_prefetch, lines_may_come_in_parts_and_from_several_at_once)
{
	struct backend *store = new_store(false);
	struct served s = { 0 };
	int a, b;

	start(&s, store, MOUNT_COLD, false);
	a = open(served_path(&s, ".dliofs/prefetch"), O_WRONLY);
	b = open(served_path(&s, ".dliofs/prefetch"), O_WRONLY | O_APPEND);
	cr_expect_eq(write(a, "d/f", 3), 3);
	cr_expect_eq(write(b, "d/f1", 4), 4);
	cr_expect_eq(write(a, "0\nd/f2", 6), 6);
	cr_expect_eq(served_figure(&s, ".dliofs/prefetch", "lines_taken"), 1u);
	close(a);
	close(b);
	cr_expect_eq(served_figure(&s, ".dliofs/prefetch", "lines_taken"), 3u);
	cr_expect_eq(served_figure(&s, ".dliofs/prefetch", "lines_ignored"),
		     0u);
	stop(&s, store);
}

Test(mount_prefetch, a_store_on_this_machine_needs_none_and_takes_it)
{
	struct backend *store = new_store(true);
	struct served s = { 0 };

	start(&s, store, MOUNT_COLD, false);
	announce_all(&s);
	cr_expect_eq(served_figure(&s, ".dliofs/prefetch", "lines_taken"),
		     FILES);
	read_all(&s);
	stop(&s, store);
}

Test(mount_prefetch, nothing_else_of_the_mount_can_be_written)
{
	static const char *const names[] = { "d/f0", "d/new", ".dliofs/cache",
					     ".dliofs/new" };
	struct backend *store = new_store(false);
	struct served s = { 0 };
	struct stat st;

	start(&s, store, MOUNT_COLD, false);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		cr_expect_eq(open(served_path(&s, names[i]), O_WRONLY | O_CREAT,
				  0644),
			     -1, "%s", names[i]);
		cr_expect_eq(errno, EROFS, "%s: %s", names[i], strerror(errno));
	}
	cr_expect_eq(truncate(served_path(&s, "d/f0"), 0), -1);
	cr_expect_eq(errno, EROFS);
	cr_expect_eq(unlink(served_path(&s, ".dliofs/prefetch")), -1);
	cr_expect_eq(errno, EROFS);
	cr_expect_eq(stat(served_path(&s, ".dliofs/prefetch"), &st), 0);
	cr_expect_eq(st.st_mode, (mode_t)(S_IFREG | 0666));
	cr_expect_eq(open(served_path(&s, ".dliofs/prefetch"), O_RDWR), -1);
	cr_expect_eq(errno, EACCES);
	stop(&s, store);
}
