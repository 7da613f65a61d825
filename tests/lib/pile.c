#include "lib/pile.h"

#include "base/rng.h"

#include <string.h>

int pile_up(void *arg, const void *data, size_t len)
{
	struct pile *p = arg;

	p->bytes = realloc(p->bytes, p->len + len);
	memcpy(p->bytes + p->len, data, len);
	p->len += len;
	return p->rc;
}

void pile_digits(unsigned char *buf, size_t len)
{
	struct rng g;

	rng_seed(&g, len);
	for (size_t i = 0; i < len; i++)
		buf[i] = (unsigned char)('0' + rng_u64(&g) % 10);
}
