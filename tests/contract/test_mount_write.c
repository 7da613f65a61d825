/* What is written through a mount, by the kernel's own calls. */
#include "backends/fault.h"
#include "backends/mem.h"
#include "lib/await.h"
#include "lib/served.h"
#include "lib/shared_page.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

static const struct backend_options mem_options = { .mem_fd = -1,
						    .mem_limit = 64 * MIB };
static struct backend *store;
static struct served s;
static _Atomic uint64_t *begun; /* what the store was asked */

/* The whole mount is one writable store, as the test process has it too. */
static void set_up_with(enum fault_op op, struct fault_rule rule)
{
	struct fault_plan plan = { 0 };
	struct mount_export e = { .path = "", .writable = true };
	struct mount_options o = { .exports = &e, .n_exports = 1 };
	struct backend *inner;

	plan.rule[op] = rule;
	plan.begun = begun = shared_page_new(); /* gone when the test is */
	cr_assert(begun);
	cr_assert_eq(backend_open(&mem_ops, "mem://w", &mem_options, &inner),
		     0);
	cr_assert_eq(fault_wrap(inner, &plan, &store), 0);
	e.store = store;
	s = (struct served){ 0 };
	cr_assert_eq(served_start(&s, &o), 0);
}

static void set_up(void)
{
	set_up_with(FAULT_LIST, (struct fault_rule){ 0 });
}

static void tear_down(void)
{
	cr_expect_eq(served_end(&s, SIGTERM), 0);
	served_remove(&s);
	backend_close(store);
}

TestSuite(mount_write, .init = set_up, .fini = tear_down);

static int create(const char *name)
{
	int fd =
		open(served_path(&s, name), O_CREAT | O_TRUNC | O_WRONLY, 0640);

	cr_assert_geq(fd, 0, "%s: %s", name, strerror(errno));
	return fd;
}

static void put(int fd, const char *text)
{
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text), "%s",
		     strerror(errno));
}

static void save(const char *name, const char *text)
{
	int fd = create(name);

	put(fd, text);
	cr_expect_eq(close(fd), 0);
}

/* What an object says, "-" if there is none. */
static const char *object_text(const char *name)
{
	static char text[64];
	struct object *o;
	ssize_t got;

	if (object_open(store, name, &o) < 0)
		return "-";
	got = object_pread(o, text, sizeof(text) - 1, 0);
	text[MAX(got, (ssize_t)0)] = '\0';
	object_close(o);
	return text;
}

static const char *file_text(const char *name)
{
	static char text[64];
	int fd = open(served_path(&s, name), O_RDONLY);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (got < 0)
		return strerrorname_np(errno);
	text[got] = '\0';
	close(fd);
	return text;
}

/* ---- Whole files -------------------------------------------------------- */

Test(mount_write, files_of_any_size_written_in_any_pieces_are_read_back)
{
	static const struct {
		size_t size, piece;
		int flags;
	} cases[] = {
		{ 1, 1, 0 },
		{ 4097, 100, 0 },
		{ 1048576, 1048576, 0 },
		{ 5000000, 65536, 0 },
		{ 5000001, 3000000, 0 },
		{ 4194304, 4194304, O_DIRECT },
		{ 2097152, 4096, O_DIRECT },
		{ 300000, 7777, O_APPEND },
	};
	char *bytes = aligned_alloc(4096, 5005312), *back = malloc(5000001);

	for (size_t i = 0; i < 5000001; i++)
		bytes[i] = (char)(i * 13 + i / 4099);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t size = cases[i].size;
		struct object *o;
		struct stat st;
		int fd = open(served_path(&s, "f"),
			      O_CREAT | O_TRUNC | O_WRONLY | cases[i].flags,
			      0644);

		cr_assert_geq(fd, 0);
		for (size_t at = 0; at < size; at += cases[i].piece) {
			size_t len = MIN(cases[i].piece, size - at);

			cr_expect_eq(write(fd, bytes + at, len), (ssize_t)len,
				     "row %zu: %s", i, strerror(errno));
		}
		cr_expect_eq(fstat(fd, &st), 0);
		cr_expect_eq((size_t)st.st_size, size);
		cr_expect_eq(close(fd), 0);

		cr_assert_eq(object_open(store, "f", &o), 0, "after close()");
		cr_expect_eq(o->size, size);
		object_close(o);
		fd = open(served_path(&s, "f"), O_RDONLY);
		cr_expect_eq(read(fd, back, size), (ssize_t)size);
		cr_expect_eq(memcmp(back, bytes, size), 0, "row %zu", i);
		close(fd);
	}
	free(bytes);
	free(back);
}

Test(mount_write, the_way_of_a_checkpoint)
{
	struct timespec times[2] = { { 1000, 1 }, { 2000, 2 } };
	struct stat st;
	int fd;

	cr_expect_eq(mkdir(served_path(&s, "step1"), 0750), 0);
	save("step1/model", "old");
	fd = create("step1/.model.tmp");
	put(fd, "new");
	cr_expect_eq(fchmod(fd, 0600), 0);
	cr_expect_eq(fsync(fd), 0);
	cr_expect_str_eq(object_text("step1/.model.tmp"), "new", "by fsync");
	cr_expect_eq(close(fd), 0);
	cr_expect_eq(utimensat(AT_FDCWD, served_path(&s, "step1/.model.tmp"),
			       times, 0),
		     0);
	cr_expect_eq(rename(served_path(&s, "step1/.model.tmp"),
			    served_path(&s, "step1/model")),
		     0);
	fd = open(served_path(&s, "step1"), O_RDONLY | O_DIRECTORY);
	cr_expect_eq(fsync(fd), 0, "of the folder");
	close(fd);

	cr_expect_str_eq(object_text("step1/model"), "new");
	cr_expect_str_eq(object_text("step1/.model.tmp"), "-");
	cr_expect_str_eq(file_text("step1/model"), "new");
	cr_expect_eq(stat(served_path(&s, "step1/model"), &st), 0);
	cr_expect_eq(st.st_mode, (mode_t)(S_IFREG | 0600));
	cr_expect_eq(st.st_atim.tv_sec, 1000);
	cr_expect_eq(st.st_mtim.tv_nsec, 2);
	cr_expect_eq(unlink(served_path(&s, "step1/model")), 0);
	cr_expect_eq(rmdir(served_path(&s, "step1")), 0);
	cr_expect_eq(stat(served_path(&s, "step1"), &st), -1);
	cr_expect_eq(errno, ENOENT);
}

Test(mount_write, a_file_is_readable_as_soon_as_close_returns)
{
	for (int i = 0; i < 200; i++) {
		char name[16];
		int fd;

		snprintf(name, sizeof(name), "f%d", i);
		fd = create(name);
		if (i % 2)
			put(fd, "x");
		close(fd);
		cr_expect_str_eq(file_text(name), i % 2 ? "x" : "");
	}
}

Test(mount_write, what_was_replaced_is_still_read_by_those_who_have_it_open)
{
	char text[4] = "";
	int fd;

	save("f", "old");
	fd = open(served_path(&s, "f"), O_RDONLY);
	save("g", "new");
	cr_expect_eq(rename(served_path(&s, "g"), served_path(&s, "f")), 0);
	cr_expect_eq(pread(fd, text, 3, 0), 3);
	cr_expect_str_eq(text, "old");
	close(fd);
	cr_expect_str_eq(file_text("f"), "new");
	save("f", "newer");
	cr_expect_str_eq(file_text("f"), "newer", "and no cached page of old");
}

Test(mount_write, what_is_written_anew_is_not_mixed_with_what_it_was)
{
	char text[4] = "";
	int fd;

	save("f", "old");
	fd = open(served_path(&s, "f"), O_RDONLY);
	save("f", "new");
	cr_expect_eq(pread(fd, text, 3, 0), -1, "it would be cached: %s", text);
	cr_expect_eq(errno, ESTALE);
	cr_expect_str_eq(file_text("f"), "new");
	close(fd);
}

/* ---- What cannot be ----------------------------------------------------- */

Test(mount_write, what_an_object_cannot_do_has_an_errno_that_says_so)
{
	char byte;
	int fd = open(served_path(&s, "f"), O_CREAT | O_RDWR, 0644);

	put(fd, "hello");
	cr_expect_eq(pwrite(fd, "x", 1, 0), -1);
	cr_expect_eq(errno, ESPIPE);
	cr_expect_eq(pwrite(fd, "x", 1, 6), -1);
	cr_expect_eq(errno, ESPIPE);
	cr_expect_eq(lseek(fd, 2, SEEK_SET), 2);
	cr_expect_eq(write(fd, "x", 1), -1);
	cr_expect_eq(errno, ESPIPE);
	cr_expect_eq(pread(fd, &byte, 1, 0), -1);
	cr_expect_eq(errno, EBUSY);
	cr_expect_eq(ftruncate(fd, 3), -1);
	cr_expect_eq(errno, EOPNOTSUPP);
	cr_expect_eq(ftruncate(fd, 5), 0);
	cr_expect_eq(pwrite(fd, "!", 1, 5), 1, "no harm done");
	cr_expect_eq(fsync(fd), 0);
	cr_expect_eq(pwrite(fd, "!", 1, 6), -1);
	cr_expect_eq(errno, EOPNOTSUPP);
	cr_expect_eq(close(fd), 0);
	cr_expect_str_eq(object_text("f"), "hello!");

	fd = open(served_path(&s, "f"), O_WRONLY | O_APPEND);
	cr_expect_eq(write(fd, "x", 1), -1);
	cr_expect_eq(errno, EOPNOTSUPP);
	cr_expect_eq(close(fd), 0);
	cr_expect_eq(truncate(served_path(&s, "f"), 0), -1);
	cr_expect_eq(errno, EOPNOTSUPP);
	cr_expect_eq(symlink("f", served_path(&s, "l")), -1);
	cr_expect_eq(errno, EPERM);
	cr_expect_eq(link(served_path(&s, "f"), served_path(&s, "l")), -1);
	cr_expect_eq(errno, EPERM);
	cr_expect_eq(mkfifo(served_path(&s, "p"), 0644), -1);
	cr_expect_eq(errno, EPERM);
	cr_expect_str_eq(object_text("f"), "hello!");
}

/* ---- Who closes --------------------------------------------------------- */

/* A child that writes to a descriptor, or only closes it. */
static void child_writes(int fd, const char *text)
{
	int status;

	if (fork() == 0) {
		if (*text && write(fd, text, strlen(text)) < 0)
			_exit(errno);
		_exit(0);
	}
	wait(&status);
	cr_expect_eq(status, 0, "%s", strerror(WEXITSTATUS(status)));
}

Test(mount_write, children_close_what_their_parent_goes_on_writing)
{
	int fd = create("f"), copy;

	copy = dup(fd); /* the shell's way of redirecting */
	close(fd);
	child_writes(copy, "one ");
	child_writes(copy, "");
	child_writes(copy, "two ");
	put(copy, "three");
	cr_expect_str_eq(object_text("f"), "-", "not yet");
	cr_expect_eq(close(copy), 0);
	cr_expect_str_eq(object_text("f"), "one two three");
}

static void *write_in_thread(void *arg)
{
	put(*(int *)arg, "thread");
	return NULL;
}

Test(mount_write, a_thread_is_not_another_process)
{
	int fd = create("f");
	pthread_t thread;

	pthread_create(&thread, NULL, write_in_thread, &fd);
	pthread_join(thread, NULL);
	cr_expect_eq(close(fd), 0);
	cr_expect_str_eq(object_text("f"), "thread", "close() committed it");
}

Test(mount_write, a_writer_that_is_killed_commits_what_it_has_written)
{
	int ends[2], status;
	char byte;
	pid_t pid;

	cr_assert_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		put(create("f"), "half");
		put(ends[1], "x");
		pause();
	}
	cr_assert_eq(read(ends[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	cr_expect_str_eq(file_text("f"), "half", "as on any disk");
}

/* ---- Errors and ends ---------------------------------------------------- */

Test(mount_write_bad, close_says_that_a_commit_failed)
{
	struct stat st;
	int fd;

	set_up_with(FAULT_COMMIT,
		    (struct fault_rule){ .error = -ENOSPC, .error_limit = 2 });
	fd = create("f");
	put(fd, "x");
	cr_expect_eq(close(fd), -1);
	cr_expect_eq(errno, ENOSPC);
	cr_expect_eq(stat(served_path(&s, "f"), &st), -1, "at once");
	fd = create("g");
	put(fd, "x");
	cr_expect_eq(fsync(fd), -1);
	cr_expect_eq(errno, ENOSPC);
	cr_expect_eq(close(fd), -1);
	save("h", "x");
	cr_expect_str_eq(object_text("f"), "-");
	cr_expect_str_eq(object_text("h"), "x");
	tear_down();
}

static int open_errno(const char *name, int flags)
{
	int fd = open(served_path(&s, name), O_WRONLY | flags, 0644);

	if (fd < 0)
		return errno;
	cr_expect_eq(close(fd), 0);
	return 0;
}

/* A file that nobody writes to is committed when nobody waits for it. */
Test(mount_write_bad, a_folder_that_cannot_be_written_to_says_so_in_open)
{
	set_up_with(FAULT_CREATE,
		    (struct fault_rule){ .error = -EACCES, .error_limit = 2 });
	cr_expect_eq(open_errno("f", O_CREAT), EACCES);
	cr_expect_str_eq(file_text("f"), "ENOENT");
	cr_expect_eq(mkdir(served_path(&s, "d"), 0755), 0);
	cr_expect_eq(open_errno("d/f", O_CREAT), EACCES);
	save("d/f", "x");
	save("f", "x");
	cr_expect_str_eq(object_text("f"), "x");
	cr_expect_str_eq(object_text("d/f"), "x");
	tear_down();
}

Test(mount_write_bad, a_full_store_says_so_in_write)
{
	char *bytes = calloc(1, MIB);
	ssize_t done = 1;
	int fd;

	set_up_with(FAULT_APPEND, (struct fault_rule){ .error = -ENOSPC });
	fd = create("f");
	for (int i = 0; i < 3 && done > 0; i++)
		done = write(fd, bytes, MIB);
	cr_expect_eq(done, -1);
	cr_expect_eq(errno, ENOSPC);
	cr_expect_eq(close(fd), -1);
	cr_expect_eq(errno, ENOSPC);
	cr_expect_str_eq(file_text("f"), "ENOENT");
	free(bytes);
	tear_down();
}

/* Whether something else could be done while he waited; who has no processor
 * comes too late. */
static bool commits_meanwhile(void)
{
	bool waits;
	struct stat st;
	pid_t pid;
	int fd;

	set_up_with(FAULT_COMMIT,
		    (struct fault_rule){ .shape = FAULT_FIXED,
					 .a_ns = 2 * NS_PER_SEC });
	fd = create("f");
	put(fd, "x");
	pid = fork();
	if (pid == 0) {
		/* The same descriptor, but whose? */
		_exit(fsync(fd) == 0 ? 0 : 1);
	}
	cr_expect(AWAIT(begun[FAULT_COMMIT]));
	cr_expect_eq(mkdir(served_path(&s, "d"), 0755), 0);
	cr_expect_eq(stat(served_path(&s, "none"), &st), -1);
	waits = waitpid(pid, NULL, WNOHANG) == 0;
	if (waits)
		waitpid(pid, NULL, 0);
	close(fd);
	cr_expect_str_eq(object_text("f"), "x");
	tear_down();
	return waits;
}

Test(mount_write_bad, a_slow_commit_holds_up_only_its_own_file)
{
	cr_expect(AWAIT(commits_meanwhile()));
}

/* An open, in a thread, of a file that is being written. */
struct opening {
	char path[128];
	_Atomic pid_t thread;
	_Atomic bool over;
	int error;
};

static void *open_and_wait(void *arg)
{
	struct opening *o = arg;

	o->thread = gettid();
	o->error = open(o->path, O_RDONLY) < 0 ? errno : 0;
	o->over = true;
	return NULL;
}

/* The kernel has its request. */
static bool has_asked(const struct opening *o)
{
	char path[64], at[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/wchan", o->thread);
	f = o->thread ? fopen(path, "re") : NULL;
	if (!f)
		return o->over;
	if (!fgets(at, sizeof(at), f))
		at[0] = '\0';
	fclose(f);
	return strstr(at, "request_wait") || o->over;
}

/* Whether a file could be renamed while somebody waited for the writer of
 * "f". */
static bool rename_meanwhile(int i)
{
	struct opening o = { 0 };
	pthread_t thread;
	char name[16];
	bool meanwhile;

	snprintf(name, sizeof(name), "%d", i);
	save("g", "x");
	snprintf(o.path, sizeof(o.path), "%s", served_path(&s, "f"));
	cr_assert_eq(pthread_create(&thread, NULL, open_and_wait, &o), 0);
	cr_expect(AWAIT(has_asked(&o)));
	cr_expect_eq(mkdir(served_path(&s, name), 0755), 0); /* a moment */
	cr_expect_eq(rename(served_path(&s, "g"), served_path(&s, "h")), 0);
	meanwhile = !o.over;
	pthread_join(thread, NULL);
	cr_expect_eq(o.error, EBUSY);
	return meanwhile;
}

/* Nor would the writer's own commit. */
Test(mount_write_bad, who_waits_for_a_writer_holds_up_nobody)
{
	struct mount_export e = { .path = "", .writable = true };
	struct mount_options o = { .exports = &e,
				   .n_exports = 1,
				   .io_threads = 1 };
	bool meanwhile = false;
	int fd;

	cr_assert_eq(backend_open(&mem_ops, "mem://w", &mem_options, &store),
		     0);
	e.store = store;
	cr_assert_eq(served_start(&s, &o), 0);
	fd = create("f");
	put(fd, "x");
	/* He waits for a second, which may be over before we look. */
	for (int i = 0; i < 9 && !meanwhile; i++)
		meanwhile = rename_meanwhile(i);
	cr_expect(meanwhile);
	close(fd);
	tear_down();
}

Test(mount_write_bad, what_was_closed_is_there_after_the_end)
{
	int fd;

	set_up();
	for (int i = 0; i < 20; i++) {
		char name[16];

		snprintf(name, sizeof(name), "f%d", i);
		fd = create(name);
		close(fd); /* nothing written: the release commits it */
	}
	cr_expect_eq(served_end(&s, SIGTERM), 0);
	for (int i = 0; i < 20; i++) {
		char name[16];

		snprintf(name, sizeof(name), "f%d", i);
		cr_expect_str_eq(object_text(name), "", "%s", name);
	}
	served_remove(&s);
	backend_close(store);
}

Test(mount_write_bad, what_is_still_open_when_the_server_must_go_leaves_no_half)
{
	struct mount_export e = { .path = "", .writable = true };
	struct mount_options o = { .exports = &e,
				   .n_exports = 1,
				   .drain_seconds = 1 };
	int fd;

	cr_assert_eq(backend_open(&mem_ops, "mem://w", &mem_options, &store),
		     0);
	e.store = store;
	s = (struct served){ 0 };
	cr_assert_eq(served_start(&s, &o), 0);
	fd = create("f");
	put(fd, "half");
	cr_expect_eq(served_end(&s, SIGTERM), -EBUSY);
	cr_expect_eq(close(fd), -1);
	cr_expect_eq(errno, ENOTCONN);
	cr_expect_str_eq(object_text("f"), "-");
	served_remove(&s);
	backend_close(store);
}

Test(mount_write_bad, existing_objects_are_there)
{
	struct mount_export e = { .path = "out/checkpoints", .writable = true };
	struct mount_options o = { .exports = &e, .n_exports = 1 };
	struct statvfs fs;

	set_up();
	e.store = store;
	save("a", "kept");
	cr_expect_eq(served_end(&s, SIGTERM), 0);
	cr_assert_eq(served_start(&s, &o), 0, "again, elsewhere");
	cr_expect_str_eq(file_text("out/checkpoints/a"), "kept");
	save("out/checkpoints/b", "new");
	cr_expect_str_eq(object_text("b"), "new");
	cr_expect_eq(mkdir(served_path(&s, "d"), 0755), -1);
	cr_expect_eq(errno, EROFS, "outside of it");
	cr_expect_eq(rename(served_path(&s, "out"), served_path(&s, "o")), -1);
	cr_expect_eq(errno, EROFS);
	cr_expect_eq(statvfs(served_path(&s, "out/checkpoints"), &fs), 0);
	cr_expect_gt(fs.f_bavail, 0u, "programs look before they write");
	tear_down();
}
