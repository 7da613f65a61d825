#include "config/compose.h"

#include "base/log.h"
#include "config/merge.h"
#include "config/override.h"

#include <errno.h>
#include <string.h>

#define NAME_SIZE 256
#define MAX_DEPTH 8 /* of files that name files */

static bool is_hydras(const char *key)
{
	return !strcmp(key, "hydra") || !strncmp(key, "hydra.", 6) ||
	       !strncmp(key, "hydra/", 6);
}

bool compose_is_hydras(const struct assign *a)
{
	return is_hydras(a->key);
}

/* A choice among files, not a change of a value. */
bool compose_is_choice(const struct compose *c, const struct assign *a)
{
	return assign_is_group(a) ||
	       (!strchr(a->key, '.') && search_is_group(&c->search, a->key));
}

/* ---- Choices ---- */

static const char *value_text(const struct assign *a)
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
		    !strcmp(a->key, group))
			found = a;
	}
	return found;
}

/* What can be chosen is one file of a group for its own place. */
static int check_choice(const struct assign *a)
{
	if (a->package)
		return assign_broken(a, a->key_end,
				     "'@' and a package are not supported");
	if (a->what == ASSIGN_FORCE)
		return log_invalid("override '%s': a config group is chosen "
				   "without '+': %s",
				   a->text, a->text + a->key_at);
	if (a->what != ASSIGN_DELETE && !value_text(a))
		return assign_broken(a, a->key_end + 1,
				     "one file of the group is expected");
	return 0;
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

/* A file on its way into the document. */
struct file {
	const char *name;    /* "workload/default" */
	const char *package; /* where it goes: "workload", "" is the top */
	const char *parent;  /* who named it; "" for the top file */
	unsigned depth;
};

static int add_file(struct compose *c, const struct file *f);

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
static int package_below(const struct file *f, const char *group,
			 char out[NAME_SIZE])
{
	int n = snprintf(out, NAME_SIZE, "%s%s%s", f->package,
			 *f->package ? "." : "", group);

	for (char *p = out; *p; p++)
		if (*p == '/')
			*p = '.';
	return n < NAME_SIZE ? 0 : log_fail(-ENAMETOOLONG, "%s", group);
}

/* `- group: name` */
static int add_choice(struct compose *c, const struct file *f,
		      const char *group, const struct node *value)
{
	const struct assign *chosen = find_choice(c, group);
	const char *name = value->kind < NODE_LIST ? value->text : NULL;
	char path[NAME_SIZE], package[NAME_SIZE];
	int rc;

	if (chosen && chosen->what == ASSIGN_DELETE)
		return 0;
	if (chosen && chosen->what == ASSIGN_ADD)
		return log_invalid("Multiple values for %s. To override a "
				   "value use '%s'",
				   group, chosen->text + 1);
	if (chosen)
		name = value_text(chosen);
	else if (value->kind == NODE_NULL)
		return 0;
	if (!name)
		return log_invalid("%s: one file of the group is expected",
				   NODE_WHERE(value->mark));
	rc = package_below(f, group, package);
	if (!rc &&
	    snprintf(path, sizeof(path), "%s/%s", group, name) >= NAME_SIZE)
		rc = log_fail(-ENAMETOOLONG, "%s", name);
	return rc ? rc :
		    add_file(c, &(struct file){ path, package, f->name,
						f->depth + 1 });
}

/* `- name`: a file beside this one, for the same place. */
static int add_sibling(struct compose *c, const struct file *f,
		       const char *name)
{
	const char *slash = strrchr(f->name, '/');
	char path[NAME_SIZE];

	if (snprintf(path, sizeof(path), "%.*s%s",
		     slash ? (int)(slash + 1 - f->name) : 0, f->name,
		     name) >= NAME_SIZE)
		return log_fail(-ENAMETOOLONG, "%s", name);
	return add_file(c, &(struct file){ path, f->package, f->name,
					   f->depth + 1 });
}

static const char *skip_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	return strncmp(text, word, len) ? text : text + len;
}

static int add_default(struct compose *c, const struct file *f,
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
	if (is_hydras(group))
		return 0;
	if (strpbrk(group, "@ "))
		return log_invalid("%s: '%s' is not supported in a defaults "
				   "list",
				   NODE_WHERE(value->mark), value->key);
	return add_choice(c, f, *group == '/' ? group + 1 : group, value);
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
static int add_defaults(struct compose *c, const struct file *f,
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

static int add_loaded(struct compose *c, const struct file *f, struct node *n)
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

static int add_file(struct compose *c, const struct file *f)
{
	char package[SEARCH_PACKAGE_SIZE];
	struct file there = *f;
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
	if (!strcmp(package, "_global_"))
		there.package = "";
	else if (*package && strcmp(package, "_group_") != 0)
		there.package = package;
	rc = add_loaded(c, &there, n);
	node_free(n);
	return rc;
}

/* hydra's own settings are there before anything is. */
static int add_hydra(struct compose *c)
{
	struct search ours = { 0 };
	char package[SEARCH_PACKAGE_SIZE];
	struct node *n;
	int rc = search_load(&ours, "hydra", &n, package);

	return rc ? rc : node_put(c->root, "hydra", n);
}

/* ---- Overrides ---- */

static int parse_overrides(struct compose *c, const struct compose_options *o)
{
	c->assigns = calloc(o->n + 1, sizeof(*c->assigns));
	if (!c->assigns)
		return log_fail(-ENOMEM, "configuration");
	for (; c->n < o->n; c->n++) {
		int rc = assign_parse(o->overrides[c->n], &c->assigns[c->n]);

		if (rc)
			return rc;
	}
	return 0;
}

static int check_choices(const struct compose *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct assign *a = &c->assigns[i];
		int rc = compose_is_choice(c, a) ? check_choice(a) : 0;

		if (rc)
			return rc;
	}
	return 0;
}

/* `+group=file`, where no defaults list has the group. */
static int add_appended(struct compose *c, const char *top)
{
	const struct file f = { top, "", "", 0 };

	for (size_t i = 0; i < c->n; i++) {
		struct assign *a = &c->assigns[i];
		int rc;

		if (a->what != ASSIGN_ADD || !compose_is_choice(c, a) ||
		    compose_is_hydras(a))
			continue;
		a->what = ASSIGN_CHANGE;
		rc = add_choice(c, &f, a->key, a->value);
		a->what = ASSIGN_ADD;
		if (rc)
			return rc;
	}
	return 0;
}

static int apply_overrides(struct compose *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct assign *a = &c->assigns[i];
		int rc = compose_is_choice(c, a) ?
				 0 :
				 override_apply_hydra(c->root, a);

		if (rc)
			return rc;
	}
	return 0;
}

/* ---- All of it ---- */

static int compose(struct compose *c, const struct compose_options *o)
{
	const struct node_mark mark = { .source = "command line" };
	const struct file top = { o->name ? o->name : "config", "", "", 0 };
	int rc = search_check(&c->search);

	if (!rc)
		rc = parse_overrides(c, o);
	if (!rc)
		rc = check_choices(c);
	if (!rc)
		rc = node_new(NODE_MAP, mark, &c->root);
	if (!rc)
		rc = add_hydra(c);
	if (!rc)
		rc = add_file(c, &top);
	if (!rc)
		rc = add_appended(c, top.name);
	return rc ? rc : apply_overrides(c);
}

int compose_new(const struct compose_options *o, struct compose **out)
{
	struct compose *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return log_fail(-ENOMEM, "configuration");
	c->search.main = o->main_folder;
	c->search.own = o->own_folder;
	rc = compose(c, o);
	if (rc) {
		compose_free(c);
		return rc;
	}
	*out = c;
	return 0;
}

void compose_free(struct compose *c)
{
	if (!c)
		return;
	node_free(c->root);
	for (size_t i = 0; c->assigns && i < c->n; i++)
		assign_free(&c->assigns[i]);
	free(c->assigns);
	for (size_t i = 0; i < c->parts.n; i++) {
		free(c->parts.item[i].name);
		free(c->parts.item[i].package);
		free(c->parts.item[i].parent);
	}
	free(c->parts.item);
	search_free(&c->search);
	free(c);
}
