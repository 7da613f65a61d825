#include "io/crawl.h"

#include "backends/fault.h"
#include "backends/mem.h"
#include "base/clock.h"
#include "lib/await.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

enum { FOLDERS = 40, FILES = 3 };

static const struct backend_options options = { .mem_fd = -1,
						.mem_limit = 64 * MIB };

static void put(struct backend *b, const char *name)
{
	struct object *o;

	cr_assert_eq(object_create(b, name, &o), 0);
	cr_assert_eq(object_append(o, name, strlen(name)), 0);
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
}

/* Files at the root, in folders, and in a folder of each; a store that is not
 * local, for opening might wait. */
static struct backend *new_store(const struct fault_plan *more)
{
	struct fault_plan plan = *more;
	struct backend *inner, *b;
	char name[64];

	cr_assert_eq(backend_open(&mem_ops, "mem://crawl", &options, &inner),
		     0);
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		put(inner, name);
		for (int k = 0; k < FOLDERS; k++) {
			snprintf(name, sizeof(name), "d%d/f%d", k, i);
			put(inner, name);
			snprintf(name, sizeof(name), "d%d/e/f%d", k, i);
			put(inner, name);
		}
	}
	plan.rule[FAULT_OPEN] =
		(struct fault_rule){ .shape = FAULT_FIXED, .a_ns = 1 };
	cr_assert_eq(fault_wrap(inner, &plan, &b), 0);
	cr_assert_not(b->local);
	return b;
}

/* fn is called by one at a time, or this would be off. */
struct sum {
	unsigned n, at_once;
	uint64_t bytes;
	int end_after;
};

static int add(void *arg, const char *name, const struct object_info *info)
{
	struct sum *s = arg;

	s->at_once++;
	cr_expect_eq(s->at_once, 1u);
	cr_expect_eq(info->size, strlen(name), "%s", name);
	s->bytes += info->size;
	s->n++;
	s->at_once--;
	return s->n == (unsigned)s->end_after ? -EINTR : 0;
}

Test(crawl, finds_every_object_once_however_many_help)
{
	struct backend *b = new_store(&(struct fault_plan){ 0 });
	static const unsigned threads[] = { 1, 2, 8, 64 };

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		struct sum all = { 0 }, one = { 0 }, none = { 0 };

		cr_expect_eq(crawl(b, "", threads[i], add, &all), 0);
		cr_expect_eq(all.n, (unsigned)(FILES + FOLDERS * FILES * 2));
		cr_expect_eq(crawl(b, "d7/", threads[i], add, &one), 0);
		cr_expect_eq(one.n, (unsigned)FILES * 2);
		cr_expect_eq(crawl(b, "none/", threads[i], add, &none), 0);
		cr_expect_eq(none.n, 0u);
	}
	backend_close(b);
}

/* Unless for want of a processor, and not every time. */
static bool asks_for_several(void)
{
	struct fault_plan plan = { 0 };
	struct sum s = { 0 };
	struct backend *b;
	uint64_t began, took;

	plan.rule[FAULT_LIST] = (struct fault_rule){ .shape = FAULT_FIXED,
						     .a_ns = NS_PER_SEC / 20 };
	b = new_store(&plan);
	began = clock_ns();
	cr_expect_eq(crawl(b, "", 16, add, &s), 0);
	took = clock_ns() - began;
	cr_expect_eq(s.n, (unsigned)(FILES + FOLDERS * FILES * 2));
	backend_close(b);
	return took < FOLDERS * NS_PER_SEC / 20;
}

Test(crawl, asks_for_several_folders_at_a_time)
{
	cr_expect(AWAIT(asks_for_several()));
}

Test(crawl, ends_with_the_first_error)
{
	struct fault_plan plan = { 0 };
	struct sum s = { 0 }, few = { .end_after = 5 };
	struct backend *b;

	plan.rule[FAULT_LIST] = (struct fault_rule){ .error = -EACCES,
						     .error_every = 7,
						     .error_limit = 1 };
	b = new_store(&plan);
	cr_expect_eq(crawl(b, "", 4, add, &s), -EACCES);
	cr_expect_eq(crawl(b, "", 4, add, &few), -EINTR);
	cr_expect_eq(few.n, 5u, "nothing is given after that");
	backend_close(b);
}

/* What a bucket can hold and no other store lets us make. */
static int list_odd(struct backend *b, const char *prefix,
		    enum backend_depth depth, backend_list_fn fn, void *arg)
{
	static const struct object_info marker = { .size = 2 };
	int rc = 0;

	(void)b;
	(void)depth;
	if (!*prefix)
		rc = fn(arg, "a/", &(struct object_info){ 0 });
	else if (!strcmp(prefix, "a/"))
		rc = fn(arg, "a/", &marker); /* and not a folder in itself */
	return rc;
}

Test(crawl, an_object_called_like_its_folder_is_no_folder_in_it)
{
	static const struct backend_ops odd_ops = { .scheme = "odd",
						    .list = list_odd };
	char uri[] = "odd://";
	struct backend odd = { .ops = &odd_ops, .uri = uri };
	struct sum s = { 0 };

	cr_expect_eq(crawl(&odd, "", 4, add, &s), 0);
	cr_expect_eq(s.n, 1u);
}
