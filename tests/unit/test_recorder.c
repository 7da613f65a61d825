#include "base/recorder.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct recorder *new_recorder(void)
{
	struct recorder *r;

	cr_assert_eq(recorder_new(-1, &r), 0);
	return r;
}

static struct rec_figures *figures(const struct recorder *r,
				   enum rec_level level, enum rec_op op)
{
	static struct rec_figures f;

	recorder_get(r, level, op, &f);
	return &f;
}

Test(recorder, counts_bytes_errors_and_time_of_what_was_recorded)
{
	struct recorder *r = new_recorder();
	const struct rec_figures *f;

	recorder_add(r, REC_FUSE, REC_READ, 100, 4096);
	recorder_add(r, REC_FUSE, REC_READ, 300, 0);
	recorder_add(r, REC_FUSE, REC_READ, 200, -EIO);
	recorder_add(r, REC_FUSE, REC_READ, 200, -EINTR);

	f = figures(r, REC_FUSE, REC_READ);
	cr_expect_eq(f->count, 4);
	cr_expect_eq(f->errors, 2);
	cr_expect_eq(f->bytes, 4096);
	cr_expect_eq(hist_min(&f->latency), 100);
	cr_expect_eq(hist_max(&f->latency), 300);
	cr_expect_eq(hist_sum(&f->latency), 800);
	cr_expect_eq(recorder_bytes(r, REC_FUSE, REC_READ), 4096);
	recorder_free(r);
}

Test(recorder, what_was_given_up_is_not_recorded)
{
	struct recorder *r = new_recorder();
	const struct rec_figures *f;

	recorder_add(r, REC_REQUEST, REC_READ, 100, -ECANCELED);
	f = figures(r, REC_REQUEST, REC_READ);
	cr_expect_eq(f->count, 0);
	cr_expect_eq(f->errors, 0);
	recorder_free(r);
}

Test(recorder, keeps_levels_and_operations_apart)
{
	struct recorder *r = new_recorder();

	for (int level = 0; level < REC_LEVELS; level++)
		for (int op = 0; op < REC_OPS; op++)
			recorder_add(r, level, op, 1, level * REC_OPS + op + 1);
	for (int level = 0; level < REC_LEVELS; level++)
		for (int op = 0; op < REC_OPS; op++) {
			const struct rec_figures *f = figures(r, level, op);

			cr_expect_eq(f->count, 1, "%d %d", level, op);
			cr_expect_eq(f->bytes, level * REC_OPS + op + 1,
				     "%d %d", level, op);
		}
	recorder_free(r);
}

Test(recorder, no_recorder_records_nothing)
{
	recorder_add(NULL, REC_APP, REC_READ, 1, 1);
	recorder_count(NULL, REC_RETRIES, 1);
	recorder_lowest(NULL, REC_LIMIT_LOWEST, 1);
	recorder_free(NULL);
}

Test(recorder, forked_processes_write_to_one_recorder_at_once)
{
	enum { CHILDREN = 4, EACH = 20000 };
	struct recorder *r = new_recorder();
	const struct rec_figures *f;

	for (int i = 0; i < CHILDREN; i++)
		if (fork() == 0) {
			for (int n = 0; n < EACH; n++)
				recorder_add(r, REC_APP, REC_READ, 1000, 3);
			_exit(0);
		}
	for (int n = 0; n < EACH; n++)
		recorder_add(r, REC_APP, REC_READ, 1000, 3);
	while (wait(NULL) > 0)
		;

	f = figures(r, REC_APP, REC_READ);
	cr_expect_eq(f->count, (CHILDREN + 1) * EACH);
	cr_expect_eq(f->bytes, 3 * (CHILDREN + 1) * EACH);
	cr_expect_eq(hist_sum(&f->latency), 1000ull * (CHILDREN + 1) * EACH);
	recorder_free(r);
}

Test(recorder, another_process_can_map_it_by_number)
{
	struct recorder *r = new_recorder();
	struct recorder *theirs;
	int status;

	if (fork() == 0) {
		int inherited = dup(recorder_fd(r));

		recorder_free(r);
		if (recorder_new(inherited, &theirs))
			_exit(1);
		recorder_add(theirs, REC_STORE, REC_OPEN, 5, 0);
		recorder_free(theirs);
		_exit(0);
	}
	wait(&status);
	cr_expect_eq(status, 0);
	cr_expect_eq(figures(r, REC_STORE, REC_OPEN)->count, 1);
	recorder_free(r);
}

Test(recorder, its_descriptor_is_not_inherited_by_accident)
{
	struct recorder *r = new_recorder();
	struct recorder *second;
	int fd = dup(recorder_fd(r));

	cr_expect_eq(fcntl(recorder_fd(r), F_GETFD), FD_CLOEXEC);
	cr_assert_eq(recorder_new(fd, &second), 0);
	cr_expect_eq(recorder_fd(second), fd);
	cr_expect_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	recorder_free(second);
	cr_expect_eq(fcntl(fd, F_GETFD), -1, "free closes what new took");
	recorder_free(r);
}

static off_t size_of(int fd)
{
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	return st.st_size;
}

/* A memfd of this size, sealed as ours or not, that begins with these bytes. */
static int memory(off_t size, int seals, const void *begin, size_t len)
{
	int fd = memfd_create("test", MFD_ALLOW_SEALING);

	cr_assert_eq(ftruncate(fd, size), 0);
	cr_assert_eq(pwrite(fd, begin, len, 0), (ssize_t)len);
	cr_assert_eq(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

Test(recorder, refuses_what_is_not_a_recorder_of_this_version)
{
	struct recorder *r = new_recorder();
	off_t size = size_of(recorder_fd(r));
	int seals = F_SEAL_SHRINK | F_SEAL_GROW;
	char good[36], other_magic[36], other_version[36];
	struct recorder *out;
	int fd;

	cr_assert_eq(pread(recorder_fd(r), good, sizeof(good), 0),
		     sizeof(good));
	memcpy(other_magic, good, sizeof(good));
	other_magic[0]++;
	memcpy(other_version, good, sizeof(good));
	other_version[12]++;

	fd = memory(size, seals, good, sizeof(good));
	cr_assert_eq(recorder_new(fd, &out), 0, "the forgery is perfect");
	recorder_free(out);

	const struct {
		const char *what;
		int fd;
	} cases[] = {
		{ "closed", 999 },
		{ "a pipe or so", dup(STDIN_FILENO) },
		{ "other magic", memory(size, seals, other_magic, 36) },
		{ "other version", memory(size, seals, other_version, 36) },
		{ "empty", memory(0, seals & ~F_SEAL_GROW, "", 0) },
		{ "too short", memory(size - 1, seals, good, 36) },
		{ "too long", memory(size + 1, seals, good, 36) },
		{ "can be cut", memory(size, 0, good, 36) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(recorder_new(cases[i].fd, &out), -EINVAL, "%s",
			     cases[i].what);
		cr_expect_eq(fcntl(cases[i].fd, F_GETFD), -1, "%s is taken",
			     cases[i].what);
	}
	recorder_free(r);
}

static off_t memory_used(const struct recorder *r)
{
	struct stat st;

	cr_assert_eq(fstat(recorder_fd(r), &st), 0);
	return st.st_blocks * 512;
}

Test(recorder, memory_is_spent_only_on_what_happened)
{
	struct recorder *r = new_recorder();
	off_t empty = memory_used(r);

	cr_expect_gt(size_of(recorder_fd(r)), 16 << 20, "huge");
	cr_expect_leq(empty, 4096);

	recorder_add(r, REC_APP, REC_READ, 1000, 4096);
	cr_expect_leq(memory_used(r), 64 << 10);
	recorder_free(r);
}

Test(recorder, reading_costs_no_memory)
{
	struct recorder *r = new_recorder();

	recorder_add(r, REC_APP, REC_READ, 1000, 4096);
	for (int level = 0; level < REC_LEVELS; level++)
		for (int op = 0; op < REC_OPS; op++) {
			figures(r, level, op);
			recorder_bytes(r, level, op);
		}
	cr_expect_leq(memory_used(r), 64 << 10);
	recorder_free(r);
}

Test(recorder, every_level_and_operation_has_a_name_of_its_own)
{
	for (int a = 0; a < REC_OPS; a++)
		for (int b = 0; b < a; b++)
			cr_expect_str_neq(recorder_op_name(a),
					  recorder_op_name(b));
	cr_expect_str_eq(recorder_op_name(REC_OTHER), "other");
	cr_expect_str_eq(recorder_level_name(REC_APP), "app");
	cr_expect_str_eq(recorder_level_name(REC_FUSE), "fuse");
	cr_expect_str_eq(recorder_level_name(REC_STORE), "store");
	cr_expect_str_eq(recorder_level_name(REC_REQUEST), "request");
}

Test(recorder, every_counter_has_a_name_of_its_own)
{
	for (int a = 0; a < REC_COUNTERS; a++)
		for (int b = 0; b < a; b++)
			cr_expect_str_neq(recorder_counter_name(a),
					  recorder_counter_name(b));
	cr_expect_str_eq(recorder_counter_name(REC_RETRIES), "retries");
}

Test(recorder, counters_go_up_and_down_each_for_itself)
{
	struct recorder *r = new_recorder();

	for (int i = 0; i < REC_COUNTERS; i++)
		cr_expect_eq(recorder_counter(r, i), 0);
	recorder_count(r, REC_RETRIES, 1);
	recorder_count(r, REC_RETRIES, 2);
	recorder_count(r, REC_LIMIT, 16);
	recorder_count(r, REC_LIMIT, -8);
	cr_expect_eq(recorder_counter(r, REC_RETRIES), 3);
	cr_expect_eq(recorder_counter(r, REC_LIMIT), 8);
	cr_expect_eq(recorder_counter(r, REC_THROTTLED), 0);
	cr_expect_eq(recorder_counter(r, REC_LIMIT_LOWEST), 0);
	recorder_free(r);
}

Test(recorder, keeps_the_lowest_value_it_was_given)
{
	static const uint64_t given[] = { 8, 9, 4, 5, 4 };
	static const uint64_t want[] = { 8, 8, 4, 4, 4 };
	struct recorder *r = new_recorder();

	for (size_t i = 0; i < ARRAY_SIZE(given); i++) {
		recorder_lowest(r, REC_LIMIT_LOWEST, given[i]);
		cr_expect_eq(recorder_counter(r, REC_LIMIT_LOWEST), want[i]);
	}
	recorder_free(r);
}

Test(recorder, counters_are_shared_between_processes)
{
	struct recorder *r = new_recorder();
	int status;

	if (fork() == 0) {
		for (int i = 0; i < 1000; i++)
			recorder_count(r, REC_THROTTLED, 1);
		recorder_lowest(r, REC_LIMIT_LOWEST, 3);
		_exit(0);
	}
	for (int i = 0; i < 1000; i++)
		recorder_count(r, REC_THROTTLED, 1);
	recorder_lowest(r, REC_LIMIT_LOWEST, 7);
	wait(&status);
	cr_expect_eq(recorder_counter(r, REC_THROTTLED), 2000);
	cr_expect_eq(recorder_counter(r, REC_LIMIT_LOWEST), 3);
	recorder_free(r);
}
