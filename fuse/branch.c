#include "fuse/branch.h"

#include "backends/backend.h"
#include "base/clock.h"
#include "fuse/branch_inner.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define GRACE NS_PER_SEC

/* ---- Shared with writer.c ----------------------------------------------- */

int branch_find(struct branch *b, uint64_t number, mode_t kind,
		struct node **out)
{
	struct node *n = nodes_get(b->nodes, number);

	if (!n)
		return -ESTALE;
	if (kind == S_IFREG && S_ISDIR(n->mode))
		return -EISDIR;
	if (kind == S_IFDIR && !S_ISDIR(n->mode))
		return -ENOTDIR;
	*out = n;
	return 0;
}

int branch_find_listed(struct branch *b, uint64_t number, struct node **out)
{
	int rc = branch_find(b, number, S_IFDIR, out);

	return rc == 0 && !(*out)->listed ? -EAGAIN : rc;
}

bool branch_knows(const struct branch *b, const struct node *folder)
{
	uint64_t refresh_ns = b->options.refresh_ns;

	return folder->listed &&
	       (refresh_ns == 0 || clock_ns() - folder->listed_ns < refresh_ns);
}

bool branch_is_busy(const struct node *n)
{
	while (n && !n->busy)
		n = n->parent;
	return n;
}

void branch_await_idle(struct branch *b, const struct node *n)
{
	while (branch_is_busy(n))
		pthread_cond_wait(&b->changed, &b->lock);
}

void branch_take(struct node *n)
{
	nodes_hold(n);
	n->busy = true;
}

void branch_give_back(struct branch *b, struct node *n)
{
	if (!n)
		return;
	n->busy = false;
	nodes_release(b->nodes, n, 1);
	pthread_cond_broadcast(&b->changed);
}

int branch_await_writer(struct branch *b, const struct node *n)
{
	uint64_t until = clock_ns() + GRACE;
	struct timespec deadline = { .tv_sec = (time_t)(until / NS_PER_SEC),
				     .tv_nsec = (long)(until % NS_PER_SEC) };

	while (n->draft)
		if (pthread_cond_timedwait(&b->changed, &b->lock, &deadline) ==
		    ETIMEDOUT)
			return n->draft ? -EBUSY : 0;
	return 0;
}

void branch_describe(const struct node *n, struct branch_attr *out)
{
	*out = (struct branch_attr){
		.number = n->number,
		.mode = n->mode,
		.uid = n->uid,
		.gid = n->gid,
		.size = n->size,
		.atime_ns = n->atime_ns,
		.mtime_ns = n->mtime_ns,
		.ctime_ns = n->ctime_ns,
		.written = n->draft,
	};
}

/* ---- Made and unmade ---------------------------------------------------- */

int branch_new(struct backend *store, struct buffers *buffers,
	       const struct branch_options *options, struct branch **out)
{
	struct branch *b = calloc(1, sizeof(*b));
	pthread_condattr_t monotonic;
	int rc;

	if (!b)
		return -ENOMEM;
	b->store = store;
	b->buffers = buffers;
	b->options = *options;
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&b->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);

	rc = nodes_new(options->read_only ? 0555 : 0755, options->uid,
		       options->gid, &b->nodes);
	if (rc < 0)
		goto fail;
	*out = b;
	return 0;

fail:
	branch_free(b);
	return rc;
}

void branch_free(struct branch *b)
{
	if (!b)
		return;
	nodes_free(b->nodes);
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

/* ---- Memory only -------------------------------------------------------- */

bool branch_is_listed(struct branch *b, uint64_t number)
{
	struct node *folder;
	LOCKED(&b->lock);

	return branch_find(b, number, S_IFDIR, &folder) < 0 ||
	       branch_knows(b, folder);
}

int branch_lookup(struct branch *b, uint64_t folder, const char *name,
		  struct branch_attr *out)
{
	struct node *parent, *n;
	LOCKED(&b->lock);
	int rc = branch_find_listed(b, folder, &parent);

	if (rc < 0)
		return rc;
	n = nodes_find(b->nodes, parent, name);
	if (!n)
		return -ENOENT;
	nodes_hold(n);
	branch_describe(n, out);
	return 0;
}

void branch_forget(struct branch *b, uint64_t number, uint64_t holds)
{
	LOCKED(&b->lock);
	struct node *n = nodes_get(b->nodes, number);

	if (n)
		nodes_release(b->nodes, n, holds);
}

int branch_stat(struct branch *b, uint64_t number, struct branch_attr *out)
{
	struct node *n;
	LOCKED(&b->lock);
	int rc = branch_find(b, number, 0, &n);

	if (rc == 0)
		branch_describe(n, out);
	return rc;
}

int branch_change(struct branch *b, uint64_t number, unsigned set,
		  const struct branch_attr *to)
{
	struct node *n;
	LOCKED(&b->lock);
	int rc = branch_find(b, number, 0, &n);
	struct timespec now;

	if (rc < 0)
		return rc;
	if (set & BRANCH_MODE)
		n->mode = (n->mode & S_IFMT) | (to->mode & ~S_IFMT);
	if (set & BRANCH_UID)
		n->uid = to->uid;
	if (set & BRANCH_GID)
		n->gid = to->gid;
	if (set & BRANCH_ATIME)
		n->atime_ns = to->atime_ns;
	if (set & BRANCH_MTIME)
		n->mtime_ns = to->mtime_ns;
	clock_gettime(CLOCK_REALTIME, &now);
	n->ctime_ns = now.tv_sec * (int64_t)NS_PER_SEC + now.tv_nsec;
	return 0;
}

int branch_list(struct branch *b, uint64_t folder, struct branch_list **out)
{
	size_t names = 0, i = 0;
	struct branch_list *list;
	struct node *parent;
	char *text;
	LOCKED(&b->lock);
	int rc = branch_find_listed(b, folder, &parent);

	if (rc < 0)
		return rc;
	for (struct node *n = nodes_first(parent); n; n = nodes_next(n))
		names += strlen(n->name) + 1;
	list = malloc(sizeof(*list) +
		      parent->n_children * sizeof(list->entry[0]) + names);
	if (!list)
		return -ENOMEM;

	text = (char *)&list->entry[parent->n_children];
	for (struct node *n = nodes_first(parent); n; n = nodes_next(n), i++) {
		list->entry[i] =
			(struct branch_entry){ n->number, n->mode, text };
		text = stpcpy(text, n->name) + 1;
	}
	list->n = i;
	*out = list;
	return 0;
}

int branch_mkdir(struct branch *b, uint64_t folder, const char *name,
		 mode_t mode, uid_t uid, gid_t gid, struct branch_attr *out)
{
	struct node *parent, *n;
	LOCKED(&b->lock);
	int rc = branch_find_listed(b, folder, &parent);

	if (rc < 0)
		return rc;
	if (nodes_find(b->nodes, parent, name))
		return -EEXIST;
	if (parent->awaits)
		return -EBUSY;
	rc = nodes_add(b->nodes, parent, name, S_IFDIR | (mode & 07777), &n);
	if (rc < 0)
		return rc;
	n->listed = true; /* the store has nothing there */
	n->uid = uid;
	n->gid = gid;
	nodes_hold(n);
	branch_describe(n, out);
	return 0;
}

/* ---- Asking the store --------------------------------------------------- */

/* What a file is in the store. */
struct stored {
	char name[PATH_MAX];
	uint64_t size, edition;
};

/* As soon as nothing is about to change it. */
static int find_stored(struct branch *b, uint64_t number, struct stored *out)
{
	struct node *n;
	LOCKED(&b->lock);
	int rc = branch_find(b, number, S_IFREG, &n);

	if (rc < 0)
		return rc;
	nodes_hold(n);
	rc = branch_await_writer(b, n);
	if (rc == 0) {
		branch_await_idle(b, n);
		rc = nodes_name(n, out->name, sizeof(out->name));
		out->size = n->stored_size;
		out->edition = n->edition;
	}
	nodes_release(b->nodes, n, 1);
	return rc == -ENOENT ? -ESTALE : rc;
}

int branch_object(struct branch *b, uint64_t number, char name[PATH_MAX],
		  uint64_t *size)
{
	struct stored s;
	int rc = find_stored(b, number, &s);

	if (rc)
		return rc;
	memcpy(name, s.name, sizeof(s.name));
	*size = s.size;
	return 0;
}

/* A server need not be asked for what its listing or its upload has told. */
int branch_open(struct branch *b, uint64_t number, struct object **out,
		uint64_t *edition)
{
	struct stored s, again;
	int rc = find_stored(b, number, &s);

	if (rc == 0)
		rc = object_open_sized(b->store, s.name, &s.size, out);
	while (rc == -ENOENT) {
		/* Renamed just now?  If not, it is not there. */
		if (find_stored(b, number, &again) < 0 ||
		    strcmp(s.name, again.name) == 0)
			break;
		s = again;
		rc = object_open_sized(b->store, s.name, &s.size, out);
	}
	if (rc == 0)
		*edition = s.edition;
	return rc;
}

bool branch_is_current(struct branch *b, uint64_t number, uint64_t edition)
{
	LOCKED(&b->lock);
	const struct node *n = nodes_get(b->nodes, number);

	return !n || n->edition == edition;
}

/* With the lock held, but not meanwhile. */
static int remove_object(struct branch *b, const struct node *n)
{
	char name[PATH_MAX];
	int rc = nodes_name(n, name, sizeof(name));

	if (rc < 0 || !n->stored)
		return rc;
	pthread_mutex_unlock(&b->lock);
	rc = backend_remove(b->store, name);
	pthread_mutex_lock(&b->lock);
	return rc == -ENOENT ? 0 : rc;
}

/* The lock is held, and so is the folder. */
static int remove_folder(struct branch *b, struct node *n)
{
	int rc = branch_fetch_now(b, n);

	if (rc < 0)
		return rc;
	if (!n->parent)
		return -ENOENT;
	if (n->n_children > 0 || n->awaits)
		return -ENOTEMPTY;
	if (branch_is_busy(n))
		return -EBUSY;
	nodes_unlink(b->nodes, n);
	return 0;
}

int branch_rmdir(struct branch *b, uint64_t folder, const char *name)
{
	struct node *parent, *n;
	LOCKED(&b->lock);
	int rc = branch_find(b, folder, S_IFDIR, &parent);

	if (rc < 0)
		return rc;
	n = nodes_find(b->nodes, parent, name);
	if (!n)
		return -ENOENT;
	if (!S_ISDIR(n->mode))
		return -ENOTDIR;
	nodes_hold(n);
	rc = remove_folder(b, n);
	nodes_release(b->nodes, n, 1);
	return rc;
}

/* A node that is not busy, in a folder that may go meanwhile; or NULL. */
static struct node *find_idle(struct branch *b, struct node *folder,
			      const char *name)
{
	struct node *n;

	nodes_hold(folder);
	while ((n = nodes_find(b->nodes, folder, name)) && branch_is_busy(n))
		pthread_cond_wait(&b->changed, &b->lock);
	nodes_release(b->nodes, folder, 1);
	return n;
}

int branch_unlink(struct branch *b, uint64_t folder, const char *name)
{
	struct node *parent, *n;
	LOCKED(&b->lock);
	int rc = branch_find(b, folder, S_IFDIR, &parent);

	if (rc < 0)
		return rc;
	n = find_idle(b, parent, name);
	if (!n)
		return -ENOENT;
	if (S_ISDIR(n->mode))
		return -EISDIR;

	branch_take(n);
	rc = remove_object(b, n);
	if (rc == 0) {
		n->stored = false;
		nodes_unlink(b->nodes, n);
	}
	branch_give_back(b, n);
	return rc;
}
