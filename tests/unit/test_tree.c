#include "base/rng.h"
#include "fuse/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define DAY (86400 * (int64_t)NS_PER_SEC)

static struct tree *new_tree(void)
{
	struct tree *t;

	cr_assert_eq(tree_new(DAY, &t), 0);
	cr_assert_eq(tree_add_export(t, 0, ""), 0);
	return t;
}

/* The node of a path, or 0. */
static uint32_t walk(const struct tree *t, const char *path)
{
	uint32_t node = TREE_ROOT;
	char part[256];

	while (node && *path) {
		size_t len = strcspn(path, "/");

		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		node = tree_lookup(t, node, part);
		path += len + (path[len] == '/');
	}
	return node;
}

Test(tree, files_have_the_size_time_and_export_they_were_added_with)
{
	struct tree *t = new_tree();
	struct tree_node n;

	cr_assert_eq(tree_add_file(t, 0, "train/img_0.npz", 147, 3 * DAY), 0);
	cr_assert_eq(tree_add_file(t, 0, "train/img_1.npz", 0, 0), 0);
	cr_assert_eq(tree_seal(t), 0);

	cr_assert(tree_get(t, walk(t, "train/img_0.npz"), &n));
	cr_expect_eq(n.kind, TREE_FILE);
	cr_expect_eq(n.size, 147u);
	cr_expect_eq(n.mtime_ns, 3 * DAY);
	cr_assert(tree_get(t, walk(t, "train/img_1.npz"), &n));
	cr_expect_eq(n.mtime_ns, DAY, "unknown: the tree's");
	cr_assert(tree_get(t, walk(t, "train"), &n));
	cr_expect_eq(n.kind, TREE_FOLDER);
	cr_expect_eq(n.children, 2u);
	cr_expect_eq(n.mtime_ns, DAY);
	cr_expect_eq(walk(t, "train/img_2.npz"), 0u);
	cr_expect_eq(walk(t, "img_0.npz"), 0u);
	cr_expect_eq(walk(t, "train/img_0.npz/x"), 0u);
	cr_expect_eq(tree_files(t), 2u);
	cr_expect_eq(tree_file_bytes(t), 147u);
	tree_free(t);
}

Test(tree, numbers_that_are_no_nodes_are_refused)
{
	struct tree *t = new_tree();
	struct tree_node n;

	cr_assert_eq(tree_seal(t), 0);
	cr_expect(tree_get(t, TREE_ROOT, &n));
	cr_expect_not(tree_get(t, 0, &n));
	cr_expect_not(tree_get(t, 2, &n));
	cr_expect_not(tree_get(t, UINT32_MAX, &n));
	cr_expect_eq(tree_child(t, TREE_ROOT, 0), 0u);
	cr_expect_eq(tree_parent(t, TREE_ROOT), TREE_ROOT);
	tree_free(t);
}

Test(tree, what_cannot_be_a_path_is_refused)
{
	static char long_part[257], long_path[4200];
	const struct {
		const char *name;
		int want;
	} cases[] = {
		{ "", -EINVAL },       { "/a", -EINVAL },
		{ "a/", -EINVAL },     { "a//b", -EINVAL },
		{ ".", -EINVAL },      { "..", -EINVAL },
		{ "a/../b", -EINVAL }, { "./a", -EINVAL },
		{ "a/..", -EINVAL },   { "...", 0 },
		{ "..a/.b", 0 },       { "a b\n\"", 0 },
		{ "\xff\xfe", 0 },     { long_part, -ENAMETOOLONG },
		{ long_part + 1, 0 },  { long_path, -ENAMETOOLONG },
		{ "..a/.b", -EEXIST },
	};
	struct tree *t = new_tree();

	memset(long_part, 'x', 256);
	for (size_t i = 0; i < 4199; i++)
		long_path[i] = i % 2 ? '/' : 'y';
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(tree_add_file(t, 0, cases[i].name, 1, 0),
			     cases[i].want, "row %zu: '%s'", i, cases[i].name);
	cr_expect_eq(tree_files(t), 5u);
	cr_expect_eq(tree_add_file(t, 0, "big", (uint64_t)1 << 48, 0), -EFBIG);
	cr_expect_eq(tree_add_file(t, 1, "a", 1, 0), -EINVAL, "no export 1");
	cr_expect_eq(tree_add_file(t, 9999, "a", 1, 0), -EINVAL);
	tree_free(t);
}

Test(tree, a_folder_hides_a_file_of_the_same_name_in_either_order)
{
	for (int order = 0; order < 2; order++) {
		struct tree *t = new_tree();
		struct tree_node n;

		if (order == 0)
			cr_expect_eq(tree_add_file(t, 0, "a", 5, 0), 0);
		cr_expect_eq(tree_add_file(t, 0, "a/b", 7, 0), 0);
		if (order == 1)
			cr_expect_eq(tree_add_file(t, 0, "a", 5, 0), -EISDIR);
		cr_assert_eq(tree_seal(t), 0);

		cr_expect_eq(tree_hidden(t), 1u, "order %d", order);
		cr_expect_eq(tree_files(t), 1u);
		cr_expect_eq(tree_file_bytes(t), 7u);
		cr_assert(tree_get(t, walk(t, "a"), &n));
		cr_expect_eq(n.kind, TREE_FOLDER);
		cr_expect_neq(walk(t, "a/b"), 0u);
		tree_free(t);
	}
}

Test(tree, objects_are_named_below_their_export)
{
	struct tree *t;
	char name[64];

	cr_assert_eq(tree_new(0, &t), 0);
	cr_assert_eq(tree_add_export(t, 0, ""), 0);
	cr_assert_eq(tree_add_export(t, 1, "more/data"), 0);
	cr_assert_eq(tree_add_export(t, 1, "again"), -EEXIST);
	cr_assert_eq(tree_add_file(t, 0, "x/y.npz", 1, 0), 0);
	cr_assert_eq(tree_add_file(t, 1, "x/y.npz", 1, 0), 0);
	cr_assert_eq(tree_add_file(t, 1, "z", 1, 0), 0);
	cr_assert_eq(tree_seal(t), 0);

	cr_expect_eq(tree_object_name(t, walk(t, "x/y.npz"), name, 64), 7);
	cr_expect_str_eq(name, "x/y.npz");
	cr_expect_eq(
		tree_object_name(t, walk(t, "more/data/x/y.npz"), name, 64), 7);
	cr_expect_str_eq(name, "x/y.npz");
	cr_expect_eq(tree_object_name(t, walk(t, "more/data/z"), name, 2), 1);
	cr_expect_str_eq(name, "z");
	cr_expect_eq(tree_object_name(t, walk(t, "x/y.npz"), name, 7),
		     -ENAMETOOLONG);
	tree_free(t);
}

Test(tree, a_graft_has_no_inside_here)
{
	struct tree *t = new_tree();
	struct tree_node n;

	cr_expect_eq(tree_add_file(t, 0, "f", 1, 0), 0);
	cr_expect_eq(tree_add_graft(t, 1, "out/checkpoints"), 0);
	cr_expect_eq(tree_add_graft(t, 2, "out/checkpoints"), -EEXIST);
	cr_expect_eq(tree_add_graft(t, 2, "out"), -EEXIST, "a folder");
	cr_expect_eq(tree_add_graft(t, 3, "f"), 0, "hides the file");
	cr_expect_eq(tree_add_file(t, 0, "out/checkpoints/a", 1, 0), -EEXIST);
	cr_expect_eq(tree_add_file(t, 0, "out/checkpoints", 1, 0), -EISDIR);
	cr_assert_eq(tree_seal(t), 0);

	cr_assert(tree_get(t, walk(t, "out/checkpoints"), &n));
	cr_expect_eq(n.kind, TREE_GRAFT);
	cr_expect_eq(n.export, 1u);
	cr_expect_eq(n.children, 0u);
	cr_assert(tree_get(t, walk(t, "f"), &n));
	cr_expect_eq(n.kind, TREE_GRAFT);
	tree_free(t);
}

Test(tree, children_come_in_the_order_they_were_added)
{
	static const char *const names[] = { "b/z", "a", "b/a", "c", "b/m" };
	static const char *const want[] = { "b", "a", "c" };
	static const char *const in_b[] = { "z", "a", "m" };
	struct tree *t = new_tree();
	uint32_t b;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		cr_assert_eq(tree_add_file(t, 0, names[i], 1, 0), 0);
	cr_assert_eq(tree_seal(t), 0);
	b = walk(t, "b");
	for (uint32_t i = 0; i < 3; i++) {
		cr_expect_str_eq(tree_name(t, tree_child(t, TREE_ROOT, i)),
				 want[i]);
		cr_expect_str_eq(tree_name(t, tree_child(t, b, i)), in_b[i]);
		cr_expect_eq(tree_parent(t, tree_child(t, b, i)), b);
	}
	cr_expect_eq(tree_child(t, TREE_ROOT, 3), 0u);
	cr_expect_eq(tree_child(t, walk(t, "a"), 0), 0u, "a file has none");
	tree_free(t);
}

/* ---- Against a model: a list of paths ----------------------------------- */

#define MODEL_MAX 4096

struct model {
	struct entry {
		char path[32];
		bool folder;
		uint64_t size;
	} entry[MODEL_MAX];
	size_t n;
	uint64_t hidden;
};

static struct entry *model_find(struct model *m, const char *path)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->entry[i].path, path) == 0)
			return &m->entry[i];
	return NULL;
}

static void model_add(struct model *m, const char *path, bool folder,
		      uint64_t size)
{
	struct entry *e = &m->entry[m->n++];

	snprintf(e->path, sizeof(e->path), "%s", path);
	e->folder = folder;
	e->size = size;
}

static int model_add_file(struct model *m, const char *path, uint64_t size)
{
	struct entry *e;

	for (const char *s = strchr(path, '/'); s; s = strchr(s + 1, '/')) {
		char folder[32];

		snprintf(folder, sizeof(folder), "%.*s", (int)(s - path), path);
		e = model_find(m, folder);
		if (!e) {
			model_add(m, folder, true, 0);
		} else if (!e->folder) {
			e->folder = true;
			m->hidden++;
		}
	}
	e = model_find(m, path);
	if (!e) {
		model_add(m, path, false, size);
		return 0;
	}
	m->hidden += e->folder;
	return e->folder ? -EISDIR : -EEXIST;
}

/* Few letters and up to five parts, so that names meet often. */
static void random_path(struct rng *g, char out[32])
{
	size_t parts = 1 + rng_u64(g) % 5, at = 0;

	for (size_t p = 0; p < parts; p++) {
		size_t len = 1 + rng_u64(g) % 2;

		for (size_t i = 0; i < len; i++)
			out[at++] = "abcd"[rng_u64(g) % 4];
		out[at++] = p + 1 < parts ? '/' : '\0';
	}
}

/* Everything below a folder is in the model; how many nodes that was. */
static size_t compare(const struct tree *t, uint32_t folder, struct model *m,
		      const char *prefix)
{
	size_t seen = 0;
	uint32_t child;

	for (uint32_t i = 0; (child = tree_child(t, folder, i)); i++) {
		struct tree_node n;
		struct entry *e;
		char path[64], object[64];

		snprintf(path, sizeof(path), "%s%s", prefix,
			 tree_name(t, child));
		e = model_find(m, path);
		cr_assert(e, "%s is not in the model", path);
		cr_assert(tree_get(t, child, &n));
		cr_assert_eq(n.kind == TREE_FOLDER, e->folder, "%s", path);
		cr_assert_eq(walk(t, path), child);
		cr_assert_gt(tree_object_name(t, child, object, 64), 0);
		cr_assert_str_eq(object, path);
		seen++;
		if (!e->folder) {
			cr_assert_eq(n.size, e->size, "%s", path);
			continue;
		}
		snprintf(path, sizeof(path), "%s/", e->path);
		seen += compare(t, child, m, path);
	}
	return seen;
}

Test(tree, agrees_with_a_list_of_paths_whatever_is_added)
{
	static struct model m;

	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct tree *t = new_tree();
		struct rng g;

		memset(&m, 0, sizeof(m));
		rng_seed(&g, seed);
		for (size_t i = 0; i < 20 * seed; i++) {
			char path[32];

			random_path(&g, path);
			cr_assert_eq(tree_add_file(t, 0, path, i, 0),
				     model_add_file(&m, path, i),
				     "seed %lu: %s", seed, path);
		}
		cr_assert_eq(tree_seal(t), 0);
		cr_assert_eq(compare(t, TREE_ROOT, &m, ""), m.n);
		cr_assert_eq(tree_hidden(t), m.hidden, "seed %lu", seed);
		tree_free(t);
	}
}

Test(tree, a_file_takes_tens_of_bytes)
{
	struct tree *t = new_tree();
	char name[64];

	for (unsigned i = 0; i < 200000; i++) {
		snprintf(name, sizeof(name), "train/img_%06u_of_200000.npz", i);
		cr_assert_eq(tree_add_file(t, 0, name, 147000, 0), 0);
	}
	cr_assert_eq(tree_seal(t), 0);
	cr_expect_lt(tree_memory(t) / 200000, 72u, "%zu a file",
		     tree_memory(t) / 200000);
	tree_free(t);
}
