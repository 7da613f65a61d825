/* Archives of one file, as pandas writes tables: zip, deflated, and tar.
 * Streams, with the calls of squeeze.h.  (PKWARE's APPNOTE.TXT 6.3.10, sections
 * 4.3 and 4.5.3, always with ZIP64; POSIX's ustar.)
 *
 * A struct archive belongs to one thread. */
#ifndef DATA_ARCHIVE_H
#define DATA_ARCHIVE_H

#include "data/squeeze.h"

struct archive;

/* Is there such a method? */
bool archive_knows(const char *method);

/* The method whose files start like this, of which 512 bytes tell; NULL:
 * none. */
const char *archive_of(const void *start, size_t len);

/* size: of the file to pack, which tar says before it.  -ENOMEM; -EINVAL: no
 * such method. */
int archive_new(const char *method, enum squeeze_way way, uint64_t size,
		squeeze_fn *to, void *arg, struct archive **out) MUST_USE;
void archive_free(struct archive *a); /* NULL is fine */

/* As squeeze_add() and squeeze_end().  When expanding, what follows the file is
 * not looked at. */
int archive_add(struct archive *a, const void *data, size_t len) MUST_USE;
int archive_end(struct archive *a) MUST_USE;

#endif
