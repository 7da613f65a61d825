#include "app/presence.h"

#include "data/generate.h"
#include "data/manifest.h"
#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define MOST 8

/* Four files for training, three for evaluation, in memory. */
static const char *const base[] = { "dataset.data_folder=mem://d",
				    "dataset.format=npy",
				    "dataset.record_length_bytes=64",
				    "dataset.num_files_train=4",
				    "dataset.num_files_eval=3" };

static void open_with(struct workload *w, const char *setting)
{
	const char *overrides[MOST];
	struct cli cli = { .ready_fd = -1,
			   .recorder_fd = -1,
			   .mem_fd = -1,
			   .settings_fd = -1 };

	memcpy(overrides, base, sizeof(base));
	overrides[ARRAY_SIZE(base)] = setting;
	cli.overrides = overrides;
	cli.n_overrides = ARRAY_SIZE(base) + (setting ? 1 : 0);
	cr_assert_eq(workload_open(&cli, w), 0);
	w->stores.backend.mem_limit = 64 * MIB;
}

static void generate(struct workload *w)
{
	struct crew crew = { .threads = 1 };
	struct generate_result result;
	struct backend *b;

	cr_assert_eq(workload_open_data(w, true, &b), 0);
	cr_assert_eq(generate_dataset(w->dataset, b, &crew, &result), 0);
	backend_close(b);
}

static void put_object(struct workload *w, const char *name)
{
	struct backend *b;
	struct object *o;

	cr_assert_eq(workload_open_data(w, true, &b), 0);
	cr_assert_eq(object_create(b, name, &o), 0);
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
	backend_close(b);
}

static void remove_object(struct workload *w, const char *name)
{
	struct backend *b;

	cr_assert_eq(workload_open_data(w, false, &b), 0);
	cr_assert_eq(backend_remove(b, name), 0, "%s", name);
	backend_close(b);
}

static int check(struct workload *w, bool *generated, struct capture *said)
{
	int rc;

	capture_start(said);
	rc = presence_check(w, generated);
	capture_stop(said);
	return rc;
}

Test(presence, looks_at_the_ends_of_the_sets_that_are_used)
{
	static const struct {
		const char *removed, *evaluation;
		int want;
		const char *said;
	} cases[] = {
		{ NULL, "true", 0, "" },
		{ "train/img_0_of_4.npy", "true", -ENOENT, "training" },
		{ "train/img_3_of_4.npy", "true", -ENOENT, "training" },
		{ "train/img_3_of_4.npy", "false", -ENOENT, "training" },
		{ "train/img_1_of_4.npy", "true", 0, "" }, /* not looked at */
		{ "valid/img_0_of_3.npy", "true", -ENOENT, "evaluation" },
		{ "valid/img_2_of_3.npy", "true", -ENOENT, "evaluation" },
		{ "valid/img_2_of_3.npy", "false", 0, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct workload w = { 0 };
		struct capture said;
		char setting[64];
		bool generated;

		snprintf(setting, sizeof(setting), "workflow.evaluation=%s",
			 cases[i].evaluation);
		open_with(&w, setting);
		generate(&w);
		if (cases[i].removed)
			remove_object(&w, cases[i].removed);
		cr_expect_eq(check(&w, &generated, &said), cases[i].want,
			     "case %zu: %s", i, said.text);
		cr_expect_not_null(strstr(said.text, cases[i].said), "%s",
				   said.text);
		if (cases[i].want) {
			cr_expect_not_null(strstr(said.text, cases[i].removed));
			cr_expect_not_null(strstr(said.text, "generate_data"));
		} else {
			cr_expect(generated, "case %zu", i);
			cr_expect_str_empty(said.text);
		}
		workload_close(&w);
	}
}

Test(presence, believes_only_a_manifest_of_this_very_configuration)
{
	static const struct {
		const char *setting; /* of the one who looks */
		bool keep_manifest;
		bool want;
	} cases[] = {
		{ NULL, true, true },
		{ NULL, false, false },
		{ "dliofs.dataset.seed=99", true, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct workload maker = { 0 }, w = { 0 };
		struct capture said;
		bool generated = !cases[i].want;

		open_with(&maker, NULL);
		generate(&maker);
		if (!cases[i].keep_manifest)
			remove_object(&maker, MANIFEST_NAME);
		open_with(&w, cases[i].setting);
		w.stores.backend.mem_fd = maker.stores.backend.mem_fd;
		cr_expect_eq(check(&w, &generated, &said), 0, "%s", said.text);
		cr_expect_eq(generated, cases[i].want, "case %zu", i);
		w.stores.backend.mem_fd = -1;
		workload_close(&w);
		workload_close(&maker);
	}
}

/* What is there says in its names that there are four for training. */
Test(presence, finds_a_larger_dataset_whatever_else_is_in_its_folder)
{
	static const char *const others[] = {
		"train/a_of_b.npy",
		"train/a_0_of_99999999999999999999.npy",
		"train/a_0_of_1099511627777.npy",
	};
	struct workload maker = { 0 }, w = { 0 };
	struct capture said;
	bool generated;

	open_with(&maker, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		put_object(&maker, others[i]);
	generate(&maker);
	open_with(&w, "dataset.num_files_train=2");
	w.stores.backend.mem_fd = maker.stores.backend.mem_fd;
	cr_expect_eq(check(&w, &generated, &said), 0, "%s", said.text);
	cr_expect_eq(dataset_count(w.dataset, DATASET_TRAIN), 4);
	w.stores.backend.mem_fd = -1;
	workload_close(&w);
	workload_close(&maker);
}

Test(presence, nothing_there_says_how_to_get_it)
{
	static const char *const folders[] = {
		"dataset.data_folder=mem://empty",
		"dataset.data_folder=/nonexistent/folder",
	};

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		struct workload w = { 0 };
		struct capture said;
		bool generated;

		open_with(&w, folders[i]);
		cr_expect_eq(check(&w, &generated, &said), -ENOENT);
		cr_expect_not(generated);
		cr_expect_not_null(strstr(said.text, "generate_data"), "%s",
				   said.text);
		workload_close(&w);
	}
}

/* To generate would not help. */
Test(presence, a_store_that_cannot_be_opened_is_not_a_missing_dataset)
{
	struct capture said;
	struct workload w;
	bool generated;

	open_with(&w, "dataset.data_folder=/dev/null");
	cr_expect_eq(check(&w, &generated, &said), -ENOTDIR);
	cr_expect(strstr(said.text, "/dev/null: Not a directory"), "%s",
		  said.text);
	cr_expect_null(strstr(said.text, "generate_data"), "%s", said.text);
	workload_close(&w);

	cr_assert_eq(setenv("AWS_CA_BUNDLE", "/none", 1), 0);
	cr_assert_eq(setenv("AWS_ACCESS_KEY_ID", "a", 1), 0);
	cr_assert_eq(setenv("AWS_SECRET_ACCESS_KEY", "b", 1), 0);
	open_with(&w, "dataset.data_folder=s3://bucket/d");
	cr_expect_eq(check(&w, &generated, &said), -ENOENT);
	cr_expect(strstr(said.text, "/none: No such file"), "%s", said.text);
	cr_expect_null(strstr(said.text, "generate_data"), "%s", said.text);
	workload_close(&w);
}

Test(presence, synth_is_always_there_and_right)
{
	struct workload w = { 0 };
	bool generated = false;

	open_with(&w, "dataset.data_folder=synth://");
	cr_expect_eq(presence_check(&w, &generated), 0);
	cr_expect(generated);
	workload_close(&w);
}
