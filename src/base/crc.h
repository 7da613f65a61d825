/* CRC-32 (ZIP, zlib, Ethernet: reflected polynomial 0xedb88320) and CRC-32C
 * (Castagnoli, 0x82f63b78), computed by ISA-L with the best instructions the
 * CPU has, and the algebra that joins checksums without the bytes.
 *
 * Usage as zlib's: start from 0, feed pieces in order.  Pure; any thread.
 *
 * The algebra.  A string of n bytes is a polynomial over GF(2) of degree
 * below 8n, and its CRC is, but for inversions at both ends, the remainder
 * modulo P.  Putting n bytes behind a string multiplies its remainder by
 * x^(8n).  So a register moves over n bytes of data that has the raw CRC r
 * (register 0 at the start, no inversion at the end) as
 *	register * x^(8n) ^ r
 * and everything below is that line.  Polynomials are held as the CRC itself
 * is: reflected, the highest bit is x^0. */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include "base/util.h"

uint32_t crc_crc32(uint32_t crc, const void *data, size_t len);
uint32_t crc_crc32c(uint32_t crc, const void *data, size_t len);

/* A CRC-32C as TFRecord and LevelDB store it: so that the CRC of something with
 * a CRC in it is no special value.  (LevelDB's util/crc32c.h, "masked".) */
static inline uint32_t crc_masked(uint32_t crc32c)
{
	return (crc32c >> 15 | crc32c << 17) + 0xa282ead8u;
}

/* CRC-32 of A followed by B, from CRC-32 of A, of B, and B's length. */
uint32_t crc_crc32_join(uint32_t crc_a, uint32_t crc_b, uint64_t len_b);

/* Joining many pieces of one length: x^(8*len) mod P once, then one
 * multiplication a piece:  crc(A || B) = crc_multiply(crc_a, shift) ^ crc_b
 * with shift = crc_shift(len_b). */
uint32_t crc_shift(uint64_t len);
uint32_t crc_multiply(uint32_t a, uint32_t b);

/* CRC-32 of len zero bytes. */
uint32_t crc_zeros(uint64_t len);

/* A linear map of 32 bits to 32 bits, made for being applied millions of
 * times: multiplying by a constant is one.  Applying costs four loads. */
struct crc_map {
	uint32_t table[4][256]; /* by byte of the argument, lowest first */
};

/* From the images of 1 << 0 … 1 << 31. */
void crc_map_init(struct crc_map *m, const uint32_t image[32]);

/* The map a -> crc_multiply(a, factor). */
void crc_map_init_multiply(struct crc_map *m, uint32_t factor);

static inline uint32_t crc_map_apply(const struct crc_map *m, uint32_t a)
{
	return m->table[0][a & 0xff] ^ m->table[1][a >> 8 & 0xff] ^
	       m->table[2][a >> 16 & 0xff] ^ m->table[3][a >> 24];
}

#endif
