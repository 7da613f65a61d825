/* Signals to programs that wait for a mount: who is killed can die, and who is
 * not gets what he asked for. */
#include "backends/fault.h"
#include "backends/mem.h"
#include "lib/await.h"
#include "lib/served.h"
#include "lib/shared_page.h"

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
/* A mount of a file "f" of 100 bytes, in a store where one kind of call takes
 * so long. */
struct slow {
	struct backend *store;
	struct served s;
	enum fault_op op;
	_Atomic uint64_t *begun; /* calls, of each kind */
};

static void set_up(struct slow *m, enum fault_op op, uint64_t delay_ns,
		   bool writable)
{
	static const char bytes[100];
	struct mount_export e = { .path = "", .writable = writable };
	/* What comes to an end is waited for, however late. */
	struct mount_options o = { .exports = &e,
				   .n_exports = 1,
				   .drain_seconds = delay_ns == FOR_EVER ? 1 :
									   60 };
	struct fault_plan plan = { 0 };
	struct backend *inner;
	struct object *obj;

	*m = (struct slow){ .op = op, .begun = shared_page_new() };
	cr_assert(m->begun);
	cr_assert_eq(backend_open(&mem_ops, "mem://s", &mem_options, &inner),
		     0);
	cr_assert_eq(object_create(inner, "f", &obj), 0);
	cr_assert_eq(object_append(obj, bytes, sizeof(bytes)), 0);
	cr_assert_eq(object_commit(obj, 0), 0);
	object_close(obj);
	plan.rule[op].shape = FAULT_FIXED;
	plan.rule[op].a_ns = delay_ns;
	plan.begun = m->begun;
	cr_assert_eq(fault_wrap(inner, &plan, &m->store), 0);
	e.store = m->store;
	cr_assert_eq(served_start(&m->s, &o), 0);
}

static bool is_asked(const struct slow *m, uint64_t times)
{
	return AWAIT(m->begun[m->op] >= times);
}

/* It has been told to end. */
static void finish(struct slow *m, int want)
{
	cr_expect_eq(served_wait(&m->s), want);
	served_remove(&m->s);
	backend_close(m->store);
	shared_page_free(m->begun);
}

static void tear_down(struct slow *m)
{
	kill(m->s.pid, SIGTERM);
	finish(m, 0);
}

/* ---- What the victims do ------------------------------------------------ */

static void read_directly(const struct served *s)
{
	int fd = open(served_path(s, "f"), O_RDONLY | O_DIRECT);
	static char buf[4096] __attribute__((aligned(4096)));

	_exit(read(fd, buf, sizeof(buf)) < 0);
}

static void read_through_the_cache(const struct served *s)
{
	int fd = open(served_path(s, "f"), O_RDONLY);
	char byte;

	_exit(read(fd, &byte, 1) < 0);
}

static void just_open(const struct served *s)
{
	_exit(open(served_path(s, "f"), O_RDONLY) < 0);
}

static void remove_file(const struct served *s)
{
	_exit(unlink(served_path(s, "f")));
}

static void sync_file(const struct served *s)
{
	int fd = open(served_path(s, "new"), O_CREAT | O_WRONLY, 0644);

	_exit(write(fd, "x", 1) != 1 || fsync(fd) < 0);
}

static pid_t start_victim(const struct slow *m,
			  void (*victim)(const struct served *))
{
	pid_t pid = fork();

	if (pid == 0)
		victim(&m->s);
	return pid;
}

/* By which signal, or -1 if by none: who has not waited ends by himself. */
static int ended_by(pid_t pid)
{
	int status = 0;

	cr_expect(AWAIT(waitpid(pid, &status, WNOHANG) == pid));
	return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

/* ---- Tests -------------------------------------------------------------- */

/* All at once: each server has to wait for a while before it gives up. */
Test(mount_signal, who_waits_for_a_store_that_never_answers_can_be_killed)
{
	static const struct {
		const char *what;
		enum fault_op op;
		bool writable;
		void (*victim)(const struct served *);
	} cases[] = {
		{ "O_DIRECT read", FAULT_READ, false, read_directly },
		{ "read", FAULT_READ, false, read_through_the_cache },
		/* Of what is only read, open waits for no store. */
		{ "open", FAULT_OPEN, true, just_open },
		{ "unlink", FAULT_REMOVE, true, remove_file },
		{ "fsync", FAULT_COMMIT, true, sync_file },
	};
	struct slow mounts[ARRAY_SIZE(cases)];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct slow *m = &mounts[i];
		pid_t pid;

		set_up(m, cases[i].op, FOR_EVER, cases[i].writable);
		pid = start_victim(m, cases[i].victim);
		cr_expect(is_asked(m, 1), "%s", cases[i].what);
		kill(pid, SIGKILL);
		cr_expect_eq(ended_by(pid), SIGKILL, "%s", cases[i].what);
		kill(m->s.pid, SIGTERM);
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		finish(&mounts[i], -ETIMEDOUT); /* its thread is still there */
}

/* The work goes on when its caller is gone, and then lets go of the file. */
Test(mount_signal, what_the_dead_have_asked_for_is_finished_in_peace)
{
	struct slow m;
	pid_t pids[8];

	set_up(&m, FAULT_READ, NS_PER_SEC, false);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = start_victim(&m, i % 2 ? read_directly :
						   read_through_the_cache);
	/* Those who read through the cache wait for the same page. */
	cr_expect(is_asked(&m, 1 + ARRAY_SIZE(pids) / 2));
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		kill(pids[i], SIGKILL);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		ended_by(pids[i]);
	tear_down(&m);
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
	struct slow m;
	int fd;

	set_up(&m, FAULT_READ, NS_PER_SEC / 2, false);
	sigaction(SIGALRM, &action, NULL);
	fd = open(served_path(&m.s, "f"), O_RDONLY | O_DIRECT);
	setitimer(ITIMER_REAL, &often, NULL);
	cr_expect_eq(read(fd, buf, sizeof(buf)), 100, "%s", strerror(errno));
	setitimer(ITIMER_REAL, &never, NULL);
	close(fd);
	tear_down(&m);
}
