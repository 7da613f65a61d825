/* Any bytes as a zlib stream: what is taken for noise is the same to libdeflate.
 * The first two say how long it is; the checksum is put right, as no fuzzer
 * could. */
#include "data/inflate.h"
#include "data/noiseinflate.h"

#include <endian.h>
#include <string.h>

#define MOST 70000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static unsigned char ours[MOST], theirs[MOST];
	AUTO_FREE uint8_t *copy = NULL;
	size_t want;
	uint32_t sum;

	if (len < 8)
		return 0;
	want = data[0] | (size_t)data[1] << 8;
	data += 2, len -= 2;
	copy = malloc(len);
	memcpy(copy, data, len);
	(void)!noiseinflate(copy, len, ours, want);
	sum = htobe32(inflate_adler32(ours, want));
	memcpy(copy + len - 4, &sum, 4);
	if (noiseinflate(copy, len, ours, want))
		return 0;
	if (inflate_zlib(copy, len, theirs, want) ||
	    memcmp(ours, theirs, want) != 0)
		abort();
	return 0;
}
