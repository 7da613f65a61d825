#include "data/deflatecode.h"

#include <string.h>

static symbol literal(unsigned i)
{
	static const uint8_t extra[29] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
					   1, 1, 2, 2, 2, 2, 3, 3, 3, 3,
					   4, 4, 4, 4, 5, 5, 5, 5, 0 };
	static const uint16_t base[29] = { 3,	4,   5,	  6,   7,  8,  9,  10,
					   11,	13,  15,  17,  19, 23, 27, 31,
					   35,	43,  51,  59,  67, 83, 99, 115,
					   131, 163, 195, 227, 258 };

	if (i < END_OF_BLOCK)
		return make_symbol(LITERAL, 0, i);
	if (i == END_OF_BLOCK)
		return make_symbol(END, 0, 0);
	i -= END_OF_BLOCK + 1;
	if (i >= ARRAY_SIZE(base))
		return make_symbol(ILLEGAL, 0, 0);
	return make_symbol(LENGTH, extra[i], base[i]);
}

static symbol distance(unsigned i)
{
	unsigned extra = i < 4 ? 0 : i / 2 - 1;

	if (i >= 30)
		return make_symbol(ILLEGAL, 0, 0);
	return make_symbol(LENGTH, extra,
			   1 + (i < 2 ? i : (2 + i % 2) << extra));
}

static symbol code_length(unsigned i)
{
	return make_symbol(LITERAL, 0, i);
}

static unsigned reverse(unsigned code, unsigned len)
{
	unsigned out = 0;

	for (; len > 0; len--, code >>= 1)
		out = out << 1 | (code & 1);
	return out;
}

/* Is it a code?  All bits must say something; of literals and distances there may
 * also be just one code, of one bit, and of distances none. */
static bool legal(const struct code *c, bool whole)
{
	int left = 1;
	unsigned used = 0;

	for (unsigned len = 1; len <= MAX_BITS; len++) {
		left = left * 2 - c->counts[len];
		used += c->counts[len];
		if (left < 0)
			return false;
	}
	return left == 0 ||
	       (!whole && (used == 0 || (used == 1 && c->counts[1] == 1)));
}

static symbol (*const meaning[])(unsigned i) = {
	[DEFLATECODE_LENGTHS] = code_length,
	[DEFLATECODE_LITERALS] = literal,
	[DEFLATECODE_DISTANCES] = distance,
};

bool deflatecode_make(struct code *c, const uint8_t *lens, unsigned n,
		      enum deflatecode_what what)
{
	unsigned code[MAX_BITS + 2] = { 0 }, first[MAX_BITS + 2] = { 0 };

	memset(c->counts, 0, sizeof(c->counts));
	memset(c->look, 0, sizeof(c->look));
	for (unsigned i = 0; i < n; i++)
		c->counts[lens[i]]++;
	c->counts[0] = 0;
	if (!legal(c, what == DEFLATECODE_LENGTHS))
		return false;
	for (unsigned len = 1; len <= MAX_BITS; len++) {
		code[len + 1] = (code[len] + c->counts[len]) << 1;
		first[len + 1] = first[len] + c->counts[len];
	}
	for (unsigned i = 0; i < n; i++) {
		unsigned len = lens[i], at;

		if (len == 0)
			continue;
		c->order[first[len]++] = (uint16_t)i;
		c->symbols[i] = meaning[what](i) | len;
		at = reverse(code[len]++, len);
		for (; len <= LOOK_BITS && at < 1 << LOOK_BITS; at += 1U << len)
			c->look[at] = c->symbols[i];
	}
	return true;
}

symbol deflatecode_spell(const struct code *c, uint64_t bits)
{
	unsigned code = 0, first = 0, place = 0;

	for (unsigned len = 1; len <= MAX_BITS; len++, bits >>= 1) {
		unsigned count = c->counts[len];

		code |= bits & 1;
		if (code - first < count)
			return c->symbols[c->order[place + code - first]];
		place += count;
		first = (first + count) << 1;
		code <<= 1;
	}
	return make_symbol(ILLEGAL, 0, 0);
}
