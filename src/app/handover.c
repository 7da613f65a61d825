#include "app/handover.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static int copy(int from, int to, const char *path)
{
	char piece[4096];
	ssize_t got;

	while ((got = read(from, piece, sizeof(piece))) > 0)
		if (write(to, piece, (size_t)got) != got)
			return log_fail(-EIO, "keep what %s says", path);
	return got ? log_fail(-errno, "read %s", path) : 0;
}

/* Is it there, and means something else to another process, or next time?
 * /dev/stdin does, whatever it is. */
bool handover_is_passing(const char *path)
{
	struct stat st;

	if (!path || stat(path, &st) || S_ISDIR(st.st_mode))
		return false;
	return !S_ISREG(st.st_mode) || !strncmp(path, "/dev/", 5) ||
	       !strncmp(path, "/proc/self/fd/", 14);
}

int handover_keep(const char **path, char room[HANDOVER_PATH])
{
	AUTO_CLOSE int from = -1, memory = -1;
	int rc;

	if (!handover_is_passing(*path))
		return 0;
	from = open(*path, O_RDONLY | O_CLOEXEC);
	memory = memfd_create("dliofs-workload", 0);
	if (from < 0 || memory < 0)
		return log_fail(-errno, "read %s", *path);
	rc = copy(from, memory, *path);
	if (rc)
		return rc;
	snprintf(room, HANDOVER_PATH, "/proc/self/fd/%d", TAKE_FD(memory));
	*path = room;
	return 0;
}

/* Each word with its NUL. */
int handover_new(const char *const *words, size_t n, int *fd)
{
	AUTO_CLOSE int memory = memfd_create("dliofs-settings", MFD_CLOEXEC);

	if (memory < 0)
		return log_fail(-errno, "hand settings over");
	for (size_t i = 0; i < n; i++) {
		size_t size = strlen(words[i]) + 1;

		if (write(memory, words[i], size) != (ssize_t)size)
			return log_fail(-EIO, "hand settings over");
	}
	*fd = TAKE_FD(memory);
	return 0;
}

static size_t count_words(const char *text, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += text[i] == '\0';
	return n;
}

int handover_take(int fd, const char ***words, size_t *n)
{
	AUTO_CLOSE int memory = fd;
	AUTO_FREE const char **list = NULL;
	AUTO_FREE char *text = NULL;
	struct stat st;
	size_t size;
	char *at;

	if (fstat(memory, &st) < 0)
		return log_fail(-errno, "take settings over");
	size = (size_t)st.st_size;
	text = malloc(size + 1);
	if (!text)
		return -ENOMEM;
	if (pread(memory, text, size, 0) != st.st_size)
		return log_fail(-EIO, "take settings over");

	*n = count_words(text, size);
	list = malloc((*n + 1) * sizeof(*list) + size);
	if (!list)
		return -ENOMEM;
	at = memcpy(&list[*n + 1], text, size);
	for (size_t i = 0; i < *n; i++, at += strlen(at) + 1)
		list[i] = at;
	list[*n] = NULL;
	*words = TAKE(list);
	return 0;
}
