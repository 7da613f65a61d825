/* Deflated bytes (RFC 1951), in zlib's frame (RFC 1950) or gzip's (RFC 1952),
 * expanded all at once by libdeflate: in two thirds of the time that a library
 * takes which can be fed piece by piece.
 *
 * 0: they became just so many bytes, and their checksum is right; what may be
 * behind them was not looked at.  -EBADMSG: they did not; -ENOMEM.
 *
 * Pure; any thread. */
#ifndef DATA_INFLATE_H
#define DATA_INFLATE_H

#include "base/util.h"

int inflate_zlib(const void *in, size_t len, void *out,
		 size_t out_len) MUST_USE;
int inflate_gzip(const void *in, size_t len, void *out,
		 size_t out_len) MUST_USE;

/* The checksum that zlib's frame ends with. */
uint32_t inflate_adler32(const void *data, size_t len);

#endif
