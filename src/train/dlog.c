#include "train/dlog.h"

#include "base/clock.h"
#include "base/log.h"
#include "train/savefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>

struct dlog {
	enum dlog_level level;
	FILE *console;
	int fd; /* -1: no file */
	char *path;
	atomic_bool broken; /* the file could not be written, and it was said */
};

int dlog_parse_level(const char *text, enum dlog_level *out)
{
	static const struct {
		const char *name;
		enum dlog_level level;
	} names[] = {
		{ "", DLOG_WARNING },	       { "debug", DLOG_DEBUG },
		{ "info", DLOG_INFO },	       { "warning", DLOG_WARNING },
		{ "warn", DLOG_WARNING },      { "error", DLOG_ERROR },
		{ "critical", DLOG_CRITICAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcasecmp(text ? text : "", names[i].name))
			continue;
		*out = names[i].level;
		return 0;
	}
	return log_invalid("DLIO_LOG_LEVEL=%s: use debug, info, warning, "
			   "error or critical",
			   text);
}

int dlog_remove(const char *path)
{
	if (unlink(path) < 0 && errno != ENOENT)
		return log_fail(-errno, "remove the old log %s", path);
	return 0;
}

int dlog_new(const char *path, FILE *console, enum dlog_level level,
	     struct dlog **out)
{
	struct dlog *d = calloc(1, sizeof(*d));
	int rc;

	if (!d)
		return -ENOMEM;
	d->level = level;
	d->console = console;
	d->fd = -1;
	if (path) {
		rc = savefile_make_folder_of(path);
		if (rc < 0)
			goto fail;
		rc = -ENOMEM;
		d->path = strdup(path);
		if (!d->path)
			goto fail;
		d->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
			     0644);
		if (d->fd < 0) {
			rc = log_fail(-errno, "open the log %s", path);
			goto fail;
		}
	}
	*out = d;
	return 0;
fail:
	dlog_free(d);
	return rc;
}

void dlog_free(struct dlog *d)
{
	if (!d)
		return;
	if (d->fd >= 0)
		close(d->fd);
	free(d->path);
	free(d);
}

bool dlog_shows(const struct dlog *d, enum dlog_level level)
{
	return d && level >= d->level;
}

static const char *level_name(enum dlog_level level)
{
	switch (level) {
	case DLOG_DEBUG:
		return "DEBUG";
	case DLOG_INFO:
		return "INFO";
	case DLOG_WARNING:
		return "WARNING";
	case DLOG_OUTPUT:
		return "OUTPUT";
	case DLOG_ERROR:
		return "ERROR";
	case DLOG_CRITICAL:
		return "CRITICAL";
	}
	return "?";
}

/* One write: what O_APPEND keeps whole among processes. */
static void to_file(struct dlog *d, const char *text, size_t len)
{
	ssize_t put;

	do
		put = write(d->fd, text, len);
	while (put < 0 && errno == EINTR);
	if (put == (ssize_t)len || atomic_exchange(&d->broken, true))
		return;
	log_fail(put < 0 ? -errno : -ENOSPC, "write the log %s", d->path);
}

void dlog_write(struct dlog *d, enum dlog_level level, uint64_t when_ns,
		const char *file, int line, const char *fmt, ...)
{
	AUTO_FREE char *message = NULL;
	AUTO_FREE char *text = NULL;
	char stamp[CLOCK_STAMP_SIZE] = "", place[128] = "";
	va_list args;
	int len;

	if (!dlog_shows(d, level))
		return;
	if (when_ns != DLOG_NO_STAMP)
		clock_stamp_at(when_ns, stamp);
	if (d->level <= DLOG_DEBUG)
		snprintf(place, sizeof(place), " [%s:%d]", file, line);

	va_start(args, fmt);
	len = vasprintf(&message, fmt, args);
	va_end(args);
	if (len < 0) {
		message = NULL;
		return;
	}
	len = asprintf(&text, "[%s] %s%s%s%s\n", level_name(level), stamp,
		       *stamp ? " " : "", message, place);
	if (len < 0) {
		text = NULL;
		return;
	}
	if (d->console) {
		fwrite(text, 1, (size_t)len, d->console);
		fflush(d->console);
	}
	if (d->fd >= 0)
		to_file(d, text, (size_t)len);
}
