/* Streams of bytes, compressed and expanded: gzip, bz2, xz and zstd, as
 * dataset.compression names them and pandas writes them; and deflate, which is
 * what is in a ZIP archive: it may be followed by anything.
 *
 * A struct squeeze belongs to one thread. */
#ifndef DATA_SQUEEZE_H
#define DATA_SQUEEZE_H

#include "base/util.h"

struct squeeze;

/* Gets what comes out, in order.  0, or what ends the work. */
typedef int squeeze_fn(void *arg, const void *data, size_t len);

/* Is there such a method? */
bool squeeze_knows(const char *method);

/* The method whose files start like this; NULL: none. */
const char *squeeze_of(const void *start, size_t len);

enum squeeze_way { SQUEEZE_PACK, SQUEEZE_EXPAND };

/* -ENOMEM; -EINVAL: no such method. */
int squeeze_new(const char *method, enum squeeze_way way, squeeze_fn *to,
		void *arg, struct squeeze **out) MUST_USE;
void squeeze_free(struct squeeze *s); /* NULL is fine */

/* The next bytes.  0; what `to` returned; -EBADMSG: not what this method makes,
 * or something behind its end; -ENOMEM. */
int squeeze_add(struct squeeze *s, const void *data, size_t len) MUST_USE;

/* There are no more.  -EBADMSG, too: cut off. */
int squeeze_end(struct squeeze *s) MUST_USE;

#endif
