#include "lib/contract.h"

#include <errno.h>
#include <string.h>
#include <time.h>

static void put_all(struct backend *b, const char *const *names, size_t n)
{
	for (unsigned i = 0; i < n; i++)
		contract_put(b, names[i], i, i);
}

static const char *const some[] = {
	"README",	  "data/img_1",	 "data/img_2", "data/x/img_3",
	"data/x/y/img_4", "data2/img_5", "database",   "z/z/z/z",
};

struct list_case {
	const char *prefix;
	const char *want;
};

static void check_lists(struct backend *b, enum backend_depth depth,
			const struct list_case *cases, size_t n)
{
	put_all(b, some, ARRAY_SIZE(some));
	for (size_t i = 0; i < n; i++) {
		AUTO_FREE char *names =
			contract_names(b, cases[i].prefix, depth);

		cr_expect_str_eq(names, cases[i].want, "'%s'", cases[i].prefix);
	}
}

void contract_a_deep_list_has_every_object_below(struct backend *b)
{
	static const struct list_case cases[] = {
		{ "", "README data/img_1 data/img_2 data/x/img_3 "
		      "data/x/y/img_4 data2/img_5 database z/z/z/z" },
		{ "data", "data/img_1 data/img_2 data/x/img_3 "
			  "data/x/y/img_4 data2/img_5 database" },
		{ "data/", "data/img_1 data/img_2 data/x/img_3 "
			   "data/x/y/img_4" },
		{ "data/img", "data/img_1 data/img_2" },
		{ "data/img_1", "data/img_1" },
		{ "data/x", "data/x/img_3 data/x/y/img_4" },
		{ "README", "README" },
		{ "README/", "" },
		{ "nothing", "" },
		{ "no/such/folder/", "" },
		{ "data/img_1/below", "" },
	};

	check_lists(b, BACKEND_DEEP, cases, ARRAY_SIZE(cases));
}

void contract_a_shallow_list_stops_at_the_slash(struct backend *b)
{
	static const struct list_case cases[] = {
		{ "", "README data/ data2/ database z/" },
		{ "data", "data/ data2/ database" },
		{ "data/", "data/img_1 data/img_2 data/x/" },
		{ "data/x", "data/x/" },
		{ "data/x/", "data/x/img_3 data/x/y/" },
		{ "z/z", "z/z/" },
		{ "z/z/z/z", "z/z/z/z" },
		{ "nothing", "" },
		{ "no/such/folder/", "" },
	};

	check_lists(b, BACKEND_SHALLOW, cases, ARRAY_SIZE(cases));
}

static int mark(void *arg, const char *name, const struct object_info *info)
{
	unsigned *seen = arg, folder, i;

	cr_assert_eq(sscanf(name, "set/%u/%u", &folder, &i), 2, "%s", name);
	cr_assert_lt(i, 100);
	cr_expect_eq(folder, i % 7);
	cr_expect_eq(info->size, i * 10);
	seen[i]++;
	return 0;
}

void contract_a_hundred_objects_are_listed(struct backend *b)
{
	unsigned seen[100] = { 0 };
	char name[32];

	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "set/%u/%u", i % 7, i);
		contract_put(b, name, i, i * 10);
	}
	cr_expect_eq(backend_list(b, "set/", BACKEND_DEEP, mark, seen), 0);
	for (unsigned i = 0; i < 100; i++)
		cr_expect_eq(seen[i], 1, "%u: %u times", i, seen[i]);
}

struct ending {
	int result;
	int calls;
};

static int end_at_once(void *arg, const char *name,
		       const struct object_info *info)
{
	struct ending *e = arg;

	(void)name;
	(void)info;
	e->calls++;
	return e->result;
}

void contract_the_callback_ends_a_list(struct backend *b)
{
	static const int results[] = { 7, -EINTR, INT32_MAX };

	put_all(b, some, ARRAY_SIZE(some));
	for (size_t i = 0; i < ARRAY_SIZE(results); i++)
		for (int depth = 0; depth < 2; depth++) {
			struct ending e = { .result = results[i] };

			cr_expect_eq(backend_list(b, "",
						  depth ? BACKEND_DEEP :
							  BACKEND_SHALLOW,
						  end_at_once, &e),
				     results[i]);
			cr_expect_eq(e.calls, 1);
		}
}

static int drop(void *arg, const char *name, const struct object_info *info)
{
	(void)info;
	return backend_remove(arg, name);
}

void contract_the_callback_may_use_the_store(struct backend *b)
{
	AUTO_FREE char *names = NULL;

	put_all(b, some, ARRAY_SIZE(some));
	cr_expect_eq(backend_list(b, "data/", BACKEND_DEEP, drop, b), 0);
	names = contract_names(b, "", BACKEND_DEEP);
	cr_expect_str_eq(names, "README data2/img_5 database z/z/z/z");
}

static int compare_to_stat(void *arg, const char *name,
			   const struct object_info *info)
{
	struct object_info stat;

	cr_expect_eq(backend_stat(arg, name, &stat), 0, "%s", name);
	cr_expect_eq(stat.size, info->size, "%s", name);
	cr_expect_eq(stat.mtime_ns, info->mtime_ns, "%s", name);
	return 0;
}

void contract_stat_and_list_say_the_same(struct backend *b)
{
	const int64_t second = (int64_t)NS_PER_SEC;
	int64_t now = (int64_t)time(NULL) * second;
	struct object_info info;

	contract_put(b, "a/one", 1, 12345);
	contract_put(b, "two", 2, 0);
	cr_expect_eq(backend_list(b, "", BACKEND_DEEP, compare_to_stat, b), 0);

	cr_expect_eq(backend_stat(b, "a/one", &info), 0);
	cr_expect_eq(info.size, 12345);
	cr_expect(info.mtime_ns == 0 || (info.mtime_ns > now - 60 * second &&
					 info.mtime_ns < now + 60 * second),
		  "%ld", (long)info.mtime_ns);
}

void contract_empty_folders_do_not_linger(struct backend *b)
{
	static const char *const empty = "";
	AUTO_FREE char *removed = NULL, *moved = NULL;

	contract_put(b, "a/b/c/d", 1, 1);
	cr_expect_eq(backend_remove(b, "a/b/c/d"), 0);
	removed = contract_names(b, "", BACKEND_SHALLOW);
	cr_expect_str_eq(removed, empty);

	contract_put(b, "a/b/c/d", 1, 1);
	cr_expect_eq(backend_rename(b, "a/b/c/d", "a/e"), 0);
	moved = contract_names(b, "a/", BACKEND_SHALLOW);
	cr_expect_str_eq(moved, "a/e");
}
