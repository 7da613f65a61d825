#include "backends/command.h"

#include "backends/strbuf.h"
#include "base/clock.h"
#include "base/flag.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#define LOOK_MS 50 /* how often flag and clock are looked at */

/* ---- Words -------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* From behind the opening quote to behind the closing one; NULL: there is
 * none. */
static const char *take_quoted(const char *p, char quote, char **to)
{
	for (; *p && *p != quote; p++) {
		if (quote == '"' && *p == '\\' && (p[1] == '"' || p[1] == '\\'))
			p++;
		*(*to)++ = *p;
	}
	return *p ? p + 1 : NULL;
}

/* One word, with a NUL behind it; NULL: a quote is not closed. */
static const char *take_word(const char *p, char **to)
{
	while (p && *p && !is_space(*p)) {
		if (*p == '"' || *p == '\'') {
			p = take_quoted(p + 1, *p, to);
			continue;
		}
		if (*p == '\\' && !*++p)
			return NULL;
		*(*to)++ = *p++;
	}
	*(*to)++ = '\0';
	return p;
}

/* Words are no longer than the line, and at most half as many as its
 * characters. */
int command_split(const char *line, char ***words)
{
	size_t len = strlen(line), n = 0;
	AUTO_FREE char **list =
		calloc(1, (len / 2 + 2) * sizeof(*list) + len + 2);
	char *to;

	if (!list)
		return -ENOMEM;
	to = (char *)(list + len / 2 + 2);
	for (;;) {
		while (is_space(*line))
			line++;
		if (!*line)
			break;
		list[n++] = to;
		line = take_word(line, &to);
		if (!line)
			return -EINVAL;
	}
	if (n == 0)
		return -EINVAL;
	*words = TAKE(list);
	return 0;
}

/* ---- The program -------------------------------------------------------- */

/* Input and complaints lead nowhere; a group of its own, so that what it starts
 * can be ended with it; and signals are as a program expects them. */
static int start(const struct command *c, int output, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, pipe;
	int rc;

	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
						POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &pipe);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, output, 1);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	rc = posix_spawnp(pid, c->words[0], &files, &attr, c->words,
			  c->environment ? c->environment : environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return -rc;
}

/* What there is: 1; 0: no more comes. */
static int read_some(int fd, struct strbuf *b)
{
	char some[4096];
	ssize_t got = read(fd, some, sizeof(some));

	if (got < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -errno;
	if (b->len + (size_t)got > COMMAND_OUTPUT)
		got = -EMSGSIZE;
	else
		strbuf_add(b, some, (size_t)got);
	explicit_bzero(some, sizeof(some));
	return got < 0 ? -EMSGSIZE : got > 0;
}

static int look(const struct command *c, uint64_t until)
{
	if (flag_is_set(c->stop))
		return -ECANCELED;
	return clock_ns() >= until ? -ETIMEDOUT : 1;
}

static int read_all(const struct command *c, int fd, uint64_t until,
		    struct strbuf *b)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int rc = 1;

	while (rc > 0) {
		rc = look(c, until);
		if (rc > 0 && poll(&p, 1, LOOK_MS) > 0)
			rc = read_some(fd, b);
	}
	return rc;
}

/* It has closed its output, but may go on. */
static int wait_for(const struct command *c, pid_t pid, uint64_t until,
		    int *status)
{
	pid_t ended;
	int how, rc;

	while ((ended = waitpid(pid, &how, WNOHANG)) == 0) {
		rc = look(c, until);
		if (rc < 0)
			return rc;
		clock_sleep_until(clock_ns() + NS_PER_MS);
	}
	if (ended < 0)
		return -errno;
	*status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
	return 0;
}

static void end(pid_t pid)
{
	kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int command_run(const struct command *c, char **out, int *status)
{
	AUTO_CLOSE int from = -1;
	AUTO_CLOSE int to = -1;
	AUTO_STRBUF struct strbuf b = { 0 };
	uint64_t until = clock_ns() + c->timeout_ms * NS_PER_MS;
	int ends[2], rc;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	from = ends[0];
	to = ends[1];
	rc = start(c, to, &pid);
	if (rc)
		return rc;
	close(TAKE_FD(to));
	strbuf_puts(&b, "");
	rc = read_all(c, from, until, &b);
	if (rc == 0)
		rc = wait_for(c, pid, until, status);
	if (rc == 0)
		return strbuf_take(&b, out);
	end(pid);
	return rc;
}
