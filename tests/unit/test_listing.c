#include "backends/backend.h"
#include "fuse/listing.h"
#include "fuse/tree.h"
#include "lib/capture.h"

#include <criterion/criterion.h>
#include <string.h>

/* A store that lists what no real one lets us make. */
static int list_odd(struct backend *b, const char *prefix,
		    enum backend_depth depth, backend_list_fn fn, void *arg)
{
	static const char *const names[] = {
		"a/b", "a", "c/", "d//e", "../f", "/g", "h", "h/i", "j/", "j/k",
	};
	struct object_info info = { .size = 5, .mtime_ns = 77 };

	(void)b;
	(void)prefix;
	(void)depth;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int rc = fn(arg, names[i], &info);

		if (rc)
			return rc;
	}
	return 0;
}

static const struct backend_ops odd_ops = { .scheme = "odd", .list = list_odd };

Test(listing, what_can_be_a_path_is_added_and_the_rest_is_said)
{
	char uri[] = "odd://";
	struct backend odd = { .ops = &odd_ops, .uri = uri };
	struct capture said;
	struct tree_node n;
	struct tree *t;
	uint32_t folder;

	cr_assert_eq(tree_new(0, &t), 0);
	cr_assert_eq(tree_add_export(t, 0, "data"), 0);
	capture_start(&said);
	cr_expect_eq(listing_add(t, 0, &odd, 1), 0);
	capture_stop(&said);
	cr_assert_eq(tree_seal(t), 0);

	cr_expect(strstr(said.text, "left out 3 objects"), "%s", said.text);
	cr_expect(strstr(said.text, "'d//e'"), "%s", said.text);
	cr_expect(strstr(said.text, "2 objects with the name of a folder"),
		  "%s", said.text);
	cr_expect_eq(tree_files(t), 3u, "a/b, h/i, j/k");
	folder = tree_lookup(t, TREE_ROOT, "data");
	cr_assert(tree_get(t, tree_lookup(t, folder, "c"), &n));
	cr_expect_eq(n.kind, TREE_FOLDER, "a folder that somebody wanted");
	cr_assert(tree_get(t, tree_lookup(t, folder, "h"), &n));
	cr_expect_eq(n.kind, TREE_FOLDER);
	cr_assert(tree_get(t, tree_lookup(t, tree_lookup(t, folder, "a"), "b"),
			   &n));
	cr_expect_eq(n.size, 5u);
	cr_expect_eq(n.mtime_ns, 77);
	tree_free(t);
}
