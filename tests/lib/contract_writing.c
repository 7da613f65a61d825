#include "lib/contract.h"

#include <errno.h>
#include <string.h>

static void expect_names(struct backend *b, const char *want)
{
	AUTO_FREE char *deep = contract_names(b, "", BACKEND_DEEP);

	cr_expect_str_eq(deep, want);
}

static void expect_nobody(struct backend *b, const char *name)
{
	AUTO_FREE char *shallow = contract_names(b, "", BACKEND_SHALLOW);
	struct object_info info;
	struct object *o;

	cr_expect_eq(backend_stat(b, name, &info), -ENOENT);
	cr_expect_eq(object_open(b, name, &o), -ENOENT);
	cr_expect_str_eq(shallow, "");
	expect_names(b, "");
}

/* A draft with something in it. */
static struct object *begin(struct backend *b, const char *name, unsigned seed,
			    size_t size)
{
	AUTO_FREE char *bytes = malloc(size);
	struct object *o;

	contract_fill(bytes, size, seed, 0);
	cr_assert_eq(object_create(b, name, &o), 0);
	cr_assert_eq(object_append(o, bytes, size), 0);
	return o;
}

static void finish(struct object *o)
{
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
}

void contract_nothing_is_seen_before_commit(struct backend *b)
{
	struct object *o = begin(b, "new/folder/name", 1, 100000);

	expect_nobody(b, "new/folder/name");
	cr_assert_eq(object_commit(o, 0), 0);
	/* Committed is visible, closed or not. */
	contract_expect(b, "new/folder/name", 1, 100000);
	expect_names(b, "new/folder/name");
	object_close(o);
	contract_expect(b, "new/folder/name", 1, 100000);
	expect_names(b, "new/folder/name");
}

void contract_nothing_is_left_without_commit(struct backend *b)
{
	object_close(begin(b, "new/folder/name", 1, 5000000));
	expect_nobody(b, "new/folder/name");

	contract_put(b, "new/folder/name", 2, 1000);
	object_close(begin(b, "new/folder/name", 3, 2000));
	contract_expect(b, "new/folder/name", 2, 1000);
	expect_names(b, "new/folder/name");
}

void contract_nothing_goes_in_after_commit(struct backend *b)
{
	struct object *o = begin(b, "name", 1, 1000);

	cr_assert_eq(object_commit(o, 0), 0);
	cr_expect_eq(object_append(o, "more", 4), -EBADF);
	cr_expect_eq(object_commit(o, 0), -EBADF);
	cr_expect_eq(object_pread(o, &(char){ 0 }, 1, 0), -EBADF);
	object_close(o);
	contract_expect(b, "name", 1, 1000);
}

void contract_commit_replaces(struct backend *b)
{
	static const uint64_t sizes[] = { 100000, 10, 0, 70000, 1 };

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct object *o = begin(b, "d/name", i, sizes[i]);

		if (i > 0)
			contract_expect(b, "d/name", i - 1, sizes[i - 1]);
		finish(o);
		contract_expect(b, "d/name", i, sizes[i]);
		expect_names(b, "d/name");
	}
}

/* Stores whose objects are only found by name give -ESTALE. */
static void expect_old(struct object *o, unsigned seed, uint64_t size)
{
	char c;

	if (object_pread(o, &c, 1, 0) == -ESTALE)
		return;
	contract_expect_open(o, seed, size, "the old one");
}

void contract_readers_keep_the_old_bytes(struct backend *b)
{
	struct object *replaced, *moved_over, *moved, *removed;

	contract_put(b, "replaced", 1, 100001);
	contract_put(b, "over", 2, 100002);
	contract_put(b, "moved", 3, 100003);
	contract_put(b, "removed", 4, 100004);
	cr_assert_eq(object_open(b, "replaced", &replaced), 0);
	cr_assert_eq(object_open(b, "over", &moved_over), 0);
	cr_assert_eq(object_open(b, "moved", &moved), 0);
	cr_assert_eq(object_open(b, "removed", &removed), 0);

	contract_put(b, "replaced", 5, 200000);
	cr_assert_eq(backend_rename(b, "moved", "over"), 0);
	cr_assert_eq(backend_remove(b, "removed"), 0);
	/* Somebody else may want the room now. */
	contract_put(b, "more", 6, 100005);
	contract_put(b, "even/more", 7, 100006);

	expect_old(replaced, 1, 100001);
	expect_old(moved_over, 2, 100002);
	expect_old(moved, 3, 100003);
	expect_old(removed, 4, 100004);
	object_close(replaced);
	object_close(moved_over);
	object_close(moved);
	object_close(removed);
	contract_expect(b, "replaced", 5, 200000);
	contract_expect(b, "over", 3, 100003);
}

void contract_the_last_commit_wins(struct backend *b)
{
	struct object *first = begin(b, "name", 1, 1000);
	struct object *second = begin(b, "name", 2, 2000);

	finish(second);
	contract_expect(b, "name", 2, 2000);
	finish(first);
	contract_expect(b, "name", 1, 1000);
	expect_names(b, "name");
}

void contract_objects_are_written_side_by_side(struct backend *b)
{
	enum { N = 8, ROUNDS = 10 };
	struct object *o[N];
	char name[16], piece[3001];

	for (unsigned i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "side/%u", i);
		cr_assert_eq(object_create(b, name, &o[i]), 0);
	}
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned i = 0; i < N; i++) {
			contract_fill(piece, sizeof(piece), i,
				      round * sizeof(piece));
			cr_assert_eq(object_append(o[i], piece, sizeof(piece)),
				     0);
		}
	for (unsigned i = 0; i < N; i++)
		finish(o[i]);
	for (unsigned i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "side/%u", i);
		contract_expect(b, name, i, ROUNDS * sizeof(piece));
	}
}

/* ---- Threads ------------------------------------------------------------ */

enum { WRITERS = 8 };

struct writer {
	pthread_t thread;
	struct backend *backend;
	unsigned number;
	int first_error;
};

static int write_one(struct backend *b, const char *name, unsigned seed)
{
	char bytes[5000];
	struct object *o;
	int rc;

	contract_fill(bytes, sizeof(bytes), seed, 0);
	rc = object_create(b, name, &o);
	if (rc)
		return rc;
	rc = object_append(o, bytes, sizeof(bytes));
	if (rc == 0)
		rc = object_commit(o, 0);
	object_close(o);
	return rc;
}

/* Write, move and remove, in folders that come and go under everybody. */
static int churn(struct backend *b, unsigned writer, unsigned i)
{
	char keep[64], drop[64], moved[64];
	int rc;

	snprintf(keep, sizeof(keep), "keep/%u/%u", i % 3, writer * 1000 + i);
	snprintf(drop, sizeof(drop), "come/and/go/%u", writer);
	snprintf(moved, sizeof(moved), "come/%u/%u", i % 2, writer);
	rc = write_one(b, keep, writer);
	if (rc == 0)
		rc = write_one(b, drop, writer);
	if (rc == 0)
		rc = backend_rename(b, drop, moved);
	if (rc == 0)
		rc = backend_remove(b, moved);
	if (rc == 0)
		rc = write_one(b, "all/the/same", 0);
	return rc;
}

/* How many each writes: servers take a hundred times as long. */
static unsigned rounds(const struct backend *b)
{
	return b->local ? 25 : 6;
}

static void *write_many(void *arg)
{
	struct writer *w = arg;

	for (unsigned i = 0; i < rounds(w->backend) && w->first_error == 0; i++)
		w->first_error = churn(w->backend, w->number, i);
	return NULL;
}

void contract_threads_write_side_by_side(struct backend *b)
{
	AUTO_FREE char *come = NULL;
	struct writer writer[WRITERS];

	for (unsigned i = 0; i < WRITERS; i++) {
		writer[i] = (struct writer){ .backend = b, .number = i };
		cr_assert_eq(pthread_create(&writer[i].thread, NULL, write_many,
					    &writer[i]),
			     0);
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		pthread_join(writer[i].thread, NULL);
		cr_expect_eq(writer[i].first_error, 0, "thread %u: %d", i,
			     writer[i].first_error);
	}
	for (unsigned w = 0; w < WRITERS; w++)
		for (unsigned i = 0; i < rounds(b); i++) {
			char name[64];

			snprintf(name, sizeof(name), "keep/%u/%u", i % 3,
				 w * 1000 + i);
			contract_expect(b, name, w, 5000);
		}
	contract_expect(b, "all/the/same", 0, 5000);
	come = contract_names(b, "come", BACKEND_SHALLOW);
	cr_expect_str_eq(come, "");
}

void contract_commit_can_be_durable(struct backend *b)
{
	struct object *o = begin(b, "new/folder/safe", 1, 123457);

	cr_expect_eq(object_commit(o, OBJECT_DURABLE), 0);
	object_close(o);
	contract_expect(b, "new/folder/safe", 1, 123457);

	o = begin(b, "new/folder/safe", 2, 10);
	cr_expect_eq(object_commit(o, OBJECT_DURABLE), 0);
	object_close(o);
	contract_expect(b, "new/folder/safe", 2, 10);
}
