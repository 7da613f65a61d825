/* Any bytes: refused, or understood such that our own header for the same
 * array says the same. */
#include "data/npy.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char buf[NPY_MAX_HEADER];
	struct npy a, b;
	ssize_t len;

	if (npy_parse(data, size, &a) <= 0 || strchr(a.descr, '\''))
		return 0;
	len = (ssize_t)npy_write(&a, buf);
	if (npy_parse(buf, (size_t)len, &b) != len ||
	    memcmp(&a, &b, sizeof(a)) != 0)
		__builtin_trap();
	return 0;
}
