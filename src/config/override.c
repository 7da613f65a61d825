#include "config/override.h"

#include "base/log.h"
#include "config/assign.h"
#include "config/keys.h"
#include "config/merge.h"

#include <errno.h>
#include <string.h>

#define ROOT "workload"

static bool goes_through_list(const struct node *root, const char *path)
{
	const struct node *n = root;

	while (n && n->kind == NODE_MAP) {
		size_t len = strcspn(path, ".");
		char key[256];

		if (!path[len] || len >= sizeof(key))
			return false;
		memcpy(key, path, len);
		key[len] = '\0';
		n = node_get(n, key);
		path += len + 1;
	}
	return n && n->kind == NODE_LIST;
}

static int put(struct node *root, const char *path, struct assign *a,
	       struct node *old)
{
	if (goes_through_list(root, path))
		return log_invalid("override '%s': cannot change one value of "
				   "a list; give the whole list",
				   a->source);
	if (merge_can(old, a->value))
		return merge_over(old, a->value);
	return node_put_path(root, path, TAKE(a->value));
}

static int delete (struct node *root, const char *path, const struct assign *a,
		   const struct node *old)
{
	if (!old)
		return log_invalid("override '%s': could not delete: '%s' is "
				   "not in the file",
				   a->source, path);
	if (a->value && !node_equal(old, a->value))
		return log_invalid("override '%s': could not delete: '%s' has "
				   "another value",
				   a->source, path);
	node_free(node_take_path(root, path));
	return 0;
}

static int apply(struct node *root, const char *path, struct assign *a)
{
	struct node *old = node_find(root, path);

	if (a->what == ASSIGN_DELETE)
		return delete (root, path, a, old);
	if (a->what == ASSIGN_ADD && old)
		return log_invalid("override '%s': could not append: an item "
				   "is already at '%s'; use ++ to change it",
				   a->source, path);
	if (a->what == ASSIGN_CHANGE && !old && !keys_is_known(path))
		return log_invalid("override '%s': could not override '%s': "
				   "unknown%s; to append it use '+%s'",
				   a->source, path, KEYS_HINT(path),
				   a->source == a->text ? a->text : a->key);
	return put(root, path, a, old);
}

/* The setting's path without "workload.", or NULL, and it was said why. */
static const char *path_of(const struct assign *a)
{
	size_t len = strlen(ROOT);

	if (assign_is_group(a)) {
		assign_broken(a, a->key_at + strcspn(a->text + a->key_at, "/@"),
			      "choosing from a group is not possible here");
		return NULL;
	}
	if (!strcmp(a->key, ROOT)) {
		assign_broken(a, a->key_at, "a workload is given as its file");
		return NULL;
	}
	if (strncmp(a->key, ROOT, len) || a->key[len] != '.')
		return a->key;
	return a->key + len + 1;
}

int override_apply(struct node *root, const char *text)
{
	struct assign a;
	const char *path;
	int rc = assign_parse(text, &a);

	if (rc)
		return rc;
	path = path_of(&a);
	rc = path ? apply(root, path, &a) : -EINVAL;
	assign_free(&a);
	return rc;
}

/* ---- Hydra's ---- */

static int cannot_delete(const struct assign *a, const struct node *old)
{
	if (!old)
		return log_invalid("Could not delete from config. '%s' does "
				   "not exist.",
				   a->key);
	return log_invalid("Could not delete from config. The value of '%s' "
			   "is another one (override '%s')",
			   a->key, a->source);
}

static int cannot_append(const struct assign *a)
{
	bool shown = a->source == a->text;

	return log_invalid("Could not append to config. An item is already at "
			   "'%s'.\nEither remove + prefix: '%s'\nOr add a "
			   "second + to add or override '%s': '+%s'",
			   a->key, shown ? a->text + 1 : a->source, a->key,
			   a->source);
}

int override_apply_hydra(struct node *root, struct assign *a)
{
	struct node *old = node_find(root, a->key);
	bool empty = !old || old->kind == NODE_NULL;

	switch (a->what) {
	case ASSIGN_DELETE:
		if (empty || (a->value && !node_equal(old, a->value)))
			return cannot_delete(a, empty ? NULL : old);
		node_free(node_take_path(root, a->key));
		return 0;
	case ASSIGN_ADD:
		if (!empty && a->value->kind < NODE_LIST)
			return cannot_append(a);
		break;
	case ASSIGN_CHANGE:
		if (!old && !goes_through_list(root, a->key))
			return log_invalid(
				"Could not override '%s'.\nTo append "
				"to your config use +%s",
				a->key, a->source);
		break;
	case ASSIGN_FORCE:
		break;
	}
	return put(root, a->key, a, old);
}
