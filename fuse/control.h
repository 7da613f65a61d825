/* The hidden folder .dliofs of a mount: files whose text is made when they are
 * opened.  Const after control_new(); any thread.  Nothing here knows FUSE. */
#ifndef FUSE_CONTROL_H
#define FUSE_CONTROL_H

#include "base/util.h"

#define CONTROL_NAME ".dliofs"
#define CONTROL_PREFETCH "prefetch" /* can be written: prefetch.h */

struct control;
struct mount_file;

/* Keeps copies of the names. */
int control_new(const struct mount_file *files, size_t n,
		struct control **out) MUST_USE;
void control_free(struct control *c); /* NULL is fine */

/* -ENOENT, or the file's number. */
int control_find(const struct control *c, const char *name) MUST_USE;

/* Whether a file can be written, too. */
bool control_takes_text(const struct control *c, size_t i) MUST_USE;

/* NULL after the last. */
const char *control_name(const struct control *c, size_t i);

/* Make a file's text, which is the caller's to free. */
int control_render(const struct control *c, size_t i, char **text,
		   size_t *len) MUST_USE;

#endif
