#include "config/node.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>

/* The constant lets the compiler see that the caller returns. */
static int no_memory(void)
{
	log_fail(-ENOMEM, "configuration");
	return -ENOMEM;
}

int node_new(enum node_kind kind, struct node_mark mark, struct node **out)
{
	struct node *n = calloc(1, sizeof(*n));

	if (!n)
		return no_memory();
	n->kind = kind;
	n->mark = mark;
	*out = n;
	return 0;
}

int node_new_scalar(const struct scalar *s, const char *text,
		    struct node_mark mark, struct node **out)
{
	struct node *n;
	int rc = node_new(s->kind, mark, &n);

	if (rc)
		return rc;
	n->scalar = *s;
	n->text = strdup(text);
	if (!n->text) {
		node_free(n);
		return no_memory();
	}
	*out = n;
	return 0;
}

void node_free(struct node *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->n; i++)
		node_free(n->item[i]);
	free(n->item);
	free(n->key);
	free(n->text);
	free(n);
}

static int copy_items(const struct node *from, struct node *to)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct node *item = from->item[i];
		struct node *child;
		int rc = node_copy(item, &child);

		if (!rc)
			rc = item->key ? node_put(to, item->key, child) :
					 node_append(to, child);
		if (rc)
			return rc;
	}
	return 0;
}

int node_copy(const struct node *from, struct node **out)
{
	struct node *n;
	int rc;

	if (from->kind < NODE_LIST)
		return node_new_scalar(&from->scalar, from->text, from->mark,
				       out);
	rc = node_new(from->kind, from->mark, &n);
	if (rc)
		return rc;
	rc = copy_items(from, n);
	if (rc) {
		node_free(n);
		return rc;
	}
	*out = n;
	return 0;
}

size_t node_count(const struct node *n)
{
	size_t count = 1;

	for (size_t i = 0; i < n->n; i++)
		count += node_count(n->item[i]);
	return count;
}

/* Where the value of a key is, or NULL. */
static struct node **find(const struct node *map, const char *key, size_t len)
{
	for (size_t i = 0; i < map->n; i++) {
		const char *k = map->item[i]->key;

		if (k && !strncmp(k, key, len) && !k[len])
			return &map->item[i];
	}
	return NULL;
}

struct node *node_get(const struct node *map, const char *key)
{
	struct node **slot = find(map, key, strlen(key));

	return slot ? *slot : NULL;
}

struct node *node_find(const struct node *root, const char *path)
{
	for (;;) {
		size_t len = strcspn(path, ".");
		struct node **slot = find(root, path, len);

		if (!slot || !path[len])
			return slot ? *slot : NULL;
		root = *slot;
		path += len + 1;
	}
}

int node_append(struct node *list, struct node *child)
{
	/* Grows at the powers of two. */
	if (!(list->n & (list->n - 1))) {
		size_t room = list->n ? 2 * list->n : 1;
		struct node **item =
			reallocarray(list->item, room, sizeof(struct node *));

		if (!item) {
			node_free(child);
			return no_memory();
		}
		list->item = item;
	}
	list->item[list->n++] = child;
	return 0;
}

int node_put(struct node *map, const char *key, struct node *child)
{
	struct node **slot = find(map, key, strlen(key));
	char *copy = strdup(key);

	if (!copy) {
		node_free(child);
		return no_memory();
	}
	free(child->key);
	child->key = copy;
	if (!slot)
		return node_append(map, child);
	node_free(*slot);
	*slot = child;
	return 0;
}

struct node *node_take(struct node *map, const char *key)
{
	struct node **slot = find(map, key, strlen(key));
	struct node *n;
	size_t behind;

	if (!slot)
		return NULL;
	n = *slot;
	behind = map->n - (size_t)(slot - map->item) - 1;
	memmove(slot, slot + 1, behind * sizeof(struct node *));
	map->n--;
	/* node_append() may now meet a power of two once more: it then makes
	 * the room it would have made, which is enough. */
	return n;
}

int node_put_path(struct node *root, const char *path, struct node *child)
{
	for (;;) {
		size_t len = strcspn(path, ".");
		AUTO_FREE char *key = strndup(path, len);
		struct node *next;
		int rc;

		if (!key) {
			node_free(child);
			return no_memory();
		}
		if (!path[len])
			return node_put(root, key, child);
		next = node_get(root, key);
		if (!next || next->kind != NODE_MAP) {
			rc = node_new(NODE_MAP, child->mark, &next);
			if (!rc)
				rc = node_put(root, key, next);
			if (rc) {
				node_free(child);
				return rc;
			}
		}
		root = next;
		path += len + 1;
	}
}

struct node *node_take_path(struct node *root, const char *path)
{
	for (;;) {
		size_t len = strcspn(path, ".");
		struct node **slot;

		if (!path[len])
			return node_take(root, path);
		slot = find(root, path, len);
		if (!slot)
			return NULL;
		root = *slot;
		path += len + 1;
	}
}

static bool scalars_equal(const struct node *a, const struct node *b)
{
	const struct scalar *x = &a->scalar, *y = &b->scalar;

	if (x->kind == NODE_INT && y->kind == NODE_FLOAT)
		return (double)x->integer == y->number;
	if (x->kind == NODE_FLOAT && y->kind == NODE_INT)
		return x->number == (double)y->integer;
	if (x->kind != y->kind)
		return false;
	switch (x->kind) {
	case NODE_NULL:
		return true;
	case NODE_BOOL:
		return x->boolean == y->boolean;
	case NODE_INT:
		return x->integer == y->integer;
	case NODE_FLOAT:
		return x->number == y->number;
	default:
		return !strcmp(a->text, b->text);
	}
}

bool node_equal(const struct node *a, const struct node *b)
{
	if (a->kind < NODE_LIST && b->kind < NODE_LIST)
		return scalars_equal(a, b);
	if (a->kind != b->kind || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct node *other = b->item[i];

		if (a->kind == NODE_MAP)
			other = node_get(b, a->item[i]->key);
		if (!other || !node_equal(a->item[i], other))
			return false;
	}
	return true;
}

const char *node_where(struct node_mark mark, char out[NODE_WHERE_SIZE])
{
	if (mark.line)
		snprintf(out, NODE_WHERE_SIZE, "%s:%u:%u", mark.source,
			 mark.line, mark.column);
	else
		snprintf(out, NODE_WHERE_SIZE, "override '%s'", mark.source);
	return out;
}

const char *node_say(const struct node *n, char out[NODE_SAY_SIZE])
{
	static const char *const fixed[] = {
		[NODE_NULL] = "nothing",
		[NODE_LIST] = "a list",
		[NODE_MAP] = "a map",
	};
	const int most = 60;

	if (n->kind == NODE_STRING)
		snprintf(out, NODE_SAY_SIZE, "the text '%.*s'", most, n->text);
	else if (n->kind == NODE_BOOL || n->kind == NODE_INT ||
		 n->kind == NODE_FLOAT)
		snprintf(out, NODE_SAY_SIZE, "%.*s", most, n->text);
	else
		snprintf(out, NODE_SAY_SIZE, "%s", fixed[n->kind]);
	return out;
}
