/* The element types a record may have: NumPy's dtypes of numbers, by the names
 * that a DLIO configuration gives them in record_element_type.
 *
 * A table of constants; any thread. */
#ifndef DATA_DTYPE_H
#define DATA_DTYPE_H

#include "base/util.h"

enum dtype_kind { DTYPE_BOOL, DTYPE_INTEGER, DTYPE_FLOAT, DTYPE_COMPLEX };

struct dtype {
	const char *name;  /* "uint8" */
	const char *descr; /* what an NPY header calls it: "|u1" */
	enum dtype_kind kind;
	size_t size; /* of an element, bytes */
};

/* By name ("float32"), by one of NumPy's other names for the same on 64-bit
 * Linux ("single", "float"), or by descr, with or without its first character
 * ("<f4", "f4").  NULL: no such dtype of numbers.  Types that depend on the
 * machine (longdouble) or are stored big-endian are not among them. */
const struct dtype *dtype_find(const char *name);

/* Row i of the table, NULL after the last. */
const struct dtype *dtype_at(size_t i);

#endif
