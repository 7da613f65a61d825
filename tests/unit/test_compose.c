/* Composition, and what Hydra says of itself in the document. */
#include "config/compose.h"
#include "config/hydra.h"

#include "config/builtin.h"
#include "config/config.h"
#include "lib/capture.h"
#include "lib/scratch.h"
#include "lib/tree_text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define MOST 4

/* The part of the document at a path; NULL if it was refused. */
static char *composed(const struct compose_options *o, const char *path)
{
	struct compose *c = NULL;
	const struct node *n;
	char *text = NULL;

	if (compose_new(o, &c))
		return NULL;
	n = node_find(c->root, path);
	if (n)
		text = tree_text(n);
	compose_free(c);
	return text;
}

static char *with_words(const char *const words[MOST], const char *path)
{
	struct compose_options o = { .overrides = words };

	while (o.n < MOST && words[o.n])
		o.n++;
	return composed(&o, path);
}

Test(compose, takes_words_as_hydra_does)
{
	static const struct {
		const char *words[MOST], *path, *want;
	} cases[] = {
		{ { NULL }, "workload.model", "{name: \"default\"}" },
		{ { "workload=unet3d_h100" },
		  "workload.train.computation_time",
		  "0.323" },
		{ { "workload=unet3d_h100.yaml" },
		  "workload.model.name",
		  "\"unet3d\"" },
		{ { "workload=dlrm", "workload=llama_7b" },
		  "workload.model.name",
		  "\"llama_7b\"" },
		{ { "workload.train.epochs=3" }, "workload.train.epochs", "3" },
		{ { "workload.train.epochs=3", "++workload.train.epochs=4" },
		  "workload.train.epochs",
		  "4" },
		{ { "+workload.train.seed=3" }, "workload.train.seed", "3" },
		{ { "+workload.a=null", "+workload.a=2" }, "workload.a", "2" },
		{ { "++workload.train.computation_time.mean=0.5" },
		  "workload.train.computation_time",
		  "{mean: 0.5}" },
		{ { "++workload.train={epochs: 2}" },
		  "workload.train",
		  "{epochs: 2, computation_time: 1}" },
		{ { "~workload.profiling" }, "workload.train.epochs", "10" },
		{ { "~workload.train.epochs=10" },
		  "workload.train",
		  "{computation_time: 1}" },
		{ { "hydra.run.dir=/d" }, "hydra.run.dir", "\"/d\"" },
		{ { "++hydra.output_subdir=dlio_config" },
		  "hydra.output_subdir",
		  "\"dlio_config\"" },
		{ { "hydra.output_subdir=null" },
		  "hydra.output_subdir",
		  "null" },
		{ { "hydra/job_logging=default" }, "hydra.verbose", "false" },
		{ { "++hydra.job_logging.root.level=INFO" },
		  "hydra.job_logging.root.level",
		  "\"INFO\"" },
		{ { "++top=5" }, "top", "5" },
		{ { "+workload@foo=unet3d_h100" },
		  "foo.train.computation_time",
		  "0.323" },
		{ { "+workload@foo=dlrm", "foo.train.epochs=7" },
		  "foo.train.epochs",
		  "7" },
		{ { "+workload@a.b=dlrm" },
		  "workload.model",
		  "{name: \"default\"}" },
		{ { "+workload@_global_=dlrm" }, "model.name", "\"dlrm\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *got = with_words(cases[i].words, cases[i].path);

		cr_expect(got, "%s", cases[i].words[0]);
		if (got)
			cr_expect_str_eq(got, cases[i].want, "%s",
					 cases[i].words[0]);
		free(got);
	}
}

Test(compose, refuses_with_hydras_words)
{
	static const struct {
		const char *words[MOST], *want;
	} cases[] = {
		{ { "workload=nope" },
		  "In 'config': Could not find 'workload/nope'" },
		{ { "workload=nope" }, "\tunet3d_h100\n" },
		{ { "workload.nope=1" },
		  "Could not override 'workload.nope'.\n"
		  "dliofs: error: To append to your config use "
		  "+workload.nope=1" },
		{ { "workload.train.epochs.x=1" },
		  "Could not override 'workload.train.epochs.x'." },
		{ { "nope=1" }, "Could not override 'nope'." },
		{ { "+workload.train.epochs=1" },
		  "Could not append to config. An item is already at "
		  "'workload.train.epochs'." },
		{ { "~workload.nope" },
		  "Could not delete from config. 'workload.nope' does not "
		  "exist." },
		{ { "~workload.train.epochs=1" },
		  "Could not delete from config. The value of "
		  "'workload.train.epochs'" },
		{ { "workload=dlrm,llama_7b" },
		  "Ambiguous value for argument 'workload=dlrm,llama_7b'" },
		{ { "+workload=dlrm" }, "Multiple values for workload" },
		{ { "++workload=dlrm" }, "is chosen without '+'" },
		{ { "workload@x=dlrm" },
		  "Could not override 'workload@x'.\n"
		  "dliofs: error: To append to your default list use "
		  "+workload@x=dlrm" },
		{ { "~workload@x" }, "Could not delete. No match for" },
		{ { "++workload@x=dlrm" }, "is chosen without '+'" },
		{ { "+workload@x=nope" },
		  "In 'config': Could not find 'workload/nope'" },
		{ { "workload=[a,b]" }, "one file of the group is expected" },
		{ { "workload" }, "expected '=' and a value" },
		{ { "other/group=a" }, "Could not override 'other/group'." },
		{ { "++workload.9a=1" }, "expected a setting's name" },
		{ { "++workload.a.7_=1" }, "expected a setting's name" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct capture c;

		capture_start(&c);
		cr_expect_null(with_words(cases[i].words, "workload"), "%s",
			       cases[i].words[0]);
		capture_stop(&c);
		cr_expect(strstr(c.text, cases[i].want), "%s: %s",
			  cases[i].words[0], c.text);
	}
}

/* ---- Files of one's own ---- */

static void put(const char *folder, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "we");
	cr_assert(f, "%s", path);
	fputs(text, f);
	fclose(f);
}

static void make_folder(const char *folder, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	cr_assert_eq(mkdir(path, 0777), 0, "%s", path);
}

/* As Hydra 1.3.2 composes these. */
static void put_files(const char *folder)
{
	make_folder(folder, "workload");
	make_folder(folder, "site");
	put(folder, "workload/one.yaml",
	    "defaults: [two]\nmodel: {name: one, a: 1}\n");
	put(folder, "workload/first.yaml",
	    "defaults: [_self_, two]\nmodel: {name: first, a: 1}\n");
	put(folder, "workload/two.yaml", "model: {name: two, b: 2}\n");
	put(folder, "workload/all.yaml",
	    "# @package _global_\nworkload: {model: {name: g}}\nextra: 5\n");
	put(folder, "workload/loop.yaml", "defaults: [loop]\n");
	put(folder, "workload/default.yaml", "model: {name: mine}\n");
	put(folder, "site/here.yaml", "rack: 7\n");
	put(folder, "config.yaml", "defaults: [{workload: two}]\nown: 1\n");
	put(folder, "top.yaml",
	    "defaults:\n  - workload: two\n  - override hydra/help: x\n"
	    "  - optional site: null\nmodel: 5\n");
}

Test(compose, finds_files_of_ones_own)
{
	static const struct {
		const char *name, *words[MOST], *path, *want;
		bool is_main; /* --config-path, not --config-dir */
	} cases[] = {
		{ NULL,
		  { "workload=one" },
		  "workload",
		  "{model: {name: \"one\", b: 2, a: 1}}",
		  false },
		{ NULL,
		  { "workload=first" },
		  "workload",
		  "{model: {name: \"two\", a: 1, b: 2}}",
		  false },
		{ NULL,
		  { "workload=all" },
		  "workload",
		  "{model: {name: \"g\"}}",
		  false },
		{ NULL, { "workload=all" }, "extra", "5", false },
		{ "top",
		  { NULL },
		  "workload",
		  "{model: {name: \"two\", b: 2}}",
		  false },
		{ "top",
		  { "workload=dlrm" },
		  "workload.model.name",
		  "\"dlrm\"",
		  false },
		{ "top", { "site=here" }, "site", "{rack: 7}", false },
		{ NULL, { "+site=here" }, "site", "{rack: 7}", false },
		{ "top", { "~workload" }, "model", "5", false },
		/* The top file is ours; the workloads are the user's. */
		{ NULL, { NULL }, "workload.model.name", "\"mine\"", false },
		{ NULL, { NULL }, "workload.model.name", "\"two\"", true },
		{ NULL, { NULL }, "own", "1", true },
	};
	char *folder = scratch_new();

	put_files(folder);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct compose_options o = { .name = cases[i].name,
					     .overrides = cases[i].words };
		struct capture c;
		char *got;

		*(cases[i].is_main ? &o.main_folder : &o.own_folder) = folder;
		while (o.n < MOST && cases[i].words[o.n])
			o.n++;
		capture_start(&c);
		got = composed(&o, cases[i].path);
		capture_stop(&c);
		cr_expect(got, "%zu: %s", i, c.text);
		if (got)
			cr_expect_str_eq(got, cases[i].want, "%zu", i);
		free(got);
	}
	scratch_remove(folder);
}

Test(compose, warns_when_a_file_of_ones_own_hides_one_of_ours)
{
	static const struct {
		const char *word;
		bool warned;
	} cases[] = { { "workload=default", true }, { "workload=two", false } };
	char *folder = scratch_new();

	put_files(folder);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct compose_options o = { .own_folder = folder,
						   .overrides = &cases[i].word,
						   .n = 1 };
		struct capture c;

		capture_start(&c);
		free(composed(&o, "workload"));
		capture_stop(&c);
		cr_expect_eq(strstr(c.text, "DLIO would take its own") != NULL,
			     cases[i].warned, "%s: %s", cases[i].word, c.text);
	}
	scratch_remove(folder);
}

Test(compose, says_what_is_not_there)
{
	static const struct {
		const char *main, *own, *name, *word, *want;
	} cases[] = {
		{ "/nowhere", NULL, NULL, NULL,
		  "Primary config directory not found: '/nowhere'" },
		{ NULL, "/nowhere", NULL, NULL,
		  "Additional config directory '/nowhere' not found" },
		{ NULL, NULL, "nope", NULL,
		  "Cannot find primary config 'nope'" },
		{ NULL, "", NULL, "workload=loop", "too many files" },
	};
	char *folder = scratch_new();

	put_files(folder);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct compose_options o = {
			.main_folder = cases[i].main,
			.own_folder = cases[i].own && !*cases[i].own ?
					      folder :
					      cases[i].own,
			.name = cases[i].name,
			.overrides = &cases[i].word,
			.n = cases[i].word ? 1 : 0,
		};
		struct capture c;

		capture_start(&c);
		cr_expect_null(composed(&o, "workload"));
		capture_stop(&c);
		cr_expect(strstr(c.text, cases[i].want), "%s", c.text);
	}
	scratch_remove(folder);
}

/* ---- What is built in ---- */

Test(compose, knows_every_workload_that_is_built_in)
{
	size_t n = 0;

	for (const struct builtin_file *f = builtin_files; f->name; f++) {
		struct config *config = NULL;
		struct compose *c = NULL;
		char word[128];
		const char *words[] = { word };
		struct compose_options o = { .overrides = words, .n = 1 };

		if (strncmp(f->name, "workload/", 9) != 0)
			continue;
		snprintf(word, sizeof(word), "workload=%s", f->name + 9);
		cr_assert_eq(compose_new(&o, &c), 0, "%s", word);
		cr_expect_eq(config_from_tree(node_get(c->root, "workload"),
					      CONFIG_STRICT, &config),
			     0, "%s", word);
		config_free(config);
		compose_free(c);
		n++;
	}
	cr_expect_geq(n, 31, "%zu", n);
}

/* ---- Hydra's own ---- */

static struct compose *described(const char *const *words, size_t n)
{
	const struct compose_options o = { .overrides = words, .n = n };
	struct compose *c = NULL;

	cr_assert_eq(compose_new(&o, &c), 0);
	cr_assert_eq(hydra_describe(c, NULL, "/here"), 0);
	cr_assert_eq(hydra_started(c, "/there"), 0);
	return c;
}

Test(compose, describes_the_run_as_hydra_does)
{
	static const char *const words[] = { "workload=dlrm",
					     "hydra.run.dir=/d",
					     "++workload.train.epochs=2",
					     "hydra/job_logging=none" };
	static const struct {
		const char *path, *want;
	} cases[] = {
		{ "hydra.overrides.task",
		  "[\"workload=dlrm\", \"++workload.train.epochs=2\"]" },
		{ "hydra.overrides.hydra",
		  "[\"hydra.run.dir=/d\", \"hydra/job_logging=none\", "
		  "\"hydra.mode=RUN\"]" },
		{ "hydra.job.override_dirname",
		  "\"++workload.train.epochs=2,workload=dlrm\"" },
		{ "hydra.job.config_name", "\"config\"" },
		{ "hydra.job.name", "\"main\"" },
		{ "hydra.runtime.cwd", "\"/here\"" },
		{ "hydra.runtime.output_dir", "\"/there\"" },
		{ "hydra.mode", "\"RUN\"" },
		{ "hydra.runtime.choices.workload", "\"dlrm\"" },
		{ "hydra.runtime.choices.hydra/job_logging", "\"none\"" },
	};
	struct compose *c = described(words, ARRAY_SIZE(words));

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct node *n = node_find(c->root, cases[i].path);
		char *got = n ? tree_text(n) : NULL;

		cr_expect(got, "%s", cases[i].path);
		if (got)
			cr_expect_str_eq(got, cases[i].want, "%s",
					 cases[i].path);
		free(got);
	}
	compose_free(c);
}

Test(compose, hides_secrets_in_what_is_written)
{
	static const char *const words[] = {
		"++workload.storage.storage_options.secret_access_key=hush",
		"++workload.storage.storage_options.secret_acess_key=hush",
		"++workload.dliofs.azure={sas: hush}",
	};
	struct compose *c = described(words, ARRAY_SIZE(words));

	for (int i = 0; i < 3; i++) {
		struct node *n = NULL;
		char *text;

		cr_assert_eq(i < 2 ? hydra_document(
					     c, i ? HYDRA_OWN : HYDRA_ALL, &n) :
				     hydra_overrides(c, false, &n),
			     0);
		text = tree_text(n);
		cr_expect_null(strstr(text, "hush"), "%s", text);
		cr_expect(strstr(text, "secret_access_key"), "%s", text);
		cr_expect(strstr(text, "***"), "%s", text);
		free(text);
		node_free(n);
	}
	compose_free(c);
}
