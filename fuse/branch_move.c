#include "fuse/branch.h"

#include "backends/backend.h"
#include "fuse/branch_inner.h"

#include <errno.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/stat.h>

/* One rename, on its way. */
struct move {
	struct branch *b;
	struct node *folder, *to_folder;
	const char *name, *to_name;
	struct node *from, *to; /* to: what is replaced, or NULL */
};

/* The objects that move, as they are called now, in one block. */
struct objects {
	char *names; /* each ends with a NUL */
	size_t size, n;
};

/* ---- Whether it may be -------------------------------------------------- */

static void find_both(struct move *m)
{
	m->from = nodes_find(m->b->nodes, m->folder, m->name);
	m->to = nodes_find(m->b->nodes, m->to_folder, m->to_name);
}

/* Folders are known when they are moved or replaced.  1: the lock was let go,
 * so look again. */
static int fetch_folder(struct branch *b, struct node *n, bool below)
{
	int rc;

	if (!n || !S_ISDIR(n->mode) || (!below && n->listed))
		return 0;
	nodes_hold(n);
	rc = below ? branch_fetch_below(b, n) : branch_fetch_now(b, n);
	nodes_release(b->nodes, n, 1);
	return rc == 0 && !below ? 1 : rc;
}

static int find_and_fetch(struct move *m)
{
	int rc;

	do {
		find_both(m);
		rc = fetch_folder(m->b, m->from, true);
		if (rc == 0)
			rc = fetch_folder(m->b, m->to, false);
	} while (rc > 0);
	return rc;
}

static int being_written(void *arg, struct node *n)
{
	(void)arg;
	return n->draft || n->busy || n->awaits ? -EBUSY : 0;
}

static int check_folder(const struct move *m)
{
	if (nodes_is_below(m->to_folder, m->from))
		return -EINVAL;
	if (m->to && !S_ISDIR(m->to->mode))
		return -ENOTDIR;
	if (m->to && m->to->n_children > 0)
		return -ENOTEMPTY;
	return nodes_each(m->from, being_written, NULL);
}

static int check(const struct move *m, unsigned flags)
{
	if (m->to && (flags & RENAME_NOREPLACE))
		return -EEXIST;
	if (m->to == m->from)
		return 0;
	if (S_ISDIR(m->from->mode))
		return check_folder(m);
	return m->to && S_ISDIR(m->to->mode) ? -EISDIR : 0;
}

/* ---- The objects -------------------------------------------------------- */

static int add_object(void *arg, struct node *file)
{
	struct objects *o = arg;
	char name[PATH_MAX];
	char *more;
	size_t len;
	int rc;

	if (S_ISDIR(file->mode) || !file->stored)
		return 0;
	rc = nodes_name(file, name, sizeof(name));
	if (rc < 0)
		return rc;
	len = strlen(name) + 1;
	more = realloc(o->names, o->size + len);
	if (!more)
		return -ENOMEM;
	memcpy(more + o->size, name, len);
	o->names = more;
	o->size += len;
	o->n++;
	return 0;
}

static int collect(struct node *from, struct objects *out)
{
	return S_ISDIR(from->mode) ? nodes_each(from, add_object, out) :
				     add_object(out, from);
}

/* The new name of an object: to takes the place of the first skip bytes. */
static int new_name(char target[PATH_MAX], const char *name, size_t skip,
		    const char *to)
{
	int len = snprintf(target, PATH_MAX, "%s%s", to, name + skip);

	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static bool is_begun(const struct move *m, const char *name)
{
	return writer_has_begun(m->b, name, m->from, m->to);
}

/* Neither what moves nor, if it is not in the store yet, what will be.  The
 * lock is held. */
static int check_names(const struct move *m, const struct objects *o,
		       size_t skip, const char *to)
{
	const char *name = o->names;

	if (is_begun(m, to))
		return -EBUSY;
	for (size_t i = 0; i < o->n; i++, name += strlen(name) + 1) {
		char target[PATH_MAX];
		int rc = new_name(target, name, skip, to);

		if (rc < 0)
			return rc;
		if (is_begun(m, target))
			return -EBUSY;
	}
	return 0;
}

static int rename_object(struct backend *b, const char *name, size_t skip,
			 const char *to, bool back)
{
	char target[PATH_MAX];
	int rc = new_name(target, name, skip, to);

	if (rc < 0)
		return rc;
	return back ? backend_rename(b, target, name) :
		      backend_rename(b, name, target);
}

/* All or, as far as the store lets us, none. */
static int rename_objects(struct backend *b, const struct objects *o,
			  size_t skip, const char *to)
{
	const char *name = o->names;
	size_t done;
	int rc = 0;

	for (done = 0; done < o->n; done++) {
		rc = rename_object(b, name, skip, to, false);
		if (rc < 0)
			break;
		name += strlen(name) + 1;
	}
	if (done == o->n)
		return 0;

	name = o->names;
	for (; done > 0; done--) {
		if (rename_object(b, name, skip, to, true) < 0)
			return -EIO; /* some are here, some are there */
		name += strlen(name) + 1;
	}
	return rc;
}

/* ---- Putting it together ------------------------------------------------ */

/* The name that from will have. */
static int target_name(const struct move *m, char *out)
{
	size_t len = 0, name_size = strlen(m->to_name) + 1;
	int rc;

	if (m->to_folder->number != NODES_ROOT) {
		rc = nodes_name(m->to_folder, out, PATH_MAX);
		if (rc < 0)
			return rc;
		len = strlen(out);
		out[len++] = '/';
	}
	if (len + name_size > PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(out + len, m->to_name, name_size);
	return 0;
}

/* With the lock held, but not while the store is asked. */
static int move_objects(struct move *m)
{
	char from[PATH_MAX], to[PATH_MAX];
	struct objects objects = { 0 };
	int rc = nodes_name(m->from, from, sizeof(from));

	if (rc == 0)
		rc = target_name(m, to);
	if (rc == 0)
		rc = collect(m->from, &objects);
	if (rc == 0)
		rc = check_names(m, &objects, strlen(from), to);
	if (rc == 0 && objects.n > 0) {
		pthread_mutex_unlock(&m->b->lock);
		rc = rename_objects(m->b->store, &objects, strlen(from), to);
		pthread_mutex_lock(&m->b->lock);
	}
	free(objects.names);
	return rc;
}

/* What is replaced loses its name.  If from is not in the store yet, the old
 * object stays there until it is. */
static void replace(struct move *m)
{
	if (!m->to)
		return;
	if (!m->from->stored && m->to->stored) {
		m->from->stored = true;
		m->from->stored_size = m->to->stored_size;
	}
	m->to->stored = false;
	nodes_unlink(m->b->nodes, m->to);
}

static int move(struct move *m)
{
	char *name;
	int rc = nodes_make_name(m->to_name, &name);

	if (rc < 0)
		return rc;
	branch_take(m->from);
	if (m->to)
		branch_take(m->to);
	m->to_folder->awaits = true;
	rc = move_objects(m);
	m->to_folder->awaits = false;
	if (rc == 0) {
		replace(m);
		nodes_move(m->b->nodes, m->from, m->to_folder, TAKE(name));
	}
	free(name);
	branch_give_back(m->b, m->from);
	branch_give_back(m->b, m->to);
	return rc;
}

static bool is_idle(const struct move *m)
{
	return !branch_is_busy(m->to_folder) && !m->to_folder->awaits &&
	       !(m->from && (branch_is_busy(m->from) || m->from->awaits)) &&
	       !(m->to && branch_is_busy(m->to));
}

static int move_when_idle(struct move *m, unsigned flags)
{
	int rc = find_and_fetch(m);

	while (rc == 0 && !is_idle(m)) {
		pthread_cond_wait(&m->b->changed, &m->b->lock);
		rc = find_and_fetch(m);
	}
	if (rc < 0)
		return rc;
	if (!m->from)
		return -ENOENT;
	rc = check(m, flags);
	return rc < 0 || m->to == m->from ? rc : move(m);
}

int branch_move(struct branch *b, uint64_t folder, const char *name,
		uint64_t to_folder, const char *to_name, unsigned flags)
{
	struct move m = { .b = b, .name = name, .to_name = to_name };
	LOCKED(&b->lock);
	int rc = branch_find(b, folder, S_IFDIR, &m.folder);

	if (rc == 0)
		rc = branch_find(b, to_folder, S_IFDIR, &m.to_folder);
	if (rc < 0)
		return rc;
	if (flags & ~(unsigned)RENAME_NOREPLACE)
		return -EINVAL;

	/* The kernel keeps others out of both folders, but only while the
	 * caller waits; who is killed does not (watch.h). */
	nodes_hold(m.folder);
	nodes_hold(m.to_folder);
	rc = move_when_idle(&m, flags);
	nodes_release(b->nodes, m.folder, 1);
	nodes_release(b->nodes, m.to_folder, 1);
	return rc;
}
