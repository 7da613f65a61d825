/* LibLZF's format, which h5py's filter "lzf" has in its chunks: literals and
 * references to the last 8 KiB, no header, no checksum.  Reference: LibLZF
 * 3.6, oldhome.schmorp.de/marc/liblzf.html.
 *
 * Pure, and the same bytes for the same input; any thread. */
#ifndef DATA_LZF_H
#define DATA_LZF_H

#include "base/util.h"

/* The length of the compressed bytes in out; 0 if they would be more than
 * room. */
size_t lzf_compress(const void *in, size_t len, void *out, size_t room);

/* The length of the bytes in out; 0 for what is not LZF, or if they are more
 * than room. */
size_t lzf_expand(const void *in, size_t len, void *out, size_t room);

#endif
