#include "data/lzf.h"

#include <string.h>

/* A control byte below 32 is followed by that many literals and one more.
 * Else its upper three bits are the length of a match less 2, 7 meaning that
 * another byte is to be added, and the lower five the upper bits of the
 * distance less 1, of which the last byte has the others. */
#define MAX_LITERALS 32u
#define MIN_MATCH 3u
#define MAX_MATCH (7u + 255 + 2)
#define MAX_DISTANCE 8192u

#define HASH_BITS 14
#define NEVER UINT32_MAX

struct squeeze {
	const unsigned char *in;
	unsigned char *out;
	size_t at, room;
};

static unsigned hash(const unsigned char *p)
{
	uint32_t three = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];

	return (uint32_t)(three * 2654435761u) >> (32 - HASH_BITS);
}

static bool put_literals(struct squeeze *s, size_t from, size_t to)
{
	while (from < to) {
		size_t n = MIN(to - from, MAX_LITERALS);

		if (s->room - s->at < n + 1)
			return false;
		s->out[s->at++] = (unsigned char)(n - 1);
		memcpy(s->out + s->at, s->in + from, n);
		s->at += n;
		from += n;
	}
	return true;
}

static bool put_match(struct squeeze *s, size_t distance, size_t len)
{
	size_t far = distance - 1, code = len - 2;

	if (s->room - s->at < 3)
		return false;
	s->out[s->at++] = (unsigned char)(MIN(code, 7) << 5 | far >> 8);
	if (code >= 7)
		s->out[s->at++] = (unsigned char)(code - 7);
	s->out[s->at++] = (unsigned char)far;
	return true;
}

static size_t match_len(const unsigned char *in, size_t a, size_t b, size_t len)
{
	size_t n = 0, most = MIN(len - b, MAX_MATCH);

	while (n < most && in[a + n] == in[b + n])
		n++;
	return n;
}

size_t lzf_compress(const void *in, size_t len, void *out, size_t room)
{
	struct squeeze s = { .in = in, .out = out, .room = room };
	uint32_t last[1 << HASH_BITS];
	size_t at = 0, literals = 0;

	if (len >= NEVER)
		return 0;
	memset(last, 0xff, sizeof(last));
	while (at + MIN_MATCH <= len) {
		uint32_t *slot = &last[hash(s.in + at)], seen = *slot;
		size_t n = 0;

		*slot = (uint32_t)at;
		if (seen != NEVER && at - seen <= MAX_DISTANCE)
			n = match_len(s.in, seen, at, len);
		if (n < MIN_MATCH) {
			at++;
			continue;
		}
		if (!put_literals(&s, literals, at) ||
		    !put_match(&s, at - seen, n))
			return 0;
		at += n;
		literals = at;
	}
	return put_literals(&s, literals, len) ? s.at : 0;
}

size_t lzf_expand(const void *in, size_t len, void *out, size_t room)
{
	const unsigned char *from = in, *end = from + len;
	unsigned char *to = out;
	size_t at = 0;

	while (from < end) {
		unsigned code = *from++;
		size_t n = code + 1, far;

		if (code < MAX_LITERALS) {
			if ((size_t)(end - from) < n || room - at < n)
				return 0;
			memcpy(to + at, from, n);
			from += n;
			at += n;
			continue;
		}
		n = code >> 5;
		if (n == 7 && from < end)
			n += *from++;
		if (from == end)
			return 0;
		far = ((size_t)(code & 31) << 8 | *from++) + 1;
		n += 2;
		if (far > at || room - at < n)
			return 0;
		for (; n > 0; n--, at++) /* they may overlap */
			to[at] = to[at - far];
	}
	return at;
}
