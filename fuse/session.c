#include "fuse/session.h"

#include "base/clock.h"
#include "base/log.h"
#include "fuse/ops.h"
#include "fuse/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>

struct session {
	struct server *server;
	struct fuse_session *fuse;
	bool mounted;

	pthread_t thread;
	bool started;
	int ready_fd; /* eventfd: the kernel has our answer to its hello */
	int end_fd;   /* eventfd: the loop is over */
	_Atomic int result; /* then */
	bool cut;
};

/* ---- Mounting ----------------------------------------------------------- */

static void PRINTF(2, 0)
	log_fuse(enum fuse_log_level level, const char *fmt, va_list args)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, args);
	text[strcspn(text, "\n")] = '\0';
	if (level <= FUSE_LOG_ERR)
		log_error("%s", text);
	else if (level <= FUSE_LOG_WARNING)
		log_warn("%s", text);
	else
		log_debug("%s", text);
}

/* "key=value" for -o, where commas separate options. */
static int add_escaped(FILE *options, const char *key, const char *value)
{
	fprintf(options, ",%s=", key);
	for (; *value; value++) {
		if (*value == ',' || *value == '\\')
			fputc('\\', options);
		fputc(*value, options);
	}
	return 0;
}

/* Not "ro", whatever is shown: the kernel would let nobody write to the control
 * files (prefetch.h).  Handlers say EROFS. */
static int make_options(const char *source, bool allow_other, char **out)
{
	size_t size;
	FILE *options = open_memstream(out, &size);

	if (!options)
		return -ENOMEM;
	fputs("default_permissions,nodev,nosuid,noatime,subtype=dliofs",
	      options);
	add_escaped(options, "fsname", source);
	if (allow_other)
		fputs(",allow_other", options);
	return fclose(options) == 0 && *out ? 0 : -ENOMEM;
}

static int mount_session(struct session *se, const char *mountpoint,
			 char *options)
{
	char name[] = "dliofs", flag[] = "-o";
	char *argv[] = { name, flag, options, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(3, argv);

	fuse_set_log_func(log_fuse);
	se->fuse = fuse_session_new(&args, ops_table(),
				    sizeof(struct fuse_lowlevel_ops),
				    se->server);
	fuse_opt_free_args(&args);
	if (!se->fuse)
		return log_fail(-EINVAL, "libfuse does not take -o %s",
				options);
	if (fuse_session_mount(se->fuse, mountpoint) != 0) {
		if (access("/dev/fuse", R_OK | W_OK) < 0)
			return log_fail(-errno,
					"mount on %s: use /dev/fuse, which "
					"everybody should be allowed to "
					"(chmod 666 /dev/fuse, as root)",
					mountpoint);
		log_error("mount on %s: an ordinary user needs fusermount3 "
			  "and, with allow_other, user_allow_other in "
			  "/etc/fuse.conf",
			  mountpoint);
		return -EPERM;
	}
	se->mounted = true;
	return 0;
}

/* ---- The loop ----------------------------------------------------------- */

static void tell(int event_fd)
{
	uint64_t one = 1;

	if (write(event_fd, &one, sizeof(one)) < 0)
		log_fail(-errno, "eventfd");
}

/* The first request, alone: what it agrees on, such as how far to read ahead,
 * the kernel sets when it takes the answer, over whatever was set before.  What
 * is wrong with the connection the loop will see, too. */
static void answer_hello(struct session *se)
{
	struct fuse_buf buf = { .mem = NULL };
	int got;

	do
		got = fuse_session_receive_buf(se->fuse, &buf);
	while (got == -EINTR && !fuse_session_exited(se->fuse));
	if (got > 0)
		fuse_session_process_buf(se->fuse, &buf);
	if (got > 0 && !fuse_session_exited(se->fuse))
		tell(se->ready_fd);
	free(buf.mem);
}

static void *loop(void *arg)
{
	struct session *se = arg;
	struct fuse_loop_config *config = fuse_loop_cfg_create();
	int rc = -ENOMEM;

	pthread_setname_np(pthread_self(), "dliofs-fuse");
	if (config) {
		answer_hello(se);
		fuse_loop_cfg_set_max_threads(config, se->server->fuse_threads);
		rc = fuse_session_loop_mt(se->fuse, config);
		fuse_loop_cfg_destroy(config);
	}
	/* Positive: a signal's number, which none of ours can be. */
	se->result = rc < 0 ? rc : 0;
	tell(se->end_fd);
	return NULL;
}

int session_open(struct server *s, const char *mountpoint, const char *source,
		 bool allow_other, struct session **out)
{
	struct session *se = calloc(1, sizeof(*se));
	AUTO_FREE char *options = NULL;
	int rc;

	if (!se)
		return -ENOMEM;
	se->server = s;
	se->end_fd = eventfd(0, EFD_CLOEXEC);
	se->ready_fd = eventfd(0, EFD_CLOEXEC);
	rc = se->end_fd < 0 || se->ready_fd < 0 ? -errno : 0;
	if (rc == 0)
		rc = make_options(source, allow_other, &options);
	if (rc == 0)
		rc = mount_session(se, mountpoint, options);
	if (rc == 0) {
		rc = -pthread_create(&se->thread, NULL, loop, se);
		se->started = rc == 0;
		if (rc < 0)
			log_fail(rc, "start the mount's thread");
	}
	if (rc < 0)
		goto fail;
	*out = se;
	return 0;

fail:
	session_close(se);
	return rc;
}

int session_wait_ready(struct session *se, unsigned seconds)
{
	struct pollfd fds[] = {
		{ .fd = se->ready_fd, .events = POLLIN },
		{ .fd = se->end_fd, .events = POLLIN },
	};
	int n;

	do
		n = poll(fds, ARRAY_SIZE(fds), (int)seconds * 1000);
	while (n < 0 && errno == EINTR);
	if (n > 0 && fds[0].revents)
		return 0;
	return log_fail(n == 0 ? -ETIMEDOUT : -EIO,
			"the kernel does not talk to the mount");
}

int session_end_fd(const struct session *se)
{
	return se->end_fd;
}

bool session_has_ended(const struct session *se)
{
	struct pollfd fd = { .fd = se->end_fd, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

/* ---- The end ------------------------------------------------------------ */

static void ignore(int signal)
{
	(void)signal;
}

/* libfuse's loop waits on a semaphore that older versions do not post when it
 * is told to exit, but that a signal interrupts.  Since the signal could come
 * just before the wait, it is sent until it has worked. */
static void wake_loop(struct session *se)
{
	struct sigaction nothing = { .sa_handler = ignore };

	sigemptyset(&nothing.sa_mask);
	sigaction(SIGUSR2, &nothing, NULL);
	while (!session_has_ended(se)) {
		pthread_kill(se->thread, SIGUSR2);
		clock_sleep_until(clock_ns() + NS_PER_SEC / 100);
	}
}

void session_cut(struct session *se)
{
	if (!se->started || session_has_ended(se))
		return;
	se->cut = true;
	fuse_session_exit(se->fuse);
	wake_loop(se);
}

void session_join(struct session *se)
{
	if (!se || !se->started)
		return;
	pthread_join(se->thread, NULL);
	se->started = false;
}

int session_result(const struct session *se)
{
	return se->result;
}

/* Put something broken in the place of the connection, whose last descriptor
 * this was: the kernel ends it, and fuse_session_unmount() sees that it has
 * nothing to do.  It would unmount by name, and what has that name now may be
 * another's. */
static void break_connection(struct session *se)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	close(ends[0]);
	dup2(ends[1], fuse_session_fd(se->fuse));
	close(ends[1]);
}

void session_close(struct session *se)
{
	if (!se)
		return;
	if (se->cut)
		break_connection(se);
	if (se->mounted)
		fuse_session_unmount(se->fuse);
	if (se->fuse)
		fuse_session_destroy(se->fuse);
	if (se->end_fd >= 0)
		close(se->end_fd);
	if (se->ready_fd >= 0)
		close(se->ready_fd);
	free(se);
}

const char *session_library(void)
{
	return fuse_pkgversion();
}
