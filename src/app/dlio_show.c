#include "app/dlio_show.h"

#include "base/log.h"
#include "config/dump.h"
#include "config/hydra.h"
#include "config/interpolate.h"

#include <errno.h>
#include <string.h>
#include <time.h>

static void title(const char *text)
{
	printf("\n%s\n", text);
	for (; *text; text++)
		putchar('*');
	putchar('\n');
}

/* ---- --help ---- */

static void say_name(void *arg, const char *name)
{
	bool *first = arg;

	printf("%s%s", *first ? "" : ", ", name);
	*first = false;
}

int dlio_show_help(const struct compose *c)
{
	bool first = true;
	struct node *doc;
	int rc = hydra_document(c, HYDRA_JOB, &doc);

	if (rc)
		return rc;
	printf("dlio_benchmark: a drop-in for DLIO's command, by dliofs\n\n"
	       "  dlio_benchmark workload=unet3d_h100 "
	       "++workload.train.epochs=2\n\n"
	       "workload=NAME takes one of the workloads that are built in, or "
	       "NAME.yaml in\nDIR/workload with --config-dir DIR.  There are:\n"
	       "  ");
	search_list(&c->search, "workload", say_name, &first);
	printf("\n\n"
	       "  workload.a.b=VALUE     change what the workload says\n"
	       "  ++workload.a.b=VALUE   change it, or add what it does not "
	       "say\n"
	       "  ~workload.a.b          take it out\n"
	       "  hydra.run.dir=DIR      where results go\n\n"
	       "Flags:\n");
	dlio_flags_print(stdout);
	printf("\nThe configuration:\n\n");
	dump_tree(doc, stdout);
	node_free(doc);
	return 0;
}

/* ---- --cfg ---- */

static enum hydra_part part_named(const char *name)
{
	static const struct {
		const char *name;
		enum hydra_part part;
	} parts[] = { { "job", HYDRA_JOB }, { "hydra", HYDRA_OWN } };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strcmp(parts[i].name, name))
			return parts[i].part;
	return HYDRA_ALL;
}

static int take_value(const struct node *doc, const char *path, bool resolve,
		      struct node **out)
{
	const struct interpolate_env env = interpolate_here(time(NULL));
	const struct node *n = node_find(doc, path);

	if (!n) {
		log_invalid("--package: there is no '%s'", path);
		return -EINVAL; /* for the compiler to see */
	}
	return resolve ? interpolate_value(&env, doc, path, out) :
			 node_copy(n, out);
}

static int take_members(const struct node *doc, enum hydra_part part,
			bool resolve, struct node **out)
{
	struct node *map;
	int rc = node_new(NODE_MAP, doc->mark, &map);

	if (rc)
		return rc;
	for (size_t i = 0; i < doc->n && !rc; i++) {
		const char *key = doc->item[i]->key;
		struct node *made;

		if (!(hydra_part_of(doc->item[i]) & part))
			continue;
		rc = take_value(doc, key, resolve, &made);
		if (!rc)
			rc = node_put(map, key, made);
	}
	if (rc) {
		node_free(map);
		return rc;
	}
	*out = map;
	return 0;
}

int dlio_show_cfg(const struct compose *c, const struct dlio_flags *f)
{
	struct node *doc, *shown = NULL;
	int rc = hydra_document(c, HYDRA_ALL, &doc);

	if (rc)
		return rc;
	rc = f->package ?
		     take_value(doc, f->package, f->resolve, &shown) :
		     take_members(doc, part_named(f->cfg), f->resolve, &shown);
	node_free(doc);
	if (rc)
		return rc;
	if (f->package)
		printf("# @package %s\n", f->package);
	dump_tree(shown, stdout);
	node_free(shown);
	return 0;
}

/* ---- --info ---- */

static int show_searchpath(const struct compose *c, const struct dlio_flags *f)
{
	const struct search *s = &c->search;

	(void)f;
	title("Config search path");
	if (s->own)
		printf("| command-line | %s (its workloads before all "
		       "others)\n",
		       s->own);
	if (s->main)
		printf("| main         | %s\n", s->main);
	else
		printf("| main         | built in\n");
	return 0;
}

static int show_defaults(const struct compose *c, const struct dlio_flags *f)
{
	(void)f;
	title("Defaults List");
	printf("| %-32s| %-20s| %-7s| %s\n", "Config path", "Package", "_self_",
	       "Parent");
	for (size_t i = 0; i < c->parts.n; i++) {
		const struct compose_part *p = &c->parts.item[i];

		printf("| %-32s| %-20s| %-7s| %s\n", p->name, p->package,
		       p->self ? "True" : "False", p->parent);
	}
	return 0;
}

static void show_below(const struct compose *c, const char *parent,
		       unsigned depth)
{
	for (size_t i = 0; i < c->parts.n; i++) {
		const struct compose_part *p = &c->parts.item[i];

		if (strcmp(p->parent, parent) != 0)
			continue;
		printf("%*s%s\n", (int)depth * 2, "", p->name);
		show_below(c, p->name, depth + 1);
	}
}

static int show_tree(const struct compose *c, const struct dlio_flags *f)
{
	(void)f;
	title("Defaults Tree");
	puts("<root>:");
	show_below(c, "<root>", 1);
	return 0;
}

static int show_plugins(const struct compose *c, const struct dlio_flags *f)
{
	(void)c;
	(void)f;
	title("Installed Hydra Plugins");
	puts("None: this is a program of its own");
	return 0;
}

static int show_config(const struct compose *c, const struct dlio_flags *f)
{
	struct dlio_flags job = *f;

	job.cfg = "job";
	title("Config");
	return dlio_show_cfg(c, &job);
}

int dlio_show_info(const struct compose *c, const struct dlio_flags *f)
{
	static const struct {
		const char *name;
		int (*show)(const struct compose *c,
			    const struct dlio_flags *f);
	} shows[] = {
		{ "plugins", show_plugins },
		{ "searchpath", show_searchpath },
		{ "defaults-tree", show_tree },
		{ "defaults", show_defaults },
		{ "config", show_config },
	};
	bool all = !strcmp(f->info, "all");

	for (size_t i = 0; i < ARRAY_SIZE(shows); i++) {
		int rc = 0;

		if (all || !strcmp(f->info, shows[i].name))
			rc = shows[i].show(c, f);
		if (rc)
			return rc;
	}
	return 0;
}
