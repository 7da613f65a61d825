#include "base/memlimit.h"

#include "base/sysfile.h"

#include <limits.h>
#include <string.h>

/* The limit in one folder; "max" is not a number and limits nothing. */
static uint64_t limit_in(const char *folder, const char *file)
{
	char path[PATH_MAX];
	uint64_t limit;

	if (snprintf(path, sizeof(path), "%s/%s", folder, file) >=
	    (int)sizeof(path))
		return UINT64_MAX;
	return sysfile_number(path, &limit) == 0 ? limit : UINT64_MAX;
}

/* The smallest on the way from group up to the hierarchy's root. */
static uint64_t limit_above(const char *root, const char *group,
			    const char *file)
{
	uint64_t least = limit_in(root, file);
	char folder[PATH_MAX];
	size_t root_len = strlen(root);
	char *slash;

	if (snprintf(folder, sizeof(folder), "%s%s", root, group) >=
	    (int)sizeof(folder))
		return least;
	while (strlen(folder) > root_len) {
		least = MIN(least, limit_in(folder, file));
		slash = strrchr(folder, '/');
		*slash = '\0';
	}
	return least;
}

/* "12:cpuset,memory:/a/b": whether memory is among a version 1 hierarchy's
 * controllers. */
static bool controls_memory(const char *list, const char *end)
{
	static const char name[] = "memory";

	for (const char *next; list < end; list = next + 1) {
		next = memchr(list, ',', (size_t)(end - list));
		if (!next)
			next = end;
		if ((size_t)(next - list) == strlen(name) &&
		    memcmp(list, name, strlen(name)) == 0)
			return true;
	}
	return false;
}

static uint64_t limit_of_line(char *line, const char *mounted)
{
	char *list = strchr(line, ':'), *group;
	char root[PATH_MAX];

	group = list ? strchr(list + 1, ':') : NULL;
	if (!group)
		return UINT64_MAX;
	list++;
	if (list == group) /* version 2 */
		return limit_above(mounted, group + 1, "memory.max");
	if (!controls_memory(list, group) ||
	    snprintf(root, sizeof(root), "%s/memory", mounted) >=
		    (int)sizeof(root))
		return UINT64_MAX;
	return limit_above(root, group + 1, "memory.limit_in_bytes");
}

uint64_t memlimit_of_groups(const char *groups, const char *mounted)
{
	AUTO_FREE char *copy = strdup(groups);
	uint64_t least = UINT64_MAX;
	char *rest, *line;

	rest = copy;
	while (copy && (line = strsep(&rest, "\n")))
		least = MIN(least, limit_of_line(line, mounted));
	return least;
}

/* What a file of /proc has to say, or as much of it as there is room for. */
static void read_text(const char *path, char *out, size_t size)
{
	AUTO_FCLOSE FILE *f = fopen(path, "re");
	size_t len = f ? fread(out, 1, size - 1, f) : 0;

	out[len] = '\0';
}

uint64_t memlimit_bytes(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	uint64_t ram = UINT64_MAX;
	char groups[8192];

	if (pages > 0 && page > 0)
		ram = (uint64_t)pages * (uint64_t)page;
	read_text("/proc/self/cgroup", groups, sizeof(groups));
	return MIN(ram, memlimit_of_groups(groups, "/sys/fs/cgroup"));
}

uint64_t memlimit_available(const char *meminfo)
{
	static const char name[] = "MemAvailable:";
	const char *line = strstr(meminfo, name);
	char *end = NULL;
	uint64_t kib = 0;

	if (line)
		kib = strtoull(line + strlen(name), &end, 10);
	if (!end || strncmp(end, " kB", 3) != 0 || kib > UINT64_MAX / KIB)
		return UINT64_MAX;
	return kib * KIB;
}

uint64_t memlimit_left(void)
{
	char meminfo[8192];

	read_text("/proc/meminfo", meminfo, sizeof(meminfo));
	return MIN(memlimit_bytes(), memlimit_available(meminfo));
}
