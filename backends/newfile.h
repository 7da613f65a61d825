/* A file that appears whole or not at all.
 *
 * While it is being written it has no name (O_TMPFILE), so a killed writer
 * leaves nothing.  Where the file system cannot do that it has a hidden one,
 * ".dliofs-*.tmp", which a kill leaves behind (sweep.h); and so it has for a
 * moment when it replaces another file, since a link cannot replace but a
 * rename can; it is locked then (flock(2)), so that no sweep takes it for left.
 * Ordinary users of a kernel before 6.10 need /proc for this.
 *
 * A new file belongs to one thread at a time.  Nothing here logs. */
#ifndef BACKENDS_NEWFILE_H
#define BACKENDS_NEWFILE_H

#include "base/util.h"

struct newfile {
	int root;   /* the folder that names begin at; the caller's */
	int fd;	    /* write here; -1: not open */
	char *name; /* what it will be called */
	char *temp; /* what it is called meanwhile; NULL: nothing */
};

/* Begin, with further flags of open(2) (O_DIRECT). */
int newfile_open(struct newfile *d, int root, const char *name,
		 int flags) MUST_USE;

/* Give it its name, in place of what has it now. */
int newfile_commit(struct newfile *d, bool durable) MUST_USE;

/* If it was not committed nothing is left.  Fine with one that did not open,
 * or is closed. */
void newfile_close(struct newfile *d);

/* Whether this, the last part of a name, is a hidden temporary. */
bool newfile_is_temp(const char *part);

/* What the file of which path is the hidden temporary was to be called; to be
 * freed.  NULL: that is not known, because with that name the temporary's would
 * have been too long. */
int newfile_target(const char *path, char **out) MUST_USE;

#endif
