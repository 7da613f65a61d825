/* NumPy's array file format: the header before the numbers.  NEP 1,
 * numpy/lib/format.py; written as NumPy 1.24 does, to the byte.
 *
 * Pure functions; any thread. */
#ifndef DATA_NPY_H
#define DATA_NPY_H

#include "base/util.h"

#define NPY_MAX_DIMS 32 /* NumPy's own limit */
#define NPY_MAX_HEADER                                                         \
	1024 /* of what npy_write() writes: 32 dims of 20 digits */

struct npy {
	char descr[16]; /* "|u1" */
	bool fortran_order;
	unsigned ndims;
	uint64_t shape[NPY_MAX_DIMS];
};

/* Write the version 1.0 header, up to where the numbers start, and return its
 * length: a multiple of 64. */
size_t npy_write(const struct npy *a, char buf[NPY_MAX_HEADER]);

/* Read a header of version 1.0, 2.0 or 3.0 from the first len bytes of a file;
 * what other programs write differently (order of keys, quotes, blanks, no
 * padding) is fine.  Returns the header's length; 0 if it is longer than len
 * (so ask again with more: 64 KiB is enough for any version 1.0); -EINVAL if
 * this is no such header; -ENOTSUP if it is one of structured elements or of
 * more than NPY_MAX_DIMS dimensions. */
ssize_t npy_parse(const void *buf, size_t len, struct npy *out) MUST_USE;

#endif
