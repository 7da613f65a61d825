#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* The one piece of state in the program that is not passed in, so that an
 * error can be said from anywhere. */
static struct {
	enum log_level level;
	char prefix[64];
} settings = { .level = LOG_LEVEL_INFO };

void log_set_level(enum log_level level)
{
	settings.level = level;
}

void log_set_prefix(const char *prefix)
{
	snprintf(settings.prefix, sizeof(settings.prefix), "%s", prefix);
}

static void write_all(const char *text, size_t len)
{
	while (len > 0) {
		ssize_t wrote = write(STDERR_FILENO, text, len);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return; /* there is nobody left to tell */
		text += wrote;
		len -= (size_t)wrote;
	}
}

/* Put what goes before and after around each line of the message. */
static void print_lines(FILE *out, enum log_level level, const char *message,
			const char *tail)
{
	static const char *const words[] = {
		[LOG_LEVEL_ERROR] = "error: ",
		[LOG_LEVEL_WARN] = "warning: ",
		[LOG_LEVEL_INFO] = "",
		[LOG_LEVEL_DEBUG] = "debug: ",
	};

	for (const char *line = message;;) {
		int len = (int)strcspn(line, "\n");
		bool last = !line[len] || !line[len + 1];

		fprintf(out, "dliofs: %s%s%.*s%s\n", settings.prefix,
			words[level], len, line, last ? tail : "");
		if (last)
			return;
		line += len + 1;
	}
}

/* tail ends the last line: the errno's text. */
static void PRINTF(3, 0) say(enum log_level level, const char *tail,
			     const char *fmt, va_list args)
{
	AUTO_FREE char *message = NULL;
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	int saved_errno = errno;
	FILE *out;

	if (level > settings.level)
		return;
	if (vasprintf(&message, fmt, args) < 0)
		message = NULL;
	out = open_memstream(&text, &len);
	if (out) {
		/* Out of memory, the bare format still says where. */
		print_lines(out, level, message ? message : fmt, tail);
		if (fclose(out) == 0)
			write_all(text, len);
	}
	errno = saved_errno;
}

#define SAY(level, tail, fmt)                                                  \
	do {                                                                   \
		va_list args;                                                  \
		va_start(args, fmt);                                           \
		say(level, tail, fmt, args);                                   \
		va_end(args);                                                  \
	} while (0)

void log_error(const char *fmt, ...)
{
	SAY(LOG_LEVEL_ERROR, "", fmt);
}

void log_warn(const char *fmt, ...)
{
	SAY(LOG_LEVEL_WARN, "", fmt);
}

void log_info(const char *fmt, ...)
{
	SAY(LOG_LEVEL_INFO, "", fmt);
}

void log_debug(const char *fmt, ...)
{
	SAY(LOG_LEVEL_DEBUG, "", fmt);
}

int log_fail(int rc, const char *fmt, ...)
{
	char buf[128];
	char tail[160] = "";

	if (rc < 0)
		snprintf(tail, sizeof(tail), ": %s",
			 strerror_r(-rc, buf, sizeof(buf)));
	SAY(LOG_LEVEL_ERROR, tail, fmt);
	return rc;
}

int log_invalid(const char *fmt, ...)
{
	SAY(LOG_LEVEL_ERROR, "", fmt);
	return -EINVAL;
}
