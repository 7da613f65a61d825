#include "fuse/scratch.h"

#include "backends/backend.h"
#include "base/clock.h"
#include "base/log.h"
#include "fuse/scratch_inner.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define GRACE NS_PER_SEC

/* ---- Shared with writer.c ----------------------------------------------- */

int scratch_find(struct scratch *s, uint64_t number, mode_t kind,
		 struct node **out)
{
	struct node *n = nodes_get(s->nodes, number);

	if (!n)
		return -ESTALE;
	if (kind == S_IFREG && S_ISDIR(n->mode))
		return -EISDIR;
	if (kind == S_IFDIR && !S_ISDIR(n->mode))
		return -ENOTDIR;
	*out = n;
	return 0;
}

bool scratch_is_busy(const struct node *n)
{
	while (n && !n->busy)
		n = n->parent;
	return n;
}

void scratch_await_idle(struct scratch *s, const struct node *n)
{
	while (scratch_is_busy(n))
		pthread_cond_wait(&s->changed, &s->lock);
}

void scratch_take(struct node *n)
{
	nodes_hold(n);
	n->busy = true;
}

void scratch_give_back(struct scratch *s, struct node *n)
{
	if (!n)
		return;
	n->busy = false;
	nodes_release(s->nodes, n, 1);
	pthread_cond_broadcast(&s->changed);
}

int scratch_await_writer(struct scratch *s, const struct node *n)
{
	uint64_t until = clock_ns() + GRACE;
	struct timespec deadline = { .tv_sec = (time_t)(until / NS_PER_SEC),
				     .tv_nsec = (long)(until % NS_PER_SEC) };

	while (n->draft)
		if (pthread_cond_timedwait(&s->changed, &s->lock, &deadline) ==
		    ETIMEDOUT)
			return n->draft ? -EBUSY : 0;
	return 0;
}

void scratch_describe(const struct node *n, struct scratch_attr *out)
{
	*out = (struct scratch_attr){
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

static int load(struct scratch *s)
{
	struct loading l = { .nodes = s->nodes };
	int rc = backend_list(s->store, "", BACKEND_DEEP, listed, &l);

	if (l.left_out)
		log_warn("%s: left out %llu objects whose names cannot be "
			 "paths here, the first is '%s'",
			 s->store->uri, (unsigned long long)l.left_out,
			 l.first);
	return rc;
}

int scratch_new(struct backend *store, struct buffers *buffers, uid_t uid,
		gid_t gid, struct scratch **out)
{
	struct scratch *s = calloc(1, sizeof(*s));
	pthread_condattr_t monotonic;
	int rc;

	if (!s)
		return -ENOMEM;
	s->store = store;
	s->buffers = buffers;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);

	rc = nodes_new(0755, uid, gid, &s->nodes);
	if (rc == 0)
		rc = load(s);
	if (rc < 0)
		goto fail;
	*out = s;
	return 0;

fail:
	scratch_free(s);
	return rc;
}

void scratch_free(struct scratch *s)
{
	if (!s)
		return;
	nodes_free(s->nodes);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* ---- Memory only -------------------------------------------------------- */

int scratch_lookup(struct scratch *s, uint64_t folder, const char *name,
		   struct scratch_attr *out)
{
	struct node *parent, *n;
	LOCKED(&s->lock);
	int rc = scratch_find(s, folder, S_IFDIR, &parent);

	if (rc < 0)
		return rc;
	n = nodes_find(s->nodes, parent, name);
	if (!n)
		return -ENOENT;
	nodes_hold(n);
	scratch_describe(n, out);
	return 0;
}

void scratch_forget(struct scratch *s, uint64_t number, uint64_t holds)
{
	LOCKED(&s->lock);
	struct node *n = nodes_get(s->nodes, number);

	if (n)
		nodes_release(s->nodes, n, holds);
}

int scratch_stat(struct scratch *s, uint64_t number, struct scratch_attr *out)
{
	struct node *n;
	LOCKED(&s->lock);
	int rc = scratch_find(s, number, 0, &n);

	if (rc == 0)
		scratch_describe(n, out);
	return rc;
}

int scratch_change(struct scratch *s, uint64_t number, unsigned set,
		   const struct scratch_attr *to)
{
	struct node *n;
	LOCKED(&s->lock);
	int rc = scratch_find(s, number, 0, &n);
	struct timespec now;

	if (rc < 0)
		return rc;
	if (set & SCRATCH_MODE)
		n->mode = (n->mode & S_IFMT) | (to->mode & ~S_IFMT);
	if (set & SCRATCH_UID)
		n->uid = to->uid;
	if (set & SCRATCH_GID)
		n->gid = to->gid;
	if (set & SCRATCH_ATIME)
		n->atime_ns = to->atime_ns;
	if (set & SCRATCH_MTIME)
		n->mtime_ns = to->mtime_ns;
	clock_gettime(CLOCK_REALTIME, &now);
	n->ctime_ns = now.tv_sec * (int64_t)NS_PER_SEC + now.tv_nsec;
	return 0;
}

int scratch_list(struct scratch *s, uint64_t folder, struct scratch_list **out)
{
	size_t names = 0, i = 0;
	struct scratch_list *list;
	struct node *parent;
	char *text;
	LOCKED(&s->lock);
	int rc = scratch_find(s, folder, S_IFDIR, &parent);

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
			(struct scratch_entry){ n->number, n->mode, text };
		text = stpcpy(text, n->name) + 1;
	}
	list->n = i;
	*out = list;
	return 0;
}

int scratch_mkdir(struct scratch *s, uint64_t folder, const char *name,
		  mode_t mode, uid_t uid, gid_t gid, struct scratch_attr *out)
{
	struct node *parent, *n;
	LOCKED(&s->lock);
	int rc = scratch_find(s, folder, S_IFDIR, &parent);

	if (rc < 0)
		return rc;
	if (nodes_find(s->nodes, parent, name))
		return -EEXIST;
	rc = nodes_add(s->nodes, parent, name, S_IFDIR | (mode & 07777), &n);
	if (rc < 0)
		return rc;
	n->uid = uid;
	n->gid = gid;
	nodes_hold(n);
	scratch_describe(n, out);
	return 0;
}

int scratch_rmdir(struct scratch *s, uint64_t folder, const char *name)
{
	struct node *parent, *n;
	LOCKED(&s->lock);
	int rc = scratch_find(s, folder, S_IFDIR, &parent);

	if (rc < 0)
		return rc;
	n = nodes_find(s->nodes, parent, name);
	if (!n)
		return -ENOENT;
	if (!S_ISDIR(n->mode))
		return -ENOTDIR;
	if (n->n_children > 0)
		return -ENOTEMPTY;
	if (scratch_is_busy(n))
		return -EBUSY;
	nodes_unlink(s->nodes, n);
	return 0;
}

/* ---- Asking the store --------------------------------------------------- */

/* The object's name of a file, as soon as nothing is about to change it. */
static int current_name(struct scratch *s, uint64_t number, char *out)
{
	struct node *n;
	LOCKED(&s->lock);
	int rc = scratch_find(s, number, S_IFREG, &n);

	if (rc < 0)
		return rc;
	nodes_hold(n);
	rc = scratch_await_writer(s, n);
	if (rc == 0) {
		scratch_await_idle(s, n);
		rc = nodes_name(n, out, PATH_MAX);
	}
	nodes_release(s->nodes, n, 1);
	return rc == -ENOENT ? -ESTALE : rc;
}

int scratch_open(struct scratch *s, uint64_t number, struct object **out)
{
	char name[PATH_MAX], again[PATH_MAX] = "";
	int rc = current_name(s, number, name);

	if (rc == 0)
		rc = object_open(s->store, name, out);
	while (rc == -ENOENT) {
		/* Renamed just now?  If not, it is not there. */
		if (current_name(s, number, again) < 0 ||
		    strcmp(name, again) == 0)
			break;
		strcpy(name, again);
		rc = object_open(s->store, name, out);
	}
	return rc;
}

/* With the lock held, but not meanwhile. */
static int remove_object(struct scratch *s, const struct node *n)
{
	char name[PATH_MAX];
	int rc = nodes_name(n, name, sizeof(name));

	if (rc < 0 || !n->stored)
		return rc;
	pthread_mutex_unlock(&s->lock);
	rc = backend_remove(s->store, name);
	pthread_mutex_lock(&s->lock);
	return rc == -ENOENT ? 0 : rc;
}

int scratch_unlink(struct scratch *s, uint64_t folder, const char *name)
{
	struct node *parent, *n;
	LOCKED(&s->lock);
	int rc = scratch_find(s, folder, S_IFDIR, &parent);

	if (rc < 0)
		return rc;
	while ((n = nodes_find(s->nodes, parent, name)) && scratch_is_busy(n))
		pthread_cond_wait(&s->changed, &s->lock);
	if (!n)
		return -ENOENT;
	if (S_ISDIR(n->mode))
		return -EISDIR;

	scratch_take(n);
	rc = remove_object(s, n);
	if (rc == 0) {
		n->stored = false;
		nodes_unlink(s->nodes, n);
	}
	scratch_give_back(s, n);
	return rc;
}
