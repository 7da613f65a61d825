/* Any bytes, cut anywhere: what is taken is a path that fits, without what ends
 * it, and a range that is whole or none; and the cuts make no difference. */
#include "fuse/hintlines.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t hash;
};

static void mix(struct seen *s, uint64_t value)
{
	s->hash = (s->hash ^ value) * 1099511628211u;
}

static bool take(void *arg, const char *path, uint64_t offset, uint64_t len)
{
	struct seen *s = arg;

	if (!*path || strlen(path) >= PATH_MAX || strpbrk(path, "\t\n") ||
	    (len == 0 && offset > 0))
		__builtin_trap();
	for (const char *p = path; *p; p++)
		mix(s, (unsigned char)*p);
	mix(s, offset);
	mix(s, len);
	return s->hash % 3 > 0;
}

static void run(const char *text, size_t len, size_t step, struct seen *s)
{
	struct hintlines h = { .take = take, .arg = s };

	for (size_t at = 0; at < len; at += step)
		hintlines_write(&h, text + at, MIN(step, len - at));
	hintlines_end(&h);
	mix(s, h.taken);
	mix(s, h.ignored);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen whole = { 0 }, cut = { 0 };

	if (size == 0)
		return 0;
	run((const char *)data + 1, size - 1, size, &whole);
	run((const char *)data + 1, size - 1, 1u + data[0], &cut);
	if (whole.hash != cut.hash)
		__builtin_trap();
	return 0;
}
