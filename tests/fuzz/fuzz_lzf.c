/* Any bytes: refused, or expanded to what compresses and expands to the same;
 * and the bytes themselves come back from being compressed. */
#include "data/lzf.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round(const void *in, size_t len)
{
	size_t room = len + len / 32 + 4, n;
	AUTO_FREE unsigned char *small = malloc(room);
	AUTO_FREE unsigned char *again = malloc(len + !len);

	n = lzf_compress(in, len, small, room);
	if (len == 0)
		return;
	if (n == 0 || lzf_expand(small, n, again, len) != len ||
	    memcmp(in, again, len) != 0)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char out[1 << 16];

	check_round(data, size);
	check_round(out, lzf_expand(data, size, out, sizeof(out)));
	return 0;
}
