/* The inverse discrete cosine transform of JPEG's 8 x 8 blocks, to the bit that
 * of libjpeg's JDCT_ISLOW.
 *
 * C. Loeffler, A. Ligtenberg, G. Moschytz: Practical fast 1-D DCT algorithms
 * with 11 multiplications, ICASSP 1989; with one more, the constants' 13 bits,
 * and roundings of libjpeg.  Pure. */
#ifndef TRAIN_IDCT_H
#define TRAIN_IDCT_H

#include "base/util.h"

/* Coefficients and what they were divided by, in rows from the top; pixels are
 * written at out, and every stride bytes from there. */
void idct_block(const int16_t coefficients[64], const int16_t divisors[64],
		unsigned char *out, size_t stride);

#endif
