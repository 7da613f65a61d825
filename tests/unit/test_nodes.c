#include "fuse/nodes.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static struct nodes *new_nodes(void)
{
	struct nodes *ns;

	cr_assert_eq(nodes_new(0755, 7, 8, &ns), 0);
	return ns;
}

/* With the folders above it, if they are missing. */
static struct node *add(struct nodes *ns, const char *path, mode_t mode)
{
	struct node *folder = nodes_get(ns, NODES_ROOT), *n = NULL;
	const char *slash;

	for (; (slash = strchr(path, '/')); path = slash + 1) {
		char part[64];

		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		n = nodes_find(ns, folder, part);
		if (!n)
			cr_assert_eq(nodes_add(ns, folder, part, S_IFDIR | 0755,
					       &n),
				     0);
		folder = n;
	}
	cr_assert_eq(nodes_add(ns, folder, path, mode, &n), 0);
	return n;
}

Test(nodes, what_was_added_is_found_and_knows_its_path)
{
	struct nodes *ns = new_nodes();
	struct node *n = add(ns, "a/b/c", S_IFREG | 0644);
	struct node *root = nodes_get(ns, NODES_ROOT), *a;
	char name[64];

	a = nodes_find(ns, root, "a");
	cr_assert_neq(a, NULL);
	cr_expect(S_ISDIR(a->mode));
	cr_expect_eq(a->uid, 7u);
	cr_expect_eq(nodes_find(ns, nodes_find(ns, a, "b"), "c"), n);
	cr_expect_eq(nodes_get(ns, n->number), n);
	cr_expect_eq(nodes_name(n, name, sizeof(name)), 0);
	cr_expect_str_eq(name, "a/b/c");
	cr_expect_eq(nodes_name(n, name, 5), -ENAMETOOLONG);
	cr_expect_eq(nodes_name(root, name, sizeof(name)), -ENOENT);
	cr_expect(nodes_is_below(n, a));
	cr_expect_not(nodes_is_below(a, n));
	nodes_free(ns);
}

Test(nodes, bad_names_are_refused)
{
	static char long_name[257];
	const struct {
		const char *name;
		int want;
	} cases[] = {
		{ "", -EINVAL },
		{ ".", -EINVAL },
		{ "..", -EINVAL },
		{ "a/b", -EINVAL },
		{ long_name, -ENAMETOOLONG },
		{ long_name + 1, 0 },
	};
	struct nodes *ns = new_nodes();
	struct node *n;

	memset(long_name, 'x', 256);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(nodes_add(ns, nodes_get(ns, NODES_ROOT),
				       cases[i].name, S_IFREG, &n),
			     cases[i].want, "row %zu", i);
	add(ns, "file", S_IFREG);
	nodes_free(ns);
}

Test(nodes, a_node_lives_while_it_has_a_name_or_is_held)
{
	struct nodes *ns = new_nodes();
	struct node *n = add(ns, "a", S_IFREG);
	uint64_t number = n->number;
	char name[8];

	nodes_hold(n);
	nodes_hold(n);
	nodes_unlink(ns, n);
	cr_expect_eq(nodes_get(ns, number), n);
	cr_expect_eq(nodes_name(n, name, 8), -ENOENT);
	cr_expect_eq(nodes_find(ns, nodes_get(ns, NODES_ROOT), "a"), NULL);
	nodes_release(ns, n, 1);
	cr_expect_eq(nodes_get(ns, number), n);
	nodes_release(ns, n, 1);
	cr_expect_eq(nodes_get(ns, number), NULL);

	cr_expect_neq(add(ns, "a", S_IFREG)->number, number,
		      "numbers are not given twice");
	nodes_free(ns);
}

static char *name_of(const char *text)
{
	char *name = NULL;

	cr_assert_eq(nodes_make_name(text, &name), 0);
	return name;
}

Test(nodes, moving_changes_the_name_and_keeps_the_number)
{
	struct nodes *ns = new_nodes();
	struct node *n = add(ns, "a/x", S_IFREG), *b = add(ns, "b", S_IFDIR);
	struct node *a = n->parent;
	char name[16];

	nodes_move(ns, n, b, name_of("y"));
	cr_expect_eq(nodes_name(n, name, sizeof(name)), 0);
	cr_expect_str_eq(name, "b/y");
	cr_expect_eq(a->n_children, 0u);
	cr_expect_eq(b->n_children, 1u);
	cr_expect_eq(nodes_find(ns, a, "x"), NULL);
	cr_expect_eq(nodes_find(ns, b, "y"), n);

	nodes_move(ns, b, a, name_of("b"));
	cr_expect_eq(nodes_name(n, name, sizeof(name)), 0);
	cr_expect_str_eq(name, "a/b/y", "children move along");
	nodes_free(ns);
}

static int count(void *arg, struct node *n)
{
	(void)n;
	return ++*(int *)arg == 3 ? -EINTR : 0;
}

Test(nodes, every_node_below_a_folder_is_visited_until_one_says_stop)
{
	static const char *const paths[] = { "d/1", "d/e/2", "d/e/f/3", "x" };
	struct nodes *ns = new_nodes();
	struct node *d = NULL;
	int n = 0;

	for (size_t i = 0; i < 4; i++)
		add(ns, paths[i], S_IFREG);
	add(ns, "d/empty", S_IFDIR);
	d = nodes_find(ns, nodes_get(ns, NODES_ROOT), "d");
	cr_expect_eq(nodes_each(d, count, &n), -EINTR);
	n = -10;
	cr_expect_eq(nodes_each(d, count, &n), 0);
	cr_expect_eq(n, -4, "three files and three folders");
	n = 0;
	cr_expect_eq(nodes_each(nodes_find(ns, d, "empty"), count, &n), 0);
	cr_expect_eq(n, 0);
	nodes_free(ns);
}

Test(nodes, many_names_come_and_go)
{
	struct nodes *ns = new_nodes();
	struct node *root = nodes_get(ns, NODES_ROOT);
	unsigned listed = 0;
	char name[16];

	for (unsigned i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		add(ns, name, S_IFREG);
	}
	for (unsigned i = 0; i < 5000; i += 2) {
		snprintf(name, sizeof(name), "f%u", i);
		nodes_unlink(ns, nodes_find(ns, root, name));
	}
	cr_expect_eq(root->n_children, 2500u);
	for (struct node *n = nodes_first(root); n; n = nodes_next(n))
		listed++;
	cr_expect_eq(listed, 2500u);
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		cr_expect_eq(nodes_find(ns, root, name) != NULL, i % 2 == 1);
	}
	nodes_free(ns);
}
