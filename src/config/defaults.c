#include "config/defaults.h"

#include "base/log.h"
#include "config/merge.h"

#include <errno.h>
#include <string.h>

#define MAX_DEPTH 8 /* of files that name files */

/* ---- Choices ---- */

const char *defaults_value_text(const struct assign *a)
{
	return a->value && a->value->kind < NODE_LIST ? a->value->text : NULL;
}

/* The last word that chooses from a group, or NULL. */
static struct assign *find_choice(const struct compose *c, const char *group)
{
	struct assign *found = NULL;

	for (size_t i = 0; i < c->n; i++) {
		struct assign *a = &c->assigns[i];

		if (compose_is_choice(c, a) && !a->package &&
		    !strcmp(a->key, group)) {
			a->used = true;
			found = a;
		}
	}
	return found;
}

/* ---- Files ---- */

static int add_part(struct compose *c, const char *name, const char *package,
		    const char *parent, bool self)
{
	struct compose_part *grown = reallocarray(c->parts.item, c->parts.n + 1,
						  sizeof(*c->parts.item));
	struct compose_part *p;

	if (!grown)
		return log_fail(-ENOMEM, "configuration");
	c->parts.item = grown;
	p = &grown[c->parts.n++];
	*p = (struct compose_part){ .name = strdup(name),
				    .package = strdup(package),
				    .parent =
					    strdup(*parent ? parent : "<root>"),
				    .self = self };
	return p->name && p->package && p->parent ?
		       0 :
		       log_fail(-ENOMEM, "configuration");
}

static int merge_at(struct compose *c, const char *package, struct node *n)
{
	struct node *at = *package ? node_find(c->root, package) : c->root;
	struct node *made;
	int rc;

	if (merge_can(at, n))
		return merge_over(at, n);
	if (n->kind != NODE_MAP)
		return log_invalid("%s: expected a map, found %s",
				   NODE_WHERE(n->mark), NODE_SAY(n));
	rc = node_copy(n, &made);
	return rc ? rc : node_put_path(c->root, package, made);
}

/* "workload" in a file that is at "a.b" goes to "a.b.workload". */
static int package_below(const struct defaults_file *f, const char *group,
			 char out[DEFAULTS_NAME_SIZE])
{
	int n = snprintf(out, DEFAULTS_NAME_SIZE, "%s%s%s", f->package,
			 *f->package ? "." : "", group);

	for (char *p = out; *p; p++)
		if (*p == '/')
			*p = '.';
	return n < DEFAULTS_NAME_SIZE ? 0 :
					log_fail(-ENAMETOOLONG, "%s", group);
}

/* `- group: name` */
int defaults_add_choice(struct compose *c, const struct defaults_file *f,
			const char *group, const struct node *value)
{
	const struct assign *chosen = find_choice(c, group);
	const char *name = value->kind < NODE_LIST ? value->text : NULL;
	char path[DEFAULTS_NAME_SIZE], package[DEFAULTS_NAME_SIZE];
	int rc;

	if (chosen && chosen->what == ASSIGN_DELETE)
		return 0;
	if (chosen && chosen->what == ASSIGN_ADD)
		return log_invalid("Multiple values for %s. To override a "
				   "value use '%s'",
				   group, chosen->text + 1);
	if (chosen)
		name = defaults_value_text(chosen);
	else if (value->kind == NODE_NULL)
		return 0;
	if (!name)
		return log_invalid("%s: one file of the group is expected",
				   NODE_WHERE(value->mark));
	rc = package_below(f, group, package);
	if (!rc && snprintf(path, sizeof(path), "%s/%s", group, name) >=
			   DEFAULTS_NAME_SIZE)
		rc = log_fail(-ENAMETOOLONG, "%s", name);
	return rc ? rc :
		    defaults_add_file(
			    c, &(struct defaults_file){ path, package, f->name,
							f->depth + 1, false });
}

/* `- name`: a file beside this one, for the same place. */
static int add_sibling(struct compose *c, const struct defaults_file *f,
		       const char *name)
{
	const char *slash = strrchr(f->name, '/');
	char path[DEFAULTS_NAME_SIZE];

	if (snprintf(path, sizeof(path), "%.*s%s",
		     slash ? (int)(slash + 1 - f->name) : 0, f->name,
		     name) >= DEFAULTS_NAME_SIZE)
		return log_fail(-ENAMETOOLONG, "%s", name);
	return defaults_add_file(
		c, &(struct defaults_file){ path, f->package, f->name,
					    f->depth + 1, false });
}

static const char *skip_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	return strncmp(text, word, len) ? text : text + len;
}

static int add_default(struct compose *c, const struct defaults_file *f,
		       const struct node *entry, struct node *self)
{
	const struct node *value;
	const char *group;

	if (entry->kind == NODE_STRING && !strcmp(entry->text, "_self_"))
		return merge_at(c, f->package, self);
	if (entry->kind == NODE_STRING)
		return add_sibling(c, f, entry->text);
	if (entry->kind != NODE_MAP || entry->n != 1)
		return log_invalid("%s: expected a file, or one group and its "
				   "file",
				   NODE_WHERE(entry->mark));
	value = entry->item[0];
	group = skip_word(skip_word(value->key, "optional "), "override ");
	if (compose_is_hydras(group))
		return 0;
	if (strpbrk(group, "@ "))
		return log_invalid("%s: '%s' is not supported in a defaults "
				   "list",
				   NODE_WHERE(value->mark), value->key);
	return defaults_add_choice(c, f, *group == '/' ? group + 1 : group,
				   value);
}

static bool names_self(const struct node *defaults)
{
	for (size_t i = 0; i < defaults->n; i++)
		if (defaults->item[i]->kind == NODE_STRING &&
		    !strcmp(defaults->item[i]->text, "_self_"))
			return true;
	return false;
}

/* In the order of its list; a file that does not say comes after those it
 * names. */
static int add_defaults(struct compose *c, const struct defaults_file *f,
			const struct node *defaults, struct node *self)
{
	int rc = 0;

	for (size_t i = 0; defaults && i < defaults->n && !rc; i++)
		rc = add_default(c, f, defaults->item[i], self);
	if (!rc && !(defaults && names_self(defaults)))
		rc = merge_at(c, f->package, self);
	return rc;
}

static int take_defaults(struct node *n, struct node **out)
{
	*out = n->kind == NODE_MAP ? node_take(n, "defaults") : NULL;
	if (!*out || (*out)->kind == NODE_LIST)
		return 0;
	return log_invalid("%s: defaults: expected a list",
			   NODE_WHERE((*out)->mark));
}

static int add_loaded(struct compose *c, const struct defaults_file *f,
		      struct node *n)
{
	struct node *defaults = NULL;
	int rc = take_defaults(n, &defaults);

	if (!rc)
		rc = add_part(c, f->name, f->package, f->parent,
			      defaults && names_self(defaults));
	if (!rc)
		rc = add_defaults(c, f, defaults, n);
	node_free(defaults);
	return rc;
}

int defaults_add_file(struct compose *c, const struct defaults_file *f)
{
	char package[SEARCH_PACKAGE_SIZE];
	struct defaults_file there = *f;
	struct node *n;
	int rc;

	if (f->depth == MAX_DEPTH)
		return log_invalid("In '%s': too many files that name files",
				   f->parent);
	rc = search_load(&c->search, f->name, &n, package);
	if (rc == -ENOENT)
		return search_missing(&c->search, f->parent, f->name);
	if (rc)
		return rc;
	if (f->placed)
		there.placed = false; /* others are below it */
	else if (!strcmp(package, "_global_"))
		there.package = "";
	else if (*package && strcmp(package, "_group_") != 0)
		there.package = package;
	rc = add_loaded(c, &there, n);
	node_free(n);
	return rc;
}
