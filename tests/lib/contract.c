#include "lib/contract.h"

#include <string.h>

void contract_run(const struct contract_maker *maker,
		  void (*rule)(struct backend *b))
{
	void *state = NULL;
	struct backend *b = maker->open(&state);

	rule(b);
	backend_close(b);
	if (maker->drop)
		maker->drop(state);
}

void contract_fill(void *buf, size_t len, unsigned seed, uint64_t offset)
{
	unsigned char *p = buf;

	for (size_t i = 0; i < len; i++)
		p[i] = contract_byte(seed, offset + i);
}

void contract_put(struct backend *b, const char *name, unsigned seed,
		  uint64_t size)
{
	char piece[10000];
	struct object *o;
	int rc;

	rc = object_create(b, name, &o);
	cr_assert_eq(rc, 0, "create %s: %d", name, rc);
	for (uint64_t done = 0; done < size;) {
		size_t n = (size_t)MIN(size - done, sizeof(piece));

		contract_fill(piece, n, seed, done);
		rc = object_append(o, piece, n);
		cr_assert_eq(rc, 0, "append to %s: %d", name, rc);
		done += n;
	}
	rc = object_commit(o, 0);
	cr_assert_eq(rc, 0, "commit %s: %d", name, rc);
	object_close(o);
}

void contract_expect_open(struct object *o, unsigned seed, uint64_t size,
			  const char *what)
{
	static char got[100000], want[100000];

	cr_assert_eq(o->size, size, "%s: %lu", what, (unsigned long)o->size);
	for (uint64_t done = 0; done < size;) {
		size_t n = (size_t)MIN(size - done, sizeof(got));
		ssize_t rc = object_pread(o, got, n, done);

		cr_assert_eq(rc, (ssize_t)n, "%s: read at %lu: %zd", what,
			     (unsigned long)done, rc);
		contract_fill(want, n, seed, done);
		cr_assert_eq(memcmp(got, want, n), 0, "%s: bytes at %lu", what,
			     (unsigned long)done);
		done += n;
	}
}

void contract_expect(struct backend *b, const char *name, unsigned seed,
		     uint64_t size)
{
	struct object *o;
	int rc;

	rc = object_open(b, name, &o);
	cr_assert_eq(rc, 0, "open %s: %d", name, rc);
	contract_expect_open(o, seed, size, name);
	object_close(o);
}

/* ---- Listings ----------------------------------------------------------- */

struct names {
	char *name[1000];
	size_t n;
};

static int collect(void *arg, const char *name, const struct object_info *info)
{
	struct names *names = arg;
	bool folder = name[strlen(name) - 1] == '/';

	cr_assert_lt(names->n, ARRAY_SIZE(names->name));
	names->name[names->n++] = strdup(name);
	if (folder)
		cr_expect(info->size == 0 && info->mtime_ns == 0, "%s", name);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *contract_names(struct backend *b, const char *prefix,
		     enum backend_depth depth)
{
	struct names names = { .n = 0 };
	char *joined;
	size_t size;
	FILE *f = open_memstream(&joined, &size);
	int rc;

	rc = backend_list(b, prefix, depth, collect, &names);
	cr_assert_eq(rc, 0, "list '%s': %d", prefix, rc);
	qsort(names.name, names.n, sizeof(*names.name), compare);
	for (size_t i = 0; i < names.n; i++) {
		fprintf(f, "%s%s", i ? " " : "", names.name[i]);
		free(names.name[i]);
	}
	fclose(f);
	return joined;
}
