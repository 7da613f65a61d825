#include "io/memory.h"

#include <errno.h>
#include <sys/mman.h>

#define STEPS 8u /* classes per power of two */
#define CLASSES 128u

/* Of the budget, what may be kept for the next: enough that a few streams go
 * round in the same buffers, which the CPU's caches know. */
#define KEEP_MOST (64 * MIB)

/* Large pages are worth it from here on: to fault in 8 MiB of small ones took
 * 3.3 ms where this was measured, more than to copy them, and of large ones
 * 0.6. */
#define HUGE_PAGE (2 * MIB)

/* A buffer that is kept is its own link. */
struct unused {
	struct unused *next;
};

struct memory {
	uint64_t budget, keep;

	pthread_mutex_t lock; /* guards what follows */
	uint64_t used, kept;
	struct unused *unused[CLASSES];
};

/* The class of a length: (power of two, eighth), and the size of its buffers.
 * Sizes up to 8 * MEMORY_LEAST are multiples of that. */
static unsigned class_of(size_t len, size_t *size)
{
	size_t units = (len + MEMORY_LEAST - 1) / MEMORY_LEAST;
	unsigned shift = 0;

	units = MAX(units, 1);
	while ((units - 1) >> shift >= 2 * STEPS)
		shift++;
	units = round_up(units, (uint64_t)1 << shift);
	*size = units * MEMORY_LEAST;
	return shift * STEPS + (unsigned)(units >> shift);
}

size_t memory_size(size_t len)
{
	size_t size;

	class_of(len, &size);
	return size;
}

int memory_new(uint64_t budget, struct memory **out)
{
	struct memory *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->budget = budget;
	m->keep = MIN(KEEP_MOST, budget / 4);
	pthread_mutex_init(&m->lock, NULL);
	*out = m;
	return 0;
}

/* ---- What is kept, with the lock held ----------------------------------- */

static void *take(struct memory *m, unsigned class, size_t size)
{
	struct unused *u = m->unused[class];

	if (u) {
		m->unused[class] = u->next;
		m->kept -= size;
	}
	return u;
}

static size_t size_of_class(unsigned class)
{
	unsigned shift = 0;

	while (class > 2 * STEPS) {
		class -= STEPS;
		shift++;
	}
	return ((size_t) class << shift) * MEMORY_LEAST;
}

/* Give back what is kept until there is room, the largest first. */
static void shrink(struct memory *m, uint64_t room)
{
	for (unsigned class = CLASSES; class -- > 0;) {
		size_t size = size_of_class(class);

		while (m->used + m->kept + room > m->budget && m->unused[class])
			munmap(take(m, class, size), size);
	}
}

void memory_free(struct memory *m)
{
	if (!m)
		return;
	m->budget = 0;
	shrink(m, 1);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

/* ---- Giving and taking -------------------------------------------------- */

static void *map(size_t size)
{
	void *buf = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return buf == MAP_FAILED ? NULL : buf;
}

/* On a border of large pages, which older kernels do not see to. */
static void *map_huge(size_t size)
{
	char *all = map(size + HUGE_PAGE), *buf;
	size_t before, after;

	if (!all)
		return NULL;
	buf = (char *)round_up((uintptr_t)all, HUGE_PAGE);
	before = (size_t)(buf - all);
	after = HUGE_PAGE - before;
	if (before > 0)
		munmap(all, before);
	if (after > 0)
		munmap(buf + size, after);
	madvise(buf, size, MADV_HUGEPAGE); /* or small ones will do */
	return buf;
}

/* From what is kept, or room for a new one.  false: there is none. */
static bool reserve(struct memory *m, unsigned class, size_t size, void **buf)
{
	LOCKED(&m->lock);

	*buf = take(m, class, size);
	if (!*buf) {
		if (m->used + size > m->budget)
			return false;
		shrink(m, size);
	}
	m->used += size;
	return true;
}

void *memory_get(struct memory *m, size_t len)
{
	size_t size;
	unsigned class = class_of(len, &size);
	void *buf;

	if (!reserve(m, class, size, &buf))
		return NULL;
	if (buf)
		return buf;
	buf = size < HUGE_PAGE ? map(size) : map_huge(size);
	if (!buf) {
		LOCKED(&m->lock);
		m->used -= size;
	}
	return buf;
}

void memory_put(struct memory *m, void *buf, size_t len)
{
	size_t size;
	unsigned class = class_of(len, &size);
	struct unused *u = buf;

	if (!buf)
		return;
	pthread_mutex_lock(&m->lock);
	m->used -= size;
	if (m->kept + size <= m->keep) {
		m->kept += size;
		u->next = m->unused[class];
		m->unused[class] = TAKE(u);
	}
	pthread_mutex_unlock(&m->lock);
	if (u)
		munmap(u, size);
}

uint64_t memory_budget(const struct memory *m)
{
	return m->budget;
}

uint64_t memory_used(struct memory *m)
{
	LOCKED(&m->lock);

	return m->used;
}

uint64_t memory_kept(struct memory *m)
{
	LOCKED(&m->lock);

	return m->kept;
}
