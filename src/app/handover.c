#include "app/handover.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

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
