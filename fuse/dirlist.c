#include "fuse/dirlist.h"

#include "fuse/branch.h"
#include "fuse/control.h"
#include "fuse/space_inner.h"

#include <errno.h>

struct dirlist {
	const struct space *sp;
	struct space_place folder;
	struct branch_list *snapshot;
};

int dirlist_open(const struct space *sp, uint64_t ino, struct dirlist **out)
{
	struct dirlist *l = calloc(1, sizeof(*l));
	int rc = 0;

	if (!l)
		return -ENOMEM;
	l->sp = sp;
	l->folder = space_place(sp, ino);
	if (l->folder.area == SPACE_BRANCH)
		rc = l->folder.branch ?
			     branch_list(l->folder.branch, l->folder.number,
					 &l->snapshot) :
			     -ESTALE;
	if (rc < 0)
		dirlist_close(l);
	else
		*out = l;
	return rc;
}

void dirlist_close(struct dirlist *l)
{
	if (!l)
		return;
	free(l->snapshot);
	free(l);
}

static const char *list_tree(const struct dirlist *l, uint64_t i,
			     struct stat *st)
{
	const struct tree *t = l->sp->tree;
	uint32_t child =
		i > UINT32_MAX ?
			0 :
			tree_child(t, (uint32_t)l->folder.number, (uint32_t)i);
	struct space_place p;
	struct tree_node n;

	if (!child || !tree_get(t, child, &n))
		return NULL;
	p = space_node_place(l->sp, child);
	st->st_ino = space_ino(&p);
	st->st_mode = n.kind == TREE_FILE ? S_IFREG : S_IFDIR;
	return tree_name(t, child);
}

static const char *list_branch(const struct dirlist *l, uint64_t i,
			       struct stat *st)
{
	struct space_place p = l->folder;

	if (i >= l->snapshot->n)
		return NULL;
	p.number = l->snapshot->entry[i].number;
	st->st_ino = space_ino(&p);
	st->st_mode = l->snapshot->entry[i].mode;
	return l->snapshot->entry[i].name;
}

static const char *list_control(const struct dirlist *l, uint64_t i,
				struct stat *st)
{
	struct space_place p = { .area = SPACE_CONTROL, .number = i + 1 };

	st->st_ino = space_ino(&p);
	st->st_mode = S_IFREG;
	return control_name(l->sp->control, i);
}

const char *dirlist_name(const struct dirlist *l, uint64_t i, struct stat *st)
{
	*st = (struct stat){ .st_ino = space_ino(&l->folder),
			     .st_mode = S_IFDIR };
	if (i < 2)
		return i == 0 ? "." : "..";
	switch (l->folder.area) {
	case SPACE_TREE:
		return list_tree(l, i - 2, st);
	case SPACE_BRANCH:
		return list_branch(l, i - 2, st);
	default:
		return list_control(l, i - 2, st);
	}
}
