/* Layouts of a dataset's files, remembered: each costs 0.2 ms of libhdf5, which
 * runs one thread at a time.  Bounded: a layout of another shape may take the
 * place of one that nobody has at hand.
 *
 * Any thread. */
#ifndef DATA_HDF5_BOOK_H
#define DATA_HDF5_BOOK_H

#include "data/hdf5_layout.h"

struct hdf5_book;

int hdf5_book_new(struct hdf5_book **out) MUST_USE;
void hdf5_book_free(struct hdf5_book *b); /* NULL is fine */

/* The layout of a shape without filter.  Shapes of one book differ in their
 * dims only.  To be put back.  Fails as hdf5_layout_make() does. */
int hdf5_book_take(struct hdf5_book *b, const struct hdf5_shape *s,
		   const struct hdf5_layout **out) MUST_USE;
void hdf5_book_put(struct hdf5_book *b, const struct hdf5_layout *l);

#endif
