#include "fuse/process.h"

#include "base/util.h"

#include <string.h>

int64_t process_of_thread(pid_t thread)
{
	char path[48], line[128];
	AUTO_FCLOSE FILE *f = NULL;
	long long process;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)thread);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %lld", &process) == 1)
			return process;
	return thread;
}
