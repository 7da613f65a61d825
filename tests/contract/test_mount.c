/* What is read through a mount, by the kernel's own calls. */
#include "backends/fault.h"
#include "backends/file.h"
#include "backends/mem.h"
#include "base/clock.h"
#include "base/recorder.h"
#include "base/rng.h"
#include "fuse/tree.h"
#include "lib/await.h"
#include "lib/hung_store.h"
#include "lib/scratch.h"
#include "lib/served.h"
#include "lib/shared_page.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

static const struct {
	const char *name;
	size_t size;
} files[] = {
	{ "empty", 0 },
	{ "one", 1 },
	{ "train/4095", 4095 },
	{ "train/4096", 4096 },
	{ "train/4097", 4097 },
	{ "train/sub/140k", 143360 },
	{ "train/sub/1M", 1048577 },
	{ "train/sub/more/5M", 5000000 },
	{ "name with spaces \xc3\xa9\n", 77 },
};

static const struct backend_options mem_options = { .mem_fd = -1,
						    .mem_limit = 64 * MIB };

static char byte_at(size_t file, size_t offset)
{
	return (char)(offset * 7 + offset / 251 + offset / 65521 + file);
}

static void add_object(struct backend *b, size_t i)
{
	char *bytes = malloc(files[i].size + 1);
	struct object *o;

	for (size_t at = 0; at < files[i].size; at++)
		bytes[at] = byte_at(i, at);
	cr_assert_eq(object_create(b, files[i].name, &o), 0);
	cr_assert_eq(object_append(o, bytes, files[i].size), 0);
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
	free(bytes);
}

static struct backend *new_store(void)
{
	struct backend *b;

	cr_assert_eq(backend_open(&mem_ops, "mem://m", &mem_options, &b), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		add_object(b, i);
	return b;
}

/* Takes the inner store. */
static struct backend *faulty(struct backend *inner, enum fault_op op,
			      uint64_t delay_ns, int error)
{
	struct fault_plan plan = { 0 };
	struct backend *b;

	plan.rule[op].shape = delay_ns ? FAULT_FIXED : FAULT_NONE;
	plan.rule[op].a_ns = delay_ns;
	plan.rule[op].error = error;
	cr_assert_eq(fault_wrap(inner, &plan, &b), 0);
	return b;
}

static uint64_t count_of(struct recorder *r, enum rec_op op)
{
	static struct rec_figures f;

	recorder_get(r, REC_FUSE, op, &f);
	return f.count;
}

/* ---- Bytes -------------------------------------------------------------- */

static bool bytes_are(const char *got, size_t file, size_t offset, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (got[i] != byte_at(file, offset + i))
			return false;
	return true;
}

static void check_file(const struct served *s, size_t i, int flags)
{
	int fd = open(served_path(s, files[i].name), O_RDONLY | flags);
	size_t size = files[i].size, room = round_up(size + 1, 8192);
	char *buf = aligned_alloc(4096, room);
	struct rng g;
	struct stat st;

	cr_assert_geq(fd, 0, "%s", files[i].name);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect_eq((size_t)st.st_size, size);
	cr_expect_eq(read(fd, buf, room), (ssize_t)size);
	cr_expect_eq(read(fd, buf + size, 1), 0, "the end");
	cr_expect(bytes_are(buf, i, 0, size), "%s", files[i].name);

	rng_seed(&g, i);
	for (int n = 0; n < 50 && size > 0; n++) {
		size_t at = rng_u64(&g) % size;
		size_t len = 1 + rng_u64(&g) % (size - at);

		if (flags & O_DIRECT) {
			at = round_down(at, 4096);
			len = round_up(MIN(len, size - at), 4096);
		}
		cr_expect_eq(pread(fd, buf, len, (off_t)at),
			     (ssize_t)MIN(len, size - at));
		cr_expect(bytes_are(buf, i, at, MIN(len, size - at)));
	}
	close(fd);
	free(buf);
}

static void check_mapping(const struct served *s, size_t i, int how)
{
	int fd = open(served_path(s, files[i].name), O_RDONLY);
	char *map = mmap(NULL, files[i].size, PROT_READ, how, fd, 0);

	cr_assert_neq(map, MAP_FAILED, "%s", strerror(errno));
	cr_expect(bytes_are(map, i, 0, files[i].size));
	munmap(map, files[i].size);
	close(fd);
}

Test(mount, every_byte_is_read_under_every_cache_policy)
{
	static const enum mount_cache policies[] = { MOUNT_WARM, MOUNT_COLD,
						     MOUNT_DIRECT };

	for (size_t p = 0; p < ARRAY_SIZE(policies); p++) {
		struct mount_options o = { .cache = policies[p] };
		struct backend *store = new_store();
		struct served s = { 0 };

		served_start_store(&s, store, &o);
		for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
			check_file(&s, i, 0);
			check_file(&s, i, O_DIRECT);
			if (files[i].size > 0)
				check_mapping(&s, i, MAP_PRIVATE);
			if (files[i].size > 0 && policies[p] != MOUNT_DIRECT)
				check_mapping(&s, i, MAP_SHARED);
		}
		served_stop_store(&s, store);
	}
}

Test(mount, every_byte_is_read_from_a_store_that_makes_readers_wait)
{
	struct backend *store = faulty(new_store(), FAULT_READ, 1000000, 0);
	struct served s = { 0 };

	served_start_store(&s, store, &(struct mount_options){ 0 });
	for (size_t i = 0; i < ARRAY_SIZE(files) - 2; i++)
		check_file(&s, i, 0);
	served_stop_store(&s, store);
}

/* Through file://, with the page cache below and ours above. */
Test(mount, every_byte_is_read_from_a_folder)
{
	struct served s = { 0 };
	struct backend *store;
	char *dir = scratch_new(), uri[256];

	snprintf(uri, sizeof(uri), "file://%s", dir);
	cr_assert_eq(backend_open(&file_ops, uri, NULL, &store), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		add_object(store, i);
	served_start_store(&s, store,
			   &(struct mount_options){ .cache = MOUNT_COLD });
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		check_file(&s, i, 0);
	served_stop_store(&s, store);
	scratch_remove(dir);
}

struct reader {
	const char *path;
	uint64_t seed;
	_Atomic unsigned *wrong;
};

static void *read_at_random(void *arg)
{
	const struct reader *r = arg;
	int fd = open(r->path, O_RDONLY);
	char *buf = malloc(300000);
	struct rng g;

	rng_seed(&g, r->seed);
	for (int n = 0; n < 60; n++) {
		size_t at = rng_u64(&g) % 5000000;
		size_t len = 1 + rng_u64(&g) % 300000;

		len = MIN(len, 5000000 - at);
		if (pread(fd, buf, len, (off_t)at) != (ssize_t)len ||
		    !bytes_are(buf, 7, at, len))
			++*r->wrong;
	}
	close(fd);
	free(buf);
	return NULL;
}

Test(mount, eight_readers_at_random_offsets_see_the_right_bytes)
{
	struct backend *store = faulty(new_store(), FAULT_READ, 100000, 0);
	struct mount_options o = { .cache = MOUNT_COLD };
	_Atomic unsigned wrong = 0;
	struct served s = { 0 };
	struct reader readers[8];
	pthread_t threads[8];

	served_start_store(&s, store, &o);
	for (size_t i = 0; i < 8; i++) {
		readers[i] = (struct reader){ served_path(&s, files[7].name), i,
					      &wrong };
		pthread_create(&threads[i], NULL, read_at_random, &readers[i]);
	}
	for (size_t i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	cr_expect_eq(wrong, 0u);
	served_stop_store(&s, store);
}

Test(mount, a_forked_child_reads_its_parents_descriptor)
{
	struct backend *store = new_store();
	struct served s = { 0 };
	char byte;
	int fd, copy, status;

	served_start_store(&s, store, &(struct mount_options){ 0 });
	fd = open(served_path(&s, files[5].name), O_RDONLY);
	copy = dup(fd);
	close(fd);
	if (fork() == 0)
		_exit(pread(copy, &byte, 1, 1000) == 1 &&
				      byte == byte_at(5, 1000) ?
			      0 :
			      1);
	wait(&status);
	cr_expect_eq(status, 0);
	cr_expect_eq(pread(copy, &byte, 1, 2000), 1);
	cr_expect_eq(byte, byte_at(5, 2000));
	close(copy);
	served_stop_store(&s, store);
}

/* ---- Names and attributes ----------------------------------------------- */

Test(mount, attributes_are_what_they_should_be)
{
	struct mount_options o = { .blksize = 262144 };
	struct backend *store = new_store();
	struct served s = { 0 };
	struct statvfs fs;
	struct stat st;

	served_start_store(&s, store, &o);
	cr_assert_eq(stat(served_path(&s, files[7].name), &st), 0);
	cr_expect_eq(st.st_size, 5000000);
	cr_expect_eq(st.st_blksize, 262144);
	cr_expect_eq(st.st_blocks, (5000000 + 511) / 512);
	cr_expect_eq(st.st_mode, (mode_t)(S_IFREG | 0444));
	cr_expect_eq(st.st_uid, getuid());
	cr_expect_eq(st.st_mtime, st.st_ctime);
	cr_assert_eq(stat(served_path(&s, "train/sub"), &st), 0);
	cr_expect_eq(st.st_mode, (mode_t)(S_IFDIR | 0555));
	cr_assert_eq(statvfs(s.dir, &fs), 0);
	cr_expect_eq(fs.f_files, ARRAY_SIZE(files));
	cr_expect_eq(fs.f_bfree, 0u);
	cr_expect_not(fs.f_flag & ST_RDONLY, "or no file could be written");
	served_stop_store(&s, store);
}

Test(mount, nothing_can_be_changed)
{
	struct backend *store = new_store();
	struct served s = { 0 };

	served_start_store(&s, store, &(struct mount_options){ 0 });
	cr_expect_eq(open(served_path(&s, "new"), O_CREAT | O_WRONLY, 0644),
		     -1);
	cr_expect_eq(errno, EROFS);
	cr_expect_eq(open(served_path(&s, "one"), O_WRONLY), -1);
	cr_expect_eq(errno, EROFS);
	cr_expect_eq(unlink(served_path(&s, "one")), -1);
	cr_expect_eq(errno, EROFS);
	cr_expect_eq(mkdir(served_path(&s, "d"), 0755), -1);
	cr_expect_eq(errno, EROFS);
	cr_expect_eq(chmod(served_path(&s, "one"), 0644), -1);
	cr_expect_eq(errno, EROFS);
	served_stop_store(&s, store);
}

static unsigned list(const char *path, const char *const *want, size_t n)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	unsigned seen = 0;

	cr_assert_neq(dir, NULL, "%s", path);
	while ((d = readdir(dir))) {
		size_t i = 0;

		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		while (i < n && strcmp(want[i], d->d_name) != 0)
			i++;
		cr_expect_lt(i, n, "%s is too much", d->d_name);
		cr_expect_not(seen & 1u << i, "%s is there twice", d->d_name);
		seen |= 1u << i;
	}
	closedir(dir);
	return seen;
}

Test(mount, folders_list_what_they_have_and_not_the_control_folder)
{
	static const char *const root[] = { "empty", "one", "train",
					    "name with spaces \xc3\xa9\n" };
	static const char *const sub[] = { "140k", "1M", "more" };
	struct backend *store = new_store();
	struct served s = { 0 };

	served_start_store(&s, store, &(struct mount_options){ 0 });
	for (int again = 0; again < 2; again++) {
		cr_expect_eq(list(s.dir, root, 4), 0xfu);
		cr_expect_eq(list(served_path(&s, "train/sub"), sub, 3), 7u);
	}
	served_stop_store(&s, store);
}

static int fill_many(void *arg, struct tree *t)
{
	char name[64];
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < 20000; i++) {
		snprintf(name, sizeof(name), "d/a_file_of_many_%05u", i);
		rc = tree_add_file(t, 0, name, i, 0);
	}
	*(int *)arg = rc;
	return rc;
}

Test(mount, a_folder_of_twenty_thousand_is_listed_with_attributes)
{
	int rc;
	struct mount_options o = { .fill = fill_many, .fill_arg = &rc };
	struct backend *store = new_store();
	char *seen = calloc(1, 20000);
	struct served s = { 0 };
	struct dirent *d;
	unsigned i, n = 0;
	DIR *dir;

	served_start_store(&s, store, &o);
	dir = opendir(served_path(&s, "d"));
	while ((d = readdir(dir))) {
		struct stat st;

		if (sscanf(d->d_name, "a_file_of_many_%u", &i) != 1)
			continue;
		cr_expect_eq(seen[i]++, 0);
		cr_expect_eq(fstatat(dirfd(dir), d->d_name, &st, 0), 0);
		cr_expect_eq(st.st_size, (off_t)i);
		cr_expect_eq(st.st_ino, d->d_ino);
		n++;
	}
	cr_expect_eq(n, 20000u);
	closedir(dir);
	free(seen);
	served_stop_store(&s, store);
}

/* ---- What the kernel remembers ------------------------------------------ */

Test(mount, names_and_attributes_are_asked_for_once)
{
	struct backend *store = new_store();
	struct mount_options o = { 0 };
	struct served s = { 0 };
	struct stat st;
	uint64_t before;

	cr_assert_eq(recorder_new(-1, &o.recorder), 0);
	served_start_store(&s, store, &o);
	for (int i = 0; i < 2; i++) {
		before = count_of(o.recorder, REC_STAT);
		cr_expect_eq(stat(served_path(&s, "train/4096"), &st), 0);
		cr_expect_eq(stat(served_path(&s, "train/none"), &st), -1);
		cr_expect_eq(errno, ENOENT);
		cr_expect_eq(access(served_path(&s, "one"), R_OK), 0);
	}
	cr_expect_eq(count_of(o.recorder, REC_STAT), before);
	served_stop_store(&s, store);
	recorder_free(o.recorder);
}

Test(mount, the_page_cache_is_kept_or_not_as_the_policy_says)
{
	static const struct {
		enum mount_cache cache;
		int flags;
		bool again; /* a second open reads from the store again */
	} cases[] = {
		{ MOUNT_WARM, 0, false },
		{ MOUNT_COLD, 0, true },
		{ MOUNT_DIRECT, 0, true },
		{ MOUNT_WARM, O_DIRECT, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mount_options o = { .cache = cases[i].cache };
		struct backend *store = new_store();
		struct served s = { 0 };
		uint64_t before = 0, after;

		cr_assert_eq(recorder_new(-1, &o.recorder), 0);
		served_start_store(&s, store, &o);
		for (int n = 0; n < 2; n++) {
			before = recorder_bytes(o.recorder, REC_FUSE, REC_READ);
			check_file(&s, 5, cases[i].flags);
		}
		after = recorder_bytes(o.recorder, REC_FUSE, REC_READ);
		cr_expect_eq(after > before, cases[i].again, "row %zu", i);
		served_stop_store(&s, store);
		recorder_free(o.recorder);
	}
}

Test(mount, handlers_are_recorded)
{
	struct mount_options o = { .cache = MOUNT_DIRECT };
	struct backend *store = faulty(new_store(), FAULT_READ, 20000000, 0);
	struct served s = { 0 };
	static struct rec_figures f;

	cr_assert_eq(recorder_new(-1, &o.recorder), 0);
	served_start_store(&s, store, &o);
	check_file(&s, 1, 0);
	recorder_get(o.recorder, REC_FUSE, REC_READ, &f);
	cr_expect_geq(f.count, 52u);
	cr_expect_geq(f.bytes, 51u);
	cr_expect_eq(f.errors, 0u);
	cr_expect_geq(hist_max(&f.latency), 20000000u,
		      "the wait in the pool is part of it");
	served_stop_store(&s, store);
	recorder_free(o.recorder);
}

/* ---- Waiting and failing ------------------------------------------------ */

static void *read_one(void *arg)
{
	char byte;
	int fd = open(arg, O_RDONLY);

	(void)!read(fd, &byte, 1);
	close(fd);
	return NULL;
}

/* More readers wait than there are threads for requests or for the store.  They
 * wait until they are told to stop; the test, which would wait with them, is
 * killed then, and so is the server. */
Test(mount, readers_that_wait_do_not_hold_up_others, .timeout = 150)
{
	struct hung_flags *flags = shared_page_new();
	struct mount_options o = { .fuse_threads = 2,
				   .io_threads = 2,
				   .cache = MOUNT_DIRECT,
				   .stop = &flags->stop };
	struct backend *store = hung_store(flags);
	struct served s = { 0 };
	pthread_t threads[12];
	const char *path;
	struct stat st;

	store->local = true;
	served_start_store(&s, store, &o);
	path = served_path(&s, "f");
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_create(&threads[i], NULL, read_one,
			       (void *)(uintptr_t)path);
	cr_expect(AWAIT(flags->asked == 2));
	clock_sleep_until(clock_ns() + NS_PER_SEC / 10); /* for the others */
	cr_expect_eq(stat(served_path(&s, "none"), &st), -1);
	cr_expect_eq(errno, ENOENT);
	cr_expect_eq(flags->stopped, 0u);
	flags->stop = true;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	served_stop_store(&s, store);
	shared_page_free(flags);
}

/* Five requests of a second: whether they do.  Unless for want of a
 * processor. */
static bool requests_wait_together(void)
{
	struct mount_options o = { .io_threads = 8 };
	struct backend *store = faulty(new_store(), FAULT_READ, NS_PER_SEC, 0);
	char *buf = aligned_alloc(4096, 5001216);
	struct served s = { 0 };
	uint64_t began, took;
	int fd;

	served_start_store(&s, store, &o);
	fd = open(served_path(&s, files[7].name), O_RDONLY | O_DIRECT);
	began = clock_ns();
	cr_expect_eq(read(fd, buf, 5001216), 5000000);
	took = clock_ns() - began;
	cr_expect(bytes_are(buf, 7, 0, 5000000));
	close(fd);
	free(buf);
	served_stop_store(&s, store);
	return took < 4 * NS_PER_SEC;
}

Test(mount, the_requests_of_a_large_direct_read_wait_together)
{
	cr_expect(AWAIT(requests_wait_together()));
}

Test(mount, an_error_of_the_store_is_the_callers)
{
	static const struct {
		enum fault_op op;
		int error;
	} cases[] = {
		{ FAULT_OPEN, -EACCES }, { FAULT_OPEN, -ETIMEDOUT },
		{ FAULT_READ, -EIO },	 { FAULT_READ, -ESTALE },
		{ FAULT_READ, -EACCES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct backend *store =
			faulty(new_store(), cases[i].op, 0, cases[i].error);
		struct served s = { 0 };
		char byte;
		int fd;

		served_start_store(&s, store, &(struct mount_options){ 0 });
		fd = open(served_path(&s, "one"), O_RDONLY);
		if (cases[i].op == FAULT_READ)
			cr_expect_eq(read(fd, &byte, 1), -1, "row %zu", i);
		else
			cr_expect_eq(fd, -1, "row %zu", i);
		cr_expect_eq(errno, -cases[i].error, "row %zu: %s", i,
			     strerror(errno));
		close(fd);
		served_stop_store(&s, store);
	}
}

Test(mount, an_object_of_another_size_than_the_tree_says_is_stale)
{
	struct backend *store = new_store();
	struct served s = { 0 };
	struct object *o;

	served_start_store(&s, store, &(struct mount_options){ 0 });
	cr_assert_eq(object_create(store, "one", &o), 0);
	cr_assert_eq(object_append(o, "two", 3), 0);
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
	cr_expect_eq(open(served_path(&s, "one"), O_RDONLY), -1);
	cr_expect_eq(errno, ESTALE);
	cr_expect_eq(backend_remove(store, "empty"), 0);
	cr_expect_eq(open(served_path(&s, "empty"), O_RDONLY), -1);
	cr_expect_eq(errno, ENOENT);
	served_stop_store(&s, store);
}

/* ---- The control folder ------------------------------------------------- */

static void render(void *arg, FILE *out)
{
	fprintf(out, "%s %d\n", (const char *)arg, getpid());
}

Test(mount, control_files_say_what_the_server_says_each_time)
{
	char text[64], arg[] = "served by";
	const struct mount_file control[] = { { "who", render, arg },
					      { "again", render, arg } };
	static const char *const names[] = { "who", "again", "prefetch" };
	struct mount_options o = { .control = control, .n_control = 2 };
	struct backend *store = new_store();
	struct served s = { 0 };
	char want[64];
	ssize_t got;
	int fd;

	cr_assert_eq(recorder_new(-1, &o.recorder), 0);
	served_start_store(&s, store, &o);
	snprintf(want, sizeof(want), "served by %d\n", s.pid);
	cr_expect_eq(list(served_path(&s, ".dliofs"), names, 3), 7u);
	fd = open(served_path(&s, ".dliofs/who"), O_RDONLY);
	cr_assert_geq(fd, 0);
	got = read(fd, text, sizeof(text) - 1);
	cr_assert_gt(got, 0);
	text[got] = '\0';
	cr_expect_str_eq(text, want);
	cr_expect_eq(pread(fd, text, 2, 1), 2);
	cr_expect_eq(memcmp(text, "er", 2), 0);
	close(fd);
	cr_expect_eq(open(served_path(&s, ".dliofs/none"), O_RDONLY), -1);
	cr_expect_eq(errno, ENOENT);
	cr_expect_eq(count_of(o.recorder, REC_READ), 0u,
		     "looking does not change what is seen");
	cr_expect_eq(count_of(o.recorder, REC_OPEN), 0u);
	served_stop_store(&s, store);
	recorder_free(o.recorder);
}

/* ---- Several stores ----------------------------------------------------- */

Test(mount, stores_are_seen_where_they_are_exported)
{
	struct backend *one = new_store(), *two;
	struct mount_export e[] = { { .path = "data/a", .store = one },
				    { .path = "data/b" } };
	struct mount_options o = { .exports = e, .n_exports = 2 };
	struct served s = { 0 };
	struct stat st;

	cr_assert_eq(backend_open(&mem_ops, "mem://2", &mem_options, &two), 0);
	add_object(two, 3);
	e[1].store = two;
	cr_assert_eq(served_start(&s, &o), 0);
	cr_expect_eq(stat(served_path(&s, "data/a/train/4097"), &st), 0);
	cr_expect_eq(stat(served_path(&s, "data/b/train/4097"), &st), -1);
	cr_expect_eq(stat(served_path(&s, "data/b/train/4096"), &st), 0);
	cr_expect_eq(served_end(&s, SIGTERM), 0);
	served_remove(&s);
	backend_close(one);
	backend_close(two);
}
