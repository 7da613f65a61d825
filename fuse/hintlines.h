/* The text that is written to .dliofs/prefetch, taken apart: a path on each
 * line, or a path, an offset and a length with tabs between them.
 *
 * Writes may end anywhere in a line; what is left over waits for the next.  A
 * line that makes no sense is skipped and counted, an empty one skipped.  A name
 * with a tab or a newline in it cannot be said.  One thread at a time.  Nothing
 * here knows FUSE. */
#ifndef FUSE_HINTLINES_H
#define FUSE_HINTLINES_H

#include "base/util.h"

#include <limits.h>

#define HINTLINES_MOST (PATH_MAX + 64) /* a line, without its end */

struct hintlines {
	/* path is as it was written, relative or not; len 0: all of it.  False:
	 * it means nothing. */
	bool (*take)(void *arg, const char *path, uint64_t offset,
		     uint64_t len);
	void *arg;

	uint64_t taken, ignored; /* lines */

	/* Its own. */
	size_t len;
	bool too_long;
	char line[HINTLINES_MOST + 1];
};

void hintlines_write(struct hintlines *h, const char *text, size_t len);

/* There is no more: a last line may lack its end. */
void hintlines_end(struct hintlines *h);

#endif
