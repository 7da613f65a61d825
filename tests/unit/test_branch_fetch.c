/* Branches over stores that hold what the mount did not make. */
#include "backends/fault.h"
#include "backends/mem.h"
#include "backends/record.h"
#include "base/buffers.h"
#include "base/clock.h"
#include "base/recorder.h"
#include "fuse/draft.h"
#include "lib/capture.h"
#include "lib/listed.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const struct backend_options mem_options = { .mem_fd = -1,
						    .mem_limit = 64 * MIB };
static struct recorder *recorder;
static struct backend *bare, *store; /* store counts its calls */
static struct buffers *buffers;
static struct branch *b;

static void put(const char *name, const char *text)
{
	struct object *o;

	cr_assert_eq(object_create(bare, name, &o), 0);
	cr_assert_eq(object_append(o, text, strlen(text)), 0);
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
}

static void make_branch(const struct branch_options *options)
{
	branch_free(b);
	cr_assert_eq(branch_new(store, buffers, options, &b), 0);
}

static void make_store(const struct fault_plan *plan)
{
	struct backend *failing;

	backend_close(store);
	cr_assert_eq(backend_open(&mem_ops, "mem://fetch", &mem_options, &bare),
		     0);
	cr_assert_eq(fault_wrap(bare, plan, &failing), 0);
	cr_assert_eq(record_wrap(failing, recorder, &store), 0);
}

static void set_up(void)
{
	cr_assert_eq(recorder_new(-1, &recorder), 0);
	make_store(&(struct fault_plan){ 0 });
	cr_assert_eq(buffers_new(DRAFT_PIECE, 4096, 4, &buffers), 0);
	make_branch(&(struct branch_options){ 0 });
}

static void tear_down(void)
{
	branch_free(b);
	buffers_free(buffers);
	backend_close(store);
	recorder_free(recorder);
}

TestSuite(branch_fetch, .init = set_up, .fini = tear_down);

static uint64_t listings(void)
{
	static struct rec_figures f;

	recorder_get(recorder, REC_STORE, REC_LIST, &f);
	return f.count;
}

static uint64_t lookup(uint64_t folder, const char *name)
{
	struct branch_attr a = { 0 };
	int rc = listed_lookup(b, folder, name, &a);

	cr_assert(rc == 0 || rc == -ENOENT, "%s: %s", name, strerror(-rc));
	return a.number;
}

/* Names in a folder, sorted. */
static const char *names_in(uint64_t folder)
{
	static char text[256];
	const char *names[16];
	struct branch_list *list;
	size_t at = 0;

	cr_assert_eq(listed_now(b, folder), 0);
	cr_assert_eq(branch_list(b, folder, &list), 0);
	for (size_t i = 0; i < list->n; i++) {
		size_t k = i;

		for (; k > 0 && strcmp(names[k - 1], list->entry[i].name) > 0;
		     k--)
			names[k] = names[k - 1];
		names[k] = list->entry[i].name;
	}
	text[0] = '\0';
	for (size_t i = 0; i < list->n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
				       i ? " " : "", names[i]);
	free(list);
	return text;
}

/* ---- Once, and only what is looked into --------------------------------- */

Test(branch_fetch, nothing_is_listed_before_it_is_looked_into)
{
	struct branch_list *list;
	struct branch_attr a;
	uint64_t x;

	put("x/y/z", "zz");
	put("w", "w");
	cr_expect_eq(listings(), 0u);
	cr_expect_not(branch_is_listed(b, BRANCH_ROOT));
	cr_expect_eq(branch_lookup(b, BRANCH_ROOT, "x", &a), -EAGAIN);
	cr_expect_eq(branch_list(b, BRANCH_ROOT, &list), -EAGAIN);
	cr_expect_eq(branch_mkdir(b, BRANCH_ROOT, "n", 0755, 1, 1, &a),
		     -EAGAIN);

	cr_expect_str_eq(names_in(BRANCH_ROOT), "w x");
	cr_expect_eq(listings(), 1u);
	x = lookup(BRANCH_ROOT, "x");
	cr_expect(branch_is_listed(b, BRANCH_ROOT));
	cr_expect_not(branch_is_listed(b, x));
	cr_expect_eq(listings(), 1u);
	cr_expect_eq(lookup(lookup(x, "y"), "none"), 0u);
	cr_expect_neq(lookup(lookup(x, "y"), "z"), 0u);
	cr_expect_eq(listings(), 3u, "each folder once");
	cr_expect(branch_is_listed(b, 12345), "others will say");
}

struct waiter {
	struct branch_wait wait;
	int rc, calls;
};

static void note(struct branch_wait *w, int rc)
{
	struct waiter *me = CONTAINER_OF(w, struct waiter, wait);

	me->rc = rc;
	me->calls++;
}

Test(branch_fetch, whoever_waits_for_a_folder_is_told_once)
{
	struct waiter w[4];

	put("f", "f");
	for (size_t i = 0; i < 4; i++) {
		w[i] = (struct waiter){ .wait.ready = note, .rc = 1 };
		cr_expect_eq(branch_fetch_join(b, BRANCH_ROOT, &w[i].wait),
			     i ? BRANCH_BEING_LISTED : BRANCH_UNLISTED);
	}
	branch_fetch(b, BRANCH_ROOT);
	for (size_t i = 0; i < 4; i++) {
		cr_expect_eq(w[i].calls, 1);
		cr_expect_eq(w[i].rc, 0);
	}
	cr_expect_eq(listings(), 1u);
	cr_expect_eq(branch_fetch_join(b, BRANCH_ROOT, &w[0].wait),
		     BRANCH_LISTED);
	cr_expect_eq(w[0].calls, 1);
}

/* Who is to fetch may wait for the very thread that wants to know. */
Test(branch_fetch, nobody_waits_for_a_fetch_that_has_not_begun, .timeout = 60)
{
	struct waiter w = { .wait.ready = note, .rc = 1 };
	uint64_t d;

	put("d/f", "f");
	d = lookup(BRANCH_ROOT, "d");
	cr_expect_eq(branch_fetch_join(b, d, &w.wait), BRANCH_UNLISTED);
	cr_expect_eq(branch_rmdir(b, BRANCH_ROOT, "d"), -ENOTEMPTY);
	cr_expect_eq(w.calls, 1);
	cr_expect_eq(w.rc, 0);
	cr_expect_eq(listings(), 2u);
	branch_fetch(b, d);
	cr_expect_eq(w.calls, 1);
	cr_expect_eq(listings(), 2u);
}

Test(branch_fetch, what_fails_is_said_and_tried_again_by_the_next)
{
	struct fault_plan plan = { 0 };

	plan.rule[FAULT_LIST] =
		(struct fault_rule){ .error = -EACCES, .error_limit = 1 };
	make_store(&plan);
	put("f", "f");
	make_branch(&(struct branch_options){ 0 });
	cr_expect_eq(listed_now(b, BRANCH_ROOT), -EACCES);
	cr_expect_not(branch_is_listed(b, BRANCH_ROOT));
	cr_expect_eq(listed_now(b, BRANCH_ROOT), 0);
	cr_expect_neq(lookup(BRANCH_ROOT, "f"), 0u);
}

/* ---- Names that a file system cannot have ------------------------------- */

static int list_odd(struct backend *odd, const char *prefix,
		    enum backend_depth depth, backend_list_fn fn, void *arg)
{
	static const char *const root[] = { "a",  "a/", "..", "../", ".",
					    "./", "/",	"b/", "c",   "a/../x" };
	struct object_info info = { .size = 5 };

	(void)odd;
	cr_expect_eq(depth, BACKEND_SHALLOW);
	for (size_t i = 0; !*prefix && i < ARRAY_SIZE(root); i++)
		cr_assert_eq(fn(arg, root[i], &info), 0);
	if (!strcmp(prefix, "b/")) {
		cr_assert_eq(fn(arg, "b/", &info), 0); /* a folder's marker */
		cr_assert_eq(fn(arg, "b//", &info), 0);
		cr_assert_eq(fn(arg, "b/d", &info), 0);
	}
	return 0;
}

Test(branch_fetch, what_cannot_be_a_path_is_left_out_and_said)
{
	static const struct backend_ops odd_ops = { .scheme = "odd",
						    .list = list_odd };
	char uri[] = "odd://bucket";
	struct backend odd = { .ops = &odd_ops, .uri = uri };
	struct branch_attr a;
	struct capture said;
	const char *root;

	branch_free(b);
	cr_assert_eq(branch_new(&odd, buffers,
				&(struct branch_options){ .read_only = true,
							  .refresh_ns = 1 },
				&b),
		     0);
	capture_start(&said);
	cr_expect_str_eq(names_in(BRANCH_ROOT), "a b c");
	cr_expect_str_eq(names_in(BRANCH_ROOT), "a b c");
	cr_expect_str_eq(names_in(lookup(BRANCH_ROOT, "b")), "d");
	capture_stop(&said);
	root = strstr(said.text, "odd://bucket/: left out 7 names");
	cr_assert(root, "%s", said.text);
	cr_expect_null(strstr(root + 1, "odd://bucket/: left out"), "again: %s",
		       said.text);
	cr_expect(strstr(said.text, "odd://bucket/b/: left out 1 name that"),
		  "%s", said.text);
	cr_expect_eq(branch_lookup(b, BRANCH_ROOT, "..", &a), -ENOENT);
	cr_assert_eq(branch_lookup(b, BRANCH_ROOT, "a", &a), 0);
	cr_expect(S_ISDIR(a.mode), "the folder wins");
}

/* ---- Changes to what nobody has looked into ----------------------------- */

Test(branch_fetch, a_folder_with_objects_is_not_empty_though_not_looked_into)
{
	put("d/f", "f");
	lookup(BRANCH_ROOT, "d");
	cr_expect_eq(branch_rmdir(b, BRANCH_ROOT, "d"), -ENOTEMPTY);
	cr_expect_neq(lookup(BRANCH_ROOT, "d"), 0u);
	cr_assert_eq(backend_remove(bare, "d/f"), 0);
	put("e/f", "f");
	make_branch(&(struct branch_options){ 0 });
	cr_expect_eq(lookup(BRANCH_ROOT, "d"), 0u);
}

Test(branch_fetch, a_rename_moves_what_nobody_has_looked_into)
{
	struct object_info info;

	put("a/1", "1");
	put("a/b/2", "2");
	put("a/b/c/3", "3");
	lookup(BRANCH_ROOT, "a");
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "a", BRANCH_ROOT, "z", 0), 0);
	cr_expect_eq(backend_stat(bare, "z/1", &info), 0);
	cr_expect_eq(backend_stat(bare, "z/b/2", &info), 0);
	cr_expect_eq(backend_stat(bare, "z/b/c/3", &info), 0);
	cr_expect_eq(backend_stat(bare, "a/b/c/3", &info), -ENOENT);
	cr_expect_neq(lookup(lookup(lookup(BRANCH_ROOT, "z"), "b"), "2"), 0u);
}

Test(branch_fetch, a_rename_does_not_replace_a_folder_with_objects)
{
	struct branch_attr a;

	put("full/f", "f");
	lookup(BRANCH_ROOT, "full");
	cr_assert_eq(branch_mkdir(b, BRANCH_ROOT, "new", 0755, 1, 1, &a), 0);
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "new", BRANCH_ROOT, "full", 0),
		     -ENOTEMPTY);
}

Test(branch_fetch, a_rename_that_cannot_list_does_nothing)
{
	struct fault_plan plan = { 0 };
	struct object_info info;

	plan.rule[FAULT_LIST] =
		(struct fault_rule){ .error = -EACCES, .error_every = 2 };
	make_store(&plan);
	put("a/1", "1");
	make_branch(&(struct branch_options){ 0 });
	lookup(BRANCH_ROOT, "a");
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "a", BRANCH_ROOT, "z", 0),
		     -EACCES);
	cr_expect_eq(backend_stat(bare, "a/1", &info), 0);
}

/* The caller was killed, and then others came and went; see watch.h. */
static uint64_t target;

static int list_meanwhile(struct backend *s, const char *prefix,
			  enum backend_depth depth, backend_list_fn fn,
			  void *arg)
{
	if (strcmp(prefix, "a/") == 0 && target) {
		cr_expect_eq(branch_rmdir(b, BRANCH_ROOT, "d"), 0);
		branch_forget(b, target, 1);
	}
	return mem_ops.list(s, prefix, depth, fn, arg);
}

Test(branch_fetch, a_rename_into_a_folder_that_goes_meanwhile_does_nothing)
{
	struct backend_ops ops = mem_ops;
	struct object_info info;
	struct branch_attr a;

	ops.list = list_meanwhile;
	bare->ops = &ops;
	put("a/1", "1");
	lookup(BRANCH_ROOT, "a");
	cr_assert_eq(branch_mkdir(b, BRANCH_ROOT, "d", 0755, 1, 1, &a), 0);
	target = a.number;
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "a", target, "z", 0), -ENOENT);
	cr_expect_eq(backend_stat(bare, "a/1", &info), 0);
	bare->ops = &mem_ops;
}

/* ---- Only to be read, and listed again ---------------------------------- */

Test(branch_fetch, a_branch_to_be_read_has_modes_that_say_so)
{
	struct branch_attr a;

	put("d/f", "f");
	make_branch(&(struct branch_options){ .read_only = true });
	cr_assert_eq(branch_stat(b, BRANCH_ROOT, &a), 0);
	cr_expect_eq(a.mode, (mode_t)(S_IFDIR | 0555));
	cr_assert_eq(branch_stat(b, lookup(BRANCH_ROOT, "d"), &a), 0);
	cr_expect_eq(a.mode, (mode_t)(S_IFDIR | 0555));
	cr_assert_eq(branch_stat(b, lookup(lookup(BRANCH_ROOT, "d"), "f"), &a),
		     0);
	cr_expect_eq(a.mode, (mode_t)(S_IFREG | 0444));
}

Test(branch_fetch, an_old_listing_is_replaced_by_a_new_one)
{
	struct branch_attr a;
	uint64_t same, gone, kind;

	put("same", "1");
	put("gone/f", "1");
	put("kind", "1");
	make_branch(
		&(struct branch_options){ .read_only = true, .refresh_ns = 1 });
	cr_expect_str_eq(names_in(BRANCH_ROOT), "gone kind same");
	same = lookup(BRANCH_ROOT, "same");
	kind = lookup(BRANCH_ROOT, "kind");
	gone = lookup(lookup(BRANCH_ROOT, "gone"), "f");
	cr_expect_neq(gone, 0u);

	put("same", "longer");
	put("new", "1");
	cr_assert_eq(backend_remove(bare, "gone/f"), 0);
	cr_assert_eq(backend_remove(bare, "kind"), 0);
	put("kind/f", "1");
	cr_expect_str_eq(names_in(BRANCH_ROOT), "kind new same");
	cr_expect_eq(lookup(BRANCH_ROOT, "same"), same, "the same file");
	cr_assert_eq(branch_stat(b, same, &a), 0);
	cr_expect_eq(a.size, 6u, "of its new size");
	cr_expect_neq(lookup(BRANCH_ROOT, "kind"), kind);
	cr_expect_eq(lookup(BRANCH_ROOT, "gone"), 0u);
	cr_expect_eq(branch_stat(b, gone, &a), 0, "whoever holds it, has it");
}

/* Another listing finds that a folder is gone while it is listed. */
static int list_while_it_goes(struct backend *s, const char *prefix,
			      enum backend_depth depth, backend_list_fn fn,
			      void *arg)
{
	if (strcmp(prefix, "d/") == 0 && target) {
		target = 0;
		cr_expect_eq(mem_ops.remove(s, "d/f"), 0);
		cr_expect_str_eq(names_in(BRANCH_ROOT), "same");
		put("d/f", "1");
	}
	return mem_ops.list(s, prefix, depth, fn, arg);
}

Test(branch_fetch, a_folder_that_goes_while_it_is_listed_has_nothing_in_it)
{
	struct backend_ops ops = mem_ops;
	struct branch_list *list;
	uint64_t d;

	ops.list = list_while_it_goes;
	put("d/f", "1");
	put("same", "1");
	make_branch(
		&(struct branch_options){ .read_only = true, .refresh_ns = 1 });
	target = d = lookup(BRANCH_ROOT, "d");
	bare->ops = &ops;
	cr_expect_eq(listed_now(b, d), -ENOENT);
	cr_expect_lt(branch_list(b, d, &list), 0);
	bare->ops = &mem_ops;
}

Test(branch_fetch, a_listing_is_not_old_before_its_time)
{
	put("f", "1");
	make_branch(&(struct branch_options){ .read_only = true,
					      .refresh_ns = NS_PER_SEC * 600 });
	names_in(BRANCH_ROOT);
	put("new", "1");
	cr_expect_str_eq(names_in(BRANCH_ROOT), "f");
}

Test(branch_fetch, an_old_listing_serves_while_no_new_one_can_be_had)
{
	struct fault_plan plan = { 0 };

	plan.rule[FAULT_LIST] =
		(struct fault_rule){ .error = -EACCES, .error_every = 2 };
	make_store(&plan);
	put("f", "1");
	make_branch(
		&(struct branch_options){ .read_only = true, .refresh_ns = 1 });
	cr_expect_str_eq(names_in(BRANCH_ROOT), "f");
	cr_expect_str_eq(names_in(BRANCH_ROOT), "f");
	cr_expect_eq(listings(), 2u);
}
