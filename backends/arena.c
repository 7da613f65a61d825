#include "backends/arena.h"

#include "backends/body.h"
#include "backends/label.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define MAGIC UINT64_C(0x646c696f66736d31)
#define SPARSE 4 /* bytes of address space for each that may be stored */
#define LIMIT_MAX ((uint64_t)1 << 43)
#define SLOTS_MIN 1024
#define SLOTS_MAX ((uint64_t)1 << 24)

/* ---- The lock ----------------------------------------------------------- */

struct shared *arena_lock(const struct arena *a)
{
	int rc = pthread_mutex_lock(&a->shared->lock);

	/* Its last holder was killed; see arena.h for why that is fine. */
	if (rc == EOWNERDEAD)
		rc = pthread_mutex_consistent(&a->shared->lock);
	if (rc)
		abort(); /* to go on without it would be worse */
	return a->shared;
}

void arena_unlock(struct shared **s)
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

/* ---- Making and joining ------------------------------------------------- */

/* Where the parts begin. */
struct layout {
	uint64_t buckets, labels, bodies, bytes;
};

static struct layout layout_of(uint64_t slots)
{
	struct layout l;

	l.buckets = round_up(sizeof(struct shared), ARENA_UNIT);
	l.labels = round_up(l.buckets + slots * sizeof(uint32_t), ARENA_UNIT);
	l.bodies =
		round_up(l.labels + slots * sizeof(struct label), ARENA_UNIT);
	l.bytes = round_up(l.bodies + slots * sizeof(struct body), ARENA_UNIT);
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
	a->labels = (struct label *)(void *)(start + l.labels);
	a->bodies = (struct body *)(void *)(start + l.bodies);
}

static int make(struct arena *a, uint64_t limit)
{
	uint64_t slots, size;

	limit = round_up(MIN(limit, LIMIT_MAX), ARENA_UNIT);
	slots = MIN(MAX(limit / ARENA_UNIT, SLOTS_MIN), SLOTS_MAX);
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
