/* What the S3 store itself reaches, without a mount: objects written by threads,
 * read whole, and one large one read in ranges.
 *
 *	AWS_ENDPOINT_URL=... AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=... \
 *	bench_s3 s3://bucket/prefix [OBJECTS [KIB [THREADS]]] */
#include "backends/s3.h"

#include "backends/remote.h"
#include "base/clock.h"

#include <stdatomic.h>
#include <string.h>

struct bench {
	struct backend *store;
	struct object *large; /* for ranges */
	unsigned objects, threads;
	size_t size; /* of an object, and of a range */
	int (*one)(struct bench *b, unsigned i, char *buf);
	_Atomic unsigned next, failed;
};

static int put_one(struct bench *b, unsigned i, char *buf)
{
	struct object *o;
	char name[32];
	int rc;

	snprintf(name, sizeof(name), "bench/%u", i);
	rc = object_create(b->store, name, &o);
	if (rc)
		return rc;
	rc = object_append(o, buf, b->size);
	if (rc == 0)
		rc = object_commit(o, 0);
	object_close(o);
	return rc;
}

/* As the mount does, which knows the size. */
static int get_one(struct bench *b, unsigned i, char *buf)
{
	const uint64_t size = b->size;
	struct object *o;
	char name[32];
	ssize_t got;
	int rc;

	snprintf(name, sizeof(name), "bench/%u", i);
	rc = object_open_sized(b->store, name, &size, &o);
	if (rc)
		return rc;
	got = object_pread(o, buf, b->size, 0);
	object_close(o);
	return got == (ssize_t)b->size ? 0 : -1;
}

static int range_one(struct bench *b, unsigned i, char *buf)
{
	ssize_t got =
		object_pread(b->large, buf, b->size, (uint64_t)i * b->size);

	return got == (ssize_t)b->size ? 0 : -1;
}

static int remove_one(struct bench *b, unsigned i, char *buf)
{
	char name[32];

	(void)buf;
	snprintf(name, sizeof(name), "bench/%u", i);
	return backend_remove(b->store, name);
}

static void *work(void *arg)
{
	struct bench *b = arg;
	AUTO_FREE char *buf = calloc(1, b->size);
	unsigned i;

	while ((i = atomic_fetch_add(&b->next, 1)) < b->objects)
		if (!buf || b->one(b, i, buf) != 0)
			b->failed++;
	return NULL;
}

static void run(struct bench *b, const char *what,
		int (*one)(struct bench *b, unsigned i, char *buf))
{
	pthread_t thread[256];
	uint64_t begin = clock_ns();
	double s;

	b->one = one;
	b->next = 0;
	for (unsigned i = 0; i < b->threads; i++)
		if (pthread_create(&thread[i], NULL, work, b) != 0)
			abort();
	for (unsigned i = 0; i < b->threads; i++)
		pthread_join(thread[i], NULL);
	s = (double)(clock_ns() - begin) / 1e9;
	printf("%-6s %9.0f per s %9.1f MiB/s, %u failed\n", what,
	       b->objects / s,
	       (double)b->objects * (double)b->size / (double)MIB / s,
	       b->failed);
}

static int put_large(struct bench *b)
{
	AUTO_FREE char *buf = calloc(1, b->size);
	struct object *o;
	int rc;

	rc = object_create(b->store, "bench/large", &o);
	if (rc)
		return rc;
	for (unsigned i = 0; rc == 0 && i < b->objects; i++)
		rc = buf ? object_append(o, buf, b->size) : -1;
	if (rc == 0)
		rc = object_commit(o, 0);
	object_close(o);
	return rc;
}

static unsigned argument(int argc, char **argv, int i, unsigned standard)
{
	return argc > i ? (unsigned)strtoul(argv[i], NULL, 10) : standard;
}

int main(int argc, char **argv)
{
	struct bench b = { .objects = argument(argc, argv, 2, 32),
			   .size = argument(argc, argv, 3, 8192) * KIB,
			   .threads = MIN(argument(argc, argv, 4, 8), 256u) };

	if (argc < 2 || b.objects == 0 || b.size == 0 || b.threads == 0) {
		fprintf(stderr, "usage: bench_s3 s3://BUCKET/PREFIX [OBJECTS "
				"[KIB [THREADS]]]\n");
		return 2;
	}
	if (backend_open(&s3_ops, argv[1], NULL, &b.store) != 0)
		return 1;
	run(&b, "put", put_one);
	run(&b, "get", get_one);
	if (put_large(&b) == 0 &&
	    object_open(b.store, "bench/large", &b.large) == 0)
		run(&b, "range", range_one);
	else
		b.failed++;
	object_close(b.large);
	run(&b, "remove", remove_one);
	if (backend_remove(b.store, "bench/large") != 0)
		b.failed++;
	backend_close(b.store);
	return b.failed > 0;
}
