#include "fuse/nodes.h"

#include "base/rng.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct nodes {
	struct node **by_number; /* NULL: gone; the first is unused */
	size_t n_numbers, room;

	struct node **slots; /* lists by hash of (parent, name) */
	size_t n_slots;	     /* a power of two */
	size_t n_named;

	struct node *root;
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * (int64_t)NS_PER_SEC + ts.tv_nsec;
}

/* ---- By name ------------------------------------------------------------ */

static struct node **slot_of(const struct nodes *ns, const struct node *folder,
			     const char *name)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 0x100000001b3;
	return &ns->slots[rng_mix(h, folder->number) & (ns->n_slots - 1)];
}

static void put_in_slot(struct nodes *ns, struct node *n)
{
	struct node **slot = slot_of(ns, n->parent, n->name);

	n->next_in_slot = *slot;
	*slot = n;
}

static int double_slots(struct nodes *ns)
{
	size_t n_slots = MAX(ns->n_slots * 2, (size_t)64);
	struct node **slots = calloc(n_slots, sizeof(struct node *));

	if (!slots)
		return -ENOMEM;
	free(ns->slots);
	ns->slots = slots;
	ns->n_slots = n_slots;
	for (size_t i = 0; i < ns->n_numbers; i++)
		if (ns->by_number[i] && ns->by_number[i]->parent)
			put_in_slot(ns, ns->by_number[i]);
	return 0;
}

struct node *nodes_find(const struct nodes *ns, const struct node *folder,
			const char *name)
{
	struct node *n = *slot_of(ns, folder, name);

	while (n && (n->parent != folder || strcmp(n->name, name) != 0))
		n = n->next_in_slot;
	return n;
}

/* n->name is set.  There is room. */
static void link_node(struct nodes *ns, struct node *n, struct node *folder)
{
	n->parent = folder;
	put_in_slot(ns, n);
	n->previous = NULL;
	n->next = folder->children;
	if (n->next)
		n->next->previous = n;
	folder->children = n;
	folder->n_children++;
	folder->mtime_ns = folder->ctime_ns = now_ns();
	ns->n_named++;
}

static void unlink_node(struct nodes *ns, struct node *n)
{
	struct node **at = slot_of(ns, n->parent, n->name);

	while (*at != n)
		at = &(*at)->next_in_slot;
	*at = n->next_in_slot;

	if (n->previous)
		n->previous->next = n->next;
	else
		n->parent->children = n->next;
	if (n->next)
		n->next->previous = n->previous;
	n->parent->n_children--;
	n->parent->mtime_ns = n->parent->ctime_ns = now_ns();
	n->parent = NULL;
	ns->n_named--;
}

/* ---- Nodes -------------------------------------------------------------- */

static int new_node(struct nodes *ns, mode_t mode, struct node **out)
{
	struct node *n;

	if (ns->n_numbers == ns->room) {
		size_t room = ns->room + ns->room / 2 + 64;
		struct node **more =
			realloc(ns->by_number, room * sizeof(struct node *));

		if (!more)
			return -ENOMEM;
		ns->by_number = more;
		ns->room = room;
	}
	n = calloc(1, sizeof(*n));
	if (!n)
		return -ENOMEM;
	n->number = ns->n_numbers;
	n->mode = mode;
	n->atime_ns = n->mtime_ns = n->ctime_ns = now_ns();
	ns->by_number[ns->n_numbers++] = n;
	*out = n;
	return 0;
}

static void free_node(struct nodes *ns, struct node *n)
{
	if (!n)
		return;
	ns->by_number[n->number] = NULL;
	free(n->name);
	free(n);
}

int nodes_new(mode_t mode, uid_t uid, gid_t gid, struct nodes **out)
{
	struct nodes *ns = calloc(1, sizeof(*ns));
	int rc;

	if (!ns)
		return -ENOMEM;
	rc = double_slots(ns);
	ns->n_numbers = NODES_ROOT;
	if (rc == 0) {
		ns->room = 64;
		ns->by_number = calloc(ns->room, sizeof(struct node *));
		rc = ns->by_number ? new_node(ns, S_IFDIR | mode, &ns->root) :
				     -ENOMEM;
	}
	if (rc < 0)
		goto fail;
	ns->root->uid = uid;
	ns->root->gid = gid;
	*out = ns;
	return 0;

fail:
	ns->n_numbers = 0;
	nodes_free(ns);
	return rc;
}

void nodes_free(struct nodes *ns)
{
	if (!ns)
		return;
	for (size_t i = 0; i < ns->n_numbers; i++)
		free_node(ns, ns->by_number[i]);
	free(ns->by_number);
	free(ns->slots);
	free(ns);
}

struct node *nodes_get(const struct nodes *ns, uint64_t number)
{
	return number < ns->n_numbers ? ns->by_number[number] : NULL;
}

int nodes_make_name(const char *name, char **out)
{
	if (*name == '\0' || strchr(name, '/') || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return -EINVAL;
	if (strlen(name) > NAME_MAX)
		return -ENAMETOOLONG;
	*out = strdup(name);
	return *out ? 0 : -ENOMEM;
}

int nodes_add(struct nodes *ns, struct node *folder, const char *name,
	      mode_t mode, struct node **out)
{
	AUTO_FREE char *copy = NULL;
	struct node *n;
	int rc = nodes_make_name(name, &copy);

	if (rc == 0 && ns->n_named >= ns->n_slots)
		rc = double_slots(ns);
	if (rc < 0)
		return rc;
	rc = new_node(ns, mode, &n);
	if (rc < 0)
		return rc;
	n->name = TAKE(copy);
	n->uid = ns->root->uid;
	n->gid = ns->root->gid;
	link_node(ns, n, folder);
	*out = n;
	return 0;
}

static void end_if_unused(struct nodes *ns, struct node *n)
{
	if (n->holds == 0 && !n->parent && n != ns->root)
		free_node(ns, n);
}

void nodes_unlink(struct nodes *ns, struct node *n)
{
	unlink_node(ns, n);
	n->ctime_ns = now_ns();
	end_if_unused(ns, n);
}

void nodes_move(struct nodes *ns, struct node *n, struct node *folder,
		char *name)
{
	unlink_node(ns, n);
	free(n->name);
	n->name = name;
	n->ctime_ns = now_ns();
	link_node(ns, n, folder);
}

void nodes_hold(struct node *n)
{
	n->holds++;
}

void nodes_release(struct nodes *ns, struct node *n, uint64_t holds)
{
	n->holds -= MIN(holds, n->holds);
	end_if_unused(ns, n);
}

bool nodes_is_below(const struct node *n, const struct node *folder)
{
	while (n && n != folder)
		n = n->parent;
	return n;
}

int nodes_name(const struct node *n, char *out, size_t size)
{
	size_t total = 0, at;

	for (const struct node *p = n; p->number != NODES_ROOT; p = p->parent) {
		if (!p->parent)
			return -ENOENT;
		total += strlen(p->name) + 1;
	}
	if (total == 0 || total > size)
		return total == 0 ? -ENOENT : -ENAMETOOLONG;

	at = total;
	for (const struct node *p = n; p->parent; p = p->parent) {
		size_t len = strlen(p->name);

		out[--at] = p == n ? '\0' : '/';
		at -= len;
		memcpy(out + at, p->name, len);
	}
	return 0;
}

struct node *nodes_first(const struct node *folder)
{
	return folder->children;
}

struct node *nodes_next(const struct node *child)
{
	return child->next;
}

int nodes_each(struct node *folder, int (*fn)(void *arg, struct node *n),
	       void *arg)
{
	struct node *at = folder->children;
	int rc = 0;

	/* Depth first without recursion: folders may be as deep as they
	 * like. */
	while (at) {
		rc = fn(arg, at);
		if (rc != 0)
			return rc;
		if (at->children) {
			at = at->children;
			continue;
		}
		while (at != folder && !at->next)
			at = at->parent;
		at = at == folder ? NULL : at->next;
	}
	return 0;
}
