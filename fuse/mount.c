#include "fuse/mount.h"

#include "base/clock.h"
#include "base/log.h"
#include "fuse/handle.h"
#include "fuse/knobs.h"
#include "fuse/mountpoint.h"
#include "fuse/server.h"
#include "fuse/session.h"
#include "io/cache.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#define READY_SECONDS 20

/* What a store may take to notice that it shall stop, and to clean up. */
#define STOP_NS (2 * NS_PER_SEC)

struct mount {
	char *path;
	uint64_t drain_ns;
	void (*dump)(void *arg);
	void *dump_arg;

	struct server server;
	struct session *session;
	struct knobs knobs;
	int signal_fd;
	sigset_t old_signals;
	bool signals_blocked;

	_Atomic bool *stop; /* the stores', or our own */
	_Atomic bool own_stop;
	bool cut;   /* users were cut off: what they wrote is not finished */
	bool stuck; /* a store did not come back */
};

/* ---- Opening ------------------------------------------------------------ */

/* Every thread made after this leaves the signals to mount_serve(). */
static int take_signals(struct mount *m)
{
	struct sigaction hangup;
	sigset_t set;

	sigemptyset(&set);
	if (!sigaction(SIGHUP, NULL, &hangup) && hangup.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP); /* not under nohup */
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, &m->old_signals);
	m->signals_blocked = true;
	m->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return m->signal_fd < 0 ? log_fail(-errno, "signalfd") : 0;
}

/* A file that is open through the mount is one of ours, too. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		log_warn("at most %llu files can be open through the mount",
			 (unsigned long long)limit.rlim_cur);
}

static void apply_knobs(struct mount *m, const struct mount_options *o)
{
	struct mountpoint_info info = { 0 };

	/* Only the numbers of the device; the mount itself is not looked at. */
	if (mountpoint_info(m->path, &info) == 0)
		knobs_apply(&m->knobs, &info, "/sys", o->read_ahead_kb,
			    m->server.max_background);
}

int mount_open(const struct mount_options *o, struct mount **out)
{
	const char *source = o->fsname ? o->fsname : "dliofs";
	struct mount *m = calloc(1, sizeof(*m));
	int rc;

	if (!m)
		return -ENOMEM;
	m->signal_fd = -1;
	m->drain_ns = (o->drain_seconds ? o->drain_seconds : 5) * NS_PER_SEC;
	m->dump = o->dump;
	m->dump_arg = o->dump_arg;
	m->stop = o->stop ? o->stop : &m->own_stop;
	rc = mountpoint_check(o->mountpoint, source);
	if (rc < 0)
		goto fail;
	m->path = realpath(o->mountpoint, NULL);
	rc = m->path ? take_signals(m) : -errno;
	if (rc < 0)
		goto fail;
	raise_descriptor_limit();
	rc = server_open(&m->server, o);
	if (rc == 0)
		rc = session_open(&m->server, m->path, source, o->allow_other,
				  &m->session);
	if (rc == 0)
		rc = session_wait_ready(m->session, READY_SECONDS);
	if (rc < 0)
		goto fail;
	apply_knobs(m, o);
	*out = m;
	return 0;

fail:
	mount_close(m);
	return rc;
}

size_t mount_knobs(const struct mount *m, const struct mount_knob **out)
{
	*out = m->knobs.knob;
	return m->knobs.knob[0].name ? KNOBS : 0;
}

/* ---- Serving ------------------------------------------------------------ */

/* How far the end has come. */
struct ending {
	bool begun, forced;
	uint64_t deadline_ns;
};

static void force(struct mount *m, struct ending *e)
{
	if (e->forced)
		return;
	e->forced = true;
	m->cut = true;
	session_cut(m->session);
	*m->stop = true; /* nobody waits for an answer */
}

/* A signal: unmount; again: without waiting for those who use it. */
static void end(struct mount *m, struct ending *e)
{
	int rc;

	if (e->begun) {
		force(m, e);
		return;
	}
	e->begun = true;
	e->deadline_ns = clock_ns() + m->drain_ns;
	rc = mountpoint_unmount(m->path, false);
	if (rc == -EBUSY) {
		log_warn("%s is in use: waiting %llu s for its users", m->path,
			 (unsigned long long)(m->drain_ns / NS_PER_SEC));
		rc = mountpoint_unmount(m->path, true);
	}
	/* Unmounted here already, but not in some other mount namespace. */
	if (rc == -ENOENT)
		rc = 0;
	if (rc < 0) {
		log_fail(rc, "unmount %s", m->path);
		force(m, e);
	}
}

static void take_signal(struct mount *m, struct ending *e)
{
	struct signalfd_siginfo info;

	while (read(m->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGUSR1)
			end(m, e);
		else if (m->dump)
			m->dump(m->dump_arg);
	}
}

static int wait_ms(const struct ending *e)
{
	uint64_t now = clock_ns();

	if (!e->begun || e->forced)
		return -1;
	return now >= e->deadline_ns ?
		       0 :
		       (int)MIN((e->deadline_ns - now) / 1000000 + 1, INT_MAX);
}

/* Wait for what stores were asked for; and for no longer than we shall. */
static int drain(struct mount *m)
{
	int rc = server_drain(&m->server, clock_ns() + m->drain_ns);

	if (rc == 0)
		return 0;
	log_error("%s: a store does not answer; what was asked of it is lost",
		  m->path);
	m->cut = true;
	*m->stop = true;
	rc = server_drain(&m->server, clock_ns() + STOP_NS);
	m->stuck = rc < 0;
	return m->stuck ? -ETIMEDOUT : -EIO;
}

int mount_serve(struct mount *m)
{
	struct ending e = { 0 };
	int rc;
	struct pollfd fds[] = {
		{ .fd = session_end_fd(m->session), .events = POLLIN },
		{ .fd = m->signal_fd, .events = POLLIN },
	};

	while (!fds[0].revents) {
		int n = poll(fds, ARRAY_SIZE(fds), wait_ms(&e));

		if (n == 0)
			force(m, &e);
		else if (n > 0 && fds[1].revents)
			take_signal(m, &e);
	}
	if (m->server.cache)
		cache_stop(m->server.cache);
	rc = drain(m);
	if (rc < 0)
		return rc;
	return m->cut ? -EBUSY : session_result(m->session);
}

/* ---- Closing ------------------------------------------------------------ */

/* What has been begun is undone by asking the stores, which may therefore go on;
 * but not for ever. */
struct undoing {
	pthread_t thread;
	_Atomic bool *stop;
	_Atomic bool over;
};

static void *end_undoing(void *arg)
{
	struct undoing *u = arg;
	uint64_t until = clock_ns() + STOP_NS;

	while (!u->over && clock_ns() < until)
		clock_sleep_until(clock_ns() + NS_PER_SEC / 100);
	*u->stop = true;
	return NULL;
}

static void undo(struct mount *m)
{
	struct undoing u = { .stop = m->stop };

	if (pthread_create(&u.thread, NULL, end_undoing, &u) != 0)
		return;
	*m->stop = false;
	handle_set_free(TAKE(m->server.handles), false);
	u.over = true;
	pthread_join(u.thread, NULL);
}

void mount_close(struct mount *m)
{
	if (!m || m->stuck)
		return;
	if (m->session && !session_has_ended(m->session)) {
		/* Nobody asked for the end: mount_open() failed, or the caller
		 * does not want to serve. */
		if (mountpoint_unmount(m->path, false) < 0) {
			m->cut = true;
			if (mountpoint_unmount(m->path, true) < 0)
				log_warn("%s stays mounted, and dead", m->path);
		}
		session_cut(m->session);
	}
	session_join(m->session);
	if (m->server.cache)
		cache_stop(m->server.cache);
	(void)!server_drain(&m->server, UINT64_MAX / 2);
	session_close(m->session);
	if (m->cut)
		undo(m);
	server_close(&m->server, !m->cut);
	if (m->signal_fd >= 0)
		close(m->signal_fd);
	if (m->signals_blocked)
		pthread_sigmask(SIG_SETMASK, &m->old_signals, NULL);
	free(m->path);
	free(m);
}

const char *mount_library(void)
{
	return session_library();
}
