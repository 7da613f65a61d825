/* CRC-32 (ZIP, zlib, Ethernet: reflected polynomial 0xedb88320) and CRC-32C
 * (Castagnoli, 0x82f63b78), computed by ISA-L with the best instructions the
 * CPU has, and the algebra that joins checksums without the bytes.
 *
 * Usage as zlib's: start from 0, feed pieces in order.  Pure; any thread. */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include "base/util.h"

uint32_t crc_crc32(uint32_t crc, const void *data, size_t len);
uint32_t crc_crc32c(uint32_t crc, const void *data, size_t len);

/* CRC-32 of A followed by B, from CRC-32 of A, of B, and B's length. */
uint32_t crc_crc32_join(uint32_t crc_a, uint32_t crc_b, uint64_t len_b);

/* Joining many pieces of one length: x^(8*len) mod P once, then one
 * multiplication a piece:  crc(A || B) = crc_multiply(crc_a, shift) ^ crc_b
 * with shift = crc_shift(len_b). */
uint32_t crc_shift(uint64_t len);
uint32_t crc_multiply(uint32_t a, uint32_t b);

/* CRC-32 of len zero bytes. */
uint32_t crc_zeros(uint64_t len);

#endif
