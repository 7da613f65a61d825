#include "backends/fault.h"
#include "backends/mem.h"
#include "base/buffers.h"
#include "fuse/draft.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

enum { ME = 100, CHILD = 200, OTHER = 300 };

static const struct backend_options options = { .mem_fd = -1,
						.mem_limit = 64 * MIB };
static struct backend *store;
static struct buffers *buffers;

static void set_up(void)
{
	cr_assert_eq(backend_open(&mem_ops, "mem://draft", &options, &store),
		     0);
	cr_assert_eq(buffers_new(DRAFT_PIECE, 4096, 4, &buffers), 0);
}

static void tear_down(void)
{
	cr_expect_eq(buffers_out(buffers), 0u, "every buffer came back");
	buffers_free(buffers);
	backend_close(store);
}

TestSuite(draft, .init = set_up, .fini = tear_down);

static struct draft *new_draft(void)
{
	struct draft *d;

	cr_assert_eq(draft_new(store, buffers, ME, &d), 0);
	return d;
}

/* As the handlers do. */
static int put(struct draft *d, const void *data, size_t len, int64_t process)
{
	int rc = draft_accept(d, data, len, draft_size(d), process);

	if (rc == -EAGAIN)
		rc = draft_write(d, "name", data, len, draft_size(d), process);
	return rc;
}

static void expect_object(const char *name, const char *want, size_t len)
{
	char *got = malloc(len + 1);
	struct object *o;

	cr_assert_eq(object_open(store, name, &o), 0, "%s", name);
	cr_expect_eq(o->size, len);
	cr_expect_eq(object_pread(o, got, len + 1, 0), (ssize_t)len);
	cr_expect_eq(memcmp(got, want, len), 0);
	object_close(o);
	free(got);
}

Test(draft, what_is_written_in_any_pieces_is_the_object)
{
	static const size_t pieces[] = { 1,    4095,	    1048576, 17,
					 7777, 3 * 1048576, 1,	     1048559 };
	size_t total = 0, at = 0;
	struct draft *d = new_draft();
	char *bytes;

	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		total += pieces[i];
	bytes = malloc(total);
	for (size_t i = 0; i < total; i++)
		bytes[i] = (char)(i * 31 + i / 977);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		cr_expect_eq(put(d, bytes + at, pieces[i], ME), 0);
		at += pieces[i];
		cr_expect_eq(draft_size(d), at);
	}
	cr_expect_eq(draft_commit(d, "name", 0), 0);
	expect_object("name", bytes, total);
	draft_free(d);
	free(bytes);
}

Test(draft, nothing_is_seen_before_commit_nor_without)
{
	struct object_info info;
	struct draft *d = new_draft();

	cr_expect_eq(put(d, "abc", 3, ME), 0);
	cr_expect_eq(backend_stat(store, "name", &info), -ENOENT);
	draft_free(d);
	cr_expect_eq(backend_stat(store, "name", &info), -ENOENT);

	d = new_draft();
	cr_expect_eq(draft_commit(d, "name", 0), 0, "empty is fine");
	expect_object("name", "", 0);
	draft_free(d);
}

Test(draft, only_the_end_can_be_written)
{
	struct draft *d = new_draft();

	cr_expect_eq(draft_accept(d, "x", 1, 1, ME), -ESPIPE);
	cr_expect_eq(put(d, "abc", 3, ME), 0);
	cr_expect_eq(draft_accept(d, "x", 1, 0, ME), -ESPIPE);
	cr_expect_eq(draft_accept(d, "x", 1, 2, ME), -ESPIPE);
	cr_expect_eq(draft_write(d, "name", "x", 1, 4, ME), -ESPIPE);
	cr_expect_eq(draft_accept(d, "d", 1, 3, ME), 0, "no harm done");
	cr_expect_eq(draft_commit(d, "name", 0), 0);
	expect_object("name", "abcd", 4);
	cr_expect_eq(draft_accept(d, "e", 1, 4, ME), -EOPNOTSUPP);
	cr_expect_eq(draft_write(d, "name", "e", 1, 4, ME), -EOPNOTSUPP);
	draft_free(d);
}

Test(draft, a_second_commit_does_nothing_but_cannot_add_durability)
{
	struct draft *d = new_draft();

	cr_expect_eq(put(d, "abc", 3, ME), 0);
	cr_expect_eq(draft_commit(d, "name", OBJECT_DURABLE), 0);
	cr_expect(draft_is_committed(d));
	cr_expect_eq(draft_commit(d, "name", 0), 0);
	cr_expect_eq(draft_commit(d, "name", OBJECT_DURABLE), 0);
	draft_free(d);

	d = new_draft();
	cr_expect_eq(draft_commit(d, "name", 0), 0);
	cr_expect_eq(draft_commit(d, "name", OBJECT_DURABLE), -EOPNOTSUPP);
	draft_free(d);
}

Test(draft, the_last_name_counts)
{
	struct object_info info;
	struct draft *d = new_draft();
	char *big = calloc(2, DRAFT_PIECE);

	cr_expect_eq(draft_write(d, "first", big, 2 * DRAFT_PIECE, 0, ME), 0);
	cr_expect_eq(draft_commit(d, "last", 0), 0);
	expect_object("last", big, 2 * DRAFT_PIECE);
	cr_expect_eq(backend_stat(store, "first", &info), -ENOENT);
	draft_free(d);
	free(big);
}

/* A step: who writes ('w'), or closes and whether that commits ('C' or 'c'). */
Test(draft, the_close_that_counts_is_the_openers_when_all_others_have_closed)
{
	static const struct {
		const char *what;
		struct {
			char step;
			int64_t process;
		} steps[8];
	} cases[] = {
		{ "cp: open, write, close", { { 'w', ME }, { 'C', ME } } },
		{ "cmd > file: the shell's first close comes before any write",
		  { { 'c', ME }, { 'w', ME }, { 'C', ME } } },
		{ "(a; b) > file: the children close, then the shell",
		  { { 'c', ME },
		    { 'w', CHILD },
		    { 'c', CHILD },
		    { 'w', OTHER },
		    { 'c', OTHER },
		    { 'C', ME } } },
		{ "a child still writes when its parent closes",
		  { { 'w', CHILD },
		    { 'c', ME },
		    { 'w', CHILD },
		    { 'c', CHILD } } },
		{ "a child that never wrote closes",
		  { { 'w', ME }, { 'c', CHILD }, { 'w', ME }, { 'C', ME } } },
		{ "nothing was written", { { 'c', ME } } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct draft *d = new_draft();

		for (size_t k = 0; cases[i].steps[k].step; k++) {
			int64_t process = cases[i].steps[k].process;
			char step = cases[i].steps[k].step;

			if (step == 'w')
				cr_expect_eq(put(d, "x", 1, process), 0);
			else
				cr_expect_eq(draft_closes(d, process),
					     step == 'C', "%s, step %zu",
					     cases[i].what, k);
		}
		draft_free(d);
	}
}

Test(draft, an_error_of_the_store_stays)
{
	static const struct {
		enum fault_op op;
		int error;
	} cases[] = { { FAULT_CREATE, -EACCES },
		      { FAULT_APPEND, -ENOSPC },
		      { FAULT_COMMIT, -EIO } };
	char *big = calloc(1, DRAFT_PIECE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fault_plan plan = { 0 };
		struct backend *inner, *faulty;
		struct object_info info;
		struct draft *d;
		int rc;

		plan.rule[cases[i].op].error = cases[i].error;
		plan.rule[cases[i].op].error_limit = 1;
		cr_assert_eq(
			backend_open(&mem_ops, "mem://x", &options, &inner), 0);
		cr_assert_eq(fault_wrap(inner, &plan, &faulty), 0);
		cr_assert_eq(draft_new(faulty, buffers, ME, &d), 0);
		rc = put(d, big, DRAFT_PIECE, ME);
		cr_expect_eq(rc,
			     cases[i].op == FAULT_COMMIT ? 0 : cases[i].error);
		cr_expect_eq(draft_commit(d, "name", 0), cases[i].error);
		cr_expect_eq(draft_accept(d, "x", 1, draft_size(d), ME),
			     cases[i].error);
		cr_expect_eq(draft_commit(d, "name", 0), cases[i].error);
		cr_expect_not(draft_is_committed(d));
		draft_free(d);
		cr_expect_eq(backend_stat(faulty, "name", &info), -ENOENT);
		backend_close(faulty);
	}
	free(big);
}
