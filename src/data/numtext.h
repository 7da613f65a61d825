/* Numbers as text, as pandas.DataFrame.to_csv() writes them: integers in
 * decimal; True and False; floats with the fewest digits that tell them from
 * their neighbours of the same type, "0.1", "1e-05", as repr() of Python and
 * NumPy.  (Of a power of two NumPy may write a digit more or less.)
 *
 * Pure; any thread. */
#ifndef DATA_NUMTEXT_H
#define DATA_NUMTEXT_H

#include "data/dtype.h"

#define NUMTEXT_MAX 32

/* Write one number, which need not be aligned, to out, and return how many
 * characters: NUMTEXT_MAX at most, and no '\0' after them. */
typedef size_t numtext_fn(const void *number, char *out);

/* How to write numbers of a type.  NULL: complex ones, which pandas could not
 * read back. */
numtext_fn *numtext_of(const struct dtype *t);

#endif
