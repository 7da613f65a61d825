#include "app/profiler.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define END_NS (5 * NS_PER_SEC)
#define POLL_NS (NS_PER_SEC / 100)

struct profiler {
	pid_t pid;
};

static bool is(const struct config *c, const char *name)
{
	return c->workflow.profiling &&
	       (c->workflow.train || c->workflow.checkpoint) &&
	       !strcmp(c->profiling.profiler, name);
}

/* As execvp() will look for it. */
static bool is_installed(const char *program)
{
	const char *path = getenv("PATH");
	AUTO_FREE char *copy = strdup(path ? path : "/usr/bin:/bin");
	char *rest = NULL, file[4096];

	if (!copy)
		return false;
	for (char *dir = strtok_r(copy, ":", &rest); dir;
	     dir = strtok_r(NULL, ":", &rest))
		if (snprintf(file, sizeof(file), "%s/%s", dir, program) <
			    (int)sizeof(file) &&
		    !access(file, X_OK))
			return true;
	return false;
}

int profiler_check(const struct config *c)
{
	if (is(c, "iostat") && !is_installed("iostat"))
		return log_invalid("workflow.profiling: there is no iostat: "
				   "install sysstat, or choose "
				   "profiling.profiler=none");
	if (is(c, "tensorboard"))
		log_warn("profiling.profiler: tensorboard profiles "
			 "TensorFlow, which is not here: nothing is profiled");
	return 0;
}

/* iostat -mdxtcy -o JSON DEVICE... 1 */
static char **words(const struct config *c)
{
	static const char *const first[] = { "iostat", "-mdxtcy", "-o",
					     "JSON" };
	const struct config_strings *devices = &c->profiling.iostat_devices;
	char **argv = calloc(ARRAY_SIZE(first) + devices->n + 2, sizeof(*argv));
	size_t n = 0;

	if (!argv)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		argv[n++] = (char *)first[i];
	for (size_t i = 0; i < devices->n; i++)
		argv[n++] = devices->item[i];
	argv[n] = (char *)"1";
	return argv;
}

/* In the child, between fork() and exec: nothing that takes a lock.  A process
 * group of its own, so that the terminal's ^C does not end it too early. */
static void become(char **argv, int out, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGINT, SIG_DFL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGINT);
	if (getppid() != parent || dup2(out, STDOUT_FILENO) < 0)
		_exit(127);
	execvp(argv[0], argv);
	_exit(127);
}

static int begin(struct profiler *p, const struct config *c, const char *path)
{
	AUTO_CLOSE int out =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	AUTO_FREE char **argv = words(c);
	pid_t parent = getpid();

	if (out < 0)
		return log_fail(-errno, "open %s", path);
	if (!argv)
		return log_fail(-ENOMEM, "a profiler");
	p->pid = fork();
	if (p->pid < 0)
		return log_fail(-errno, "start %s", argv[0]);
	if (!p->pid)
		become(argv, out, parent);
	return 0;
}

int profiler_start(const struct config *c, const char *folder,
		   struct profiler **out)
{
	struct profiler *p;
	char path[4096];
	int rc;

	*out = NULL;
	if (!is(c, "iostat"))
		return 0;
	if (snprintf(path, sizeof(path), "%s/iostat.json", folder) >=
	    (int)sizeof(path))
		return log_fail(-ENAMETOOLONG, "iostat.json in %s", folder);
	p = calloc(1, sizeof(*p));
	if (!p)
		return log_fail(-ENOMEM, "a profiler");
	rc = begin(p, c, path);
	if (rc)
		free(p);
	else
		*out = p;
	return rc;
}

static bool has_ended(pid_t pid, int *status)
{
	return waitpid(pid, status, WNOHANG) != 0;
}

void profiler_stop(struct profiler *p)
{
	uint64_t until_ns = clock_ns() + END_NS;
	int status = 0;

	if (!p)
		return;
	kill(p->pid, SIGINT);
	while (!has_ended(p->pid, &status)) {
		clock_sleep_until(clock_ns() + POLL_NS);
		if (clock_ns() > until_ns)
			kill(p->pid, SIGKILL);
	}
	if (status)
		log_warn("iostat failed with %s %d: iostat.json is not "
			 "complete",
			 WIFSIGNALED(status) ? "signal" : "status",
			 WIFSIGNALED(status) ? WTERMSIG(status) :
					       WEXITSTATUS(status));
	free(p);
}
