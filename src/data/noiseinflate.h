/* A zlib stream (RFC 1950, 1951) of noise, such as the pixels of DLIO's PNGs:
 * nearly all of its codes have eight bits.  As a rule one cannot look for a code
 * before one knows how long that before it is; here six are looked up where they
 * will be if all are of eight bits, and then nothing waits for anything.  In
 * half of the time that libdeflate takes, which is much better at anything else.
 *
 * 0: it became just so many bytes, whose checksum is right.  -EBADMSG: it did
 * not, or it is not such a stream, and inflate_zlib() knows; -ENOMEM.
 *
 * Pure; any thread. */
#ifndef DATA_NOISEINFLATE_H
#define DATA_NOISEINFLATE_H

#include "base/util.h"

int noiseinflate(const void *data, size_t len, void *out,
		 size_t out_len) MUST_USE;

#endif
