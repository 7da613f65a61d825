/* How a mount begins and ends, in good order or not. */
#include "backends/fault.h"
#include "backends/mem.h"
#include "base/clock.h"
#include "base/sysfile.h"
#include "fuse/mountpoint.h"
#include "lib/await.h"
#include "lib/hung_store.h"
#include "lib/served.h"
#include "lib/shared_page.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { NOBODY = 65534 };

static const struct backend_options mem_options = { .mem_fd = -1,
						    .mem_limit = 64 * MIB };

/* What a test's last store was asked. */
static _Atomic uint64_t *begun;

/* One file "f" of 100 bytes; its reads take so long. */
static struct backend *new_store(uint64_t delay_ns)
{
	static const char bytes[100];
	struct fault_plan plan = { 0 };
	struct backend *inner, *b;
	struct object *o;

	cr_assert_eq(backend_open(&mem_ops, "mem://e", &mem_options, &inner),
		     0);
	cr_assert_eq(object_create(inner, "f", &o), 0);
	cr_assert_eq(object_append(o, bytes, sizeof(bytes)), 0);
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
	plan.rule[FAULT_READ].shape = FAULT_FIXED;
	plan.rule[FAULT_READ].a_ns = delay_ns;
	plan.begun = begun = shared_page_new(); /* gone when the test is */
	cr_assert(begun);
	cr_assert_eq(fault_wrap(inner, &plan, &b), 0);
	return b;
}

static int start(struct served *s, struct backend *store,
		 const struct mount_options *more)
{
	struct mount_export e = { .path = "", .store = store };
	struct mount_options o = *more;

	o.exports = &e;
	o.n_exports = 1;
	return served_start(s, &o);
}

static bool is_mounted(const struct served *s)
{
	struct mountpoint_info info;

	return mountpoint_info(s->dir, &info) == 0;
}

static bool is_soon_unmounted(const struct served *s)
{
	return AWAIT(!is_mounted(s));
}

static uint64_t seconds_since(uint64_t began)
{
	return (clock_ns() - began) / NS_PER_SEC;
}

/* A thread that reads, and what it got: the errno, or 0. */
struct reader {
	pthread_t thread;
	int fd;
	int error;
	uint64_t took_ns;
};

static void *read_byte(void *arg)
{
	struct reader *r = arg;
	uint64_t began = clock_ns();
	char byte;

	r->error = pread(r->fd, &byte, 1, 0) == 1 ? 0 : errno;
	r->took_ns = clock_ns() - began;
	return NULL;
}

static void start_reading(struct reader *r, const struct served *s)
{
	r->fd = open(served_path(s, "f"), O_RDONLY);
	cr_assert_geq(r->fd, 0);
	pthread_create(&r->thread, NULL, read_byte, r);
}

static void finish_reading(struct reader *r)
{
	pthread_join(r->thread, NULL);
	close(r->fd);
}

/* ---- In good order ------------------------------------------------------ */

Test(mount_end, a_signal_unmounts_what_nobody_uses)
{
	static const int signals[] = { SIGTERM, SIGINT };

	for (size_t i = 0; i < 2; i++) {
		struct backend *store = new_store(0);
		struct served s = { 0 };

		cr_assert_eq(start(&s, store, &(struct mount_options){ 0 }), 0);
		cr_expect(is_mounted(&s));
		cr_expect_eq(served_end(&s, signals[i]), 0);
		cr_expect_not(is_mounted(&s));
		served_remove(&s);
		backend_close(store);
	}
}

Test(mount_end, an_unmount_ends_the_server)
{
	struct backend *store = new_store(0);
	struct served s = { 0 };

	cr_assert_eq(start(&s, store, &(struct mount_options){ 0 }), 0);
	cr_expect_eq(mountpoint_unmount(s.dir, false), 0);
	cr_expect_eq(served_wait(&s), 0);
	cr_expect_eq(mountpoint_unmount(s.dir, false), -ENOENT);
	served_remove(&s);
	backend_close(store);
}

Test(mount_end, a_reader_in_flight_gets_its_bytes_before_the_end)
{
	struct mount_options o = { .drain_seconds = 60 };
	struct backend *store = new_store(NS_PER_SEC);
	struct served s = { 0 };
	struct reader r;

	cr_assert_eq(start(&s, store, &o), 0);
	start_reading(&r, &s);
	cr_expect(AWAIT(begun[FAULT_READ]));
	kill(s.pid, SIGTERM);
	cr_expect(is_soon_unmounted(&s));
	finish_reading(&r);
	cr_expect_eq(r.error, 0);
	cr_expect_eq(served_wait(&s), 0);
	served_remove(&s);
	backend_close(store);
}

Test(mount_end, who_does_not_leave_is_cut_off_after_the_time_to_drain)
{
	struct mount_options o = { .drain_seconds = 1 };
	struct backend *store = new_store(0);
	struct served s = { 0 };
	uint64_t began;
	char byte;
	int fd;

	cr_assert_eq(start(&s, store, &o), 0);
	fd = open(served_path(&s, "f"), O_RDONLY | O_DIRECT);
	began = clock_ns();
	cr_expect_eq(served_end(&s, SIGTERM), -EBUSY);
	cr_expect_geq(clock_ns() - began, NS_PER_SEC);
	cr_expect_lt(seconds_since(began), 60u);
	cr_expect_eq(pread(fd, &byte, 1, 0), -1);
	cr_expect_eq(errno, ENOTCONN, "%s", strerror(errno));
	close(fd);
	served_remove(&s);
	backend_close(store);
}

Test(mount_end, a_second_signal_does_not_wait)
{
	struct mount_options o = { .drain_seconds = 60 };
	struct backend *store = new_store(0);
	struct served s = { 0 };
	uint64_t began = clock_ns();
	int fd;

	cr_assert_eq(start(&s, store, &o), 0);
	fd = open(served_path(&s, "f"), O_RDONLY);
	kill(s.pid, SIGTERM);
	cr_expect(is_soon_unmounted(&s), "gone from the tree at once");
	cr_expect_eq(served_end(&s, SIGINT), -EBUSY);
	cr_expect_lt(seconds_since(began), 50u);
	close(fd);
	served_remove(&s);
	backend_close(store);
}

Test(mount_end, a_store_that_never_answers_does_not_keep_the_server)
{
	struct mount_options o = { .drain_seconds = 1 };
	struct backend *store = new_store(600 * NS_PER_SEC);
	struct served s = { 0 };
	struct reader r;
	uint64_t began;

	cr_assert_eq(start(&s, store, &o), 0);
	start_reading(&r, &s);
	cr_expect(AWAIT(begun[FAULT_READ]));
	began = clock_ns();
	cr_expect_eq(served_end(&s, SIGTERM), -ETIMEDOUT);
	cr_expect_lt(seconds_since(began), 60u);
	finish_reading(&r);
	cr_expect_neq(r.error, 0);
	served_remove(&s);
	backend_close(store);
}

/* The kernel does not say then that it is closed. */
Test(mount_end, a_folder_that_is_open_to_the_end_is_not_leaked)
{
	struct mount_options o = { .drain_seconds = 1 };
	struct backend *store = new_store(0);
	struct served s = { 0 };
	DIR *folder;

	cr_assert_eq(start(&s, store, &o), 0);
	folder = opendir(s.dir);
	cr_assert_not_null(folder);
	cr_expect_eq(served_end(&s, SIGTERM), -EBUSY);
	closedir(folder);
	served_remove(&s);
	backend_close(store);
}

/* ---- On a network that is no more --------------------------------------- */

static struct hung_flags *hung;
static struct backend *hung_backend;

static int start_hung(struct served *s, bool writable)
{
	struct mount_export e = { .path = "", .writable = writable };
	struct mount_options o = { .exports = &e,
				   .n_exports = 1,
				   .drain_seconds = 1 };

	hung = shared_page_new();
	cr_assert(hung);
	e.store = hung_backend = hung_store(hung);
	o.stop = &hung->stop;
	return served_start(s, &o);
}

static void end_hung(struct served *s)
{
	served_remove(s);
	backend_close(hung_backend);
	shared_page_free(hung);
}

Test(mount_end, a_reader_of_a_dead_server_does_not_keep_the_mount)
{
	struct served s = { 0 };
	struct reader r;

	cr_assert_eq(start_hung(&s, false), 0);
	start_reading(&r, &s);
	cr_expect(AWAIT(hung->asked));
	cr_expect_eq(served_end(&s, SIGTERM), -EBUSY,
		     "not -EIO: it waits for its users, and no longer");
	finish_reading(&r);
	cr_expect_neq(r.error, 0);
	cr_expect_eq(hung->stopped, 1u);
	cr_expect_not(is_mounted(&s));
	end_hung(&s);
}

Test(mount_end, what_a_killed_reader_has_asked_for_does_not_keep_the_mount)
{
	struct served s = { 0 };
	pid_t reader;

	cr_assert_eq(start_hung(&s, false), 0);
	reader = served_fork_reader(&s, "f");
	cr_expect(AWAIT(hung->asked));
	kill(reader, SIGKILL);
	cr_expect(AWAIT(waitpid(reader, NULL, WNOHANG) == reader));
	cr_expect_eq(mountpoint_unmount(s.dir, false), 0, "nobody uses it");
	cr_expect_eq(served_wait(&s), -EIO);
	end_hung(&s);
}

Test(mount_end, what_was_being_written_when_users_are_cut_off_is_undone)
{
	struct served s = { 0 };
	char *bytes = calloc(1, 2 * MIB);
	int fd;

	cr_assert_eq(start_hung(&s, true), 0);
	fd = open(served_path(&s, "new"), O_WRONLY | O_CREAT, 0644);
	cr_assert_geq(fd, 0);
	cr_expect_eq(write(fd, bytes, 2 * MIB), (ssize_t)(2 * MIB));
	cr_expect_eq(served_end(&s, SIGTERM), -EBUSY);
	cr_expect_eq(hung->undone, 1u, "the store was let to");
	cr_expect_eq(hung->left, 0u);
	close(fd);
	free(bytes);
	end_hung(&s);
}

static void say(void *arg)
{
	if (write(*(int *)arg, "x", 1) != 1)
		_exit(1);
}

Test(mount_end, a_signal_asks_for_the_figures)
{
	struct backend *store = new_store(0);
	struct served s = { 0 };
	struct pollfd fd;
	int ends[2];
	struct mount_options o = { .dump = say, .dump_arg = &ends[1] };
	char byte;

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(start(&s, store, &o), 0);
	for (int i = 0; i < 2; i++) {
		kill(s.pid, SIGUSR1);
		fd = (struct pollfd){ .fd = ends[0], .events = POLLIN };
		cr_assert_eq(poll(&fd, 1, 20000), 1);
		cr_expect_eq(read(ends[0], &byte, 1), 1);
	}
	cr_expect(is_mounted(&s));
	cr_expect_eq(served_end(&s, SIGTERM), 0);
	served_remove(&s);
	backend_close(store);
}

/* ---- Killed ------------------------------------------------------------- */

Test(mount_end, a_killed_server_frees_its_readers_and_can_be_replaced)
{
	struct backend *store = new_store(600 * NS_PER_SEC);
	struct served s = { 0 };
	struct reader r;
	struct stat st;

	cr_assert_eq(start(&s, store, &(struct mount_options){ 0 }), 0);
	start_reading(&r, &s);
	cr_expect(AWAIT(begun[FAULT_READ]));
	cr_expect_eq(served_end(&s, SIGKILL), 1000 + SIGKILL);
	finish_reading(&r);
	cr_expect_eq(r.error, ENOTCONN, "%s", strerror(r.error));
	cr_expect_lt(r.took_ns, 60 * NS_PER_SEC);
	cr_expect_eq(open(served_path(&s, "f"), O_RDONLY), -1);
	cr_expect_eq(errno, ENOTCONN);
	cr_expect(is_mounted(&s));
	cr_expect(mountpoint_is_dead(s.dir));

	cr_expect_eq(start(&s, store, &(struct mount_options){ 0 }), 0,
		     "mounting clears it");
	cr_expect_eq(stat(served_path(&s, "f"), &st), 0);
	cr_expect_not(mountpoint_is_dead(s.dir));
	cr_expect_eq(served_end(&s, SIGTERM), 0);
	cr_expect_not(is_mounted(&s));
	served_remove(&s);
	backend_close(store);
}

Test(mount_end, a_dead_mount_is_cleared_on_request)
{
	struct backend *store = new_store(0);
	struct served s = { 0 };

	cr_assert_eq(start(&s, store, &(struct mount_options){ 0 }), 0);
	cr_expect_eq(mountpoint_clear(s.dir), 0);
	cr_expect(is_mounted(&s), "it was alive");
	served_end(&s, SIGKILL);
	cr_expect_eq(mountpoint_clear(s.dir), 0);
	cr_expect_not(is_mounted(&s));
	cr_expect_eq(mountpoint_clear(s.dir), 0, "nothing to do");
	served_remove(&s);
	backend_close(store);
}

/* The kernel's table of mounts writes some of these letters as others. */
Test(mount_end, a_folder_may_have_an_odd_name_and_be_named_in_odd_ways)
{
	char parent[] = "/tmp/dliofs-mount-XXXXXX";
	static const char *const ways[] = { " a - b\t\\040", " a - b\t\\040//",
					    "./ a - b\t\\040/" };
	struct backend *store = new_store(0);
	struct served s = { 0 };
	struct mountpoint_info info;

	cr_assert(mkdtemp(parent));
	cr_assert_geq(asprintf(&s.dir, "%s/%s", parent, ways[0]), 0);
	cr_assert_eq(mkdir(s.dir, 0700), 0);
	cr_assert_eq(chdir(parent), 0);
	cr_expect_eq(mountpoint_info(ways[0], &info), -ENOENT);
	cr_assert_eq(start(&s, store, &(struct mount_options){ 0 }), 0);
	cr_expect_eq(mountpoint_info(ways[0], &info), 0);
	served_end(&s, SIGKILL);
	/* With a slash behind it the kernel asks the server. */
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		cr_expect_eq(mountpoint_info(ways[i], &info), 0, "'%s'",
			     ways[i]);
	cr_expect_eq(mountpoint_clear(ways[1]), 0);
	cr_expect_eq(mountpoint_info(s.dir, &info), -ENOENT);
	served_remove(&s);
	rmdir(parent);
	backend_close(store);
}

/* ---- Not begun ---------------------------------------------------------- */

Test(mount_end, a_folder_in_use_is_refused)
{
	struct backend *store = new_store(0);
	struct mount_options o = { .fsname = "mem://e, with\\odd \"name" };
	struct served first = { 0 }, second = { 0 };
	struct mountpoint_info info;

	cr_assert_eq(start(&first, store, &o), 0);
	cr_expect_eq(mountpoint_info(first.dir, &info), 0);
	cr_expect(info.ours);
	cr_expect_str_eq(info.source, o.fsname);
	second.dir = strdup(first.dir);
	cr_expect_eq(start(&second, store, &o), -EALREADY);
	o.fsname = "other";
	cr_expect_eq(start(&second, store, &o), -EBUSY);
	cr_expect_eq(served_end(&first, SIGTERM), 0);

	free(second.dir);
	second.dir = strdup("/proc/self");
	cr_expect_eq(start(&second, store, &o), -EBUSY, "not empty");
	free(second.dir);
	second.dir = strdup("/nonexistent/folder");
	cr_expect_eq(start(&second, store, &o), -ENOENT);
	free(second.dir);
	second.dir = strdup("/proc/self/stat");
	cr_expect_eq(start(&second, store, &o), -ENOTDIR);
	free(second.dir);
	served_remove(&first);
	backend_close(store);
}

Test(mount_end, exports_that_make_no_sense_are_refused)
{
	struct backend *store = new_store(0);
	struct mount_export e[] = { { .path = "", .store = store },
				    { .path = "x", .store = store } };
	struct served s = { 0 };
	struct mount_options o = { .exports = e };

	cr_expect_eq(served_start(&s, &o), -EINVAL, "none");
	o.n_exports = 2;
	e[0].writable = true;
	cr_expect_eq(served_start(&s, &o), -EINVAL, "beside a writable root");
	e[0].writable = false;
	e[1].path = "a/../b";
	cr_expect_eq(served_start(&s, &o), -EINVAL, "not a path");
	cr_expect_not(is_mounted(&s));
	served_remove(&s);
	backend_close(store);
}

static int refuse(void *arg, struct tree *t)
{
	(void)arg;
	(void)t;
	return -ENOTNAM;
}

Test(mount_end, a_tree_that_cannot_be_filled_is_not_mounted)
{
	struct mount_options o = { .fill = refuse };
	struct backend *store = new_store(0);
	struct served s = { 0 };

	cr_expect_eq(start(&s, store, &o), -ENOTNAM);
	cr_expect_not(is_mounted(&s));
	served_remove(&s);
	backend_close(store);
}

/* ---- Knobs and users ---------------------------------------------------- */

static const struct mount_knob *knob(const struct served *s, const char *name)
{
	for (size_t i = 0; i < s->n_knobs; i++)
		if (strcmp(s->knobs[i].name, name) == 0)
			return &s->knobs[i];
	return NULL;
}

/* What the kernel reads ahead once the mount has answered. */
static uint64_t read_ahead_of(const struct served *s)
{
	struct mountpoint_info info;
	uint64_t number = 0;
	struct stat st;
	char path[64];

	cr_assert_eq(stat(s->dir, &st), 0);
	cr_assert_eq(mountpoint_info(s->dir, &info), 0);
	snprintf(path, sizeof(path), "/sys/class/bdi/%u:%u/read_ahead_kb",
		 info.major, info.minor);
	cr_assert_eq(sysfile_number(path, &number), 0);
	return number;
}

Test(mount_end, root_turns_the_knobs)
{
	struct mount_options o = { .read_ahead_kb = 768, .max_background = 99 };
	struct backend *store = new_store(0);
	struct served s = { 0 };
	const struct mount_knob *k;

	cr_assert_eq(getuid(), 0u, "this test is for root");
	cr_assert_eq(start(&s, store, &o), 0);
	k = knob(&s, "read_ahead_kb");
	cr_assert(k);
	cr_expect_eq(k->wanted, 768u);
	cr_expect_eq(k->effective, 768u, "%s", k->why);
	cr_expect_eq(k->why, NULL);
	cr_expect_eq(read_ahead_of(&s), 768u, "it stays so");
	k = knob(&s, "max_background");
	cr_assert(k);
	cr_expect_eq(k->wanted, 99u);
	cr_expect(k->effective == 99 || k->why, "known, or said why not");
	cr_expect_eq(served_end(&s, SIGTERM), 0);
	served_remove(&s);
	backend_close(store);
}

/* Nobody else may look into a user's mount, not even root.  A child becomes
 * him, reads, says so, and keeps the file open until told. */
struct reading_user {
	pid_t pid;
	int said[2], told[2];
};

static void become_and_read(const struct reading_user *u, uid_t uid,
			    const char *path)
{
	char byte;
	int fd;

	close(u->told[1]);
	if (setgid(uid) < 0 || setuid(uid) < 0)
		_exit(1);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, &byte, 1) != 1)
		_exit(2);
	if (write(u->said[1], "x", 1) != 1 || read(u->told[0], &byte, 1) != 0)
		_exit(3);
	_exit(0);
}

static void start_user(struct reading_user *u, uid_t uid, const char *path)
{
	char byte;

	cr_assert_eq(pipe(u->said), 0);
	cr_assert_eq(pipe(u->told), 0);
	u->pid = fork();
	if (u->pid == 0)
		become_and_read(u, uid, path);
	close(u->said[1]);
	cr_expect_eq(read(u->said[0], &byte, 1), 1, "he can read");
}

static void end_user(const struct reading_user *u)
{
	int status;

	close(u->told[1]);
	waitpid(u->pid, &status, 0);
	cr_expect_eq(status, 0);
}

Test(mount_end, an_ordinary_user_mounts_and_is_told_what_he_does_not_get)
{
	struct mount_options o = { .read_ahead_kb = 768, .drain_seconds = 60 };
	struct backend *store = new_store(0);
	struct served s = { .uid = NOBODY };
	const struct mount_knob *k;
	struct reading_user user;

	cr_assert_eq(getuid(), 0u, "this test wants to become somebody");
	cr_assert_eq(chmod("/dev/fuse", 0666), 0, "as distributions have it");
	cr_assert_eq(start(&s, store, &o), 0);
	k = knob(&s, "read_ahead_kb");
	cr_assert(k);
	cr_expect_neq(k->effective, 768u);
	cr_expect_str_eq(k->why, "only root may change it");

	/* While he uses it fusermount3 takes it off lazily. */
	start_user(&user, s.uid, served_path(&s, "f"));
	kill(s.pid, SIGTERM);
	cr_expect(is_soon_unmounted(&s));
	end_user(&user);
	cr_expect_eq(served_wait(&s), 0);
	served_remove(&s);
	backend_close(store);
}

Test(mount_end, an_ordinary_user_recovers_from_a_killed_server)
{
	struct backend *store = new_store(0);
	struct served s = { .uid = NOBODY };

	cr_assert_eq(chmod("/dev/fuse", 0666), 0, "as distributions have it");
	cr_assert_eq(start(&s, store, &(struct mount_options){ 0 }), 0);
	served_end(&s, SIGKILL);
	cr_expect(is_mounted(&s));
	cr_expect_eq(start(&s, store, &(struct mount_options){ 0 }), 0);
	cr_expect_eq(served_end(&s, SIGTERM), 0);
	cr_expect_not(is_mounted(&s));
	served_remove(&s);
	backend_close(store);
}
