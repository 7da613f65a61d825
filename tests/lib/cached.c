#include "lib/cached.h"

#include "backends/backend.h"
#include "backends/mem.h"
#include "base/clock.h"

#include <errno.h>
#include <semaphore.h>
#include <string.h>

int cached_open(struct cached *c, const struct cached_options *o)
{
	const struct backend_options mem = { .mem_fd = -1,
					     .mem_limit = 256 * MIB };
	struct cache_options options = {
		.concurrency = o->threads ? o->threads : 4,
		.memory = o->memory,
	};
	int rc;

	*c = (struct cached){ 0 };
	rc = backend_open(&mem_ops, "mem://cached", &mem, &c->mem);
	if (rc == 0)
		rc = fault_wrap(c->mem, &o->plan, &c->store);
	if (rc == 0)
		rc = pool_new(options.concurrency, &c->pool);
	options.pool = c->pool;
	if (rc == 0)
		rc = cache_new(&options, &c->cache);
	return rc;
}

void cached_drain(struct cached *c)
{
	(void)!pool_drain(c->pool, clock_ns() + 60 * NS_PER_SEC);
}

struct cache_stats cached_stats(struct cached *c)
{
	struct cache_stats s;

	cache_stats(c->cache, &s);
	return s;
}

bool cached_close(struct cached *c)
{
	struct cache_stats s;
	bool quiet;

	cached_drain(c);
	s = cached_stats(c);
	quiet = !s.readers && !s.waiting && !s.starving && !s.fetching &&
		!s.queued && !s.ahead && !s.hints && !s.hinted &&
		s.used + s.kept <= s.budget;
	if (!quiet)
		fprintf(stderr,
			"left: %lu readers, %lu waiting, %lu starving, %lu "
			"fetching, %lu queued, %lu ahead, %lu + %lu bytes\n",
			s.readers, s.waiting, s.starving, s.fetching, s.queued,
			s.ahead, s.used, s.kept);
	pool_free(c->pool);
	cache_free(c->cache);
	backend_close(c->store);
	return quiet;
}

/* ---- Objects ------------------------------------------------------------ */

char cached_byte(unsigned seed, uint64_t offset)
{
	return (char)(offset * 7 + offset / 251 + offset / 65521 + seed);
}

bool cached_bytes_are(const char *bytes, unsigned seed, uint64_t offset,
		      size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != cached_byte(seed, offset + i))
			return false;
	return true;
}

int cached_add(struct cached *c, const char *name, uint64_t size, unsigned seed)
{
	AUTO_FREE char *bytes = malloc(size + 1);
	struct object *o;
	int rc;

	for (uint64_t i = 0; i < size; i++)
		bytes[i] = cached_byte(seed, i);
	rc = object_create(c->mem, name, &o);
	if (rc < 0)
		return rc;
	rc = object_append(o, bytes, size);
	if (rc == 0)
		rc = object_commit(o, 0);
	object_close(o);
	return rc;
}

struct cache_reader *cached_reader(struct cached *c, const char *name,
				   uint64_t size, unsigned flags)
{
	struct cache_reader *r = NULL;

	return cache_open(c->cache, c->store, name, size, flags, &r) == 0 ?
		       r :
		       NULL;
}

/* ---- Reads that wait ---------------------------------------------------- */

struct waiting {
	struct cache_read read;
	char *buf;
	ssize_t result;
	sem_t done;
};

static void done(struct cache_read *rd, ssize_t result, const struct iovec *iov,
		 int n)
{
	struct waiting *w = CONTAINER_OF(rd, struct waiting, read);
	char *at = w->buf;

	for (int i = 0; i < n; i++) {
		memcpy(at, iov[i].iov_base, iov[i].iov_len);
		at += iov[i].iov_len;
	}
	w->result = result;
	sem_post(&w->done);
}

ssize_t cached_read(struct cache_reader *r, void *buf, size_t len,
		    uint64_t offset)
{
	struct waiting w = {
		.read = { .offset = offset, .len = len, .done = done },
		.buf = buf,
	};

	sem_init(&w.done, 0, 0);
	cache_read(r, &w.read);
	while (sem_wait(&w.done) < 0)
		;
	sem_destroy(&w.done);
	return w.result;
}
