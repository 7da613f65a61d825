/* Bytes that come in pieces, piled up; and bytes to send through what compresses
 * and packs. */
#ifndef TESTS_LIB_PILE_H
#define TESTS_LIB_PILE_H

#include "base/util.h"

struct pile {
	unsigned char *bytes; /* the test frees them */
	size_t len;
	int rc; /* for pile_up() to return */
};

/* A squeeze_fn, of a struct pile. */
int pile_up(void *arg, const void *data, size_t len);

/* Digits, as in a CSV: they compress, but not to nothing. */
void pile_digits(unsigned char *buf, size_t len);

#endif
