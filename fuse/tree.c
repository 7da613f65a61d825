#include "fuse/tree.h"

#include "fuse/names.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define NO_NODE 0u

/* What we know of a node besides its name.  While the tree is being built,
 * numbers are in order of addition; tree_seal() renumbers, so that the children
 * of a folder are neighbours. */
struct node {
	uint64_t size : 48;
	uint64_t kind : 8;
	uint64_t export : 8;
	union {
		int64_t mtime_ns; /* files */
		struct {
			uint32_t first, count;
		} children; /* folders, when sealed */
	};
};

_Static_assert(sizeof(struct node) == 16, "tree.h promises it");

struct tree {
	struct names *names;
	struct node *nodes; /* number - 1 */
	uint32_t room;

	uint32_t export_folder[TREE_EXPORTS]; /* 0: not added */
	int64_t mtime_ns;
	uint64_t hidden, files, file_bytes;
};

static struct node *node_at(const struct tree *t, uint32_t number)
{
	return &t->nodes[number - 1];
}

/* ---- Building ----------------------------------------------------------- */

static int append(struct tree *t, uint32_t parent, const char *name, size_t len,
		  enum tree_kind kind, uint32_t *out)
{
	int rc;

	if (names_count(t->names) == t->room) {
		uint64_t room = t->room + (uint64_t)t->room / 2 + 64;
		struct node *nodes = realloc(t->nodes, room * sizeof(*nodes));

		if (!nodes)
			return -ENOMEM;
		t->nodes = nodes;
		t->room = (uint32_t)MIN(room, UINT32_MAX);
	}
	rc = names_add(t->names, parent, name, len, out);
	if (rc == 0)
		*node_at(t, *out) = (struct node){ .kind = kind };
	return rc;
}

int tree_new(int64_t mtime_ns, struct tree **out)
{
	struct tree *t = calloc(1, sizeof(*t));
	uint32_t root;
	int rc;

	if (!t)
		return -ENOMEM;
	t->mtime_ns = mtime_ns;
	rc = names_new(&t->names);
	if (rc == 0)
		rc = append(t, NO_NODE, "", 0, TREE_FOLDER, &root);
	if (rc < 0)
		goto fail;
	*out = t;
	return 0;

fail:
	tree_free(t);
	return rc;
}

void tree_free(struct tree *t)
{
	if (!t)
		return;
	names_free(t->names);
	free(t->nodes);
	free(t);
}

static int check_part(const char *part, size_t len)
{
	if (len == 0 || (len == 1 && part[0] == '.') ||
	    (len == 2 && part[0] == '.' && part[1] == '.'))
		return -EINVAL;
	return len > NAME_MAX ? -ENAMETOOLONG : 0;
}

static int check_path(const char *path)
{
	size_t len;
	int rc;

	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	do {
		len = strcspn(path, "/");
		rc = check_part(path, len);
		path += len;
	} while (rc == 0 && *path++ == '/');
	return rc;
}

/* A file turns out to be a folder as well: the folder wins. */
static void hide_file(struct tree *t, uint32_t number, enum tree_kind kind)
{
	struct node *n = node_at(t, number);

	t->hidden++;
	t->files--;
	t->file_bytes -= n->size;
	*n = (struct node){ .kind = kind };
}

/* The folder of this name, which is made if need be. */
static int enter(struct tree *t, uint32_t parent, const char *name, size_t len,
		 uint32_t *out)
{
	uint32_t found = names_find(t->names, parent, name, len);

	if (found == NO_NODE)
		return append(t, parent, name, len, TREE_FOLDER, out);
	if (node_at(t, found)->kind == TREE_GRAFT)
		return -EEXIST;
	if (node_at(t, found)->kind == TREE_FILE)
		hide_file(t, found, TREE_FOLDER);
	*out = found;
	return 0;
}

/* From a folder down all but the last part of a path: *folder and *path become
 * the last folder and the part that is left. */
static int descend(struct tree *t, uint32_t *folder, const char **path)
{
	const char *slash;
	int rc = check_path(*path);

	while (rc == 0 && (slash = strchr(*path, '/'))) {
		rc = enter(t, *folder, *path, (size_t)(slash - *path), folder);
		*path = slash + 1;
	}
	return rc;
}

static int add_folder(struct tree *t, uint32_t from, const char *path,
		      uint32_t *out)
{
	int rc = descend(t, &from, &path);

	return rc < 0 ? rc : enter(t, from, path, strlen(path), out);
}

int tree_add_export(struct tree *t, unsigned export, const char *path)
{
	uint32_t folder = TREE_ROOT;
	int rc = 0;

	if (export >= TREE_EXPORTS)
		return -EINVAL;
	if (t->export_folder[export] != NO_NODE)
		return -EEXIST;
	if (*path)
		rc = add_folder(t, TREE_ROOT, path, &folder);
	if (rc == 0)
		t->export_folder[export] = folder;
	return rc;
}

static uint32_t export_folder(const struct tree *t, unsigned export)
{
	return export < TREE_EXPORTS ? t->export_folder[export] : NO_NODE;
}

int tree_add_folder(struct tree *t, unsigned export, const char *name)
{
	uint32_t from = export_folder(t, export), number;

	return from == NO_NODE ? -EINVAL : add_folder(t, from, name, &number);
}

int tree_add_file(struct tree *t, unsigned export, const char *name,
		  uint64_t size, int64_t mtime_ns)
{
	uint32_t from = export_folder(t, export), number;
	int rc;

	if (from == NO_NODE)
		return -EINVAL;
	if (size >> 48)
		return -EFBIG;
	rc = descend(t, &from, &name);
	if (rc < 0)
		return rc;

	number = names_find(t->names, from, name, strlen(name));
	if (number != NO_NODE && node_at(t, number)->kind == TREE_FILE)
		return -EEXIST;
	if (number != NO_NODE) {
		t->hidden++;
		return -EISDIR;
	}

	rc = append(t, from, name, strlen(name), TREE_FILE, &number);
	if (rc < 0)
		return rc;
	node_at(t, number)->size = size;
	node_at(t, number)->export = (uint8_t) export;
	node_at(t, number)->mtime_ns = mtime_ns ? mtime_ns : t->mtime_ns;
	t->files++;
	t->file_bytes += size;
	return 0;
}

int tree_add_graft(struct tree *t, unsigned export, const char *path)
{
	uint32_t from = TREE_ROOT, number;
	int rc = descend(t, &from, &path);

	if (rc < 0)
		return rc;
	number = names_find(t->names, from, path, strlen(path));
	if (number == NO_NODE)
		rc = append(t, from, path, strlen(path), TREE_GRAFT, &number);
	else if (node_at(t, number)->kind == TREE_FILE)
		hide_file(t, number, TREE_GRAFT);
	else
		rc = -EEXIST;
	if (rc == 0)
		node_at(t, number)->export = (uint8_t) export;
	return rc;
}

/* ---- Sealing ------------------------------------------------------------ */

/* New numbers: each folder gets a range, in the order of the folders, and each
 * child the next number of its folder's range.  The root stays the first. */
static void plan_numbers(struct tree *t, uint32_t n_nodes, uint32_t *to)
{
	uint32_t next = TREE_ROOT + 1;

	for (uint32_t i = 1; i <= n_nodes; i++)
		if (node_at(t, i)->kind != TREE_FILE)
			node_at(t, i)->children.count = 0;
	for (uint32_t i = 2; i <= n_nodes; i++)
		node_at(t, names_parent(t->names, i))->children.count++;

	for (uint32_t i = 1; i <= n_nodes; i++) {
		struct node *n = node_at(t, i);

		if (n->kind == TREE_FILE)
			continue;
		n->children.first = next;
		next += n->children.count;
		n->children.count = 0;
	}

	to[0] = TREE_ROOT;
	for (uint32_t i = 2; i <= n_nodes; i++) {
		struct node *folder = node_at(t, names_parent(t->names, i));

		to[i - 1] = folder->children.first + folder->children.count++;
	}
}

int tree_seal(struct tree *t)
{
	uint32_t n_nodes = names_count(t->names);
	AUTO_FREE uint32_t *to = malloc(n_nodes * sizeof(*to));
	AUTO_FREE struct node *nodes = malloc(n_nodes * sizeof(*nodes));
	struct node *old;
	int rc;

	if (!to || !nodes)
		return -ENOMEM;
	plan_numbers(t, n_nodes, to);
	rc = names_renumber(t->names, to);
	if (rc < 0)
		return rc;

	for (uint32_t i = 0; i < n_nodes; i++)
		nodes[to[i] - 1] = t->nodes[i];
	old = t->nodes;
	t->nodes = TAKE(nodes);
	t->room = n_nodes;
	free(old);

	for (size_t e = 0; e < TREE_EXPORTS; e++)
		if (t->export_folder[e] != NO_NODE)
			t->export_folder[e] = to[t->export_folder[e] - 1];
	return 0;
}

/* ---- Asking ------------------------------------------------------------- */

uint32_t tree_lookup(const struct tree *t, uint32_t folder, const char *name)
{
	return names_find(t->names, folder, name, strlen(name));
}

bool tree_get(const struct tree *t, uint32_t number, struct tree_node *out)
{
	const struct node *n;
	bool is_file;

	if (number == NO_NODE || number > names_count(t->names))
		return false;
	n = node_at(t, number);
	is_file = n->kind == TREE_FILE;
	*out = (struct tree_node){
		.kind = (enum tree_kind)n->kind,
		.export = n->export,
		.size = n->size,
		.mtime_ns = is_file ? n->mtime_ns : t->mtime_ns,
		.children = is_file ? 0 : n->children.count,
	};
	return true;
}

const char *tree_name(const struct tree *t, uint32_t node)
{
	return names_text(t->names, node);
}

uint32_t tree_parent(const struct tree *t, uint32_t node)
{
	return node == TREE_ROOT ? TREE_ROOT : names_parent(t->names, node);
}

uint32_t tree_child(const struct tree *t, uint32_t folder, uint32_t i)
{
	const struct node *n = node_at(t, folder);

	if (n->kind == TREE_FILE || i >= n->children.count)
		return NO_NODE;
	return n->children.first + i;
}

ssize_t tree_object_name(const struct tree *t, uint32_t node, char *out,
			 size_t size)
{
	uint32_t top = t->export_folder[node_at(t, node)->export];
	size_t total = 0, at;

	for (uint32_t n = node; n != top; n = tree_parent(t, n))
		total += strlen(tree_name(t, n)) + 1;
	if (total > size)
		return -ENAMETOOLONG;

	/* From the back to the front; what follows a part is its slash, and
	 * what follows the last is the NUL. */
	at = total;
	for (uint32_t n = node; n != top; n = tree_parent(t, n)) {
		size_t len = strlen(tree_name(t, n));

		out[--at] = n == node ? '\0' : '/';
		at -= len;
		memcpy(out + at, tree_name(t, n), len);
	}
	return (ssize_t)total - 1;
}

uint64_t tree_files(const struct tree *t)
{
	return t->files;
}

uint64_t tree_file_bytes(const struct tree *t)
{
	return t->file_bytes;
}

uint64_t tree_hidden(const struct tree *t)
{
	return t->hidden;
}

size_t tree_memory(const struct tree *t)
{
	return sizeof(*t) + t->room * sizeof(*t->nodes) + names_bytes(t->names);
}
