#include "backends/program.h"

#include "backends/dotenv.h"
#include "backends/strbuf.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>

#define LOOK_MS 20 /* how often the flag is looked at, and the child */
#define NS_PER_MS (NS_PER_SEC / 1000)

struct child {
	pid_t pid; /* and process group */
	int out;   /* what it prints */
	uint64_t deadline_ns;
	const _Atomic bool *stop;
};

/* ---- Finding it --------------------------------------------------------- */

static int join(const char *folder, size_t len, const char *name, char **out)
{
	if (asprintf(out, "%.*s/%s", (int)len, folder, name) < 0)
		return -ENOMEM;
	if (access(*out, X_OK) == 0)
		return 0;
	free(TAKE(*out));
	return -ENOENT;
}

/* posix_spawnp() would take our PATH instead of the environment's. */
static int find(const struct program_call *c, char **out)
{
	const char *path = dotenv_get(c->environment, "PATH");
	const char *name = c->argv[0];
	int rc = -ENOENT;
	size_t len;

	if (strchr(name, '/')) {
		*out = strdup(name);
		return *out ? 0 : -ENOMEM;
	}
	for (; path && rc == -ENOENT;
	     path = path[len] ? path + len + 1 : NULL) {
		len = strcspn(path, ":");
		if (*path == '/')
			rc = join(path, len, name, out);
	}
	return rc;
}

/* ---- Starting it -------------------------------------------------------- */

static void set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, pipe;

	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP |
					       POSIX_SPAWN_SETSIGMASK |
					       POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &pipe);
}

static int spawn(const struct program_call *c, const char *path, int out,
		 pid_t *pid)
{
	/* The array is const for us, and the strings are for it. */
	char *const *argv = (char *const *)(uintptr_t)c->argv;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int rc;

	posix_spawnattr_init(&attr);
	set_attributes(&attr);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null",
					 O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null",
					 O_WRONLY, 0);
	rc = posix_spawn(pid, path, &files, &attr, argv,
			 c->environment ? c->environment : environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return -rc;
}

static int start(const struct program_call *c, struct child *child)
{
	AUTO_FREE char *path = NULL;
	AUTO_CLOSE int out = -1;
	int ends[2], rc;

	rc = find(c, &path);
	if (rc)
		return rc;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	child->out = ends[0];
	out = ends[1];
	child->deadline_ns = clock_ns() + c->timeout_ms * NS_PER_MS;
	child->stop = c->stop;
	return spawn(c, path, out, &child->pid);
}

/* ---- Listening to it ---------------------------------------------------- */

static int check_time(const struct child *child)
{
	if (child->stop &&
	    atomic_load_explicit(child->stop, memory_order_relaxed))
		return -ECANCELED;
	return clock_ns() < child->deadline_ns ? 0 : -ETIMEDOUT;
}

/* 1: more may come; 0: that was all. */
static int read_some(const struct child *child, struct strbuf *b)
{
	char buf[4096];
	ssize_t got = read(child->out, buf, sizeof(buf));
	int rc = got > 0;

	if (got < 0)
		return errno == EINTR ? 1 : -errno;
	if (memchr(buf, '\0', (size_t)got))
		rc = -EILSEQ;
	strbuf_add(b, buf, (size_t)got);
	explicit_bzero(buf, sizeof(buf));
	return b->len > PROGRAM_MAX_OUTPUT ? -EFBIG : rc;
}

static int read_all(const struct child *child, struct strbuf *b)
{
	struct pollfd p = { .fd = child->out, .events = POLLIN };
	int rc = 1;

	while (rc > 0) {
		rc = check_time(child);
		if (rc == 0)
			rc = poll(&p, 1, LOOK_MS) > 0 ? read_some(child, b) : 1;
	}
	return rc;
}

/* It may have closed its output and live on. */
static int wait_for(const struct child *child, int *status)
{
	int rc = 0;
	pid_t pid;

	for (;;) {
		pid = waitpid(child->pid, status, WNOHANG);
		if (pid == child->pid)
			return 0;
		if (pid < 0 && errno != EINTR)
			return -errno;
		rc = check_time(child);
		if (rc)
			return rc;
		clock_sleep_until(clock_ns() + LOOK_MS * NS_PER_MS / 10);
	}
}

static void end(const struct child *child)
{
	int status;

	kill(-child->pid, SIGKILL);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
}

int program_output(const struct program_call *c, int *status, char **text)
{
	AUTO_STRBUF struct strbuf b = { 0 };
	struct child child = { .out = -1 };
	int rc;

	rc = start(c, &child);
	if (rc == 0) {
		rc = read_all(&child, &b);
		if (rc == 0)
			rc = wait_for(&child, status);
		if (rc)
			end(&child);
	}
	if (child.out >= 0)
		close(child.out);
	return rc ? rc : strbuf_take(&b, text);
}
