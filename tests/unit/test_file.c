#include "backends/file.h"
#include "lib/await.h"
#include "lib/capture.h"
#include "lib/contract.h"
#include "lib/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

/* A file system that has not heard of O_TMPFILE: this takes libc's place in
 * the test's program. */
static bool no_tmpfile;

int openat(int dirfd, const char *path, int flags, ...);

int openat(int dirfd, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	if (no_tmpfile && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(SYS_openat, dirfd, path, flags, mode);
}

/* And a kernel before 6.10, for ordinary users. */
static bool no_empty_path;

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	if (no_empty_path && (flags & AT_EMPTY_PATH)) {
		errno = ENOENT;
		return -1;
	}
	return (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
}

static bool is_wanted(void *arg, const char *name)
{
	(void)arg;
	return !strstr(name, "kept");
}

/* Another's sweep, at the worst moment. */
static struct backend *sweeper;
static int64_t swept;

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	if (sweeper)
		swept = backend_sweep(sweeper, "", is_wanted, NULL);
	return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
}

/* A file that cannot be looked at. */
static const char *unseen;
static int unseen_error;

int fstatat(int dirfd, const char *path, struct stat *st, int flags)
{
	if (unseen && !strcmp(path, unseen)) {
		errno = unseen_error;
		return -1;
	}
	return (int)syscall(SYS_newfstatat, dirfd, path, st, flags);
}

static struct backend *open_in(const char *folder)
{
	struct backend *b;

	cr_assert_eq(backend_open(&file_ops, folder, NULL, &b), 0);
	return b;
}

static unsigned n_files;

static int count_file(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)type;
	n_files += ftw->level > 0;
	return 0;
}

/* Everything below a folder, hidden or not. */
static unsigned entries_below(const char *folder)
{
	n_files = 0;
	cr_assert_eq(nftw(folder, count_file, 16, FTW_PHYS), 0);
	return n_files;
}

static char *path_in(const char *folder, const char *name)
{
	char *path;

	cr_assert_gt(asprintf(&path, "%s/%s", folder, name), 0);
	return path;
}

static void make_file(const char *folder, const char *name, const char *text)
{
	AUTO_FREE char *path = path_in(folder, name);
	FILE *f = fopen(path, "we");

	cr_assert_not_null(f, "%s", path);
	fputs(text, f);
	fclose(f);
}

/* ---- Opening ------------------------------------------------------------ */

Test(file, makes_its_folder_only_when_told)
{
	const struct backend_options create = { .create = true, .mem_fd = -1 };
	char *folder = scratch_new();
	AUTO_FREE char *deep = path_in(folder, "a/b/c");
	struct backend *b;

	cr_expect_eq(backend_open(&file_ops, deep, NULL, &b), -ENOENT);
	cr_expect_eq(entries_below(folder), 0);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(backend_open(&file_ops, deep, &create, &b), 0);
		backend_close(b);
		cr_expect_eq(entries_below(folder), 3);
	}
	cr_expect_eq(backend_open(&file_ops, "file://", NULL, &b), -EINVAL);
	make_file(folder, "file", "x");
	free(deep);
	deep = path_in(folder, "file");
	cr_expect_eq(backend_open(&file_ops, deep, NULL, &b), -ENOTDIR);
	scratch_remove(folder);
}

Test(file, takes_relative_folders_and_outlives_chdir)
{
	char *folder = scratch_new();
	struct backend *b;

	cr_assert_eq(chdir(folder), 0);
	b = open_in("file://.");
	cr_assert_eq(chdir("/"), 0);
	contract_put(b, "a", 1, 10);
	backend_close(b);
	cr_expect_eq(entries_below(folder), 1);
	scratch_remove(folder);
}

Test(file, is_local_only_where_it_knows_the_file_system)
{
	static const struct {
		const char *folder;
		bool want;
	} cases[] = {
		{ "/dev/shm", true },
		{ "/proc/self", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct backend *b = open_in(cases[i].folder);

		cr_expect_eq(b->local, cases[i].want, "%s", cases[i].folder);
		backend_close(b);
	}
}

/* ---- Nothing half, nothing left ----------------------------------------- */

static struct backend *open_without_tmpfile(void **state)
{
	no_tmpfile = true;
	*state = scratch_new();
	return open_in(*state);
}

static void drop_folder(void *state)
{
	scratch_remove(state);
}

static const struct contract_maker hidden_maker = { open_without_tmpfile,
						    drop_folder };

/* All promises again, on a file system without O_TMPFILE. */
CONTRACT_TESTS(file_without_tmpfile, hidden_maker)

Test(file, leaves_nothing_without_commit)
{
	for (int i = 0; i < 2; i++) {
		char *folder = scratch_new();
		struct backend *b = open_in(folder);
		struct object *o;

		no_tmpfile = i == 1;
		cr_assert_eq(object_create(b, "a/b/c", &o), 0);
		cr_assert_eq(object_append(o, "text", 4), 0);
		cr_expect_eq(entries_below(folder), no_tmpfile ? 1 : 0);
		object_close(o);
		cr_expect_eq(entries_below(folder), 0);

		contract_put(b, "a/b/c", 1, 10);
		contract_put(b, "a/b/c", 2, 20);
		cr_expect_eq(entries_below(folder), 3);
		cr_assert_eq(object_create(b, "a/b/c", &o), 0);
		object_close(o);
		cr_expect_eq(entries_below(folder), 3);
		cr_assert_eq(backend_remove(b, "a/b/c"), 0);
		cr_expect_eq(entries_below(folder), 0);
		backend_close(b);
		scratch_remove(folder);
	}
}

Test(file, names_files_over_proc_where_it_must)
{
	char *folder = scratch_new();
	struct backend *b = open_in(folder);

	no_empty_path = true;
	contract_put(b, "a/b", 1, 1000);
	contract_put(b, "a/b", 2, 2000);
	contract_expect(b, "a/b", 2, 2000);
	cr_expect_eq(entries_below(folder), 2);
	backend_close(b);
	scratch_remove(folder);
}

Test(file, leaves_nothing_of_a_killed_writer)
{
	char *folder = scratch_new();
	struct backend *b = open_in(folder);
	int ready[2];
	char c;

	cr_assert_eq(pipe(ready), 0);
	for (int i = 0; i < 3; i++) {
		pid_t child = fork();

		if (child == 0) {
			struct object *o;

			if (object_create(b, "a/b", &o) ||
			    object_append(o, folder, 10) ||
			    write(ready[1], "x", 1) != 1)
				_exit(1);
			pause();
		}
		cr_assert_eq(read(ready[0], &c, 1), 1);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		cr_expect_eq(entries_below(folder), 0);
	}
	backend_close(b);
	scratch_remove(folder);
}

/* By a writer that is killed. */
static void leave(struct backend *b, const char *name)
{
	pid_t child = fork();
	struct object *o;

	cr_assert_geq(child, 0);
	if (child == 0) {
		no_tmpfile = true;
		if (object_create(b, name, &o) || object_append(o, "x", 1))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	cr_assert_eq(waitpid(child, NULL, 0), child);
}

Test(file, what_a_killed_writer_left_is_swept)
{
	static const char *const names[] = {
		"new/sub/a", "new/sub/100%", "new/kept",
		"newer/b",   "there/c",	     "c",
	};
	static const struct {
		const char *prefix;
		int64_t want;
	} cases[] = {
		{ "elsewhere/", 0 }, { "new/", 2 }, { "new/", 0 },
		{ "there/c", 1 },    { "", 2 },
	};
	char *folder = scratch_new();
	struct backend *b = open_in(folder);
	unsigned others;

	contract_put(b, "there/1", 1, 10);
	make_file(folder, ".dliofs-x.tmp", "a user's");
	make_file(folder, ".dliofs-0123456789abcdef.tmp", "older");
	others = entries_below(folder);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		leave(b, names[i]);
	cr_assert_eq(entries_below(folder), others + ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(backend_sweep(b, cases[i].prefix, is_wanted, NULL),
			     cases[i].want, "%zu: %s", i, cases[i].prefix);
	cr_expect_eq(entries_below(folder), others + 1);
	backend_close(b);
	scratch_remove(folder);
}

Test(file, what_takes_anothers_place_is_not_swept)
{
	char *folder = scratch_new();
	struct backend *b = open_in(folder);

	contract_put(b, "a/b", 1, 10);
	sweeper = b;
	swept = -1;
	contract_put(b, "a/b", 2, 20);
	sweeper = NULL;
	cr_expect_eq(swept, 0);
	contract_expect(b, "a/b", 2, 20);
	backend_close(b);
	scratch_remove(folder);
}

Test(file, never_shows_hidden_temporaries)
{
	char *folder = scratch_new();
	struct backend *b = open_in(folder);
	AUTO_FREE char *deep = NULL, *shallow = NULL;

	make_file(folder, ".dliofs-0123456789abcdef.tmp", "left by a kill");
	make_file(folder, ".dliofs-config", "a user's");
	make_file(folder, "x.tmp", "a user's");
	deep = contract_names(b, "", BACKEND_DEEP);
	cr_expect_str_eq(deep, ".dliofs-config x.tmp");
	shallow = contract_names(b, ".dliofs-", BACKEND_SHALLOW);
	cr_expect_str_eq(shallow, ".dliofs-config");
	backend_close(b);
	scratch_remove(folder);
}

Test(file, keeps_out_of_the_way_of_names_that_cannot_be)
{
	char *folder = scratch_new();
	struct backend *b = open_in(folder);
	struct object *o;

	contract_put(b, "file", 1, 10);
	contract_put(b, "folder/file", 2, 20);
	/* Below a file. */
	cr_expect_eq(object_create(b, "file/below", &o), -ENOTDIR);
	/* In place of a folder. */
	cr_assert_eq(object_create(b, "folder", &o), 0);
	cr_expect_eq(object_commit(o, 0), -EISDIR);
	object_close(o);
	cr_expect_eq(backend_rename(b, "file", "folder"), -EISDIR);
	cr_expect_eq(entries_below(folder), 3);
	contract_expect(b, "file", 1, 10);
	contract_expect(b, "folder/file", 2, 20);
	backend_close(b);
	scratch_remove(folder);
}

/* ---- What users have in their folders ----------------------------------- */

static int count_object(void *arg, const char *name,
			const struct object_info *info)
{
	(void)name;
	(void)info;
	++*(unsigned *)arg;
	return 0;
}

static void link_to(const char *target, const char *folder, const char *name)
{
	AUTO_FREE char *path = path_in(folder, name);

	cr_assert_eq(symlink(target, path), 0, "%s", path);
}

Test(file, lists_all_or_says_that_it_cannot)
{
	static const struct {
		int error, rc;
		bool warns;
	} cases[] = {
		{ ENOENT, 0, false }, /* gone, or a link to nowhere */
		{ ELOOP, 0, false },  { EACCES, 0, true },
		{ EIO, -EIO, false }, { ESTALE, -ESTALE, false },
	};
	char *folder = scratch_new();
	struct backend *b = open_in(folder);

	make_file(folder, "a", "");
	make_file(folder, "b", "");
	unseen = "a";
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned told = 0;
		struct capture said;
		int rc;

		unseen_error = cases[i].error;
		capture_start(&said);
		rc = backend_list(b, "", BACKEND_DEEP, count_object, &told);
		capture_stop(&said);
		cr_expect_eq(rc, cases[i].rc, "%zu: %d", i, rc);
		if (rc == 0)
			cr_expect_eq(told, 1, "%zu: %u", i, told);
		cr_expect_eq(strstr(said.text, "a may not be looked at") !=
				     NULL,
			     cases[i].warns, "%zu: %s", i, said.text);
	}
	backend_close(b);
	scratch_remove(folder);
}

Test(file, follows_links_but_not_in_circles)
{
	char *folder = scratch_new(), *other = scratch_new();
	AUTO_FREE char *sub = path_in(folder, "sub"), *names = NULL,
		       *shallow = NULL;
	struct backend *b = open_in(folder);
	struct object_info info;

	cr_assert_eq(mkdir(sub, 0777), 0);
	make_file(sub, "a", "1234");
	make_file(other, "b", "12345");
	link_to("sub/a", folder, "to_file");
	link_to(other, folder, "to_folder");
	link_to("nowhere", folder, "to_nothing");
	link_to("to_itself", folder, "to_itself");
	link_to("..", sub, "back");
	link_to(".", folder, "here");

	names = contract_names(b, "", BACKEND_DEEP);
	cr_expect_str_eq(names, "sub/a to_file to_folder/b");
	shallow = contract_names(b, "", BACKEND_SHALLOW);
	cr_expect_str_eq(shallow, "here/ sub/ to_file to_folder/");
	cr_expect_eq(backend_stat(b, "to_file", &info), 0);
	cr_expect_eq(info.size, 4);
	cr_expect_eq(backend_stat(b, "to_folder/b", &info), 0);
	cr_expect_eq(info.size, 5);
	cr_expect_eq(backend_stat(b, "to_nothing", &info), -ENOENT);
	backend_close(b);
	scratch_remove(folder);
	scratch_remove(other);
}

Test(file, has_only_regular_files)
{
	char *folder = scratch_new();
	AUTO_FREE char *fifo = path_in(folder, "fifo"), *names = NULL;
	struct backend *b = open_in(folder);
	struct object_info info;
	struct object *o;

	cr_assert_eq(mkfifo(fifo, 0666), 0);
	names = contract_names(b, "", BACKEND_DEEP);
	cr_expect_str_eq(names, "");
	cr_expect_eq(backend_stat(b, "fifo", &info), -ENOENT);
	cr_expect_eq(object_open(b, "fifo", &o), -ENOENT); /* at once */
	cr_expect_eq(backend_remove(b, "fifo"), -ENOENT);
	cr_expect_eq(entries_below(folder), 1);
	backend_close(b);
	scratch_remove(folder);
}

Test(file, calls_a_file_that_shrank_stale)
{
	char *folder = scratch_new();
	AUTO_FREE char *path = path_in(folder, "a");
	struct backend *b = open_in(folder);
	struct object *o;
	char buf[1000];

	contract_put(b, "a", 1, 1000);
	cr_assert_eq(object_open(b, "a", &o), 0);
	cr_assert_eq(truncate(path, 500), 0);
	cr_expect_eq(object_pread(o, buf, 500, 0), 500);
	cr_expect_eq(object_pread(o, buf, 501, 0), -ESTALE);
	cr_expect_eq(object_pread(o, buf, 1000, 600), -ESTALE);
	object_close(o);
	backend_close(b);
	scratch_remove(folder);
}

/* ---- NOWAIT ------------------------------------------------------------- */

static ssize_t read_nowait(struct backend *b, const char *name, char *buf,
			   size_t len)
{
	struct object_read rd = { .buf = buf,
				  .len = len,
				  .flags = OBJECT_READ_NOWAIT };
	struct object *o;
	ssize_t got;

	cr_assert_eq(object_open(b, name, &o), 0);
	got = object_read(o, &rd);
	object_close(o);
	return got;
}

/* Out of the page cache with [from, from + len) of it: that is a wish, which the
 * kernel does not grant for pages that it is busy with. */
static void forget(const char *path, off_t from, off_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0);
	cr_assert_eq(fdatasync(fd), 0);
	cr_assert_eq(posix_fadvise(fd, from, len, POSIX_FADV_DONTNEED), 0);
	close(fd);
}

/* Without [from, SIZE): what the page cache has of the rest. */
static ssize_t read_without(struct backend *b, const char *path, off_t from,
			    char *buf, size_t len)
{
	forget(path, from, 0);
	return read_nowait(b, "a", buf, len);
}

/* Needs a scratch folder on a disk. */
Test(file, answers_without_waiting_what_the_page_cache_has)
{
	enum { SIZE = 1024 * 1024 };
	char *folder = scratch_new();
	AUTO_FREE char *path = path_in(folder, "a");
	AUTO_FREE char *buf = malloc(SIZE), *want = malloc(SIZE);
	struct backend *b = open_in(folder);

	contract_put(b, "a", 1, SIZE);
	contract_fill(want, SIZE, 1, 0);
	cr_expect(AWAIT(read_nowait(b, "a", buf, SIZE) == SIZE));
	cr_expect_eq(memcmp(buf, want, SIZE), 0);

	/* Half of it is no answer, and not the object's end. */
	cr_expect(AWAIT(read_without(b, path, SIZE / 2, buf, SIZE / 4) ==
			SIZE / 4));
	cr_expect(AWAIT(read_without(b, path, SIZE / 2, buf, SIZE) == -EAGAIN));
	cr_expect(AWAIT(read_without(b, path, 0, buf, 1) == -EAGAIN));
	contract_expect(b, "a", 1, SIZE);
	backend_close(b);
	scratch_remove(folder);
}

/* ---- Where it is full, or forbidden ------------------------------------- */

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		_exit(101);
}

/* A file system of one megabyte, of this process only, which must have only
 * one thread.  For ordinary users, too. */
static void mount_small(const char *folder)
{
	char users[64], groups[64];

	snprintf(users, sizeof(users), "0 %u 1", (unsigned)geteuid());
	snprintf(groups, sizeof(groups), "0 %u 1", (unsigned)getegid());
	if (unshare(CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0)))
		_exit(102);
	if (geteuid()) {
		write_text("/proc/self/setgroups", "deny");
		write_text("/proc/self/uid_map", users);
		write_text("/proc/self/gid_map", groups);
	}
	if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("small", folder, "tmpfs", 0, "size=1m"))
		_exit(103);
}

/* Two megabytes of zeros; or what went wrong, which must be that. */
static int overfill(struct backend *b)
{
	AUTO_FREE char *piece = calloc(1, MIB);
	struct object *o;
	int rc;

	rc = object_create(b, "d/second", &o);
	for (int i = 0; rc == 0 && i < 2; i++)
		rc = object_append(o, piece, MIB);
	if (rc == -ENOSPC && (object_append(o, piece, 1) != -EBADF ||
			      object_commit(o, 0) != -EBADF))
		rc = -EPROTO;
	object_close(o);
	return rc;
}

static int put_zeros(struct backend *b, const char *name, size_t size)
{
	AUTO_FREE char *zeros = calloc(1, size);
	struct object *o;
	int rc;

	rc = object_create(b, name, &o);
	if (rc == 0)
		rc = object_append(o, zeros, size);
	if (rc == 0)
		rc = object_commit(o, 0);
	object_close(o);
	return rc;
}

/* 0, or at which step it went wrong. */
static int fill_up(const char *folder)
{
	struct object_info info;
	struct backend *b;

	mount_small(folder);
	if (backend_open(&file_ops, folder, NULL, &b))
		return 1;
	if (put_zeros(b, "first", 400000))
		return 2;
	for (int i = 0; i < 5; i++) {
		if (overfill(b) != -ENOSPC)
			return 3;
		if (entries_below(folder) != 1)
			return 4;
	}
	/* All the room is there again. */
	if (put_zeros(b, "d/second", 500000))
		return 5;
	if (backend_stat(b, "first", &info) || info.size != 400000)
		return 6;
	backend_close(b);
	return 0;
}

static int in_child(int (*what)(const char *folder), const char *folder)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(what(folder));
	cr_assert_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(file, leaves_no_half_file_on_a_full_disk)
{
	char *folder = scratch_new();
	int rc = in_child(fill_up, folder);

	cr_expect_eq(rc, 0, "%d", rc);
	scratch_remove(folder);
}

/* Become somebody who may not do everything. */
static void be_ordinary(void)
{
	if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
		_exit(100);
}

static int be_refused(const char *folder)
{
	struct backend *b;
	struct object *o;

	be_ordinary();
	if (backend_open(&file_ops, folder, NULL, &b))
		return 1;
	if (object_create(b, "new", &o) != -EACCES)
		return 2;
	if (object_create(b, "new/folder", &o) != -EACCES)
		return 3;
	if (backend_remove(b, "old") != -EACCES)
		return 4;
	if (backend_rename(b, "old", "new") != -EACCES)
		return 5;
	backend_close(b);
	return 0;
}

Test(file, says_when_a_folder_may_not_be_written)
{
	char *folder = scratch_new();

	make_file(folder, "old", "x");
	cr_assert_eq(chmod(folder, 0555), 0);
	cr_expect_eq(in_child(be_refused, folder), 0);
	cr_assert_eq(chmod(folder, 0755), 0);
	cr_expect_eq(entries_below(folder), 1);
	scratch_remove(folder);
}

static int list_what_may_be(const char *folder)
{
	AUTO_FREE char *names = NULL;
	struct backend *b;

	be_ordinary();
	if (backend_open(&file_ops, folder, NULL, &b))
		return 1;
	names = contract_names(b, "", BACKEND_DEEP);
	backend_close(b);
	return strcmp(names, "open/a") != 0;
}

static int give_up(void *arg, const char *name, const struct object_info *info)
{
	(void)arg;
	(void)name;
	(void)info;
	return -ECANCELED;
}

static int be_refused_at_the_top(const char *folder)
{
	struct backend *b;
	int rc;

	be_ordinary();
	if (backend_open(&file_ops, folder, NULL, &b))
		return 1;
	rc = backend_list(b, "locked/", BACKEND_DEEP, give_up, NULL);
	backend_close(b);
	return rc != -EACCES;
}

Test(file, lists_around_a_folder_that_may_not_be_read)
{
	char *folder = scratch_new();
	AUTO_FREE char *open = path_in(folder, "open"),
		       *locked = path_in(folder, "locked");

	cr_assert_eq(chmod(folder, 0755), 0);
	cr_assert_eq(mkdir(open, 0755), 0);
	cr_assert_eq(mkdir(locked, 0755), 0);
	make_file(open, "a", "x");
	make_file(locked, "b", "x");
	cr_assert_eq(chmod(locked, 0), 0);
	cr_expect_eq(in_child(list_what_may_be, folder), 0);
	cr_expect_eq(in_child(be_refused_at_the_top, folder), 0);
	cr_assert_eq(chmod(locked, 0755), 0);
	scratch_remove(folder);
}
