#include "config/hydra.h"

#include "base/log.h"
#include "config/keys.h"

#include <errno.h>
#include <string.h>

#define HIDDEN "***"
#define PATH_SIZE 256 /* a longer one is cut, and no secret's */

/* The constant lets the compiler see that the caller returns. */
static int no_memory(void)
{
	log_fail(-ENOMEM, "configuration");
	return -ENOMEM;
}

static int new_text(const char *text, struct node **out)
{
	const struct scalar s = { .kind = NODE_STRING };
	const struct node_mark mark = { .source = "hydra" };

	return node_new_scalar(&s, text, mark, out);
}

static int put_text(struct node *root, const char *path, const char *text)
{
	struct node *n;
	int rc = new_text(text, &n);

	return rc ? rc : node_put_path(root, path, n);
}

static int put_member(struct node *map, const char *key, const char *text)
{
	struct node *n;
	int rc = new_text(text, &n);

	return rc ? rc : node_put(map, key, n);
}

/* ---- The words of the command line ---- */

static int hidden_word(const struct assign *a, struct node **out)
{
	AUTO_FREE char *hidden = NULL;

	if (a->source == a->text)
		return new_text(a->text, out);
	if (asprintf(&hidden, "%.*s=" HIDDEN, (int)a->key_end, a->text) < 0)
		return no_memory();
	return new_text(hidden, out);
}

int hydra_overrides(const struct compose *c, bool hydras, struct node **out)
{
	struct node *list;
	int rc = node_new(NODE_LIST, c->root->mark, &list);

	if (rc)
		return rc;
	for (size_t i = 0; i < c->n && !rc; i++) {
		struct node *word;

		if (compose_is_hydras(c->assigns[i].key) != hydras)
			continue;
		rc = hidden_word(&c->assigns[i], &word);
		if (!rc)
			rc = node_append(list, word);
	}
	if (rc) {
		node_free(list);
		return rc;
	}
	*out = list;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct node *const *x = a, *const *y = b;

	return strcmp((*x)->text, (*y)->text);
}

/* "++a=1,workload=b": sorted, as a folder may be called. */
static int put_dirname(struct compose *c, struct node *words)
{
	AUTO_FREE char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return no_memory();
	if (words->n)
		qsort(words->item, words->n, sizeof(struct node *), compare);
	for (size_t i = 0; i < words->n; i++)
		fprintf(out, "%s%s", i ? "," : "", words->item[i]->text);
	if (fclose(out))
		return no_memory();
	return put_text(c->root, "hydra.job.override_dirname", text);
}

static int put_overrides(struct compose *c)
{
	struct node *words;
	int rc = hydra_overrides(c, true, &words);

	if (!rc)
		rc = node_put_path(c->root, "hydra.overrides.hydra", words);
	if (!rc)
		rc = hydra_overrides(c, false, &words);
	if (rc)
		return rc;
	rc = put_dirname(c, words);
	node_free(words);
	if (!rc)
		rc = hydra_overrides(c, false, &words);
	return rc ? rc : node_put_path(c->root, "hydra.overrides.task", words);
}

/* ---- Where files came from, and which ---- */

static int add_source(struct node *list, const char *path, const char *schema,
		      const char *provider)
{
	struct node *map;
	int rc = node_new(NODE_MAP, list->mark, &map);

	if (rc)
		return rc;
	rc = put_text(map, "path", path);
	if (!rc)
		rc = put_text(map, "schema", schema);
	if (!rc)
		rc = put_text(map, "provider", provider);
	if (!rc)
		return node_append(list, map);
	node_free(map);
	return rc;
}

static int put_sources(struct compose *c)
{
	const struct search *s = &c->search;
	struct node *list;
	int rc = node_new(NODE_LIST, c->root->mark, &list);

	if (rc)
		return rc;
	rc = add_source(list, "hydra.conf", "pkg", "hydra");
	if (!rc)
		rc = s->main ? add_source(list, s->main, "file", "main") :
			       add_source(list, "dliofs", "pkg", "main");
	if (!rc && s->own)
		rc = add_source(list, s->own, "file", "command-line");
	if (!rc)
		rc = add_source(list, "", "structured", "schema");
	if (!rc)
		return node_put_path(c->root, "hydra.runtime.config_sources",
				     list);
	node_free(list);
	return rc;
}

/* A group's file of the document: "workload/default". */
static int put_part(struct node *choices, const struct compose_part *p)
{
	const char *slash = strrchr(p->name, '/');
	AUTO_FREE char *group = NULL;

	if (!slash)
		return 0;
	group = strndup(p->name, (size_t)(slash - p->name));
	if (!group)
		return no_memory();
	return node_get(choices, group) ? 0 :
					  put_member(choices, group, slash + 1);
}

static int put_choices(struct compose *c)
{
	struct node *choices = node_find(c->root, "hydra.runtime.choices");
	int rc = 0;

	if (!choices || choices->kind != NODE_MAP)
		return 0; /* the user's doing */
	for (size_t i = 0; i < c->parts.n && !rc; i++)
		rc = put_part(choices, &c->parts.item[i]);
	for (size_t i = 0; i < c->n && !rc; i++) {
		const struct assign *a = &c->assigns[i];

		if (compose_is_choice(c, a) && compose_is_hydras(a->key) &&
		    a->value)
			rc = put_member(choices, a->key, a->value->text);
	}
	return rc;
}

int hydra_describe(struct compose *c, const char *name, const char *cwd)
{
	int rc = put_overrides(c);

	if (!rc)
		rc = put_text(c->root, "hydra.job.config_name",
			      name ? name : "config");
	if (!rc)
		rc = put_text(c->root, "hydra.runtime.cwd", cwd);
	if (!rc)
		rc = put_sources(c);
	return rc ? rc : put_choices(c);
}

int hydra_started(struct compose *c, const char *folder)
{
	struct node *words = node_find(c->root, "hydra.overrides.hydra");
	struct node *word;
	int rc = put_text(c->root, "hydra.mode", "RUN");

	/* Hydra tells itself so. */
	if (!rc && words && words->kind == NODE_LIST) {
		rc = new_text("hydra.mode=RUN", &word);
		if (!rc)
			rc = node_append(words, word);
	}
	return rc ? rc : put_text(c->root, "hydra.runtime.output_dir", folder);
}

/* ---- Documents ---- */

/* above: the path of the map, or "". */
static int hide_secrets(struct node *map, const char *above)
{
	int rc = 0;

	for (size_t i = 0; i < map->n && !rc; i++) {
		struct node *n = map->item[i];
		char path[PATH_SIZE];

		snprintf(path, sizeof(path), "%s%s%s", above, *above ? "." : "",
			 n->key);
		if (n->kind == NODE_MAP && !keys_is_secret(path))
			rc = hide_secrets(n, path);
		else if (n->kind != NODE_NULL && keys_is_secret(path))
			rc = put_member(map, n->key, HIDDEN);
	}
	return rc;
}

static int copy_member(const struct node *from, struct node *to)
{
	struct node *n;
	int rc = node_copy(from, &n);

	return rc ? rc : node_put(to, from->key, n);
}

enum hydra_part hydra_part_of(const struct node *member)
{
	return strcmp(member->key, "hydra") != 0 ? HYDRA_JOB : HYDRA_OWN;
}

int hydra_document(const struct compose *c, enum hydra_part part,
		   struct node **out)
{
	struct node *doc, *workload;
	int rc = node_new(NODE_MAP, c->root->mark, &doc);

	if (rc)
		return rc;
	for (size_t i = 0; i < c->root->n && !rc; i++)
		if (hydra_part_of(c->root->item[i]) & part)
			rc = copy_member(c->root->item[i], doc);
	workload = rc ? NULL : node_get(doc, "workload");
	if (workload)
		rc = hide_secrets(workload, "");
	if (rc) {
		node_free(doc);
		return rc;
	}
	*out = doc;
	return 0;
}
