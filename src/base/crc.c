#include "base/crc.h"

#include <isa-l/crc.h>

#define POLYNOMIAL 0xedb88320U
#define X0 0x80000000U /* the polynomial 1 */

/* x^(2^n) mod P.  P is primitive, so x^(2^32) is x again: the row repeats. */
static const uint32_t x_to_2_to[32] = {
	0x40000000, 0x20000000, 0x08000000, 0x00800000, 0x00008000, 0xedb88320,
	0xb1e6b092, 0xa06a2517, 0xed627dae, 0x88d14467, 0xd7bbfe6a, 0xec447f11,
	0x8e7ea170, 0x6427800e, 0x4d47bae0, 0x09fe548f, 0x83852d0f, 0x30362f1a,
	0x7b5a9cc3, 0x31fec169, 0x9fec022a, 0x6c8dedc4, 0x15d6874d, 0x5fde7a4e,
	0xbad90e37, 0x2e4e5eef, 0x4eaba214, 0xa8a472c0, 0x429a969e, 0x148d302a,
	0xc40ba6d0, 0xc4e22c3c,
};

uint32_t crc_crc32(uint32_t crc, const void *data, size_t len)
{
	return crc32_gzip_refl(crc, data, len);
}

/* ISA-L's CRC-32C, unlike its CRC-32, leaves both inversions to the caller,
 * has an int for the length, and a buffer that is not const but not written. */
uint32_t crc_crc32c(uint32_t crc, const void *data, size_t len)
{
	uintptr_t at = (uintptr_t)data;

	crc = ~crc;
	while (len > 0) {
		size_t n = MIN(len, GIB);

		crc = crc32_iscsi((unsigned char *)at, (int)n, crc);
		at += n;
		len -= n;
	}
	return ~crc;
}

uint32_t crc_multiply(uint32_t a, uint32_t b)
{
	uint32_t product = 0;

	/* Horner from x^0 up: b is b*x^i in turn i. */
	for (int i = 0; i < 32; i++) {
		product ^= b & -(a >> 31);
		a <<= 1;
		b = (b >> 1) ^ (POLYNOMIAL & -(b & 1));
	}
	return product;
}

uint32_t crc_shift(uint64_t len)
{
	uint32_t shift = X0;

	/* 8*len is len with each exponent of two three higher. */
	for (unsigned n = 3; len > 0; n++, len >>= 1)
		if (len & 1)
			shift = crc_multiply(shift, x_to_2_to[n % 32]);
	return shift;
}

/* The inversion at the start of B is, moved to its end, what the inversion at
 * the end of A becomes: the two cancel. */
uint32_t crc_crc32_join(uint32_t crc_a, uint32_t crc_b, uint64_t len_b)
{
	return crc_multiply(crc_a, crc_shift(len_b)) ^ crc_b;
}

uint32_t crc_zeros(uint64_t len)
{
	return ~crc_multiply(~0U, crc_shift(len));
}

void crc_map_init(struct crc_map *m, const uint32_t image[32])
{
	for (unsigned byte = 0; byte < 4; byte++) {
		uint32_t *row = m->table[byte];

		row[0] = 0;
		for (unsigned bit = 0; bit < 8; bit++)
			for (unsigned low = 0; low < 1U << bit; low++)
				row[(1U << bit) + low] = row[low] ^
							 image[8 * byte + bit];
	}
}

void crc_map_init_multiply(struct crc_map *m, uint32_t factor)
{
	uint32_t image[32];

	for (unsigned bit = 0; bit < 32; bit++)
		image[bit] = crc_multiply((uint32_t)1 << bit, factor);
	crc_map_init(m, image);
}
