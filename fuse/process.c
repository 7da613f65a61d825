#include "fuse/process.h"

#include "base/text.h"

#include <string.h>

int64_t process_of_thread(pid_t thread)
{
	static const char tag[] = "Tgid:\t";
	char path[48], line[128];
	AUTO_FCLOSE FILE *f = NULL;
	uint64_t process;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)thread);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		const char *at = line + strlen(tag);

		if (strncmp(line, tag, strlen(tag)) == 0 &&
		    text_take_uint(&at, &process) == 0)
			return (int64_t)process;
	}
	return thread;
}
