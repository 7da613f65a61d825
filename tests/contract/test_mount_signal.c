/* Signals to programs that wait for a mount: who is killed can die, and who is
 * not gets what he asked for. */
#include "backends/fault.h"
#include "backends/mem.h"
#include "base/clock.h"
#include "lib/served.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>

#define FOR_EVER (600 * NS_PER_SEC)

static const struct backend_options mem_options = { .mem_fd = -1,
						    .mem_limit = 64 * MIB };
static struct backend *store;
static struct served s;

/* A file "f" of 100 bytes, in a store where one kind of call takes so long. */
static void set_up(enum fault_op op, uint64_t delay_ns, bool writable)
{
	static const char bytes[100];
	struct mount_export e = { .path = "", .writable = writable };
	struct mount_options o = { .exports = &e,
				   .n_exports = 1,
				   .drain_seconds = 1 };
	struct fault_plan plan = { 0 };
	struct backend *inner;
	struct object *obj;

	cr_assert_eq(backend_open(&mem_ops, "mem://s", &mem_options, &inner),
		     0);
	cr_assert_eq(object_create(inner, "f", &obj), 0);
	cr_assert_eq(object_append(obj, bytes, sizeof(bytes)), 0);
	cr_assert_eq(object_commit(obj, 0), 0);
	object_close(obj);
	plan.rule[op].shape = FAULT_FIXED;
	plan.rule[op].a_ns = delay_ns;
	cr_assert_eq(fault_wrap(inner, &plan, &store), 0);
	e.store = store;
	s = (struct served){ 0 };
	cr_assert_eq(served_start(&s, &o), 0);
}

static void tear_down(int want)
{
	cr_expect_eq(served_end(&s, SIGTERM), want);
	served_remove(&s);
	backend_close(store);
}

/* ---- What the victims do ------------------------------------------------ */

static void read_directly(void)
{
	int fd = open(served_path(&s, "f"), O_RDONLY | O_DIRECT);
	static char buf[4096] __attribute__((aligned(4096)));

	_exit(read(fd, buf, sizeof(buf)) < 0);
}

static void read_through_the_cache(void)
{
	int fd = open(served_path(&s, "f"), O_RDONLY);
	char byte;

	_exit(read(fd, &byte, 1) < 0);
}

static void just_open(void)
{
	_exit(open(served_path(&s, "f"), O_RDONLY) < 0);
}

static void remove_file(void)
{
	_exit(unlink(served_path(&s, "f")));
}

static void sync_file(void)
{
	int fd = open(served_path(&s, "new"), O_CREAT | O_WRONLY, 0644);

	_exit(write(fd, "x", 1) != 1 || fsync(fd) < 0);
}

static pid_t start_victim(void (*victim)(void))
{
	pid_t pid = fork();

	if (pid == 0)
		victim();
	clock_sleep_until(clock_ns() + NS_PER_SEC * 3 / 10);
	return pid;
}

/* Gone within ten seconds? */
static bool dies(pid_t pid)
{
	for (int i = 0; i < 1000; i++) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return true;
		clock_sleep_until(clock_ns() + NS_PER_SEC / 100);
	}
	return false;
}

/* ---- Tests -------------------------------------------------------------- */

Test(mount_signal, who_waits_for_a_store_that_never_answers_can_be_killed)
{
	static const struct {
		const char *what;
		enum fault_op op;
		bool writable;
		void (*victim)(void);
	} cases[] = {
		{ "O_DIRECT read", FAULT_READ, false, read_directly },
		{ "read", FAULT_READ, false, read_through_the_cache },
		{ "open", FAULT_OPEN, false, just_open },
		{ "unlink", FAULT_REMOVE, true, remove_file },
		{ "fsync", FAULT_COMMIT, true, sync_file },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		pid_t pid;

		set_up(cases[i].op, FOR_EVER, cases[i].writable);
		pid = start_victim(cases[i].victim);
		kill(pid, SIGKILL);
		cr_expect(dies(pid), "row %zu, %s", i, cases[i].what);
		tear_down(-ETIMEDOUT); /* the store's thread is still there */
	}
}

/* The work goes on when its caller is gone, and then lets go of the file. */
Test(mount_signal, what_the_dead_have_asked_for_is_finished_in_peace)
{
	pid_t pids[8];

	set_up(FAULT_READ, NS_PER_SEC, false);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = start_victim(i % 2 ? read_directly :
					       read_through_the_cache);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		kill(pids[i], SIGKILL);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		cr_expect(dies(pids[i]));
	tear_down(0);
}

static void count(int signal)
{
	(void)signal;
}

/* Without SA_RESTART, so that EINTR would be seen. */
Test(mount_signal, a_signal_that_is_handled_does_not_disturb_a_read)
{
	static char buf[4096] __attribute__((aligned(4096)));
	struct sigaction action = { .sa_handler = count };
	struct itimerval often = { { 0, 20000 }, { 0, 20000 } };
	struct itimerval never = { { 0, 0 }, { 0, 0 } };
	int fd;

	set_up(FAULT_READ, NS_PER_SEC / 2, false);
	sigaction(SIGALRM, &action, NULL);
	fd = open(served_path(&s, "f"), O_RDONLY | O_DIRECT);
	setitimer(ITIMER_REAL, &often, NULL);
	cr_expect_eq(read(fd, buf, sizeof(buf)), 100, "%s", strerror(errno));
	setitimer(ITIMER_REAL, &never, NULL);
	close(fd);
	tear_down(0);
}
