#include "backends/upload.h"
#include "base/clock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

enum { PART = 1000, PARTS = 64 };

/* A store that keeps one object, and can be slow and fail. */
struct fake {
	pthread_mutex_t lock;
	pthread_cond_t changed;

	unsigned wait_for; /* parts wait until so many are under way */
	bool closed;	   /* parts wait until this is false */
	unsigned under_way, most_under_way;

	int put_error, begin_error, part_error, complete_error;
	unsigned failing_part;
	unsigned puts, begins, completes, aborts;
	unsigned after_abort; /* parts that came too late */
	bool sent[PARTS];
	size_t len[PARTS], start[PARTS];
	char bytes[PARTS * PART];
};

static int fake_put(void *self, const void *data, size_t len)
{
	struct fake *f = self;

	f->puts++;
	f->sent[0] = true;
	f->len[0] = len;
	if (len > 0)
		memcpy(f->bytes, data, len);
	return f->put_error;
}

static int fake_begin(void *self)
{
	struct fake *f = self;

	f->begins++;
	return f->begin_error;
}

static void wait_your_turn(struct fake *f)
{
	f->under_way++;
	f->most_under_way = MAX(f->most_under_way, f->under_way);
	pthread_cond_broadcast(&f->changed);
	while (f->closed || f->most_under_way < f->wait_for)
		pthread_cond_wait(&f->changed, &f->lock);
	f->under_way--;
}

static int fake_part(void *self, unsigned number, const void *data, size_t len)
{
	struct fake *f = self;
	LOCKED(&f->lock);

	wait_your_turn(f);
	f->after_abort += f->aborts > 0;
	if (f->part_error && number == f->failing_part)
		return f->part_error;
	cr_assert_lt(number, PARTS);
	cr_assert_leq(f->start[number] + len, PARTS * PART);
	cr_assert_not(f->sent[number]);
	f->sent[number] = true;
	f->len[number] = len;
	memcpy(f->bytes + f->start[number], data, len);
	return 0;
}

static int fake_complete(void *self, unsigned parts)
{
	struct fake *f = self;

	f->completes++;
	for (unsigned i = 0; i < PARTS; i++)
		cr_expect_eq(f->sent[i], i < parts, "part %u of %u", i, parts);
	return f->complete_error;
}

static void fake_abort(void *self)
{
	struct fake *f = self;

	f->aborts++;
	cr_expect_eq(f->under_way, 0);
}

static const struct upload_ops fake_ops = {
	.put = fake_put,
	.begin = fake_begin,
	.part = fake_part,
	.complete = fake_complete,
	.abort = fake_abort,
	.max_parts = 2 * PARTS, /* half of them are of one size */
	.max_part = PART,
};

static struct fake *fake_new(void)
{
	struct fake *f = calloc(1, sizeof(*f));

	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	for (size_t i = 0; i < PARTS; i++)
		f->start[i] = i * PART;
	return f;
}

static struct uploads *uploads(unsigned threads, uint64_t memory)
{
	struct uploads *u;

	cr_assert_eq(uploads_new(threads, PART, memory, &u), 0);
	return u;
}

static struct upload *begin_with(const struct upload_ops *ops,
				 struct uploads *all, struct fake *f)
{
	struct upload *u;

	cr_assert_eq(upload_begin(all, ops, f, &u), 0);
	return u;
}

static struct upload *begin(struct uploads *all, struct fake *f)
{
	return begin_with(&fake_ops, all, f);
}

static char byte_at(size_t i)
{
	return (char)(i * 7 + i / 251);
}

/* So many bytes, in pieces. */
static int append(struct upload *u, size_t from, size_t len, size_t piece)
{
	char bytes[PARTS * PART];
	int rc = 0;

	for (size_t i = 0; i < len; i++)
		bytes[i] = byte_at(from + i);
	for (size_t at = 0; rc == 0 && at < len; at += piece)
		rc = upload_append(u, bytes + at, MIN(piece, len - at));
	return rc;
}

Test(upload, sends_what_was_appended)
{
	static const struct {
		size_t size;
		unsigned puts, parts;
	} cases[] = {
		{ 0, 1, 0 },
		{ 1, 1, 0 },
		{ PART - 1, 1, 0 },
		{ PART, 1, 0 },
		{ PART + 1, 0, 2 },
		{ 2 * PART, 0, 2 },
		{ 7 * PART + 5, 0, 8 },
		{ PARTS * PART, 0, PARTS },
	};
	static const size_t pieces[] = { 1, 999, 1000, 1001, 3500, 64000 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t j = 0; j < ARRAY_SIZE(pieces); j++) {
			size_t size = cases[i].size;
			struct uploads *all = uploads(3, 4 * PART);
			struct fake *f = fake_new();
			struct upload *u = begin(all, f);

			cr_assert_eq(append(u, 0, size, pieces[j]), 0);
			cr_assert_eq(f->puts + f->completes, 0);
			cr_assert_eq(upload_commit(u), 0);
			upload_close(u);

			cr_expect_eq(f->puts, cases[i].puts, "%zu", size);
			cr_expect_eq(f->begins, cases[i].parts > 0);
			cr_expect_eq(f->completes, cases[i].parts > 0);
			cr_expect_eq(f->aborts, 0);
			for (unsigned p = 0; p < cases[i].parts; p++)
				cr_expect_eq(f->len[p],
					     MIN(PART, size - p * PART));
			for (size_t k = 0; k < size; k++)
				cr_assert_eq(f->bytes[k], byte_at(k), "%zu", k);
			cr_expect_eq(uploads_held(all), 0);
			uploads_free(all);
			free(f);
		}
}

/* Twenty parts at most, of at most five times the size, which makes 56. */
Test(upload, parts_grow_so_that_there_are_enough)
{
	static const size_t sizes[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
					2, 4, 5, 5, 5, 5, 5, 5, 5, 5 };
	struct upload_ops ops = fake_ops;
	struct uploads *all = uploads(3, 4 * PART);
	struct fake *f = fake_new();
	struct upload *u;
	size_t all_sizes = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		f->start[i] = all_sizes;
		all_sizes += sizes[i] * PART;
	}
	ops.max_parts = ARRAY_SIZE(sizes);
	ops.max_part = 5 * PART;
	u = begin_with(&ops, all, f);
	for (size_t at = 0; at < all_sizes; at += 100) {
		cr_assert_eq(append(u, at, 100, 100), 0, "%zu", at);
		cr_assert_leq(uploads_held(all), (4 + 5) * PART);
	}
	cr_assert_eq(upload_commit(u), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		cr_expect_eq(f->len[i], sizes[i] * PART, "%zu", i);
	for (size_t k = 0; k < all_sizes; k++)
		cr_assert_eq(f->bytes[k], byte_at(k), "%zu", k);
	upload_close(u);
	cr_expect_eq(uploads_held(all), 0);
	uploads_free(all);
	free(f);
}

Test(upload, sends_parts_side_by_side, .timeout = 100)
{
	struct uploads *all = uploads(4, 4 * PART);
	struct fake *f = fake_new();
	struct upload *u = begin(all, f);

	f->wait_for = 4; /* or this never ends */
	cr_expect_eq(append(u, 0, 9 * PART, PART), 0);
	cr_expect_eq(upload_commit(u), 0);
	upload_close(u);
	cr_expect_eq(f->most_under_way, 4);
	uploads_free(all);
	free(f);
}

struct writer {
	pthread_t thread;
	struct upload *upload;
	_Atomic size_t appended;
};

static void *write_thirty_parts(void *arg)
{
	struct writer *w = arg;
	char part[PART] = { 0 };

	for (unsigned i = 0; i < 30; i++) {
		cr_assert_eq(upload_append(w->upload, part, PART), 0);
		w->appended += PART;
	}
	return NULL;
}

Test(upload, writers_wait_for_memory, .timeout = 100)
{
	struct uploads *all = uploads(2, 5 * PART);
	struct fake *f = fake_new();
	struct writer w = { .upload = begin(all, f) };

	f->closed = true;
	pthread_create(&w.thread, NULL, write_thirty_parts, &w);
	while (w.appended < 5 * PART)
		sched_yield();
	clock_sleep_until(clock_ns() + 50000000);
	cr_expect_eq(w.appended, 5 * PART);
	cr_expect_eq(uploads_held(all), 5 * PART);

	pthread_mutex_lock(&f->lock);
	f->closed = false;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	pthread_join(w.thread, NULL);
	cr_expect_eq(upload_commit(w.upload), 0);
	upload_close(w.upload);
	cr_expect_eq(uploads_held(all), 0);
	uploads_free(all);
	free(f);
}

/* All of the memory is in the halves. */
Test(upload, many_are_filled_side_by_side_by_one_thread, .timeout = 100)
{
	enum { N = 10 };
	struct uploads *all = uploads(2, 3 * PART);
	struct upload *u[N];
	struct fake *f[N];

	for (int i = 0; i < N; i++)
		u[i] = begin(all, f[i] = fake_new());
	for (size_t round = 0; round < 7; round++)
		for (int i = 0; i < N; i++)
			cr_assert_eq(append(u[i], round * (PART / 2), PART / 2,
					    PART),
				     0);
	cr_expect_leq(uploads_held(all), (3 + N) * PART);
	for (int i = 0; i < N; i++) {
		cr_expect_eq(upload_commit(u[i]), 0);
		upload_close(u[i]);
		for (size_t k = 0; k < 7 * (PART / 2); k++)
			cr_assert_eq(f[i]->bytes[k], byte_at(k));
		free(f[i]);
	}
	cr_expect_eq(uploads_held(all), 0);
	uploads_free(all);
}

Test(upload, the_first_error_ends_it_and_leaves_nothing)
{
	enum { FEW = 40 };
	static const struct {
		const char *what;
		int put, begin, part, complete;
		size_t size;
		unsigned aborts;
	} cases[] = {
		{ "put", -EACCES, 0, 0, 0, 10, 0 },
		{ "begin", 0, -EACCES, 0, 0, 3 * PART, 0 },
		{ "part", 0, 0, -EACCES, 0, 20 * PART, 1 },
		{ "last part", 0, 0, -EACCES, 0, 2 * PART, 1 },
		{ "complete", 0, 0, 0, -EACCES, 3 * PART, 1 },
		{ "too many", 0, 0, 0, 0, FEW * PART, 1 },
	};

	struct upload_ops few = fake_ops;

	few.max_parts = FEW;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct uploads *all = uploads(3, 4 * PART);
		struct fake *f = fake_new();
		struct upload *u = begin_with(&few, all, f);
		bool too_many = !strcmp(cases[i].what, "too many");
		int rc, want = too_many ? -EFBIG : -EACCES;

		f->put_error = cases[i].put;
		f->begin_error = cases[i].begin;
		f->part_error = cases[i].part;
		f->failing_part = 1;
		f->complete_error = cases[i].complete;
		rc = append(u, 0, cases[i].size, 300);
		if (too_many)
			rc = append(u, 0, 1, 1);
		if (rc)
			cr_expect_eq(rc, want, "%s: %d", cases[i].what, rc);
		rc = upload_commit(u);
		cr_expect_eq(rc, want, "%s: %d", cases[i].what, rc);
		upload_close(u);
		cr_expect_eq(f->aborts, cases[i].aborts, "%s", cases[i].what);
		cr_expect_eq(f->after_abort, 0, "%s", cases[i].what);
		cr_expect_eq(f->completes, cases[i].complete != 0, "%s",
			     cases[i].what);
		cr_expect_eq(uploads_held(all), 0);
		uploads_free(all);
		free(f);
	}
}

Test(upload, closing_without_commit_leaves_nothing)
{
	static const size_t sizes[] = { 0, 10, PART, PART + 1, 20 * PART };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct uploads *all = uploads(2, 4 * PART);
		struct fake *f = fake_new();
		struct upload *u = begin(all, f);

		cr_assert_eq(append(u, 0, sizes[i], PARTS * PART), 0);
		upload_close(u);
		cr_expect_eq(f->puts + f->completes, 0);
		cr_expect_eq(f->aborts, sizes[i] > PART, "%zu", sizes[i]);
		cr_expect_eq(f->after_abort, 0);
		cr_expect_eq(uploads_held(all), 0);
		uploads_free(all);
		free(f);
	}
}

Test(upload, settings_that_make_no_sense_are_refused)
{
	struct uploads *all;

	cr_expect_eq(uploads_new(0, PART, PART, &all), -EINVAL);
	cr_expect_eq(uploads_new(1, 0, PART, &all), -EINVAL);
	cr_expect_eq(uploads_new(1, SIZE_MAX, PART, &all), -EINVAL);
	uploads_free(NULL);
	upload_close(NULL);
}
