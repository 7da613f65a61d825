#include "config/config.h"

#include "lib/config_text.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <string.h>

#define STOCK DLIOFS_SHARED_DIR "/workloads/dlio/workload/"
#define OURS DLIOFS_SOURCE_DIR "/configs/workload/"

static struct config *load(const char *path)
{
	struct config *c = NULL;

	cr_assert_eq(config_load(path, NULL, 0, 0, &c), 0, "%s", path);
	return c;
}

static void expect_reloads(const char *path)
{
	struct config *c = load(path);
	char *printed = config_text(c), *wrong = config_text_reload(printed);

	cr_expect_str_empty(wrong, "%s: %s", path, wrong);
	free(wrong);
	free(printed);
	config_free(c);
}

Test(workloads, all_load_and_print_what_loads_back)
{
	glob_t found;

	cr_assert_eq(glob(DLIOFS_SHARED_DIR "/workloads/*/workload/*.yaml", 0,
			  NULL, &found),
		     0);
	cr_expect_geq(found.gl_pathc, 37, "%zu", found.gl_pathc);
	for (size_t i = 0; i < found.gl_pathc; i++)
		expect_reloads(found.gl_pathv[i]);
	globfree(&found);
}

/* Ours were written from a table; this finds a slip in either. */
Test(workloads, of_ours_mean_what_the_stock_ones_mean)
{
	/* Own bucket and server in one, no training in the other. */
	static const char *const other[] = { "_s3.yaml", "llama_1t.yaml" };
	glob_t found;

	cr_assert_eq(glob(STOCK "*.yaml", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *name = found.gl_pathv[i] + strlen(STOCK);
		struct config *stock, *ours;
		char path[512], *a, *b;
		bool same = true;

		for (size_t j = 0; j < ARRAY_SIZE(other); j++)
			same = same && !strstr(name, other[j]);
		snprintf(path, sizeof(path), "%s%s", OURS, name);
		stock = load(found.gl_pathv[i]);
		ours = load(path);
		a = config_text(stock);
		b = config_text(ours);
		if (same)
			cr_expect_str_eq(b, a, "%s", name);
		free(a);
		free(b);
		config_free(stock);
		config_free(ours);
	}
	globfree(&found);
}

Test(workloads, have_the_values_that_they_are_known_for)
{
	struct config *c = load(STOCK "unet3d_h100.yaml");

	cr_expect_eq(c->framework, CONFIG_PYTORCH);
	cr_expect_str_eq(c->dataset.format, "npz");
	cr_expect_eq(c->dataset.num_files_train, 168);
	cr_expect_eq(c->dataset.record_length_bytes, 146600628);
	cr_expect_eq(c->dataset.record_length_bytes_stdev, 68341808);
	cr_expect_eq(c->reader.batch_size, 7);
	cr_expect_eq(c->reader.read_threads, 4);
	cr_expect_eq(c->reader.file_shuffle, CONFIG_SHUFFLE_SEED);
	cr_expect_eq(c->train.computation_time.type, CONFIG_TIME_CONSTANT);
	cr_expect_eq(c->train.computation_time.a, 0.323);
	cr_expect_eq(c->model.model_size_bytes, 499153191);
	cr_expect_eq(c->checkpoint.checkpoint_after_epoch, 5);
	config_free(c);

	c = load(STOCK "resnet50_a100.yaml");
	cr_expect_eq(c->reader.data_loader, CONFIG_LOADER_TENSORFLOW);
	cr_expect_eq(c->dataset.record_length_bytes, 114660.07);
	cr_expect_eq(c->reader.computation_threads, 8);
	cr_expect(c->reader.dont_use_mmap);
	config_free(c);

	c = load(STOCK "megatron_deepspeed_LLNL.yaml");
	cr_expect_eq(c->model.optimization_groups.n, 3);
	cr_expect_eq(c->model.optimization_groups.item[2], 793600);
	cr_expect_str_eq(c->dataset.data_folder, "dataset/megatron-deepspeed");
	cr_expect_str_eq(c->checkpoint.type, "all_ranks");
	config_free(c);

	c = load(DLIOFS_SHARED_DIR
		 "/workloads/mlperf-v2.0/workload/llama3_405b.yaml");
	cr_expect_not(c->workflow.train);
	cr_expect(c->checkpoint.fsync);
	cr_expect_eq(c->model.parallelism.pipeline, 32);
	cr_expect_eq(c->checkpoint.time_between_checkpoints.a, 5);
	cr_expect_eq(c->checkpoint.num_checkpoints_read, 10);
	config_free(c);
}
