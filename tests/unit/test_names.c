#include "fuse/names.h"

#include <criterion/criterion.h>
#include <string.h>

static uint32_t find(const struct names *n, uint32_t parent, const char *name)
{
	return names_find(n, parent, name, strlen(name));
}

static uint32_t add(struct names *n, uint32_t parent, const char *name)
{
	uint32_t number = 0;

	cr_assert_eq(names_add(n, parent, name, strlen(name), &number), 0);
	return number;
}

Test(names, a_name_is_found_in_its_folder_only)
{
	struct names *n;
	uint32_t root, a, b;

	cr_assert_eq(names_new(&n), 0);
	root = add(n, 0, "");
	a = add(n, root, "train");
	b = add(n, a, "train");

	cr_expect_eq(root, 1u);
	cr_expect_eq(find(n, root, "train"), a);
	cr_expect_eq(find(n, a, "train"), b);
	cr_expect_eq(find(n, b, "train"), 0u);
	cr_expect_eq(find(n, root, "trai"), 0u);
	cr_expect_eq(find(n, root, "trains"), 0u);
	cr_expect_eq(names_find(n, root, "train/more", 5), a);
	cr_expect_eq(names_parent(n, b), a);
	cr_expect_str_eq(names_text(n, b), "train");
	names_free(n);
}

Test(names, a_hundred_thousand_names_are_all_found)
{
	struct names *n;
	uint32_t root;
	char name[32];

	cr_assert_eq(names_new(&n), 0);
	root = add(n, 0, "");
	for (uint32_t i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "img_%u.npz", i);
		cr_assert_eq(add(n, root, name), i + 2);
	}
	cr_assert_eq(names_count(n), 100001u);
	for (uint32_t i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "img_%u.npz", i);
		cr_assert_eq(find(n, root, name), i + 2, "%s", name);
		cr_assert_str_eq(names_text(n, i + 2), name);
	}
	for (uint32_t i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "img_%u.np", i);
		cr_assert_eq(find(n, root, name), 0u, "%s", name);
	}
	names_free(n);
}

Test(names, renumbering_keeps_names_with_their_parents)
{
	static const uint32_t to[] = { 1, 4, 2, 3 };
	struct names *n;
	uint32_t root, a, b, c;

	cr_assert_eq(names_new(&n), 0);
	root = add(n, 0, "");
	a = add(n, root, "a");
	b = add(n, a, "b");
	c = add(n, b, "c");
	cr_assert_eq(names_renumber(n, to), 0);

	cr_expect_eq(find(n, 1, "a"), to[a - 1]);
	cr_expect_eq(find(n, to[a - 1], "b"), to[b - 1]);
	cr_expect_eq(find(n, to[b - 1], "c"), to[c - 1]);
	cr_expect_eq(names_parent(n, to[c - 1]), to[b - 1]);
	cr_expect_eq(names_count(n), 4u);
	names_free(n);
}
