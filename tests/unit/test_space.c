#include "backends/mem.h"
#include "base/buffers.h"
#include "fuse/branch.h"
#include "fuse/control.h"
#include "fuse/dirlist.h"
#include "fuse/draft.h"
#include "fuse/space.h"
#include "fuse/tree.h"
#include "lib/listed.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static const struct backend_options options = { .mem_fd = -1,
						.mem_limit = 64 * MIB };
static struct backend *data, *checkpoints;
static struct buffers *buffers;
static struct space *sp;

static void render(void *arg, FILE *out)
{
	fputs(arg, out);
}

static void add_object(struct backend *b, const char *name)
{
	struct object *o;

	cr_assert_eq(object_create(b, name, &o), 0);
	cr_assert_eq(object_append(o, name, strlen(name)), 0);
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
}

/* /train/f and /out/checkpoints/c, and a control file. */
static void set_up(void)
{
	static char text[] = "text";
	const struct mount_file control[] = { { "stats", render, text } };
	struct mount_export e[] = {
		{ .path = "" }, { .path = "out/checkpoints", .writable = true }
	};
	struct mount_options o = {
		.exports = e, .n_exports = 2, .control = control, .n_control = 1
	};

	cr_assert_eq(backend_open(&mem_ops, "mem://d", &options, &data), 0);
	cr_assert_eq(backend_open(&mem_ops, "mem://c", &options, &checkpoints),
		     0);
	add_object(data, "train/f");
	add_object(checkpoints, "c");
	e[0].store = data;
	e[1].store = checkpoints;
	cr_assert_eq(buffers_new(DRAFT_PIECE, 4096, 4, &buffers), 0);
	cr_assert_eq(space_new(&o, buffers, &sp), 0);
}

static void tear_down(void)
{
	space_free(sp);
	buffers_free(buffers);
	backend_close(data);
	backend_close(checkpoints);
}

TestSuite(space, .init = set_up, .fini = tear_down);

/* As later.c would. */
static void list(uint64_t folder)
{
	struct space_place p = space_place(sp, folder);

	if (!space_is_listed(sp, folder, NULL))
		cr_assert_eq(listed_now(p.branch, p.number), 0);
}

static uint64_t walk(const char *path)
{
	uint64_t ino = SPACE_ROOT;
	char part[256];

	while (ino && *path) {
		size_t len = strcspn(path, "/");
		struct space_entry e;

		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		list(ino);
		ino = space_lookup(sp, ino, part, &e) == 0 ? e.st.st_ino : 0;
		path += len + (path[len] == '/');
	}
	return ino;
}

Test(space, every_name_leads_to_its_area)
{
	static const struct {
		const char *path;
		enum space_area area;
		mode_t mode;
	} cases[] = {
		{ "", SPACE_TREE, S_IFDIR | 0555 },
		{ "train/f", SPACE_TREE, S_IFREG | 0444 },
		{ "out", SPACE_TREE, S_IFDIR | 0555 },
		{ "out/checkpoints", SPACE_BRANCH, S_IFDIR | 0755 },
		{ "out/checkpoints/c", SPACE_BRANCH, S_IFREG | 0644 },
		{ ".dliofs", SPACE_CONTROL, S_IFDIR | 0555 },
		{ ".dliofs/stats", SPACE_CONTROL, S_IFREG | 0444 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t ino = walk(cases[i].path);
		struct space_place p = space_place(sp, ino);
		struct space_entry e;

		cr_expect_neq(ino, 0u, "%s", cases[i].path);
		cr_expect_eq(p.area, cases[i].area, "%s", cases[i].path);
		cr_expect_eq(space_ino(&p), ino);
		cr_assert_eq(space_stat(sp, ino, &e), 0);
		cr_expect_eq(e.st.st_mode, cases[i].mode, "%s", cases[i].path);
		cr_expect_eq(e.st.st_ino, ino);
		for (size_t k = 0; k < i; k++)
			cr_expect_neq(ino, walk(cases[k].path));
	}
	cr_expect_eq(walk("train/.dliofs"), 0u, "only at the root");
	cr_expect_eq(walk("out/checkpoints/train"), 0u);
}

Test(space, what_does_not_change_may_be_believed_for_long)
{
	struct space_entry e;

	cr_expect_eq(space_lookup(sp, SPACE_ROOT, "train", &e), 0);
	cr_expect_geq(e.timeout, 3600);
	cr_expect_eq(space_lookup(sp, SPACE_ROOT, "none", &e), -ENOENT);
	cr_expect_geq(e.timeout, 3600, "nor will it come into being");
	cr_expect_eq(space_stat(sp, walk("out/checkpoints/c"), &e), 0);
	cr_expect_leq(e.timeout, 10);
	cr_expect_eq(space_stat(sp, walk(".dliofs/stats"), &e), 0);
	cr_expect_eq(e.timeout, 0);
}

Test(space, numbers_that_were_never_given_are_stale)
{
	static const uint64_t numbers[] = {
		0, 1000, ((uint64_t)1 << 63) | 1,
		((uint64_t)1 << 63) | (uint64_t)300 << 48 | 1,
		((uint64_t)1 << 63) | (uint64_t)1 << 48 | 99
	};
	struct space_entry e;
	uint64_t edition;
	struct object *o;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		cr_expect_eq(space_stat(sp, numbers[i], &e), -ESTALE, "%zu", i);
		cr_expect_eq(space_open(sp, numbers[i], &o, &edition), -ESTALE,
			     "%zu", i);
		space_forget(sp, numbers[i], 1);
	}
}

Test(space, files_open_from_their_stores)
{
	static const char *const paths[] = { "train/f", "out/checkpoints/c" };
	char text[16];
	size_t len;
	char *rendered;

	for (size_t i = 0; i < 2; i++) {
		const char *want = i ? "c" : "train/f";
		uint64_t edition;
		struct object *o;
		ssize_t got;

		cr_assert_eq(space_open(sp, walk(paths[i]), &o, &edition), 0);
		got = object_pread(o, text, sizeof(text), 0);
		cr_expect_eq(got, (ssize_t)strlen(want));
		cr_expect_eq(memcmp(text, want, strlen(want)), 0);
		object_close(o);
	}
	cr_expect(space_opens_at_once(sp, walk("train/f")));
	cr_expect_not(space_opens_at_once(sp, walk("out/checkpoints/c")));
	cr_expect_not(space_opens_at_once(sp, walk("train")));
	cr_assert_eq(space_render(sp, walk(".dliofs/stats"), &rendered, &len),
		     0);
	cr_expect_eq(len, 4u);
	free(rendered);
	cr_expect_eq(space_render(sp, walk(".dliofs"), &rendered, &len),
		     -EISDIR);
}

Test(space, paths_lead_to_objects)
{
	static const struct {
		const char *path, *object;
		int rc;
	} cases[] = {
		{ "train/f", "train/f", 0 },
		{ "./train//f", "train/f", 0 },
		{ "train/f/", "train/f", 0 },
		{ "train", NULL, -EISDIR },
		{ "", NULL, -EISDIR },
		{ "/train/f", NULL, -EINVAL },
		{ "train/../train/f", NULL, -EINVAL },
		{ "train/none", NULL, -ENOENT },
		{ ".dliofs/stats", NULL, -ESTALE },
		{ "out/checkpoints/c", NULL, -EAGAIN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct space_object o;

		cr_expect_eq(space_find(sp, cases[i].path, &o), cases[i].rc,
			     "'%s': %d", cases[i].path,
			     space_find(sp, cases[i].path, &o));
		if (cases[i].object)
			cr_expect_str_eq(o.name, cases[i].object);
	}
	cr_expect(space_takes_text(sp, 1) == false);
}

Test(space, only_branches_are_writable)
{
	struct space_place p;

	cr_expect_eq(space_writable(sp, walk("train"), &p), -EROFS);
	cr_expect_eq(space_writable(sp, walk(".dliofs"), &p), -EROFS);
	cr_expect_eq(space_writable(sp, walk("out"), &p), -EROFS);
	cr_expect_eq(space_writable(sp, walk("out/checkpoints"), &p), 0);
	cr_expect_eq(p.number, BRANCH_ROOT);
	cr_expect_neq(p.branch, NULL);
}

static void expect_list(const char *path, const char *const *want)
{
	struct dirlist *l;
	struct stat st;
	size_t i;

	list(walk(path));
	cr_assert_eq(dirlist_open(sp, walk(path), &l), 0, "%s", path);
	for (i = 0; want[i]; i++) {
		const char *name = dirlist_name(l, i, &st);

		cr_assert_neq(name, NULL, "%s ends early", path);
		cr_expect_str_eq(name, want[i]);
		if (i >= 2) {
			char full[64];

			snprintf(full, sizeof(full), "%s%s%s", path,
				 *path ? "/" : "", name);
			cr_expect_eq(st.st_ino, walk(full), "%s", full);
		}
	}
	cr_expect_eq(dirlist_name(l, i, &st), NULL, "%s has more", path);
	cr_expect_eq(dirlist_name(l, UINT64_MAX, &st), NULL);
	dirlist_close(l);
}

Test(space, folders_list_their_names)
{
	struct dirlist *l;

	expect_list("", (const char *[]){ ".", "..", "out", "train", NULL });
	expect_list("train", (const char *[]){ ".", "..", "f", NULL });
	expect_list("out", (const char *[]){ ".", "..", "checkpoints", NULL });
	expect_list("out/checkpoints",
		    (const char *[]){ ".", "..", "c", NULL });
	expect_list(".dliofs", (const char *[]){ ".", "..", "stats", NULL });
	cr_expect_eq(dirlist_open(sp, (uint64_t)1 << 63 | 7, &l), -ESTALE);
}

Test(space, a_writable_root_is_number_one)
{
	struct mount_export e = { .path = "", .writable = true };
	struct mount_options o = { .exports = &e, .n_exports = 1 };
	struct space_entry entry;
	struct space_place p;

	space_free(sp);
	e.store = checkpoints;
	cr_assert_eq(space_new(&o, buffers, &sp), 0);
	cr_assert_eq(space_stat(sp, SPACE_ROOT, &entry), 0);
	cr_expect_eq(entry.st.st_ino, SPACE_ROOT);
	cr_expect_eq(entry.st.st_mode, (mode_t)(S_IFDIR | 0755));
	cr_expect_eq(space_writable(sp, SPACE_ROOT, &p), 0);
	expect_list("", (const char *[]){ ".", "..", "c", NULL });
	cr_expect_neq(walk(".dliofs"), 0u, "hidden there too");
}

Test(space, a_lazy_root_is_number_one_and_only_to_be_read)
{
	struct mount_export e = { .path = "", .lazy = true };
	struct mount_options o = { .exports = &e, .n_exports = 1 };
	struct space_entry entry;
	struct space_place p;

	space_free(sp);
	e.store = checkpoints;
	cr_assert_eq(space_new(&o, buffers, &sp), 0);
	cr_assert_eq(space_stat(sp, SPACE_ROOT, &entry), 0);
	cr_expect_eq(entry.st.st_ino, SPACE_ROOT);
	cr_expect_eq(entry.st.st_mode, (mode_t)(S_IFDIR | 0555));
	cr_expect_eq(space_writable(sp, SPACE_ROOT, &p), -EROFS);
	cr_expect_eq(space_lookup(sp, SPACE_ROOT, "c", &entry), -EAGAIN);
	cr_expect_not(space_is_listed(sp, SPACE_ROOT, "c"));
	cr_expect(space_is_listed(sp, SPACE_ROOT, ".dliofs"));
	cr_expect_neq(walk(".dliofs"), 0u);
	expect_list("", (const char *[]){ ".", "..", "c", NULL });
	cr_assert_eq(space_lookup(sp, SPACE_ROOT, "c", &entry), 0);
	cr_expect_eq(entry.st.st_mode, (mode_t)(S_IFREG | 0444));
	cr_expect_geq(entry.timeout, 3600, "nothing changes");
	cr_expect(space_is_constant(sp, SPACE_ROOT));
}

Test(space, totals_are_of_the_immutable_files)
{
	uint64_t files, bytes;

	space_totals(sp, &files, &bytes);
	cr_expect_eq(files, 1u);
	cr_expect_eq(bytes, strlen("train/f"));
}
