#include "backends/fault.h"
#include "backends/mem.h"
#include "base/buffers.h"
#include "fuse/branch.h"
#include "fuse/draft.h"
#include "fuse/writer.h"
#include "lib/capture.h"
#include "lib/listed.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/stat.h>

enum { ME = 100 };

static const struct backend_options options = { .mem_fd = -1,
						.mem_limit = 64 * MIB };
static struct backend *store;
static struct buffers *buffers;
static struct branch *b;

/* plan: how the store fails, or NULL. */
static void set_up_with(const struct fault_plan *plan)
{
	struct backend *inner;

	cr_assert_eq(backend_open(&mem_ops, "mem://branch", &options, &store),
		     0);
	inner = store;
	if (plan)
		cr_assert_eq(fault_wrap(inner, plan, &store), 0);
	cr_assert_eq(buffers_new(DRAFT_PIECE, 4096, 4, &buffers), 0);
	cr_assert_eq(listed_branch(store, buffers, &b), 0);
}

static void set_up(void)
{
	set_up_with(NULL);
}

static void tear_down(void)
{
	branch_free(b);
	cr_expect_eq(buffers_out(buffers), 0u, "every buffer came back");
	buffers_free(buffers);
	backend_close(store);
}

TestSuite(branch, .init = set_up, .fini = tear_down);

/* Begin again on a store that fails so. */
static void set_up_failing(enum fault_op op, struct fault_rule rule)
{
	struct fault_plan plan = { 0 };

	plan.rule[op] = rule;
	tear_down();
	set_up_with(&plan);
}

/* ---- Helpers ------------------------------------------------------------ */

static uint64_t lookup(uint64_t folder, const char *name)
{
	struct branch_attr a = { 0 };
	int rc = listed_lookup(b, folder, name, &a);

	cr_assert(rc == 0 || rc == -ENOENT);
	return a.number;
}

static uint64_t make_folder(uint64_t folder, const char *name)
{
	struct branch_attr a;

	cr_assert_eq(branch_mkdir(b, folder, name, 0755, 1, 2, &a), 0);
	return a.number;
}

static struct writer *create(uint64_t folder, const char *name,
			     uint64_t *number)
{
	struct branch_attr a;
	struct writer *w;

	cr_assert_eq(writer_create(b, folder, name, 0644, 1, 2, ME, &a, &w), 0,
		     "%s", name);
	*number = a.number;
	return w;
}

static int put(struct writer *w, const char *text, uint64_t offset)
{
	int rc = writer_accept(w, text, strlen(text), offset, ME);

	return rc == -EAGAIN ? writer_write(w, text, strlen(text), offset, ME) :
			       rc;
}

/* A whole file, closed. */
static uint64_t save(uint64_t folder, const char *name, const char *text)
{
	uint64_t number;
	struct writer *w = create(folder, name, &number);

	cr_assert_eq(put(w, text, 0), 0);
	cr_assert_eq(writer_flush(w, ME), 0);
	cr_assert_eq(writer_close(w), 0);
	return number;
}

/* What an object says, or "-". */
static const char *object_text(const char *name)
{
	static char text[64];
	struct object *o;
	ssize_t got;

	if (object_open(store, name, &o) < 0)
		return "-";
	got = object_pread(o, text, sizeof(text) - 1, 0);
	text[MAX(got, (ssize_t)0)] = '\0';
	object_close(o);
	return text;
}

static const char *node_text(uint64_t number)
{
	static char text[64];
	struct object *o;
	ssize_t got;
	uint64_t edition;
	int rc = branch_open(b, number, &o, &edition);

	if (rc < 0) {
		snprintf(text, sizeof(text), "%s", strerrorname_np(-rc));
		return text;
	}
	got = object_pread(o, text, sizeof(text) - 1, 0);
	text[MAX(got, (ssize_t)0)] = '\0';
	object_close(o);
	return text;
}

static uint64_t size_of(uint64_t number)
{
	struct branch_attr a;

	cr_assert_eq(branch_stat(b, number, &a), 0);
	return a.size;
}

/* ---- Files -------------------------------------------------------------- */

Test(branch, a_closed_file_is_an_object_and_is_read_back)
{
	uint64_t folder = make_folder(BRANCH_ROOT, "step1"), n;
	struct writer *w = create(folder, "model.pt", &n);
	struct branch_attr a;

	cr_expect_eq(put(w, "hello", 0), 0);
	cr_expect_eq(size_of(n), 5u, "stat sees it grow");
	cr_expect_str_eq(object_text("step1/model.pt"), "-");
	cr_expect_eq(writer_flush(w, ME), 0);
	cr_expect_str_eq(object_text("step1/model.pt"), "hello");
	cr_expect_str_eq(node_text(n), "hello", "before the last close too");
	cr_expect_eq(writer_close(w), 0);

	cr_expect_eq(lookup(folder, "model.pt"), n);
	cr_assert_eq(branch_stat(b, n, &a), 0);
	cr_expect_eq(a.mode, (mode_t)(S_IFREG | 0644));
	cr_expect_eq(a.uid, 1u);
	cr_expect_eq(a.gid, 2u);
}

Test(branch, a_file_that_is_never_written_is_an_empty_object)
{
	uint64_t n;
	struct writer *w = create(BRANCH_ROOT, "empty", &n);

	cr_expect_eq(writer_flush(w, ME), 0);
	cr_expect_str_eq(object_text("empty"), "-",
			 "this close decides nothing");
	cr_expect_eq(writer_close(w), 0);
	cr_expect_str_eq(object_text("empty"), "");
}

Test(branch, while_a_file_is_written_nobody_else_opens_it)
{
	uint64_t n;
	struct writer *w = create(BRANCH_ROOT, "f", &n), *other;

	cr_expect_eq(put(w, "x", 0), 0);
	cr_expect_str_eq(node_text(n), "EBUSY");
	cr_expect_eq(writer_open(b, n, true, ME, &other), -EBUSY);
	cr_expect_eq(writer_close(w), 0);
	cr_expect_str_eq(node_text(n), "x");
}

Test(branch, truncating_at_open_replaces_at_commit)
{
	uint64_t n = save(BRANCH_ROOT, "f", "old");
	struct writer *w;

	cr_assert_eq(writer_open(b, n, true, ME, &w), 0);
	cr_expect_eq(size_of(n), 0u);
	cr_expect_eq(put(w, "new!", 0), 0);
	cr_expect_str_eq(object_text("f"), "old");
	cr_expect_eq(writer_sync(w), 0);
	cr_expect_str_eq(object_text("f"), "new!");
	cr_expect_eq(writer_close(w), 0);
	cr_expect_eq(size_of(n), 4u);
}

Test(branch, an_edition_is_current_until_the_file_is_written_anew)
{
	uint64_t n = save(BRANCH_ROOT, "f", "1"), edition;
	struct writer *w;
	struct object *o;

	cr_assert_eq(branch_open(b, n, &o, &edition), 0);
	object_close(o);
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "f", BRANCH_ROOT, "g", 0), 0);
	cr_expect(branch_is_current(b, n, edition), "by another name");
	cr_assert_eq(writer_open(b, n, true, ME, &w), 0);
	cr_expect_not(branch_is_current(b, n, edition));
	cr_expect_eq(writer_close(w), 0);
	cr_expect_not(branch_is_current(b, n, edition));
	branch_forget(b, n, 1);
	cr_expect_eq(branch_unlink(b, BRANCH_ROOT, "g"), 0);
	cr_expect(branch_is_current(b, n, edition), "for ever");
}

Test(branch, an_existing_file_is_written_only_from_the_start)
{
	uint64_t n = save(BRANCH_ROOT, "f", "old");
	struct writer *w;

	cr_assert_eq(writer_open(b, n, false, ME, &w), 0);
	cr_expect_eq(put(w, "x", 0), -EOPNOTSUPP);
	cr_expect_eq(put(w, "x", 3), -EOPNOTSUPP);
	cr_expect_eq(writer_flush(w, ME), 0);
	cr_expect_eq(writer_sync(w), 0);
	cr_expect_eq(writer_close(w), 0);
	cr_expect_str_eq(object_text("f"), "old", "touch does no harm");

	cr_assert_eq(writer_open(b, n, false, ME, &w), 0);
	cr_expect_eq(writer_truncate(w, 2), -EOPNOTSUPP);
	cr_expect_eq(writer_truncate(w, 3), 0);
	cr_expect_eq(writer_truncate(w, 0), 0);
	cr_expect_eq(put(w, "new", 0), 0);
	cr_expect_eq(writer_truncate(w, 3), 0);
	cr_expect_eq(writer_truncate(w, 0), -EOPNOTSUPP);
	cr_expect_eq(writer_close(w), 0);
	cr_expect_str_eq(object_text("f"), "new");
}

Test(branch, an_empty_file_can_be_written_later)
{
	uint64_t n = save(BRANCH_ROOT, "f", "");
	struct writer *w;

	cr_assert_eq(writer_open(b, n, false, ME, &w), 0);
	cr_expect_eq(put(w, "now", 0), 0);
	cr_expect_eq(writer_close(w), 0);
	cr_expect_str_eq(object_text("f"), "now");
}

Test(branch, what_cannot_be_committed_is_what_it_was)
{
	struct branch_attr a;
	struct writer *w;
	uint64_t old, n;

	set_up_failing(FAULT_COMMIT, (struct fault_rule){ .error = -EDQUOT,
							  .error_every = 2 });

	old = save(BRANCH_ROOT, "old", "old");
	cr_assert_eq(writer_open(b, old, true, ME, &w), 0);
	cr_expect_eq(put(w, "longer", 0), 0);
	cr_expect_eq(writer_flush(w, ME), -EDQUOT, "close() says it");
	cr_expect_eq(writer_close(w), -EDQUOT);
	cr_expect_str_eq(node_text(old), "old");
	cr_expect_eq(size_of(old), 3u);

	save(BRANCH_ROOT, "third", "fine");
	w = create(BRANCH_ROOT, "new", &n);
	cr_expect_eq(put(w, "x", 0), 0);
	cr_expect_eq(writer_close(w), -EDQUOT);
	cr_expect_eq(branch_lookup(b, BRANCH_ROOT, "new", &a), -ENOENT);
}

Test(branch, what_failed_can_be_written_again_though_it_is_still_open)
{
	struct writer *failed, *again;
	struct branch_attr a;
	uint64_t n;

	set_up_failing(FAULT_COMMIT, (struct fault_rule){ .error = -EDQUOT,
							  .error_limit = 1 });

	failed = create(BRANCH_ROOT, "f", &n);
	cr_expect_eq(put(failed, "first", 0), 0);
	cr_expect_eq(writer_flush(failed, ME), -EDQUOT);
	cr_expect_eq(writer_sync(failed), -EDQUOT, "and goes on saying so");
	cr_expect_eq(branch_lookup(b, BRANCH_ROOT, "f", &a), -ENOENT);
	cr_expect_eq(writer_open(b, n, true, ME, &again), -ESTALE,
		     "not as a file that nobody will see");

	save(BRANCH_ROOT, "f", "second");
	cr_expect_eq(writer_close(failed), -EDQUOT);
	cr_expect_str_eq(object_text("f"), "second");
	cr_expect_str_eq(node_text(lookup(BRANCH_ROOT, "f")), "second");
}

Test(branch, a_file_that_a_write_failed_for_is_gone_when_close_says_so)
{
	static char bytes[DRAFT_PIECE];
	struct writer *failed;
	struct branch_attr a;
	uint64_t n;

	set_up_failing(FAULT_APPEND, (struct fault_rule){ .error = -EDQUOT });

	failed = create(BRANCH_ROOT, "f", &n);
	cr_expect_eq(put(failed, "first", 0), 0);
	cr_expect_eq(writer_write(failed, bytes, sizeof(bytes), 5, ME),
		     -EDQUOT);
	cr_expect_eq(writer_flush(failed, ME), -EDQUOT);
	cr_expect_eq(branch_lookup(b, BRANCH_ROOT, "f", &a), -ENOENT,
		     "before the last of its descriptors is gone");
	cr_expect_eq(writer_close(failed), -EDQUOT);
}

Test(branch, what_the_last_close_loses_is_said_unless_it_was_told)
{
	struct writer *lost, *told;
	struct capture capture;
	uint64_t n;

	set_up_failing(FAULT_COMMIT, (struct fault_rule){ .error = -EDQUOT });
	lost = create(make_folder(BRANCH_ROOT, "d"), "f", &n);
	told = create(BRANCH_ROOT, "told", &n);
	cr_expect_eq(put(lost, "x", 0), 0);
	cr_expect_eq(put(told, "x", 0), 0);
	cr_expect_eq(writer_flush(told, ME), -EDQUOT);
	capture_start(&capture);
	cr_expect_eq(writer_close(told), -EDQUOT);
	cr_expect_str_eq(capture_stop(&capture), "");
	capture_start(&capture);
	cr_expect_eq(writer_close(lost), -EDQUOT);
	cr_expect(strstr(capture_stop(&capture), "/d/f: "), "%s", capture.text);
}

Test(branch, abandoned_files_leave_no_trace)
{
	uint64_t n;
	struct writer *w = create(BRANCH_ROOT, "f", &n);
	struct branch_attr a;

	cr_expect_eq(put(w, "x", 0), 0);
	writer_abandon(w);
	cr_expect_eq(branch_lookup(b, BRANCH_ROOT, "f", &a), -ENOENT);
	cr_expect_str_eq(object_text("f"), "-");
}

/* ---- Names -------------------------------------------------------------- */

Test(branch, what_the_store_has_is_there)
{
	static const char *const names[] = { "a", "x/y/z", "x/w" };
	struct branch_attr a;
	struct object *o;
	uint64_t x;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		cr_assert_eq(object_create(store, names[i], &o), 0);
		cr_assert_eq(object_append(o, names[i], strlen(names[i])), 0);
		cr_assert_eq(object_commit(o, 0), 0);
		object_close(o);
	}
	branch_free(b);
	cr_assert_eq(listed_branch(store, buffers, &b), 0);

	x = lookup(BRANCH_ROOT, "x");
	cr_assert_neq(x, 0u);
	cr_expect_str_eq(node_text(lookup(lookup(x, "y"), "z")), "x/y/z");
	cr_assert_eq(branch_stat(b, lookup(x, "w"), &a), 0);
	cr_expect_eq(a.size, 3u);
	cr_expect_eq(a.uid, 7u);
	cr_assert_eq(branch_stat(b, x, &a), 0);
	cr_expect_eq(a.mode, (mode_t)(S_IFDIR | 0755));
}

Test(branch, a_rename_replaces_the_other_file)
{
	uint64_t tmp = save(BRANCH_ROOT, "tmp", "new"), final;

	final = save(BRANCH_ROOT, "final", "old");
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "tmp", BRANCH_ROOT, "final",
				 RENAME_NOREPLACE),
		     -EEXIST);
	cr_expect_eq(
		branch_move(b, BRANCH_ROOT, "tmp", BRANCH_ROOT, "final", 0), 0);
	cr_expect_eq(lookup(BRANCH_ROOT, "final"), tmp);
	cr_expect_eq(lookup(BRANCH_ROOT, "tmp"), 0u);
	cr_expect_str_eq(object_text("final"), "new");
	cr_expect_str_eq(object_text("tmp"), "-");
	cr_expect_str_eq(node_text(final), "ESTALE", "it has no name now");
	branch_forget(b, final, 1);
	cr_expect_eq(branch_stat(b, final, &(struct branch_attr){ 0 }),
		     -ESTALE);
}

Test(branch, renames_that_cannot_be_are_refused)
{
	uint64_t d = make_folder(BRANCH_ROOT, "d"), e = make_folder(d, "e");
	const struct {
		uint64_t from;
		const char *name;
		uint64_t to;
		const char *to_name;
		unsigned flags;
		int want;
	} cases[] = {
		{ BRANCH_ROOT, "none", BRANCH_ROOT, "x", 0, -ENOENT },
		{ BRANCH_ROOT, "d", e, "x", 0, -EINVAL },
		{ BRANCH_ROOT, "d", d, "x", 0, -EINVAL },
		{ BRANCH_ROOT, "f", BRANCH_ROOT, "d", 0, -EISDIR },
		{ BRANCH_ROOT, "d", BRANCH_ROOT, "f", 0, -ENOTDIR },
		{ d, "e", BRANCH_ROOT, "full", 0, -ENOTEMPTY },
		{ BRANCH_ROOT, "f", BRANCH_ROOT, "x", RENAME_EXCHANGE,
		  -EINVAL },
		{ BRANCH_ROOT, "f", BRANCH_ROOT, "f", 0, 0 },
		{ 9999, "f", BRANCH_ROOT, "f", 0, -ESTALE },
		{ d, "e", BRANCH_ROOT, "..", 0, -EINVAL },
	};

	save(BRANCH_ROOT, "f", "x");
	save(make_folder(BRANCH_ROOT, "full"), "g", "x");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(branch_move(b, cases[i].from, cases[i].name,
					 cases[i].to, cases[i].to_name,
					 cases[i].flags),
			     cases[i].want, "row %zu", i);
	cr_expect_eq(lookup(d, "e"), e);
}

Test(branch, a_folder_is_renamed_with_all_its_objects)
{
	uint64_t a = make_folder(BRANCH_ROOT, "a"), n, deep;

	deep = make_folder(a, "deep");
	save(a, "1", "one");
	n = save(deep, "2", "two");
	make_folder(BRANCH_ROOT, "z");
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "a", BRANCH_ROOT, "z", 0), 0);
	cr_expect_str_eq(object_text("z/1"), "one");
	cr_expect_str_eq(object_text("z/deep/2"), "two");
	cr_expect_str_eq(object_text("a/deep/2"), "-");
	cr_expect_str_eq(node_text(n), "two");
	cr_expect_eq(lookup(BRANCH_ROOT, "z"), a);
}

Test(branch, a_folder_rename_that_fails_is_taken_back)
{
	uint64_t a;

	set_up_failing(FAULT_RENAME, (struct fault_rule){ .error = -EACCES,
							  .error_every = 3,
							  .error_limit = 1 });

	a = make_folder(BRANCH_ROOT, "a");
	save(a, "1", "one");
	save(a, "2", "two");
	save(a, "3", "three");
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "a", BRANCH_ROOT, "z", 0),
		     -EACCES);
	cr_expect_str_eq(object_text("a/1"), "one");
	cr_expect_str_eq(object_text("a/2"), "two");
	cr_expect_str_eq(object_text("a/3"), "three");
	cr_expect_eq(lookup(BRANCH_ROOT, "a"), a);
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "a", BRANCH_ROOT, "z", 0), 0);
	cr_expect_str_eq(object_text("z/3"), "three");
}

/* What a killed caller has begun goes on, while others change names: here, on
 * the store's side of a rename. */
static uint64_t meddled_with;

static int rename_meanwhile(struct backend *s, const char *from, const char *to)
{
	struct branch_attr a;
	struct writer *w;

	cr_expect_eq(branch_rmdir(b, BRANCH_ROOT, "d"), -ENOTEMPTY);
	cr_expect_eq(branch_mkdir(b, meddled_with, "f", 0755, 1, 2, &a),
		     -EBUSY);
	cr_expect_eq(writer_create(b, meddled_with, "f", 0644, 1, 2, ME, &a,
				   &w),
		     -EBUSY);
	branch_forget(b, meddled_with, 1);
	return mem_ops.rename(s, from, to);
}

Test(branch, a_folder_stays_while_a_file_moves_there)
{
	struct backend_ops ops = mem_ops;

	ops.rename = rename_meanwhile;
	store->ops = &ops;
	save(BRANCH_ROOT, "f", "text");
	meddled_with = make_folder(BRANCH_ROOT, "d");
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "f", meddled_with, "f", 0), 0);
	cr_expect_eq(branch_rmdir(b, BRANCH_ROOT, "d"), -ENOTEMPTY);
	cr_expect_str_eq(node_text(lookup(meddled_with, "f")), "text");
	cr_expect_eq(branch_unlink(b, meddled_with, "f"), 0);
	cr_expect_eq(branch_rmdir(b, BRANCH_ROOT, "d"), 0);
	store->ops = &mem_ops;
}

Test(branch, a_file_renamed_while_it_is_written_is_committed_under_the_new_name)
{
	/* Small ones have not begun in the store, large ones have. */
	static const size_t sizes[] = { 10, 3 * DRAFT_PIECE };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *bytes = calloc(1, sizes[i]);
		struct object_info info;
		struct writer *w;
		uint64_t n;

		save(BRANCH_ROOT, "final", "old");
		w = create(BRANCH_ROOT, "tmp", &n);
		cr_expect_eq(writer_write(w, bytes, sizes[i], 0, ME), 0);
		cr_expect_eq(branch_move(b, BRANCH_ROOT, "tmp", BRANCH_ROOT,
					 "final", 0),
			     0);
		cr_expect_str_eq(object_text("final"), "old", "until commit");
		cr_expect_eq(writer_close(w), 0);
		cr_expect_eq(backend_stat(store, "final", &info), 0);
		cr_expect_eq(info.size, sizes[i]);
		cr_expect_eq(backend_stat(store, "tmp", &info), -ENOENT);
		cr_expect_eq(lookup(BRANCH_ROOT, "final"), n);
		cr_expect_eq(branch_unlink(b, BRANCH_ROOT, "final"), 0);
		free(bytes);
	}
}

Test(branch, a_file_that_was_to_replace_another_and_failed_leaves_the_other)
{
	struct writer *w;
	uint64_t n;

	save(BRANCH_ROOT, "final", "old");
	w = create(BRANCH_ROOT, "tmp", &n);
	cr_expect_eq(put(w, "newer", 0), 0);
	cr_expect_eq(
		branch_move(b, BRANCH_ROOT, "tmp", BRANCH_ROOT, "final", 0), 0);
	writer_abandon(w);
	cr_expect_eq(lookup(BRANCH_ROOT, "final"), n);
	cr_expect_eq(size_of(n), 3u);
	cr_expect_str_eq(node_text(n), "old");
}

Test(branch, the_name_of_an_object_begun_is_not_given_again_before_commit)
{
	char *bytes = calloc(2, DRAFT_PIECE);
	struct writer *first, *second;
	uint64_t n;

	first = create(BRANCH_ROOT, "tmp", &n);
	cr_expect_eq(writer_write(first, bytes, 2 * DRAFT_PIECE, 0, ME), 0);
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "tmp", BRANCH_ROOT, "1", 0),
		     0);
	second = create(BRANCH_ROOT, "tmp", &n);
	cr_expect_eq(writer_write(second, bytes, 2 * DRAFT_PIECE, 0, ME),
		     -EBUSY);
	save(BRANCH_ROOT, "stored", "x");
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "stored", BRANCH_ROOT, "tmp",
				 0),
		     -EBUSY, "it would be overwritten");
	cr_expect_eq(writer_close(first), 0);
	cr_expect_eq(writer_write(second, "x", 1, 0, ME), 0);
	cr_expect_eq(writer_close(second), 0);
	cr_expect_str_eq(object_text("tmp"), "x");
	cr_expect_eq(size_of(lookup(BRANCH_ROOT, "1")), 2 * DRAFT_PIECE);
	free(bytes);
}

Test(branch, what_is_begun_elsewhere_is_not_overwritten_by_who_takes_its_name)
{
	char *bytes = calloc(2, DRAFT_PIECE);
	struct writer *first, *second;
	uint64_t n;

	first = create(BRANCH_ROOT, "tmp", &n);
	cr_expect_eq(writer_write(first, bytes, 2 * DRAFT_PIECE, 0, ME), 0);
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "tmp", BRANCH_ROOT, "1", 0),
		     0);
	second = create(BRANCH_ROOT, "x", &n);
	cr_expect_eq(writer_write(second, bytes, DRAFT_PIECE, 0, ME), 0);
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "x", BRANCH_ROOT, "tmp", 0),
		     -EBUSY, "when the first is committed it would be lost");
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "1", BRANCH_ROOT, "tmp", 0), 0,
		     "but the first may have its name again");
	cr_expect_eq(writer_close(second), 0);
	cr_expect_eq(writer_close(first), 0);
	cr_expect_eq(backend_stat(store, "x", &(struct object_info){ 0 }), 0);
	cr_expect_eq(backend_stat(store, "tmp", &(struct object_info){ 0 }), 0);
	free(bytes);
}

Test(branch, a_file_is_not_lost_to_a_name_that_cannot_be)
{
	char name[300] = "";
	uint64_t n = save(BRANCH_ROOT, "f", "x");

	save(BRANCH_ROOT, "other", "y");
	memset(name, 'n', sizeof(name) - 1);
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "f", BRANCH_ROOT, name, 0),
		     -ENAMETOOLONG);
	cr_expect_eq(lookup(BRANCH_ROOT, "f"), n);
	cr_expect_str_eq(node_text(n), "x");
}

Test(branch, files_without_names_are_written_beside_others)
{
	char *bytes = calloc(2, DRAFT_PIECE);
	struct writer *w[2];
	uint64_t n;

	for (size_t i = 0; i < ARRAY_SIZE(w); i++) {
		size_t before = i * DRAFT_PIECE; /* the second has begun */

		w[i] = create(BRANCH_ROOT, "tmp", &n);
		if (before)
			cr_expect_eq(writer_write(w[i], bytes, before, 0, ME),
				     0);
		cr_expect_eq(branch_unlink(b, BRANCH_ROOT, "tmp"), 0);
		cr_expect_eq(writer_write(w[i], bytes, 2 * DRAFT_PIECE, before,
					  ME),
			     0);
	}
	save(BRANCH_ROOT, "tmp", "x");
	for (size_t i = 0; i < ARRAY_SIZE(w); i++)
		cr_expect_eq(writer_close(w[i]), 0);
	cr_expect_str_eq(object_text("tmp"), "x");
	cr_expect_str_eq(object_text("unnamed"), "-");
	free(bytes);
}

Test(branch, a_folder_with_a_file_being_written_is_not_renamed)
{
	uint64_t a = make_folder(BRANCH_ROOT, "a"), n;
	struct writer *w = create(a, "f", &n);

	cr_expect_eq(branch_move(b, BRANCH_ROOT, "a", BRANCH_ROOT, "z", 0),
		     -EBUSY);
	cr_expect_eq(writer_close(w), 0);
	cr_expect_eq(branch_move(b, BRANCH_ROOT, "a", BRANCH_ROOT, "z", 0), 0);
	cr_expect_str_eq(object_text("z/f"), "");
}

Test(branch, an_unlinked_file_is_gone_even_if_it_is_being_written)
{
	uint64_t n = save(BRANCH_ROOT, "f", "x");
	struct branch_attr a;
	struct writer *w;

	cr_expect_eq(branch_unlink(b, BRANCH_ROOT, "f"), 0);
	cr_expect_str_eq(object_text("f"), "-");
	cr_expect_eq(branch_unlink(b, BRANCH_ROOT, "f"), -ENOENT);
	cr_expect_eq(branch_stat(b, n, &a), 0, "while it is held");
	branch_forget(b, n, 1);
	cr_expect_eq(branch_stat(b, n, &a), -ESTALE);

	w = create(BRANCH_ROOT, "g", &n);
	cr_expect_eq(put(w, "x", 0), 0);
	cr_expect_eq(branch_unlink(b, BRANCH_ROOT, "g"), 0);
	cr_expect_eq(put(w, "y", 1), 0);
	cr_expect_eq(writer_close(w), 0);
	cr_expect_str_eq(object_text("g"), "-");
}

Test(branch, folders_come_and_go)
{
	uint64_t d = make_folder(BRANCH_ROOT, "d");
	struct branch_attr a;
	struct writer *w;

	cr_expect_eq(branch_mkdir(b, BRANCH_ROOT, "d", 0755, 0, 0, &a),
		     -EEXIST);
	save(d, "f", "x");
	cr_expect_eq(branch_mkdir(b, lookup(d, "f"), "x", 0755, 0, 0, &a),
		     -ENOTDIR);
	cr_expect_eq(branch_rmdir(b, BRANCH_ROOT, "d"), -ENOTEMPTY);
	cr_expect_eq(branch_rmdir(b, d, "f"), -ENOTDIR);
	cr_expect_eq(branch_unlink(b, BRANCH_ROOT, "d"), -EISDIR);
	cr_expect_eq(branch_unlink(b, d, "f"), 0);
	cr_expect_eq(branch_rmdir(b, BRANCH_ROOT, "d"), 0);
	cr_expect_eq(branch_rmdir(b, BRANCH_ROOT, "d"), -ENOENT);
	cr_expect_eq(writer_create(b, BRANCH_ROOT, "..", 0644, 0, 0, ME, &a,
				   &w),
		     -EINVAL);
}

Test(branch, a_list_is_of_one_moment)
{
	struct branch_list *list;
	unsigned seen = 0;

	save(BRANCH_ROOT, "a", "x");
	make_folder(BRANCH_ROOT, "d");
	cr_assert_eq(branch_list(b, BRANCH_ROOT, &list), 0);
	save(BRANCH_ROOT, "later", "x");
	cr_expect_eq(branch_unlink(b, BRANCH_ROOT, "a"), 0);

	cr_expect_eq(list->n, 2u);
	for (size_t i = 0; i < list->n; i++) {
		bool folder = S_ISDIR(list->entry[i].mode);

		cr_expect_str_eq(list->entry[i].name, folder ? "d" : "a");
		seen |= folder ? 1 : 2;
	}
	cr_expect_eq(seen, 3u);
	free(list);
	cr_expect_eq(branch_list(b, 12345, &list), -ESTALE);
}

Test(branch, modes_owners_and_times_are_remembered_until_the_next_write)
{
	struct branch_attr a = {
		.mode = 0600, .uid = 5, .gid = 6, .atime_ns = 7, .mtime_ns = 8
	};
	uint64_t n;
	struct writer *w = create(BRANCH_ROOT, "f", &n);

	cr_expect_eq(put(w, "x", 0), 0);
	cr_expect_eq(branch_change(b, n,
				   BRANCH_MODE | BRANCH_UID | BRANCH_ATIME |
					   BRANCH_MTIME,
				   &a),
		     0);
	cr_expect_eq(writer_close(w), 0);
	cr_assert_eq(branch_stat(b, n, &a), 0);
	cr_expect_eq(a.mode, (mode_t)(S_IFREG | 0600));
	cr_expect_eq(a.uid, 5u);
	cr_expect_eq(a.gid, 2u, "was not in set");
	cr_expect_eq(a.atime_ns, 7);
	cr_expect_eq(a.mtime_ns, 8, "commit is not a write");
	cr_assert_eq(writer_open(b, n, true, ME, &w), 0);
	cr_assert_eq(branch_stat(b, n, &a), 0);
	cr_expect_gt(a.mtime_ns, 8);
	cr_expect_eq(writer_close(w), 0);
	cr_expect_eq(branch_change(b, 12345, 0, &a), -ESTALE);
}
