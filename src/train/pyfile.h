/* Which reads reach a file that a Python program reads: CPython's
 * io.BufferedReader (Modules/_io/bufferedio.c, 3.11) over a source.
 *
 * Python reads through a buffer of st_blksize bytes.  A large read takes what
 * the buffer has, then whole blocks straight from the file, then fills the
 * buffer for the rest; seeking out of the buffer forgets it.  So what arrives
 * at the storage is neither what the program asked for nor one read of
 * everything, and a benchmark that claims to read as PyTorch does must do the
 * same.  Checked against traces of the real one.
 *
 * Contents that nobody keeps are read into a small scratch buffer again and
 * again, which stays in the CPU's cache.
 *
 * One thread at a time.  Functions return a count, short only at the end of the
 * file, or a negative errno. */
#ifndef TRAIN_PYFILE_H
#define TRAIN_PYFILE_H

#include "base/util.h"

#include <sys/types.h>

struct pyfile;
struct source_file;

/* A direct read whose bytes nobody keeps is cut into pieces of `scratch` bytes
 * at most. */
int pyfile_new(size_t scratch, struct pyfile **out) MUST_USE;
void pyfile_free(struct pyfile *p); /* NULL is fine */

/* Begin at the start of a file, which stays the caller's.  Buffers are kept
 * from file to file. */
int pyfile_open(struct pyfile *p, struct source_file *f) MUST_USE;

/* seek(offset): within the buffer if it can be. */
void pyfile_seek(struct pyfile *p, uint64_t offset);

/* seek(…, SEEK_END), as an offset from the start: forgets the buffer. */
void pyfile_seek_end(struct pyfile *p, uint64_t offset);

/* read(n) and readinto() of n bytes: they differ in the end of a large read. */
ssize_t pyfile_read(struct pyfile *p, void *out, size_t n);
ssize_t pyfile_readinto(struct pyfile *p, void *out, size_t n);

/* The same with the bytes shown to take(), piece by piece in order, and then
 * forgotten.  take may be NULL. */
typedef void pyfile_take(void *arg, const void *data, size_t n);
int64_t pyfile_read_past(struct pyfile *p, uint64_t n, pyfile_take *take,
			 void *arg);
int64_t pyfile_readinto_past(struct pyfile *p, uint64_t n, pyfile_take *take,
			     void *arg);

/* read() to the end, right after a seek out of the buffer.  At most n bytes are
 * there, n + 1 are asked for: a file that grew gives n + 1. */
ssize_t pyfile_read_all(struct pyfile *p, void *out, size_t n);

/* Where the last read of the file ended or failed. */
uint64_t pyfile_offset(const struct pyfile *p);

#endif
