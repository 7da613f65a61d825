#include "data/lookup3.h"

static uint32_t rotate(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

/* Up to 12 bytes, little-endian, added to the three words of the state. */
static void absorb(uint32_t s[3], const unsigned char *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s[i / 4] += (uint32_t)at[i] << 8 * (i % 4);
}

static void mix(uint32_t s[3])
{
	static const unsigned char by[] = { 4, 6, 8, 16, 19, 4 };

	/* Each step is a -= c, a ^= c rotated, c += b, and goes on with the
	 * next word as a. */
	for (unsigned i = 0; i < ARRAY_SIZE(by); i++) {
		uint32_t *a = &s[i % 3], *b = &s[(i + 1) % 3],
			 *c = &s[(i + 2) % 3];

		*a -= *c;
		*a ^= rotate(*c, by[i]);
		*c += *b;
	}
}

static void finish(uint32_t s[3])
{
	static const unsigned char by[] = { 14, 11, 25, 16, 4, 14, 24 };

	/* From c on: c ^= b, c -= b rotated. */
	for (unsigned i = 0; i < ARRAY_SIZE(by); i++) {
		uint32_t *x = &s[(i + 2) % 3], before = s[(i + 1) % 3];

		*x ^= before;
		*x -= rotate(before, by[i]);
	}
}

uint32_t lookup3_hash(const void *data, size_t len)
{
	const unsigned char *at = data;
	uint32_t start = 0xdeadbeef + (uint32_t)len;
	uint32_t s[3] = { start, start, start };

	if (len == 0)
		return s[2];
	for (; len > 12; len -= 12, at += 12) {
		absorb(s, at, 12);
		mix(s);
	}
	absorb(s, at, len);
	finish(s);
	return s[2];
}
