/* Sixteen bytes at a time: what a register holds, on any machine. */
#ifndef BASE_BYTES16_H
#define BASE_BYTES16_H

#include <string.h>

typedef unsigned char bytes16 __attribute__((vector_size(16)));

static inline bytes16 bytes16_load(const unsigned char *from)
{
	bytes16 v;

	memcpy(&v, from, sizeof(v));
	return v;
}

static inline void bytes16_store(unsigned char *to, bytes16 v)
{
	memcpy(to, &v, sizeof(v));
}

#endif
