#include "app/serve.h"

#include "app/exports.h"
#include "app/latency.h"
#include "base/log.h"
#include "fuse/mount.h"
#include "train/savefile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

struct server {
	const struct cli *cli;
	struct workload workload; /* with a URI: the defaults */
	struct exports exports;
	struct mount *mount;
	_Atomic(const struct mount *) known; /* the same, to its readers */
	_Atomic bool stop;		     /* the stores shall */
};

/* ---- The control files ---- */

static int fill_json(void *arg, FILE *out)
{
	struct server *s = arg;

	return latency_write(s->workload.stores.recorder, out);
}

static void render_json(void *arg, FILE *out)
{
	if (fill_json(arg, out))
		log_error("render the statistics");
}

static void render_table(void *arg, FILE *out)
{
	struct server *s = arg;

	latency_print(s->workload.stores.recorder, out);
}

static void render_config(void *arg, FILE *out)
{
	struct server *s = arg;
	const struct mount *m = s->known; /* who is quick comes before it */
	const struct mount_knob *knob;
	size_t n = m ? mount_knobs(m, &knob) : 0;

	if (s->exports.uri)
		fprintf(out, "# %s\n", s->exports.uri);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "# %s: %" PRIu64 "%s%s\n", knob[i].name,
			knob[i].effective, knob[i].why ? ", because " : "",
			knob[i].why ? knob[i].why : "");
	if (config_print(s->workload.config, out))
		log_error("render the configuration");
}

/* Where statistics go on SIGUSR1 and at the end: to the file asked for, whole
 * or not at all; else, in the foreground, to the terminal. */
static void dump(void *arg)
{
	struct server *s = arg;
	const char *path = s->cli->stats_file;

	if (!s->workload.stores.recorder)
		return;
	if (!path) {
		if (s->cli->ready_fd < 0)
			latency_print(s->workload.stores.recorder, stderr);
		return;
	}
	(void)!savefile_replace(path, fill_json, s);
}

/* ---- Assembly ---- */

static const enum mount_cache caches[] = {
	[CONFIG_CACHE_WARM] = MOUNT_WARM,
	[CONFIG_CACHE_COLD] = MOUNT_COLD,
	[CONFIG_CACHE_DIRECT] = MOUNT_DIRECT,
};

static const char *mountpoint(const struct server *s)
{
	return s->cli->args[s->cli->n_args - 1];
}

/* The process that made it may be gone. */
static void remove_folder(const struct server *s)
{
	if (s->cli->is_private)
		rmdir(mountpoint(s));
}

static int mount_it(struct server *s)
{
	const struct config *c = s->workload.config;
	const struct mount_file control[] = {
		{ "stats", render_json, s },
		{ "stats.txt", render_table, s },
		{ "config", render_config, s },
	};
	bool has_stats = s->workload.stores.recorder;
	const struct mount_options options = {
		.mountpoint = mountpoint(s),
		.fsname = s->exports.uri ? s->exports.uri :
					   s->workload.data_uri,
		.exports = s->exports.export,
		.n_exports = s->exports.n,
		.fill = exports_fill,
		.fill_arg = &s->exports,
		.cache = caches[c->dliofs.mount.cache],
		.blksize = (uint32_t)c->dliofs.mount.blksize,
		.read_ahead_kb = (uint32_t)c->dliofs.mount.read_ahead_kb,
		.max_background = (uint32_t)c->dliofs.mount.max_background,
		.fuse_threads = (unsigned)c->dliofs.mount.threads,
		.io_threads = (unsigned)c->dliofs.backend.threads,
		.memory = c->dliofs.mount.memory,
		.allow_other = s->cli->allow_other ||
			       c->dliofs.mount.allow_other,
		.recorder = s->workload.stores.recorder,
		.stop = &s->stop,
		.control = has_stats ? control : &control[2],
		.n_control = has_stats ? 3 : 1,
		.dump = dump,
		.dump_arg = s,
	};
	int rc;

	rc = mount_open(&options, &s->mount);
	s->known = s->mount;
	return rc;
}

/* What root would have got, on the pipe to whoever waits, or on standard
 * error. */
static int report(struct server *s)
{
	int fd = s->cli->ready_fd >= 0 ? (int)s->cli->ready_fd : STDERR_FILENO;
	const struct mount_knob *knob;
	size_t n = mount_knobs(s->mount, &knob);

	for (size_t i = 0; i < n; i++) {
		const struct mount_knob *k = &knob[i];

		if (!k->why)
			continue;
		if (k->effective)
			dprintf(fd,
				"dliofs: mount: %s is %" PRIu64
				" and not %" PRIu64 ": %s\n",
				k->name, k->effective, k->wanted, k->why);
		else
			dprintf(fd,
				"dliofs: mount: %s may not be %" PRIu64
				": %s\n",
				k->name, k->wanted, k->why);
	}
	return 0;
}

/* ---- Whoever started us ---- */

static bool in_background(const struct server *s)
{
	return s->cli->ready_fd >= 0 && !s->cli->is_private;
}

/* Standard error is somebody's terminal or pipe, and a server in the
 * background would keep it open: a pipe's reader would wait for our end. */
static int open_log(const struct server *s, int *out)
{
	const char *path = s->cli->log_file;

	*out = -1;
	if (!path && !in_background(s))
		return 0;
	if (!path)
		path = "/dev/null";
	*out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	return *out < 0 ? log_fail(-errno, "log to %s", path) : 0;
}

/* Until it is told that we are ready, no mount may outlive the process that
 * waits for it; a private one never may. */
static int follow_starter(const struct server *s)
{
	signal(SIGPIPE, SIG_IGN); /* tell_starter() will see */
	if (s->cli->ready_fd >= 0 && prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return log_fail(-errno, "follow the process that mounts");
	return 0;
}

static int tell_starter(const struct server *s)
{
	int fd = (int)s->cli->ready_fd;

	if (fd < 0)
		return 0;
	if (in_background(s))
		prctl(PR_SET_PDEATHSIG, 0);
	if (dprintf(fd, SERVE_READY) < 0)
		return -errno; /* it is gone */
	close(fd);
	return 0;
}

static int map_recorder(struct server *s)
{
	if (s->cli->no_record || !s->workload.config->dliofs.record)
		return 0;
	return recorder_new((int)s->cli->recorder_fd,
			    &s->workload.stores.recorder);
}

static int serve(struct server *s)
{
	AUTO_CLOSE int log = -1;
	int rc;

	rc = follow_starter(s);
	if (!rc)
		rc = open_log(s, &log);
	if (!rc)
		rc = workload_open(s->cli, &s->workload);
	if (!rc)
		rc = map_recorder(s);
	s->workload.stores.stop = &s->stop;
	if (!rc)
		rc = exports_open(&s->exports);
	if (!rc)
		rc = mount_it(s);
	if (!rc)
		rc = report(s);
	if (!rc && log >= 0 && dup2(log, STDERR_FILENO) < 0)
		rc = -errno;
	if (!rc)
		rc = tell_starter(s);
	if (rc)
		return rc;
	rc = mount_serve(s->mount);
	dump(s);
	remove_folder(s); /* while further signals wait */
	if (rc == -ETIMEDOUT)
		_exit(CLI_FAILED); /* a store holds threads for ever */
	return rc;
}

int serve_run(const struct cli *cli)
{
	struct server s = { .cli = cli };
	int rc;

	s.exports = (struct exports){
		.cli = cli,
		.workload = &s.workload,
		.uri = cli->n_args > 1 ? cli->args[0] : NULL,
	};
	rc = serve(&s);
	mount_close(s.mount);
	remove_folder(&s);
	exports_close(&s.exports);
	recorder_free(s.workload.stores.recorder);
	workload_close(&s.workload);
	return rc;
}
