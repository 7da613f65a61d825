#include "app/mounted.h"

#include "app/handover.h"
#include "app/private.h"
#include "app/serve.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#define MAX_ARGS 64

/* How long a server may take to unmount before it is killed. */
#define STOP_TIMEOUT_NS (15 * NS_PER_SEC)

struct mounted {
	char *path;
	bool private_folder;
	bool background;
	pid_t pid; /* 0: not running, or not ours to stop */
};

/* The server's command line, built word by word. */
struct words {
	union {
		const char *word[MAX_ARGS];
		char *argv[MAX_ARGS]; /* what posix_spawn() wants */
	};
	char number[4][24];
	size_t n, numbers;
	int settings_fd;
};

static void add(struct words *w, const char *word)
{
	if (w->n < MAX_ARGS - 1)
		w->word[w->n++] = word;
}

static void add_option(struct words *w, const char *name, const char *value)
{
	if (!value)
		return;
	add(w, name);
	add(w, value);
}

/* A descriptor that the server inherits: without close-on-exec. */
static int add_fd(struct words *w, const char *name, int fd)
{
	char *text = w->number[w->numbers++];

	if (fcntl(fd, F_SETFD, 0) < 0)
		return log_fail(-errno, "inherit descriptor %d", fd);
	snprintf(text, sizeof(w->number[0]), "%d", fd);
	add_option(w, name, text);
	return 0;
}

static int add_settings(const struct cli *cli, struct words *w)
{
	int rc;

	if (!cli->n_overrides)
		return 0;
	rc = handover_new(cli->overrides, cli->n_overrides, &w->settings_fd);
	return rc ? rc : add_fd(w, "--settings-fd", w->settings_fd);
}

static int build_words(const struct cli *cli,
		       const struct mounted_options *options,
		       const char *mountpoint, int ready_fd, struct words *w)
{
	int rc;

	add(w, cli->program);
	add(w, "mount");
	add(w, "--foreground");
	if (!options->background)
		add(w, "--private");
	add_option(w, "--config", cli->config);
	add_option(w, "--stats-file", cli->stats_file);
	add_option(w, "--log-file", options->background ? cli->log_file : NULL);
	add_option(w, "--cache", options->cache ? options->cache : cli->cache);
	if (cli->strict)
		add(w, "--strict");
	if (cli->writable)
		add(w, "--writable");
	if (cli->allow_other)
		add(w, "--allow-other");
	if (cli->no_record)
		add(w, "--no-record");
	add_option(w, "--listing", cli->listing);
	rc = add_settings(cli, w);
	if (!rc)
		rc = add_fd(w, "--ready-fd", ready_fd);
	if (!rc && options->recorder)
		rc = add_fd(w, "--recorder-fd", recorder_fd(options->recorder));
	if (!rc && options->mem_fd >= 0)
		rc = add_fd(w, "--mem-fd", options->mem_fd);
	add(w, "--");
	if (cli->n_args && !strcmp(cli->command->name, "mount") &&
	    cli->n_args > 1)
		add(w, cli->args[0]); /* the URI */
	add(w, mountpoint);
	add(w, NULL);
	return rc;
}

/* The server is a process group of its own, so that the terminal's ^C reaches
 * only us: we stop the trainer first and the mount after it. */
static int spawn(char *const *argv, bool background, pid_t *pid)
{
	posix_spawnattr_t attr;
	posix_spawn_file_actions_t files;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, (background ? POSIX_SPAWN_SETSID :
						      POSIX_SPAWN_SETPGROUP) |
						POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null",
					 O_RDONLY, 0);
	if (background)
		posix_spawn_file_actions_addopen(&files, STDOUT_FILENO,
						 "/dev/null", O_WRONLY, 0);
	rc = posix_spawn(pid, "/proc/self/exe", &files, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return rc ? log_fail(-rc, "start the mount's process") : 0;
}

/* The server is gone before it was ready.  It has said why, unless a signal
 * ended it. */
static int early_end(struct mounted *m)
{
	pid_t pid = m->pid;
	int status;

	m->pid = 0;
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	if (WIFSIGNALED(status))
		return log_fail(-ESRCH, "the mount's process: signal %d",
				WTERMSIG(status));
	return WEXITSTATUS(status) == CLI_USAGE ? -EINVAL : -EIO;
}

/* Read what the server says until it is ready or gone.  Lines before "ready"
 * are its report. */
static int wait_ready(struct mounted *m, int fd, bool quiet)
{
	AUTO_FCLOSE FILE *f = fdopen(dup(fd), "r");
	char line[512];

	if (!f)
		return log_fail(-errno, "listen to the mount's process");
	while (fgets(line, sizeof(line), f)) {
		if (!strcmp(line, SERVE_READY))
			return 0;
		if (!quiet)
			fputs(line, stderr);
	}
	/* A signal wants us to stop: mounted_stop() ends the server. */
	if (ferror(f))
		return log_fail(-errno, "wait for the mount");
	return early_end(m);
}

static int start(const struct cli *cli, const struct mounted_options *options,
		 struct mounted *m)
{
	AUTO_FREE struct words *w = calloc(1, sizeof(*w));
	AUTO_CLOSE int ours = -1;
	AUTO_CLOSE int theirs = -1;
	AUTO_CLOSE int settings = -1;
	int ends[2];
	int rc;

	if (!w)
		return -ENOMEM;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return log_fail(-errno, "make a pipe");
	ours = ends[0];
	theirs = ends[1];
	w->settings_fd = -1;
	rc = build_words(cli, options, m->path, theirs, w);
	settings = w->settings_fd;
	(void)settings; /* until the child has it */
	if (rc)
		return rc;
	rc = spawn(w->argv, options->background, &m->pid);
	if (rc)
		return rc;
	close(TAKE_FD(theirs)); /* so that the server's end is seen */
	return wait_ready(m, ours, options->quiet);
}

int mounted_start(const struct cli *cli, const struct mounted_options *options,
		  struct mounted **out)
{
	struct mounted *m = calloc(1, sizeof(*m));
	int rc;

	if (!m)
		return -ENOMEM;
	m->private_folder = !options->mountpoint;
	if (options->mountpoint) {
		m->path = strdup(options->mountpoint);
		rc = m->path ? 0 : -ENOMEM;
	} else {
		rc = private_make(&m->path);
	}
	if (!rc)
		rc = start(cli, options, m);
	if (rc) {
		mounted_stop(m);
		return rc;
	}
	m->background = options->background;
	*out = m;
	return 0;
}

const char *mounted_path(const struct mounted *m)
{
	return m->path;
}

/* Reap the server if it has ended. */
static bool ended(struct mounted *m)
{
	int status;

	if (!m->pid)
		return true;
	if (waitpid(m->pid, &status, WNOHANG) != m->pid)
		return false;
	m->pid = 0;
	if (WIFSIGNALED(status))
		log_error("the mount's process was killed by signal %d",
			  WTERMSIG(status));
	return true;
}

static void stop_server(struct mounted *m)
{
	uint64_t deadline = clock_ns() + STOP_TIMEOUT_NS;

	if (ended(m))
		return;
	kill(m->pid, SIGTERM);
	while (!ended(m)) {
		if (clock_ns() > deadline) {
			log_error("the mount's process %d does not end; "
				  "it is killed",
				  (int)m->pid);
			kill(m->pid, SIGKILL);
			waitpid(m->pid, NULL, 0);
			m->pid = 0;
			return;
		}
		clock_sleep_until(clock_ns() + NS_PER_SEC / 200);
	}
}

void mounted_stop(struct mounted *m)
{
	if (!m)
		return;
	if (!m->background)
		stop_server(m);
	if (m->private_folder && m->path)
		private_remove(m->path);
	free(m->path);
	free(m);
}
