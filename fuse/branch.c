#include "fuse/branch.h"

#include "backends/backend.h"
#include "base/clock.h"
#include "base/log.h"
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
	};
}

/* ---- What the store has ------------------------------------------------- */

struct loading {
	struct nodes *nodes;
	uint64_t left_out;
	char first[256];
};

static int add_listed(struct nodes *ns, const char *path,
		      const struct object_info *info)
{
	struct node *folder, *n;
	const char *name;
	int rc = nodes_path(ns, path, &folder, &name);

	if (rc < 0 || *name == '\0') /* "a/": a folder somebody wanted */
		return rc;
	if (nodes_find(ns, folder, name))
		return -EEXIST;
	rc = nodes_add(ns, folder, name, S_IFREG | 0644, &n);
	if (rc < 0)
		return rc;
	n->stored = true;
	n->size = n->stored_size = info->size;
	if (info->mtime_ns)
		n->atime_ns = n->mtime_ns = n->ctime_ns = info->mtime_ns;
	return 0;
}

static int listed(void *arg, const char *path, const struct object_info *info)
{
	struct loading *l = arg;
	int rc = add_listed(l->nodes, path, info);

	if (rc == 0 || rc == -ENOMEM)
		return rc;
	if (l->left_out++ == 0)
		snprintf(l->first, sizeof(l->first), "%s", path);
	return 0;
}

static int load(struct branch *b)
{
	struct loading l = { .nodes = b->nodes };
	int rc = backend_list(b->store, "", BACKEND_DEEP, listed, &l);

	if (l.left_out)
		log_warn("%s: left out %llu objects whose names cannot be "
			 "paths here, the first is '%s'",
			 b->store->uri, (unsigned long long)l.left_out,
			 l.first);
	return rc;
}

int branch_new(struct backend *store, struct buffers *buffers, uid_t uid,
	       gid_t gid, struct branch **out)
{
	struct branch *b = calloc(1, sizeof(*b));
	pthread_condattr_t monotonic;
	int rc;

	if (!b)
		return -ENOMEM;
	b->store = store;
	b->buffers = buffers;
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&b->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);

	rc = nodes_new(0755, uid, gid, &b->nodes);
	if (rc == 0)
		rc = load(b);
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

int branch_lookup(struct branch *b, uint64_t folder, const char *name,
		  struct branch_attr *out)
{
	struct node *parent, *n;
	LOCKED(&b->lock);
	int rc = branch_find(b, folder, S_IFDIR, &parent);

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
	int rc = branch_find(b, folder, S_IFDIR, &parent);

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
	int rc = branch_find(b, folder, S_IFDIR, &parent);

	if (rc < 0)
		return rc;
	if (nodes_find(b->nodes, parent, name))
		return -EEXIST;
	rc = nodes_add(b->nodes, parent, name, S_IFDIR | (mode & 07777), &n);
	if (rc < 0)
		return rc;
	n->uid = uid;
	n->gid = gid;
	nodes_hold(n);
	branch_describe(n, out);
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
	if (n->n_children > 0)
		return -ENOTEMPTY;
	if (branch_is_busy(n))
		return -EBUSY;
	nodes_unlink(b->nodes, n);
	return 0;
}

/* ---- Asking the store --------------------------------------------------- */

/* The object's name of a file, as soon as nothing is about to change it. */
static int current_name(struct branch *b, uint64_t number, char *out)
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
		rc = nodes_name(n, out, PATH_MAX);
	}
	nodes_release(b->nodes, n, 1);
	return rc == -ENOENT ? -ESTALE : rc;
}

int branch_open(struct branch *b, uint64_t number, struct object **out)
{
	char name[PATH_MAX], again[PATH_MAX] = "";
	int rc = current_name(b, number, name);

	if (rc == 0)
		rc = object_open(b->store, name, out);
	while (rc == -ENOENT) {
		/* Renamed just now?  If not, it is not there. */
		if (current_name(b, number, again) < 0 ||
		    strcmp(name, again) == 0)
			break;
		memcpy(name, again, sizeof(name));
		rc = object_open(b->store, name, out);
	}
	return rc;
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

int branch_unlink(struct branch *b, uint64_t folder, const char *name)
{
	struct node *parent, *n;
	LOCKED(&b->lock);
	int rc = branch_find(b, folder, S_IFDIR, &parent);

	if (rc < 0)
		return rc;
	while ((n = nodes_find(b->nodes, parent, name)) && branch_is_busy(n))
		pthread_cond_wait(&b->changed, &b->lock);
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
