#include "fuse/process.h"

#include "base/text.h"
#include "base/util.h"

#include <signal.h>
#include <string.h>

/* What follows "tag:\t" in a thread's status (proc(5)), or "". */
static void read_status(pid_t thread, const char *tag, char *out, size_t size)
{
	char path[48], line[128];
	AUTO_FCLOSE FILE *f = NULL;
	size_t len = strlen(tag);

	*out = '\0';
	snprintf(path, sizeof(path), "/proc/%d/status", (int)thread);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, tag, len) != 0 || line[len] != ':')
			continue;
		snprintf(out, size, "%s", line + len + 2);
		return;
	}
}

int64_t process_of_thread(pid_t thread)
{
	char text[64];
	const char *at = text;
	uint64_t process;

	read_status(thread, "Tgid", text, sizeof(text));
	return text_take_uint(&at, &process) == 0 ? (int64_t)process : thread;
}

static bool has_sigkill(pid_t thread)
{
	static const char *const pending[] = { "SigPnd", "ShdPnd" };
	char text[64];

	for (size_t i = 0; i < ARRAY_SIZE(pending); i++) {
		read_status(thread, pending[i], text, sizeof(text));
		if (strtoull(text, NULL, 16) & (uint64_t)1 << (SIGKILL - 1))
			return true;
	}
	return false;
}

/* The flags are the seventh number after the name, which may have any
 * character in it; PF_EXITING is 4 (the kernel's include/linux/sched.h). */
static bool is_exiting(pid_t thread)
{
	char path[48], line[512];
	AUTO_FCLOSE FILE *f = NULL;
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)thread);
	f = fopen(path, "re");
	if (!f || !fgets(line, sizeof(line), f))
		return false;
	at = strrchr(line, ')');
	for (int skip = 0; at && skip < 7; skip++)
		at = strchr(at + 1, ' ');
	return at && strtoull(at, NULL, 10) & 4;
}

/* Whatever signal it is that ends a process, its threads are sent SIGKILL; and
 * on its way out a process closes its files, after that. */
bool process_is_dying(pid_t thread)
{
	return has_sigkill(thread) || is_exiting(thread);
}
