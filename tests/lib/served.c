#include "lib/served.h"

#include "backends/backend.h"
#include "fuse/mountpoint.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#ifdef __SANITIZE_ADDRESS__
int __lsan_do_recoverable_leak_check(void);
#else
static int __lsan_do_recoverable_leak_check(void)
{
	return 0;
}
#endif

/* What the child tells once it is mounted, or not. */
struct hello {
	int rc;
	size_t n_knobs;
	struct mount_knob knobs[8]; /* the texts are constants: same program */
};

static void serve(const struct mount_options *o, uid_t uid, int pipe)
{
	struct hello hello = { 0 };
	const struct mount_knob *knobs;
	struct mount *m = NULL;
	pid_t test = getppid();
	int rc;

	if (uid && (setgid(uid) < 0 || setuid(uid) < 0))
		_exit(1);
	/* When a test fails: unmount.  Forgotten by setuid(), so after it. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	hello.rc = mount_open(o, &m);
	if (m) {
		hello.n_knobs = mount_knobs(m, &knobs);
		memcpy(hello.knobs, knobs, hello.n_knobs * sizeof(*knobs));
	}
	if (write(pipe, &hello, sizeof(hello)) != sizeof(hello) || hello.rc)
		_exit(1);
	close(pipe);
	rc = mount_serve(m);
	if (rc == -ETIMEDOUT)
		_exit(ETIMEDOUT);
	mount_close(m);
	if (getppid() != test)
		rmdir(o->mountpoint);
	_exit(__lsan_do_recoverable_leak_check() ? 99 : -rc);
}

int served_start(struct served *s, const struct mount_options *options)
{
	struct mount_options o = *options;
	struct hello hello = { .rc = -EPIPE };
	int ends[2];

	if (!s->dir) {
		char template[] = "/tmp/dliofs-mount-XXXXXX";

		s->dir = strdup(mkdtemp(template));
		if (s->uid && chown(s->dir, s->uid, s->uid) < 0)
			return -errno;
	}
	o.mountpoint = s->dir;
	/* Who has closed all is not kept waiting, however busy the machine. */
	if (!o.drain_seconds)
		o.drain_seconds = 60;
	if (pipe(ends) < 0)
		return -errno;
	s->pid = fork();
	if (s->pid == 0) {
		close(ends[0]);
		serve(&o, s->uid, ends[1]);
	}
	close(ends[1]);
	if (read(ends[0], &hello, sizeof(hello)) != sizeof(hello))
		hello.rc = -EPIPE;
	close(ends[0]);
	memcpy(s->knobs, hello.knobs, sizeof(s->knobs));
	s->n_knobs = hello.n_knobs;
	if (hello.rc != 0)
		served_wait(s);
	return hello.rc;
}

int served_wait(struct served *s)
{
	int status;

	while (waitpid(s->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	s->pid = 0;
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) :
				     -WEXITSTATUS(status);
}

int served_end(struct served *s, int signal)
{
	kill(s->pid, signal);
	return served_wait(s);
}

void served_remove(struct served *s)
{
	if (s->pid)
		served_end(s, SIGKILL);
	while (mountpoint_unmount(s->dir, true) == 0)
		;
	rmdir(s->dir);
	free(s->dir);
	s->dir = NULL;
}

const char *served_path(const struct served *s, const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, PATH_MAX, "%s/%s", s->dir, name);
	return path;
}

void served_start_store(struct served *s, struct backend *store,
			const struct mount_options *more)
{
	struct mount_export e = { .path = "", .store = store };
	struct mount_options o = *more;

	o.exports = &e;
	o.n_exports = 1;
	cr_assert_eq(served_start(s, &o), 0);
}

void served_stop_store(struct served *s, struct backend *store)
{
	cr_expect_eq(served_end(s, SIGTERM), 0);
	served_remove(s);
	backend_close(store);
}

pid_t served_fork_reader(const struct served *s, const char *name)
{
	pid_t pid = fork();
	char byte;
	int fd;

	if (pid)
		return pid;
	fd = open(served_path(s, name), O_RDONLY);
	_exit(pread(fd, &byte, 1, 0) == 1);
}

unsigned long served_sum(const struct served *s, const char *file,
			 const char *const *words, size_t n)
{
	unsigned long value = 0, sum = 0;
	FILE *f = fopen(served_path(s, file), "r");
	size_t found = 0;
	char got[64];

	cr_assert(f, "%s: %s", file, strerror(errno));
	while (fscanf(f, "%63s %lu", got, &value) == 2)
		for (size_t i = 0; i < n; i++)
			if (strcmp(got, words[i]) == 0) {
				sum += value;
				found++;
			}
	fclose(f);
	return found == n ? sum : ULONG_MAX;
}

unsigned long served_figure(const struct served *s, const char *file,
			    const char *word)
{
	return served_sum(s, file, &word, 1);
}
