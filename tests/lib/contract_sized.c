#include "lib/contract.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

/* ---- Who knows the size already ----------------------------------------- */

void contract_a_known_size_need_not_be_asked(struct backend *b)
{
	static const uint64_t sizes[] = { 0, 1, 100000, 3000001 };

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct object *o;

		contract_put(b, "d/name", i, sizes[i]);
		cr_assert_eq(object_open_sized(b, "d/name", &sizes[i], &o), 0,
			     "%lu", (unsigned long)sizes[i]);
		contract_expect_open(o, i, sizes[i], "sized");
		object_close(o);
	}
}

/* A store that has looked all the same may say it at once, or do as if it had
 * not been told anything. */
void contract_a_wrong_size_is_estale(struct backend *b)
{
	enum { SIZE = 100000 };
	static const uint64_t wrong[] = { 1, SIZE - 1, SIZE + 1, 10 * SIZE };
	/* Of the last: beyond what there is. */
	static const uint64_t offsets[] = { 0, SIZE - 1, SIZE, 5 * SIZE };

	contract_put(b, "name", 1, SIZE);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		for (size_t k = 0; k < ARRAY_SIZE(offsets); k++) {
			struct object *o;
			char buf[100];
			int rc;

			if (offsets[k] >= wrong[i])
				continue;
			rc = object_open_sized(b, "name", &wrong[i], &o);
			cr_assert(rc == 0 || rc == -ESTALE, "%d", rc);
			if (rc)
				continue;
			if (o->size == SIZE)
				contract_expect_open(o, 1, SIZE,
						     "the real one");
			else
				cr_expect_eq(object_pread(o, buf, sizeof(buf),
							  offsets[k]),
					     -ESTALE, "%lu instead, at %lu",
					     (unsigned long)wrong[i],
					     (unsigned long)offsets[k]);
			object_close(o);
		}
}

void contract_what_is_missing_is_missed_at_the_first_read(struct backend *b)
{
	const uint64_t size = 100;
	struct object *o;
	char c;
	int rc;

	contract_put(b, "there", 1, 100);
	rc = object_open_sized(b, "not/there", &size, &o);
	cr_assert(rc == 0 || rc == -ENOENT, "%d", rc);
	if (rc == 0)
		cr_expect_eq(object_pread(o, &c, 1, 0), -ENOENT);
	object_close(o);
}

/* ---- While it is replaced ----------------------------------------------- */

enum { VERSIONS = 12, VERSION_SIZE = 60000, PIECE = 7000 };

struct replacing {
	struct backend *backend;
	_Atomic bool done;
};

/* All of one size, so that only the bytes tell. */
static void *replace(void *arg)
{
	struct replacing *r = arg;

	for (unsigned seed = 2; seed < VERSIONS; seed++)
		contract_put(r->backend, "name", seed, VERSION_SIZE);
	r->done = true;
	return NULL;
}

/* Which version a piece is of, or 0: a mix. */
static unsigned version_of(const char *piece, size_t len, uint64_t offset)
{
	char want[PIECE];

	for (unsigned seed = 1; seed < VERSIONS; seed++) {
		contract_fill(want, len, seed, offset);
		if (!memcmp(piece, want, len))
			return seed;
	}
	return 0;
}

static void read_one_version(struct object *o)
{
	unsigned first = 0, seed;
	char piece[PIECE];

	for (uint64_t at = 0; at < VERSION_SIZE; at += PIECE) {
		size_t len = (size_t)MIN(PIECE, VERSION_SIZE - at);
		ssize_t got = object_pread(o, piece, len, at);

		if (got == -ESTALE)
			return;
		cr_assert_eq(got, (ssize_t)len, "%zd", got);
		seed = version_of(piece, len, at);
		first = at == 0 ? seed : first;
		cr_assert(seed > 0 && seed == first,
			  "version %u began, and %u went on", first, seed);
	}
}

void contract_what_is_replaced_is_never_mixed(struct backend *b)
{
	const uint64_t size = VERSION_SIZE;
	struct replacing r = { .backend = b };
	pthread_t thread;
	bool last;

	contract_put(b, "name", 1, VERSION_SIZE);
	cr_assert_eq(pthread_create(&thread, NULL, replace, &r), 0);
	do {
		last = r.done;
		for (int sized = 0; sized < 2; sized++) {
			struct object *o;

			cr_assert_eq(object_open_sized(b, "name",
						       sized ? &size : NULL,
						       &o),
				     0);
			read_one_version(o);
			object_close(o);
		}
	} while (!last);
	pthread_join(thread, NULL);
	contract_expect(b, "name", VERSIONS - 1, VERSION_SIZE);
}
