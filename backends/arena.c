#include "backends/arena.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* The memory, from its start:
 *
 *	struct shared	the lock and what it guards
 *	buckets		a hash table of names: the first of each chain
 *	names		a key, and the number of its body
 *	bodies		size, and where the bytes are
 *	bytes
 *
 * It is larger than what may ever be in it, and sparse: what nobody has touched
 * costs nothing.  So the tables never grow, and nothing moves.  Names and
 * bodies are known by their numbers, from 1; 0 is none.
 *
 * A name is there if its body is not 0.  Every change becomes visible by
 * storing one number, after all that it leads to: see publish().  That is why
 * a process may die anywhere: what it leaves is at worst out of reach, never
 * wrong. */

#define MAGIC UINT64_C(0x646c696f66736d31)
#define UNIT UINT64_C(4096)
#define SPARSE 4 /* bytes of address space for each that may be stored */
#define LIMIT_MAX ((uint64_t)1 << 43)
#define SLOTS_MIN 1024
#define SLOTS_MAX ((uint64_t)1 << 24)
#define EXTENTS 32

struct body {
	uint64_t size;
	int64_t mtime_ns;
	uint32_t refs;
	uint32_t next;		  /* free body */
	uint64_t extent[EXTENTS]; /* where; 0: none yet.  See piece_at() */
};

struct name {
	uint32_t body;
	uint32_t next; /* in the bucket's chain, or free name */
	char key[ARENA_KEY_MAX + 1];
};

/* Which numbers are taken: those up to used, less the chain of free ones. */
struct numbers {
	uint32_t used;
	uint32_t free;
};

struct shared {
	uint64_t magic;
	uint64_t size;	/* of all of it */
	uint64_t limit; /* of bytes */
	uint32_t slots; /* as many buckets, names and bodies */

	pthread_mutex_t lock; /* guards what follows, names, and references */
	uint64_t bytes;	      /* stored, in whole units */
	uint64_t end;	      /* of the addresses given out */
	struct numbers names;
	struct numbers bodies;
};

/* The view of it that one process has. */
struct arena {
	int fd;
	size_t size;
	struct shared *shared;
	uint32_t *buckets;
	struct name *names;
	struct body *bodies;
};

/* ---- The lock ----------------------------------------------------------- */

#define SHARED_LOCKED __attribute__((cleanup(unlock), unused))

static struct shared *lock(const struct arena *a)
{
	int rc = pthread_mutex_lock(&a->shared->lock);

	/* Its last holder was killed; see the top for why that is fine. */
	if (rc == EOWNERDEAD)
		rc = pthread_mutex_consistent(&a->shared->lock);
	if (rc)
		abort(); /* to go on without it would be worse */
	return a->shared;
}

static void unlock(struct shared **s)
{
	pthread_mutex_unlock(&(*s)->lock);
}

static int lock_init(struct shared *s)
{
	pthread_mutexattr_t attr;
	int rc;

	rc = pthread_mutexattr_init(&attr);
	if (rc)
		return -rc;
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	rc = pthread_mutex_init(&s->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return -rc;
}

/* Store a number that makes something visible: whatever was stored before it
 * is in memory by then. */
static void publish(uint32_t *where, uint32_t number)
{
	__atomic_store_n(where, number, __ATOMIC_RELEASE);
}

/* ---- Making and joining ------------------------------------------------- */

/* Where the parts begin. */
struct layout {
	uint64_t buckets, names, bodies, bytes;
};

static struct layout layout_of(uint64_t slots)
{
	struct layout l;

	l.buckets = round_up(sizeof(struct shared), UNIT);
	l.names = round_up(l.buckets + slots * sizeof(uint32_t), UNIT);
	l.bodies = round_up(l.names + slots * sizeof(struct name), UNIT);
	l.bytes = round_up(l.bodies + slots * sizeof(struct body), UNIT);
	return l;
}

/* NULL: errno says why. */
static struct shared *map(int fd, uint64_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_NORESERVE, fd, 0);

	if (at == MAP_FAILED)
		return NULL;
	madvise(at, size, MADV_DONTDUMP);
	return at;
}

static int not_mapped(uint64_t size)
{
	return log_fail(-errno, "mem: map %.1f GiB of address space",
			(double)size / (double)GIB);
}

static void find_parts(struct arena *a)
{
	struct layout l = layout_of(a->shared->slots);
	char *start = (char *)a->shared;

	a->buckets = (uint32_t *)(void *)(start + l.buckets);
	a->names = (struct name *)(void *)(start + l.names);
	a->bodies = (struct body *)(void *)(start + l.bodies);
}

static int make(struct arena *a, uint64_t limit)
{
	uint64_t slots, size;

	limit = round_up(MIN(limit, LIMIT_MAX), UNIT);
	slots = MIN(MAX(limit / UNIT, SLOTS_MIN), SLOTS_MAX);
	size = layout_of(slots).bytes + limit * SPARSE;

	a->fd = memfd_create("dliofs-mem", MFD_CLOEXEC);
	if (a->fd < 0 || ftruncate(a->fd, (off_t)size) < 0)
		return log_fail(-errno, "mem: make shared memory");
	a->size = size;
	a->shared = map(a->fd, size);
	if (!a->shared)
		return not_mapped(size);
	a->shared->magic = MAGIC;
	a->shared->size = size;
	a->shared->limit = limit;
	a->shared->slots = (uint32_t)slots;
	a->shared->end = layout_of(slots).bytes;
	find_parts(a);
	return lock_init(a->shared);
}

static int join(struct arena *a, int fd)
{
	struct stat st;

	a->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (a->fd < 0 || fstat(a->fd, &st) < 0)
		return log_fail(-errno, "mem: descriptor %d", fd);
	if ((uint64_t)st.st_size < sizeof(struct shared))
		return log_invalid("mem: descriptor %d is not a store's", fd);
	a->size = (size_t)st.st_size;
	a->shared = map(a->fd, a->size);
	if (!a->shared)
		return not_mapped(a->size);
	if (a->shared->magic != MAGIC || a->shared->size != a->size)
		return log_invalid("mem: descriptor %d is not a store's", fd);
	find_parts(a);
	return 0;
}

static int finish(struct arena *a, int rc, struct arena **out)
{
	if (rc) {
		arena_leave(a);
		return rc;
	}
	*out = a;
	return 0;
}

int arena_make(uint64_t limit, struct arena **out)
{
	struct arena *a = calloc(1, sizeof(*a));

	return a ? finish(a, make(a, limit), out) : -ENOMEM;
}

int arena_join(int fd, struct arena **out)
{
	struct arena *a = calloc(1, sizeof(*a));

	return a ? finish(a, join(a, fd), out) : -ENOMEM;
}

void arena_leave(struct arena *a)
{
	if (!a)
		return;
	if (a->shared)
		munmap(a->shared, a->size);
	if (a->fd >= 0)
		close(a->fd);
	free(a);
}

int arena_fd(const struct arena *a)
{
	return a->fd;
}

/* ---- Bodies ------------------------------------------------------------- */

/* Extent i is UNIT << i bytes long, so that an object whose size nobody knows
 * beforehand has few of them; and in the object it begins where those before
 * it end, at (UNIT << i) - UNIT.  That makes i the position of the highest bit
 * of offset / UNIT + 1. */
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

static struct body *body_of(const struct arena *a, uint32_t number)
{
	return &a->bodies[number - 1];
}

int arena_begin(struct arena *a, uint32_t *body)
{
	SHARED_LOCKED struct shared *s = lock(a);
	uint32_t number = s->bodies.free;

	if (number) {
		publish(&s->bodies.free, body_of(a, number)->next);
	} else {
		if (s->bodies.used == s->slots)
			return -ENOSPC;
		number = s->bodies.used + 1;
		publish(&s->bodies.used, number);
	}
	body_of(a, number)->refs = 1;
	*body = number;
	return 0;
}

/* Room for len bytes more in that extent.  From now on they are the body's and
 * are given back with it, written or not. */
static int grow(struct arena *a, struct body *b, unsigned extent, uint64_t len)
{
	SHARED_LOCKED struct shared *s = lock(a);
	uint64_t more = round_up(b->size + len, UNIT) - round_up(b->size, UNIT);

	if (extent >= EXTENTS)
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

int arena_append(struct arena *a, uint32_t body, const void *buf, size_t len)
{
	struct body *b = body_of(a, body);
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

void arena_read(const struct arena *a, uint32_t body, void *buf, size_t len,
		uint64_t offset)
{
	const struct body *b = body_of(a, body);
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
	struct body *b = body_of(a, number);
	uint64_t bytes = round_up(b->size, UNIT);

	for (uint64_t done = 0; done < b->size;) {
		struct piece p = piece_at(done);

		fallocate(a->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			  (off_t)b->extent[p.extent], (off_t)p.room);
		done += p.room;
	}
	b->size = 0;

	SHARED_LOCKED struct shared *s = lock(a);

	s->bytes -= bytes;
	b->next = s->bodies.free;
	publish(&s->bodies.free, number);
}

static bool drop_ref(struct arena *a, uint32_t body)
{
	SHARED_LOCKED struct shared *s = lock(a);

	return --body_of(a, body)->refs == 0;
}

void arena_release(struct arena *a, uint32_t body)
{
	if (body && drop_ref(a, body))
		recycle(a, body);
}

/* ---- Names; the lock is held -------------------------------------------- */

static struct name *name_of(const struct arena *a, uint32_t number)
{
	return &a->names[number - 1];
}

/* FNV-1a, by G. Fowler, L. C. Noll and K.-P. Vo. */
static uint32_t *bucket_of(const struct arena *a, const char *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
	return &a->buckets[hash % a->shared->slots];
}

static uint32_t find(const struct arena *a, const char *key)
{
	uint32_t number = *bucket_of(a, key);

	while (number && strcmp(name_of(a, number)->key, key) != 0)
		number = name_of(a, number)->next;
	return number;
}

static uint32_t take_name(struct arena *a)
{
	struct numbers *names = &a->shared->names;
	uint32_t number = names->free;

	if (number)
		publish(&names->free, name_of(a, number)->next);
	else if (names->used < a->shared->slots)
		publish(&names->used, number = names->used + 1);
	return number;
}

/* The name of that key; if it is new it has no body yet.  0: there are as many
 * as there can be. */
static uint32_t find_or_add(struct arena *a, const char *key)
{
	uint32_t number = find(a, key), *bucket = bucket_of(a, key);
	struct name *n;

	if (number)
		return number;
	number = take_name(a);
	if (!number)
		return 0;
	n = name_of(a, number);
	snprintf(n->key, sizeof(n->key), "%s", key);
	n->next = *bucket;
	publish(bucket, number);
	return number;
}

static void drop_name(struct arena *a, uint32_t number)
{
	struct name *n = name_of(a, number);
	uint32_t *link = bucket_of(a, n->key);

	publish(&n->body, 0); /* it is gone; the rest is tidying up */
	while (*link != number)
		link = &name_of(a, *link)->next;
	publish(link, n->next);
	n->next = a->shared->names.free;
	publish(&a->shared->names.free, number);
}

/* Give the body a name, and a reference for it.  The body that had the name
 * comes out, with the reference that it had for it. */
static int give_name(struct arena *a, const char *key, uint32_t body,
		     uint32_t *old)
{
	uint32_t number = find_or_add(a, key);

	if (!number)
		return -ENOSPC;
	body_of(a, body)->refs++;
	*old = name_of(a, number)->body;
	publish(&name_of(a, number)->body, body);
	return 0;
}

/* ---- What the header promised ------------------------------------------- */

static int bind(struct arena *a, const char *key, uint32_t body,
		int64_t mtime_ns, uint32_t *old)
{
	SHARED_LOCKED struct shared *s = lock(a);

	body_of(a, body)->mtime_ns = mtime_ns;
	return give_name(a, key, body, old);
}

int arena_bind(struct arena *a, const char *key, uint32_t body,
	       int64_t mtime_ns)
{
	uint32_t old = 0;
	int rc;

	rc = bind(a, key, body, mtime_ns, &old);
	arena_release(a, old);
	return rc;
}

static int unbind(struct arena *a, const char *key, uint32_t *old)
{
	SHARED_LOCKED struct shared *s = lock(a);
	uint32_t number = find(a, key);

	if (!number || !name_of(a, number)->body)
		return -ENOENT;
	*old = name_of(a, number)->body;
	drop_name(a, number);
	return 0;
}

int arena_unbind(struct arena *a, const char *key)
{
	uint32_t old = 0;
	int rc;

	rc = unbind(a, key, &old);
	arena_release(a, old);
	return rc;
}

static int move(struct arena *a, const char *from, const char *to,
		uint32_t *old)
{
	SHARED_LOCKED struct shared *s = lock(a);
	uint32_t number = find(a, from);
	uint32_t body = number ? name_of(a, number)->body : 0;
	int rc;

	if (!body)
		return -ENOENT;
	if (!strcmp(from, to))
		return 0;
	rc = give_name(a, to, body, old);
	if (rc)
		return rc;
	drop_name(a, number);
	body_of(a, body)->refs--; /* not the last: the new name has one */
	return 0;
}

int arena_rename(struct arena *a, const char *from, const char *to)
{
	uint32_t old = 0;
	int rc;

	rc = move(a, from, to, &old);
	arena_release(a, old);
	return rc;
}

static struct object_info info_of(const struct body *b)
{
	return (struct object_info){ .size = b->size, .mtime_ns = b->mtime_ns };
}

int arena_find(struct arena *a, const char *key, struct object_info *info,
	       uint32_t *body)
{
	SHARED_LOCKED struct shared *s = lock(a);
	uint32_t number = find(a, key);
	struct body *b;

	if (!number || !name_of(a, number)->body)
		return -ENOENT;
	b = body_of(a, name_of(a, number)->body);
	*info = info_of(b);
	if (body) {
		b->refs++;
		*body = name_of(a, number)->body;
	}
	return 0;
}

bool arena_next(struct arena *a, uint32_t *cursor, char key[ARENA_KEY_MAX + 1],
		struct object_info *info)
{
	SHARED_LOCKED struct shared *s = lock(a);

	while (*cursor < s->names.used) {
		const struct name *n = name_of(a, ++*cursor);

		if (!n->body)
			continue;
		*info = info_of(body_of(a, n->body));
		snprintf(key, ARENA_KEY_MAX + 1, "%s", n->key);
		return true;
	}
	return false;
}
