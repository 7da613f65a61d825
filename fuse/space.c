#include "fuse/space.h"

#include "backends/backend.h"
#include "fuse/branch.h"
#include "fuse/control.h"
#include "fuse/space_inner.h"

#include <errno.h>
#include <string.h>

#define CONTROL_INO ((uint64_t)1 << 62)
#define BRANCH_INO ((uint64_t)1 << 63)
#define EXPORT_SHIFT 48
#define NUMBER_MASK (((uint64_t)1 << EXPORT_SHIFT) - 1)

void space_free(struct space *sp)
{
	if (!sp)
		return;
	for (size_t i = 0; i < TREE_EXPORTS; i++)
		branch_free(sp->branches[i]);
	control_free(sp->control);
	tree_free(sp->tree);
	free(sp);
}

/* ---- Numbers ------------------------------------------------------------ */

struct space_place space_place(const struct space *sp, uint64_t ino)
{
	struct space_place p = { .area = SPACE_TREE, .number = ino };

	if (ino == SPACE_ROOT && sp->root_export != SPACE_NO_EXPORT)
		ino = BRANCH_INO | (uint64_t)sp->root_export << EXPORT_SHIFT |
		      BRANCH_ROOT;
	if (ino & BRANCH_INO) {
		p.area = SPACE_BRANCH;
		p.export = (unsigned)((ino & ~BRANCH_INO) >> EXPORT_SHIFT);
		p.number = ino & NUMBER_MASK;
		p.branch = p.export < TREE_EXPORTS ? sp->branches[p.export] :
						     NULL;
	} else if (ino & CONTROL_INO) {
		p.area = SPACE_CONTROL;
		p.number = ino & ~CONTROL_INO;
	}
	return p;
}

uint64_t space_ino(const struct space_place *p)
{
	switch (p->area) {
	case SPACE_BRANCH:
		return BRANCH_INO | (uint64_t)p->export << EXPORT_SHIFT |
		       p->number;
	case SPACE_CONTROL:
		return CONTROL_INO | p->number;
	default:
		return p->number;
	}
}

int space_writable(const struct space *sp, uint64_t ino,
		   struct space_place *out)
{
	*out = space_place(sp, ino);
	return out->branch && sp->rules[out->export].writable ? 0 : -EROFS;
}

struct space_place space_node_place(const struct space *sp, uint32_t node)
{
	struct space_place p = { .area = SPACE_TREE, .number = node };
	struct tree_node n;

	if (tree_get(sp->tree, node, &n) && n.kind == TREE_GRAFT)
		p = (struct space_place){ .area = SPACE_BRANCH,
					  .export = n.export,
					  .branch = sp->branches[n.export],
					  .number = BRANCH_ROOT };
	return p;
}

/* ---- Attributes --------------------------------------------------------- */

static struct timespec timespec_of(int64_t ns)
{
	int64_t second = (int64_t)NS_PER_SEC;
	int64_t rest = ((ns % second) + second) % second;

	return (struct timespec){ .tv_sec = (ns - rest) / second,
				  .tv_nsec = (long)rest };
}

/* nlink 1 for a folder means that subfolders are not counted. */
static void fill_stat(const struct space *sp, struct stat *st, uint64_t ino,
		      mode_t mode, uint64_t size, int64_t mtime_ns)
{
	*st = (struct stat){
		.st_ino = ino,
		.st_mode = mode,
		.st_nlink = 1,
		.st_uid = sp->uid,
		.st_gid = sp->gid,
		.st_size = (off_t)size,
		.st_blocks = (blkcnt_t)((size + 511) / 512),
		.st_blksize = sp->blksize,
		.st_atim = timespec_of(mtime_ns),
		.st_mtim = timespec_of(mtime_ns),
		.st_ctim = timespec_of(mtime_ns),
	};
}

void space_describe(const struct space *sp, const struct space_place *p,
		    const struct branch_attr *a, struct space_entry *out)
{
	struct space_place self = *p;

	self.number = a->number;
	if (a->number == BRANCH_ROOT && p->export == sp->root_export)
		self = (struct space_place){ .number = SPACE_ROOT };
	fill_stat(sp, &out->st, space_ino(&self), a->mode, a->size,
		  a->mtime_ns);
	out->st.st_uid = a->uid;
	out->st.st_gid = a->gid;
	out->st.st_atim = timespec_of(a->atime_ns);
	out->st.st_ctim = timespec_of(a->ctime_ns);
	out->timeout = a->written ? 0 : sp->rules[p->export].timeout;
}

static int stat_tree(const struct space *sp, const struct space_place *p,
		     struct space_entry *out)
{
	struct tree_node n;

	if (!tree_get(sp->tree, (uint32_t)p->number, &n))
		return -ESTALE;
	fill_stat(sp, &out->st, p->number,
		  n.kind == TREE_FILE ? S_IFREG | 0444 : S_IFDIR | 0555, n.size,
		  n.mtime_ns);
	out->timeout = SPACE_FOR_EVER;
	return 0;
}

/* A control file is made when it is opened; until then it has no size. */
static int stat_control(const struct space *sp, const struct space_place *p,
			struct space_entry *out)
{
	mode_t mode = S_IFDIR | 0555;

	if (p->number)
		mode = S_IFREG | 0444;
	if (p->number && control_takes_text(sp->control, p->number - 1))
		mode |= 0222; /* for whoever can see the mount */
	fill_stat(sp, &out->st, space_ino(p), mode, 0, sp->mtime_ns);
	out->timeout = 0;
	return 0;
}

static int stat_place(const struct space *sp, const struct space_place *p,
		      struct space_entry *out)
{
	struct branch_attr attr;
	int rc;

	switch (p->area) {
	case SPACE_TREE:
		return stat_tree(sp, p, out);
	case SPACE_CONTROL:
		return stat_control(sp, p, out);
	default:
		if (!p->branch)
			return -ESTALE;
		rc = branch_stat(p->branch, p->number, &attr);
		if (rc == 0)
			space_describe(sp, p, &attr, out);
		return rc;
	}
}

int space_stat(const struct space *sp, uint64_t ino, struct space_entry *out)
{
	struct space_place p = space_place(sp, ino);

	return stat_place(sp, &p, out);
}

/* ---- Names -------------------------------------------------------------- */

static int lookup_tree(const struct space *sp, const struct space_place *p,
		       const char *name, struct space_entry *out)
{
	struct space_place found;
	uint32_t node = tree_lookup(sp->tree, (uint32_t)p->number, name);

	out->timeout = SPACE_FOR_EVER;
	if (!node)
		return -ENOENT;
	found = space_node_place(sp, node);
	return stat_place(sp, &found, out);
}

static int lookup_control(const struct space *sp, const char *name,
			  struct space_entry *out)
{
	struct space_place found = { .area = SPACE_CONTROL };
	int i = control_find(sp->control, name);

	out->timeout = 0;
	if (i < 0)
		return i;
	found.number = (uint64_t)i + 1;
	return stat_control(sp, &found, out);
}

static int lookup_branch(const struct space *sp, const struct space_place *p,
			 const char *name, struct space_entry *out)
{
	struct branch_attr attr;
	int rc = branch_lookup(p->branch, p->number, name, &attr);

	out->timeout = sp->rules[p->export].timeout;
	if (rc == 0)
		space_describe(sp, p, &attr, out);
	return rc;
}

bool space_is_control(uint64_t folder, const char *name)
{
	return folder == SPACE_ROOT && name && strcmp(name, CONTROL_NAME) == 0;
}

bool space_is_listed(const struct space *sp, uint64_t folder, const char *name)
{
	struct space_place p = space_place(sp, folder);

	return !p.branch || space_is_control(folder, name) ||
	       branch_is_listed(p.branch, p.number);
}

bool space_is_constant(const struct space *sp, uint64_t folder)
{
	struct space_place p = space_place(sp, folder);

	if (p.area == SPACE_BRANCH)
		return p.branch &&
		       sp->rules[p.export].timeout == SPACE_FOR_EVER;
	return p.area == SPACE_TREE;
}

int space_lookup(const struct space *sp, uint64_t folder, const char *name,
		 struct space_entry *out)
{
	struct space_place p = space_place(sp, folder);

	if (space_is_control(folder, name)) {
		p = (struct space_place){ .area = SPACE_CONTROL };
		return stat_control(sp, &p, out);
	}
	switch (p.area) {
	case SPACE_TREE:
		return lookup_tree(sp, &p, name, out);
	case SPACE_CONTROL:
		return lookup_control(sp, name, out);
	default:
		return p.branch ? lookup_branch(sp, &p, name, out) : -ESTALE;
	}
}

void space_forget(const struct space *sp, uint64_t ino, uint64_t holds)
{
	struct space_place p = space_place(sp, ino);

	if (p.branch)
		branch_forget(p.branch, p.number, holds);
}

/* ---- Files -------------------------------------------------------------- */

/* A branch that nobody writes, and that is listed once, knows what the store
 * told then. */
static int object_of_branch(const struct space *sp, const struct space_place *p,
			    struct space_object *out)
{
	if (sp->rules[p->export].timeout != SPACE_FOR_EVER)
		return -EBUSY;
	out->store = sp->stores[p->export];
	return branch_object(p->branch, p->number, out->name, &out->size);
}

int space_object(const struct space *sp, uint64_t ino, struct space_object *out)
{
	struct space_place p = space_place(sp, ino);
	struct tree_node n;
	ssize_t len;

	if (p.branch)
		return object_of_branch(sp, &p, out);
	if (p.area != SPACE_TREE || !tree_get(sp->tree, (uint32_t)p.number, &n))
		return -ESTALE;
	if (n.kind != TREE_FILE)
		return -EISDIR;
	out->store = sp->stores[n.export];
	out->size = n.size;
	len = tree_object_name(sp->tree, (uint32_t)p.number, out->name,
			       sizeof(out->name));
	return len < 0 ? (int)len : 0;
}

static int open_tree(const struct space *sp, uint64_t ino, struct object **out)
{
	struct space_object o;
	int rc = space_object(sp, ino, &o);

	if (rc < 0)
		return rc;
	rc = object_open(o.store, o.name, out);
	if (rc == 0 && (*out)->size != o.size) {
		object_close(TAKE(*out));
		return -ESTALE;
	}
	return rc;
}

bool space_opens_at_once(const struct space *sp, uint64_t ino)
{
	struct space_place p = space_place(sp, ino);
	struct tree_node n;

	return p.area == SPACE_TREE &&
	       tree_get(sp->tree, (uint32_t)p.number, &n) &&
	       n.kind == TREE_FILE && sp->stores[n.export]->local;
}

int space_open(const struct space *sp, uint64_t ino, struct object **out,
	       uint64_t *edition)
{
	struct space_place p = space_place(sp, ino);

	if (p.area == SPACE_TREE)
		return open_tree(sp, ino, out);
	return p.branch ? branch_open(p.branch, p.number, out, edition) :
			  -ESTALE;
}

bool space_takes_text(const struct space *sp, uint64_t ino)
{
	struct space_place p = space_place(sp, ino);

	return p.area == SPACE_CONTROL && p.number > 0 &&
	       control_takes_text(sp->control, p.number - 1);
}

int space_render(const struct space *sp, uint64_t ino, char **text, size_t *len)
{
	struct space_place p = space_place(sp, ino);

	if (p.area != SPACE_CONTROL || p.number == 0)
		return -EISDIR;
	return control_render(sp->control, p.number - 1, text, len);
}

void space_totals(const struct space *sp, uint64_t *files, uint64_t *bytes)
{
	*files = tree_files(sp->tree);
	*bytes = tree_file_bytes(sp->tree);
}
