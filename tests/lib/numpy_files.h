/* Files as numpy.save() and numpy.savez(x=…, y=…) write them, byte for byte but
 * for the random payload.  The caller frees. */
#ifndef TESTS_LIB_NUMPY_FILES_H
#define TESTS_LIB_NUMPY_FILES_H

#include "base/util.h"

/* An array of uint8 of this shape. */
uint8_t *numpy_files_npy(unsigned rows, unsigned columns, unsigned samples,
			 size_t *len);
uint8_t *numpy_files_npz(unsigned rows, unsigned columns, unsigned samples,
			 size_t *len);

#endif
