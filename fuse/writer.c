#include "fuse/writer.h"

#include "backends/backend.h"
#include "base/log.h"
#include "fuse/branch_inner.h"
#include "fuse/draft.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct writer {
	struct branch *branch;
	struct node *node; /* held */
	int64_t opener;
	struct draft *draft; /* NULL: it exists, and was not truncated */

	/* Guarded by the branch's lock. */
	char *begun; /* what the store knows the object by */
	struct writer *next;
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * (int64_t)NS_PER_SEC + ts.tv_nsec;
}

/* ---- Opening ------------------------------------------------------------ */

static struct writer *new_writer(struct branch *b, int64_t process)
{
	struct writer *w = calloc(1, sizeof(*w));

	if (w) {
		w->branch = b;
		w->opener = process;
	}
	return w;
}

/* The lock is held. */
static void attach(struct writer *w, struct node *n)
{
	nodes_hold(n);
	w->node = n;
	w->next = w->branch->writers;
	w->branch->writers = w;
}

/* What commits may be a close() of which nobody hears.  A store of this machine
 * says at once whether a folder can be written to, and is asked once for each
 * folder.  The lock is held. */
static int check_folder(const struct writer *w)
{
	struct node *folder = w->node->parent;
	char name[PATH_MAX];
	struct object *o;
	int rc;

	if (!w->branch->store->local || !folder || folder->may_be_written_to)
		return 0;
	rc = nodes_name(w->node, name, sizeof(name));
	if (rc == 0)
		rc = object_create(w->branch->store, name, &o);
	if (rc)
		return rc;
	object_close(o);
	folder->may_be_written_to = true;
	return 0;
}

/* Begin the file anew.  The lock is held. */
static int start_draft(struct writer *w)
{
	int rc;

	if (w->node->draft)
		return -EBUSY;
	rc = check_folder(w);
	if (rc == 0)
		rc = draft_new(w->branch->store, w->branch->buffers, w->opener,
			       &w->draft);
	if (rc < 0)
		return rc;
	w->node->draft = w->draft;
	w->node->edition++;
	w->node->size = 0;
	w->node->mtime_ns = w->node->ctime_ns = now_ns();
	return 0;
}

int writer_create(struct branch *b, uint64_t folder, const char *name,
		  mode_t mode, uid_t uid, gid_t gid, int64_t process,
		  struct branch_attr *attr, struct writer **out)
{
	AUTO_FREE struct writer *w = new_writer(b, process);
	struct node *parent, *n;
	LOCKED(&b->lock);
	int rc = branch_find_listed(b, folder, &parent);

	if (!w)
		return -ENOMEM;
	if (rc == 0 && nodes_find(b->nodes, parent, name))
		rc = -EEXIST;
	if (rc == 0 && parent->awaits)
		rc = -EBUSY;
	if (rc == 0)
		rc = nodes_add(b->nodes, parent, name, S_IFREG | (mode & 07777),
			       &n);
	if (rc)
		return rc;

	n->uid = uid;
	n->gid = gid;
	w->node = n;
	rc = start_draft(w);
	if (rc < 0) {
		nodes_unlink(b->nodes, n);
		return rc;
	}
	attach(w, n);
	nodes_hold(n);
	branch_describe(n, attr);
	*out = TAKE(w);
	return 0;
}

int writer_open(struct branch *b, uint64_t number, bool truncated,
		int64_t process, struct writer **out)
{
	AUTO_FREE struct writer *w = new_writer(b, process);
	struct node *n;
	LOCKED(&b->lock);
	int rc = branch_find(b, number, S_IFREG, &n);

	if (!w)
		return -ENOMEM;
	if (rc < 0)
		return rc;
	nodes_hold(n);
	rc = branch_await_writer(b, n);
	if (rc == 0 && !n->parent)
		rc = -ESTALE; /* gone meanwhile: to be looked up again */
	w->node = n;
	if (rc == 0 && truncated)
		rc = start_draft(w);
	if (rc == 0)
		attach(w, n);
	nodes_release(b->nodes, n, 1);
	if (rc == 0)
		*out = TAKE(w);
	return rc;
}

/* ---- Writing ------------------------------------------------------------ */

/* A file that exists can be written only if it is empty. */
static int need_draft(struct writer *w)
{
	if (w->draft)
		return 0;

	LOCKED(&w->branch->lock);
	return w->node->size == 0 ? start_draft(w) : -EOPNOTSUPP;
}

static void note_size(struct writer *w)
{
	LOCKED(&w->branch->lock);

	w->node->size = draft_size(w->draft);
	w->node->mtime_ns = w->node->ctime_ns = now_ns();
}

int writer_accept(struct writer *w, const void *data, size_t len,
		  uint64_t offset, int64_t process)
{
	int rc = need_draft(w);

	if (rc == 0)
		rc = draft_accept(w->draft, data, len, offset, process);
	if (rc == 0)
		note_size(w);
	return rc;
}

static bool is_named(const struct node *n)
{
	return n->parent;
}

bool writer_has_begun(const struct branch *b, const char *name,
		      const struct node *but, const struct node *nor)
{
	const struct writer *w = b->writers;

	while (w && (w->node == but || w->node == nor || !is_named(w->node) ||
		     !w->begun || strcmp(w->begun, name) != 0))
		w = w->next;
	return w;
}

/* What the object is to be called; a file without a name keeps the one it was
 * begun with, or any: it will not be committed.  The lock is held. */
static int current_name(struct writer *w, char *name)
{
	int rc;

	branch_await_idle(w->branch, w->node);
	rc = nodes_name(w->node, name, PATH_MAX);
	if (rc == -ENOENT) {
		snprintf(name, PATH_MAX, "%s", w->begun ? w->begun : "unnamed");
		return 0;
	}
	if (rc < 0 || w->begun)
		return rc;
	if (writer_has_begun(w->branch, name, w->node, NULL))
		return -EBUSY;
	w->begun = strdup(name);
	return w->begun ? 0 : -ENOMEM;
}

int writer_write(struct writer *w, const void *data, size_t len,
		 uint64_t offset, int64_t process)
{
	char name[PATH_MAX];
	int rc = need_draft(w);

	if (rc == 0) {
		LOCKED(&w->branch->lock);
		rc = current_name(w, name);
	}
	if (rc == 0)
		rc = draft_write(w->draft, name, data, len, offset, process);
	if (rc == 0)
		note_size(w);
	return rc;
}

int writer_truncate(struct writer *w, uint64_t size)
{
	LOCKED(&w->branch->lock);

	if (size == w->node->size)
		return 0;
	if (size > 0 || w->draft)
		return -EOPNOTSUPP;
	return start_draft(w);
}

/* ---- Committing --------------------------------------------------------- */

/* The draft came to nothing: the file is what the store has, if anything. */
static void revert(struct writer *w)
{
	struct node *n = w->node;

	n->draft = NULL;
	n->size = n->stored_size;
	if (!n->stored && is_named(n))
		nodes_unlink(w->branch->nodes, n);
}

/* A write has failed before. */
static int give_up(struct writer *w)
{
	LOCKED(&w->branch->lock);

	branch_await_idle(w->branch, w->node);
	if (w->node->draft == w->draft)
		revert(w);
	free(TAKE(w->begun));
	pthread_cond_broadcast(&w->branch->changed);
	return draft_error(w->draft);
}

/* While the node is busy its name stays. */
static int commit(struct writer *w, unsigned flags)
{
	struct branch *b = w->branch;
	char name[PATH_MAX];
	int rc;

	/* Then the node may be somebody else's to write. */
	if (draft_is_committed(w->draft))
		return draft_commit(w->draft, NULL, flags);
	if (draft_error(w->draft))
		return give_up(w);

	LOCKED(&b->lock);
	rc = current_name(w, name);
	if (rc < 0 || !is_named(w->node))
		return rc;
	branch_take(w->node);
	pthread_mutex_unlock(&b->lock);
	rc = draft_commit(w->draft, name, flags);
	pthread_mutex_lock(&b->lock);
	if (rc == 0) {
		w->node->stored = true;
		w->node->stored_size = draft_size(w->draft);
		w->node->draft = NULL;
	} else {
		revert(w); /* not only when it is closed: who is told that it
			    * failed may write it anew at once */
	}
	free(TAKE(w->begun));
	branch_give_back(b, w->node);
	return rc;
}

int writer_sync(struct writer *w)
{
	return w->draft ? commit(w, OBJECT_DURABLE) : 0;
}

int writer_flush(struct writer *w, int64_t process)
{
	if (!w->draft || !draft_closes(w->draft, process))
		return 0;
	return commit(w, 0);
}

void writer_abandon(struct writer *w)
{
	struct branch *b;
	struct writer **at;

	if (!w)
		return;
	b = w->branch;
	pthread_mutex_lock(&b->lock);
	branch_await_idle(b, w->node);
	if (w->draft && w->node->draft == w->draft)
		revert(w);
	for (at = &b->writers; *at != w;)
		at = &(*at)->next;
	*at = w->next;
	nodes_release(b->nodes, w->node, 1);
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);

	draft_free(w->draft);
	free(w->begun);
	free(w);
}

/* Whoever has written was not told yet how that ended. */
static bool is_untold(const struct writer *w)
{
	return w->draft && !draft_is_committed(w->draft) &&
	       !draft_error(w->draft);
}

int writer_close(struct writer *w)
{
	struct branch *b = w->branch;
	bool untold = is_untold(w);
	char name[PATH_MAX];
	int rc = 0;

	pthread_mutex_lock(&b->lock);
	if (nodes_name(w->node, name, sizeof(name)) < 0)
		*name = '\0';
	pthread_mutex_unlock(&b->lock);
	if (w->draft)
		rc = commit(w, 0);
	if (rc < 0 && untold)
		log_fail(rc,
			 "%s/%s: what was written is lost, and its last "
			 "close() does not say so",
			 b->store->uri, name);
	writer_abandon(w);
	return rc;
}
