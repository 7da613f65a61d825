#include "fuse/branch.h"

#include "backends/backend.h"
#include "base/clock.h"
#include "base/log.h"
#include "fuse/branch_inner.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* What a store lists of one folder.  Gathered first and taken over in one go,
 * for the lock is not held while the store is asked. */
struct fetch {
	char *path;    /* "a/b/", "" */
	size_t length; /* of it */
	struct found {
		size_t name; /* in names */
		struct object_info info;
		bool folder;
	} * found;
	size_t n, room;
	char *names;
	size_t names_size, names_room;
	uint64_t began_ns;
};

/* Those that the tree has no place for. */
struct left_out {
	uint64_t n;
	char first[256];
};

static void free_fetch(struct fetch *f)
{
	free(f->path);
	free(f->found);
	free(f->names);
}

/* ---- Asking the store --------------------------------------------------- */

static int make_room(struct fetch *f, size_t name_size)
{
	if (f->n == f->room) {
		size_t room = f->room * 2 + 64;
		struct found *more = realloc(f->found, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		f->found = more;
		f->room = room;
	}
	if (name_size > f->names_room - f->names_size) {
		size_t room = f->names_room * 2 + name_size + 1024;
		char *more = realloc(f->names, room);

		if (!more)
			return -ENOMEM;
		f->names = more;
		f->names_room = room;
	}
	return 0;
}

static int found(void *arg, const char *name, const struct object_info *info)
{
	struct fetch *f = arg;
	const char *own = name + f->length;
	size_t len = strlen(own);
	bool folder = len > 0 && own[len - 1] == '/';
	char *to;
	int rc;

	if (len == 0)
		return 0; /* "a/b/" itself: a folder somebody wanted */
	rc = make_room(f, len + 1);
	if (rc < 0)
		return rc;
	f->found[f->n++] = (struct found){ f->names_size, *info, folder };
	to = memcpy(f->names + f->names_size, own, len + 1);
	if (folder)
		to[len - 1] = '\0';
	f->names_size += len + 1;
	return 0;
}

/* ---- Taking it over: all with the lock held ----------------------------- */

static int name_folder(const struct node *folder, struct fetch *f)
{
	char name[PATH_MAX] = "";
	int rc = 0;

	if (folder->number != NODES_ROOT)
		rc = nodes_name(folder, name, sizeof(name));
	if (rc < 0)
		return rc;
	rc = asprintf(&f->path, "%s%s", name, *name ? "/" : "");
	if (rc < 0) {
		f->path = NULL;
		return -ENOMEM;
	}
	f->length = (size_t)rc;
	return 0;
}

static void drop(struct nodes *ns, struct node *n)
{
	while (n->children)
		drop(ns, n->children);
	nodes_unlink(ns, n);
}

static void describe(struct node *n, const struct object_info *info)
{
	n->stored = true;
	n->size = n->stored_size = info->size;
	if (info->mtime_ns)
		n->atime_ns = n->mtime_ns = n->ctime_ns = info->mtime_ns;
}

/* What was there keeps its number, unless it has become something else. */
static int take_over(struct branch *b, struct node *folder,
		     const struct found *one, const char *name)
{
	mode_t kind = one->folder ? S_IFDIR : S_IFREG;
	mode_t mode = one->folder ? 0755 : 0644;
	struct node *n = nodes_find(b->nodes, folder, name);
	int rc;

	if (n && n->seen == folder->listed_ns && !one->folder)
		return -EEXIST; /* folders come first */
	if (n && (n->mode & S_IFMT) != kind) {
		drop(b->nodes, n);
		n = NULL;
	}
	if (!n) {
		if (b->options.read_only)
			mode &= 0555;
		rc = nodes_add(b->nodes, folder, name, kind | mode, &n);
		if (rc < 0)
			return rc;
	}
	n->seen = folder->listed_ns;
	if (!one->folder)
		describe(n, &one->info);
	return 0;
}

static int take_over_all(struct branch *b, struct node *folder,
			 const struct fetch *f, bool folders,
			 struct left_out *out)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct found *one = &f->found[i];
		const char *name = f->names + one->name;
		int rc;

		if (one->folder != folders)
			continue;
		rc = take_over(b, folder, one, name);
		if (rc == -ENOMEM)
			return rc;
		if (rc < 0 && out->n++ == 0)
			snprintf(out->first, sizeof(out->first), "%s", name);
	}
	return 0;
}

static void drop_unseen(struct branch *b, struct node *folder)
{
	struct node *next;

	for (struct node *n = nodes_first(folder); n; n = next) {
		next = nodes_next(n);
		if (n->seen != folder->listed_ns)
			drop(b->nodes, n);
	}
}

/* A folder of a writable branch is listed before anything in it can have been
 * changed here, and never again. */
static int finish(struct branch *b, struct node *folder, struct fetch *f,
		  struct left_out *out)
{
	int64_t mtime_ns = folder->mtime_ns;
	int rc;

	folder->listed_ns = f->began_ns;
	rc = take_over_all(b, folder, f, true, out);
	if (rc == 0)
		rc = take_over_all(b, folder, f, false, out);
	if (rc < 0)
		return rc;
	if (b->options.read_only)
		drop_unseen(b, folder);
	folder->mtime_ns = mtime_ns;
	folder->listed = true;
	return 0;
}

/* The lock is held, but not while the store is asked; the folder is held. */
static int list(struct branch *b, struct node *folder)
{
	struct fetch f = { .began_ns = clock_ns() };
	struct left_out out = { 0 };
	bool again = folder->listed;
	int rc = name_folder(folder, &f);

	if (rc == 0) {
		pthread_mutex_unlock(&b->lock);
		rc = backend_list(b->store, f.path, BACKEND_SHALLOW, found, &f);
		pthread_mutex_lock(&b->lock);
	}
	/* Another listing may have found that it is gone: it gets nothing that
	 * would outlive it. */
	if (rc == 0 && !folder->parent && folder->number != NODES_ROOT)
		rc = -ENOENT;
	if (rc == 0)
		rc = finish(b, folder, &f, &out);
	else if (folder->listed)
		folder->listed_ns = f.began_ns; /* the old one will do */
	if (out.n && !again)
		log_warn("%s/%s: left out %llu name%s that cannot be shown, "
			 "the first is '%s'",
			 b->store->uri, f.path, (unsigned long long)out.n,
			 out.n == 1 ? "" : "s", out.first);
	free_fetch(&f);
	return folder->listed ? 0 : rc;
}

static int list_for_all(struct branch *b, struct node *folder)
{
	struct branch_wait *waiting, *next;
	int rc;

	folder->listing = true;
	rc = list(b, folder);
	folder->listing = false;
	waiting = TAKE(folder->waiting);
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
	for (; waiting; waiting = next) {
		next = waiting->next;
		waiting->ready(waiting, rc);
	}
	pthread_mutex_lock(&b->lock);
	return rc;
}

/* ---- What the headers say ----------------------------------------------- */

enum branch_wanted branch_fetch_join(struct branch *b, uint64_t number,
				     struct branch_wait *w)
{
	struct node *folder;
	bool first;
	LOCKED(&b->lock);

	if (branch_find(b, number, S_IFDIR, &folder) < 0 ||
	    branch_knows(b, folder))
		return BRANCH_LISTED;
	first = !folder->listing && !folder->to_be_listed;
	if (first) {
		nodes_hold(folder); /* for branch_fetch() */
		folder->to_be_listed = true;
	}
	w->next = folder->waiting;
	folder->waiting = w;
	return first ? BRANCH_UNLISTED : BRANCH_BEING_LISTED;
}

void branch_fetch(struct branch *b, uint64_t number)
{
	LOCKED(&b->lock);
	struct node *folder = nodes_get(b->nodes, number);

	folder->to_be_listed = false;
	/* Unless somebody was quicker, who has told those who waited. */
	if (!folder->listing && folder->waiting)
		(void)!list_for_all(b, folder);
	nodes_release(b->nodes, folder, 1);
}

/* Waits for no more than a thread that is at it: whoever is to call
 * branch_fetch() may have no thread to do so before this one is free. */
int branch_fetch_now(struct branch *b, struct node *folder)
{
	while (!folder->listed && folder->listing)
		pthread_cond_wait(&b->changed, &b->lock);
	if (folder->listed)
		return 0;
	return list_for_all(b, folder);
}

static int find_unlisted(void *arg, struct node *n)
{
	struct node **out = arg;

	if (!S_ISDIR(n->mode) || n->listed)
		return 0;
	*out = n;
	return 1;
}

int branch_fetch_below(struct branch *b, struct node *folder)
{
	int rc = 0, fetched = 0;

	while (rc == 0) {
		struct node *next = folder;

		if (folder->listed &&
		    nodes_each(folder, find_unlisted, &next) == 0)
			return fetched;
		nodes_hold(next);
		rc = branch_fetch_now(b, next);
		nodes_release(b->nodes, next, 1);
		fetched = 1;
	}
	return rc;
}
