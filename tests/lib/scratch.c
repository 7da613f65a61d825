#include "lib/scratch.h"

#include <err.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

char *scratch_new(void)
{
	const char *parent = getenv("TMPDIR");
	char *path;

	if (asprintf(&path, "%s/dliofs-test-XXXXXX", parent ? parent : "/tmp") <
		    0 ||
	    !mkdtemp(path))
		err(1, "make a scratch folder");
	return path;
}

static int drop(const char *path, const struct stat *st, int type,
		struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void scratch_remove(char *path)
{
	if (nftw(path, drop, 16, FTW_DEPTH | FTW_PHYS) < 0)
		warn("remove %s", path);
	free(path);
}
