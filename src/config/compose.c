#include "config/compose.h"

#include "base/log.h"
#include "config/defaults.h"
#include "config/override.h"

#include <errno.h>
#include <string.h>

bool compose_is_hydras(const char *key)
{
	return !strcmp(key, "hydra") || !strncmp(key, "hydra.", 6) ||
	       !strncmp(key, "hydra/", 6);
}

/* A choice among files, not a change of a value. */
bool compose_is_choice(const struct compose *c, const struct assign *a)
{
	return assign_is_group(a) ||
	       (!strchr(a->key, '.') && search_is_group(&c->search, a->key));
}

/* What can be chosen is one file of a group. */
static int check_choice(const struct assign *a)
{
	if (a->what == ASSIGN_FORCE)
		return log_invalid("override '%s': a config group is chosen "
				   "without '+': %s",
				   a->text, a->text + a->key_at);
	if (a->what != ASSIGN_DELETE && !defaults_value_text(a))
		return assign_broken(a, a->key_end + 1,
				     "one file of the group is expected");
	return 0;
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

/* `+group@place=file` */
static int add_placed(struct compose *c, const struct assign *a,
		      const char *top)
{
	char path[DEFAULTS_NAME_SIZE];

	if (snprintf(path, sizeof(path), "%s/%s", a->key,
		     defaults_value_text(a)) >= DEFAULTS_NAME_SIZE)
		return log_fail(-ENAMETOOLONG, "%s", a->text);
	return defaults_add_file(
		c,
		&(struct defaults_file){
			path, strcmp(a->package, "_global_") ? a->package : "",
			top, 1, true });
}

/* `+group=file`, where no defaults list has the group. */
static int add_appended(struct compose *c, const char *top)
{
	const struct defaults_file f = { top, "", "", 0, false };

	for (size_t i = 0; i < c->n; i++) {
		struct assign *a = &c->assigns[i];
		int rc;

		if (a->what != ASSIGN_ADD || !compose_is_choice(c, a) ||
		    compose_is_hydras(a->key))
			continue;
		a->used = true;
		a->what = ASSIGN_CHANGE;
		rc = a->package ? add_placed(c, a, top) :
				  defaults_add_choice(c, &f, a->key, a->value);
		a->what = ASSIGN_ADD;
		if (rc)
			return rc;
	}
	return 0;
}

/* A choice from a group that no list names. */
static int check_used(const struct compose *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct assign *a = &c->assigns[i];

		if (a->used || !compose_is_choice(c, a) ||
		    compose_is_hydras(a->key))
			continue;
		if (a->what == ASSIGN_DELETE)
			return log_invalid("Could not delete. No match for "
					   "'%s' in the defaults list.",
					   a->text + a->key_at);
		return log_invalid("Could not override '%.*s'.\nTo append to "
				   "your default list use +%s",
				   (int)(strchr(a->text, '=') - a->text),
				   a->text, a->text);
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
	const struct defaults_file top = { o->name ? o->name : "config", "", "",
					   0, false };
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
		rc = defaults_add_file(c, &top);
	if (!rc)
		rc = add_appended(c, top.name);
	if (!rc)
		rc = check_used(c);
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
