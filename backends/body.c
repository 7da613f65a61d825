#include "backends/body.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define UNIT ARENA_UNIT

/* Extent i is UNIT << i bytes long, so that a body whose size nobody knows
 * beforehand has few of them; and in the body it begins where those before it
 * end, at (UNIT << i) - UNIT.  That makes i the position of the highest bit of
 * offset / UNIT + 1. */
struct piece {
	unsigned extent;
	uint64_t within;
	uint64_t room; /* from there to the extent's end */
};

static struct piece piece_at(uint64_t offset)
{
	unsigned i = 63 - (unsigned)__builtin_clzll(offset / UNIT + 1);
	uint64_t within = offset - ((UNIT << i) - UNIT);

	return (struct piece){ i, within, (UNIT << i) - within };
}

int body_begin(struct arena *a, uint32_t *out)
{
	ARENA_LOCKED struct shared *s = arena_lock(a);
	uint32_t number = s->bodies.free;

	if (number) {
		arena_publish(&s->bodies.free, body_at(a, number)->next);
	} else {
		if (s->bodies.used == s->slots)
			return -ENOSPC;
		number = s->bodies.used + 1;
		arena_publish(&s->bodies.used, number);
	}
	body_at(a, number)->refs = 1;
	*out = number;
	return 0;
}

/* Room for len bytes more in that extent.  From now on they are the body's and
 * are given back with it, written or not. */
static int grow(struct arena *a, struct body *b, unsigned extent, uint64_t len)
{
	ARENA_LOCKED struct shared *s = arena_lock(a);
	uint64_t more = round_up(b->size + len, UNIT) - round_up(b->size, UNIT);

	if (extent >= BODY_EXTENTS)
		return -EFBIG;
	if (more > s->limit - s->bytes)
		return -ENOSPC;
	if (b->extent[extent] == 0) {
		if (UNIT << extent > s->size - s->end)
			return -ENOSPC;
		b->extent[extent] = s->end;
		s->end += UNIT << extent;
	}
	s->bytes += more;
	b->size += len;
	return 0;
}

/* By pwrite() and not through the mapping: no page is cleared first only to be
 * overwritten, and want of memory is an error, not a signal. */
static int write_at(int fd, const void *buf, size_t len, uint64_t offset)
{
	size_t done = 0;
	ssize_t put;

	while (done < len) {
		put = pwrite(fd, (const char *)buf + done, len - done,
			     (off_t)(offset + done));
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		done += (size_t)put;
	}
	return 0;
}

int body_append(struct arena *a, uint32_t number, const void *buf, size_t len)
{
	struct body *b = body_at(a, number);
	const char *from = buf;
	int rc;

	while (len > 0) {
		struct piece p = piece_at(b->size);
		size_t n = MIN(len, p.room);

		rc = grow(a, b, p.extent, n);
		if (rc == 0)
			rc = write_at(a->fd, from, n,
				      b->extent[p.extent] + p.within);
		if (rc)
			return rc;
		from += n;
		len -= n;
	}
	return 0;
}

void body_read(const struct arena *a, uint32_t number, void *buf, size_t len,
	       uint64_t offset)
{
	const struct body *b = body_at(a, number);
	char *to = buf;

	while (len > 0) {
		struct piece p = piece_at(offset);
		size_t n = MIN(len, p.room);

		memcpy(to, (char *)a->shared + b->extent[p.extent] + p.within,
		       n);
		to += n;
		offset += n;
		len -= n;
	}
}

/* Give the memory back, of a body that nobody can reach any more.  It keeps
 * the addresses for its next life. */
static void recycle(struct arena *a, uint32_t number)
{
	struct body *b = body_at(a, number);
	uint64_t bytes = round_up(b->size, UNIT);

	for (uint64_t done = 0; done < b->size;) {
		struct piece p = piece_at(done);

		fallocate(a->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			  (off_t)b->extent[p.extent], (off_t)p.room);
		done += p.room;
	}
	b->size = 0;

	ARENA_LOCKED struct shared *s = arena_lock(a);

	s->bytes -= bytes;
	b->next = s->bodies.free;
	arena_publish(&s->bodies.free, number);
}

static bool drop_ref(struct arena *a, uint32_t number)
{
	ARENA_LOCKED struct shared *s = arena_lock(a);

	return --body_at(a, number)->refs == 0;
}

void body_release(struct arena *a, uint32_t number)
{
	if (number && drop_ref(a, number))
		recycle(a, number);
}
