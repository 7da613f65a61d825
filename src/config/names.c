#include "config/names.h"

#include "base/log.h"
#include "config/keys.h"

#include <errno.h>
#include <string.h>

#define PATH_SIZE 256

/* `model: bert`, as before DLIO's model section. */
static int expand_plain_model(struct node *root)
{
	struct node *model = node_get(root, "model"), *section;
	struct node_mark mark;
	int rc;

	if (!model || model->kind >= NODE_LIST || model->kind == NODE_NULL)
		return 0;
	mark = model->mark;
	log_warn("%s: model: an old form; taken as model.name",
		 NODE_WHERE(mark));
	rc = node_new(NODE_MAP, mark, &section);
	if (rc)
		return rc;
	rc = node_put(section, "name", node_take(root, "model"));
	if (!rc)
		return node_put(root, "model", section);
	node_free(section);
	return rc;
}

/* DLIO's `data_reader` does not add to `reader` but stands in its place. */
static int replace_reader(struct node *root)
{
	struct node *old = node_get(root, "data_reader");
	struct node *reader = node_get(root, "reader");

	if (!old)
		return 0;
	if (reader)
		log_warn("%s: data_reader: replaces all of the section reader "
			 "at %s, as in DLIO; leave one of them",
			 NODE_WHERE(old->mark), NODE_WHERE(reader->mark));
	else
		log_warn("%s: data_reader: old name of the section reader",
			 NODE_WHERE(old->mark));
	return node_put(root, "reader", node_take(root, "data_reader"));
}

static int rename_old(struct node *root, const struct key *k)
{
	const struct node *named = node_find(root, k->of);
	struct node *n = node_take_path(root, k->path);

	if (!n)
		return 0;
	if (named) {
		log_warn("%s: %s: ignored, because %s is given, too",
			 NODE_WHERE(n->mark), k->path, k->of);
		node_free(n);
		return 0;
	}
	log_warn("%s: %s: taken as %s, the only name that DLIO reads",
		 NODE_WHERE(n->mark), k->path, k->of);
	return node_put_path(root, k->of, n);
}

int names_modernize(struct node *root)
{
	int rc = expand_plain_model(root);

	if (!rc)
		rc = replace_reader(root);
	for (size_t i = 0; i < keys_table_count && !rc; i++)
		if (keys_table[i].type == KEY_ALIAS)
			rc = rename_old(root, &keys_table[i]);
	return rc;
}

static int unknown(const struct node *n, const char *path, const char *hint,
		   bool strict)
{
	if (strict)
		return log_invalid("%s: %s: unknown%s", NODE_WHERE(n->mark),
				   path, hint);
	log_warn("%s: %s: unknown%s", NODE_WHERE(n->mark), path, hint);
	return 0;
}

static int check_map(const struct node *map, const char *above, bool strict);

static int check_section(const struct node *n, const char *path, bool strict)
{
	if (n->kind == NODE_NULL)
		return 0;
	if (n->kind == NODE_MAP)
		return check_map(n, path, strict);
	return log_invalid(
		"%s: %s: expected a map, found %s", NODE_WHERE(n->mark), path,
		keys_secret_in(path) ? "something else" : NODE_SAY(n));
}

static int check_name(const struct node *n, const char *path, bool strict)
{
	const struct key *k = keys_find(path);

	if (k && k->type == KEY_IGNORED) {
		log_warn("%s: %s: ignored: %s", NODE_WHERE(n->mark), path,
			 k->help);
		return 0;
	}
	if (keys_is_section(path) && (!k || n->kind == NODE_MAP))
		return check_section(n, path, strict);
	if (k && k->type == KEY_TIME && n->kind == NODE_MAP)
		return check_map(n, path, strict);
	if (keys_is_known(path))
		return 0;
	return unknown(n, path, KEYS_HINT(path), strict);
}

static int check_map(const struct node *map, const char *above, bool strict)
{
	int result = 0;

	for (size_t i = 0; i < map->n; i++) {
		const struct node *n = map->item[i];
		char path[PATH_SIZE];
		int rc;

		/* A longer one is cut, and unknown. */
		snprintf(path, sizeof(path), "%s%s%s", above, *above ? "." : "",
			 n->key);
		if (strchr(n->key, '.'))
			rc = unknown(n, path, ": a dot leads nowhere in a file",
				     strict);
		else
			rc = check_name(n, path, strict);
		if (rc)
			result = rc;
	}
	return result;
}

int names_check(const struct node *root, bool strict)
{
	return check_map(root, "", strict);
}
