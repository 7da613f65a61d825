#include "app/workload.h"

#include "lib/capture.h"
#include "lib/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

static char *folder;
static char path[256];

static void set_up(void)
{
	folder = scratch_new();
	snprintf(path, sizeof(path), "%s/w.yaml", folder);
}

static void tear_down(void)
{
	scratch_remove(folder);
}

TestSuite(workload, .init = set_up, .fini = tear_down);

static void write_config(const char *text)
{
	FILE *f = fopen(path, "we");

	cr_assert_not_null(f);
	fputs(text, f);
	cr_assert_eq(fclose(f), 0);
}

/* Everything that an option stands for is set the other way. */
static const char contrary[] = "dataset: {data_folder: mem://d, format: npz,"
			       " num_files_train: 3}\n"
			       "checkpoint: {checkpoint_folder: mem://c}\n"
			       "dliofs:\n"
			       "  record: true\n"
			       "  mount: {enabled: true, cache: warm}\n"
			       "  train: {compat_strict: false}\n";

static struct cli nothing(void)
{
	return (struct cli){ .config = path,
			     .ready_fd = -1,
			     .recorder_fd = -1,
			     .mem_fd = -1,
			     .settings_fd = -1 };
}

Test(workload, is_what_its_file_says)
{
	struct cli cli = nothing();
	struct workload w;

	write_config(contrary);
	cr_assert_eq(workload_open(&cli, &w), 0);
	cr_expect_str_eq(w.data_uri, "mem://d");
	cr_expect_str_eq(w.checkpoint_uri, "mem://c");
	cr_expect_eq(dataset_files(w.dataset), 3);
	cr_expect_eq(w.stores.dataset, w.dataset);
	cr_expect_eq(w.stores.backend.mem_fd, -1);
	cr_expect_eq(workload_need_dataset(&w), 0);
	cr_expect(w.config->dliofs.record);
	cr_expect(w.config->dliofs.mount.enabled);
	cr_expect_eq(w.config->dliofs.mount.cache, CONFIG_CACHE_WARM);
	workload_close(&w);
}

Test(workload, options_win_over_the_file_and_over_settings)
{
	const char *settings[] = { "++dliofs.record=true",
				   "dliofs.mount.enabled=true",
				   "dliofs.mount.cache=warm",
				   "dliofs.train.compat_strict=false",
				   "dataset.num_files_train=5" };
	struct cli cli = nothing();
	struct workload w;

	write_config(contrary);
	cli.overrides = settings;
	cli.n_overrides = ARRAY_SIZE(settings);
	cli.cache = "cold";
	cli.no_mount = cli.no_record = true;
	cli.compat = "strict";
	cr_assert_eq(workload_open(&cli, &w), 0);
	cr_expect_eq(w.config->dliofs.mount.cache, CONFIG_CACHE_COLD);
	cr_expect_not(w.config->dliofs.mount.enabled);
	cr_expect_not(w.config->dliofs.record);
	cr_expect(w.config->dliofs.train.compat_strict);
	cr_expect_eq(dataset_files(w.dataset), 5);
	workload_close(&w);
}

Test(workload, what_is_impossible_is_einval)
{
	static const struct {
		const char *text, *cache, *compat, *said;
		bool strict;
	} cases[] = {
		{ "dataset: [1\n", NULL, NULL, "w.yaml", false },
		{ "reader: {batch_size: many}\n", NULL, NULL, "batch_size",
		  false },
		{ "nonsense: 1\n", NULL, NULL, "nonsense", true },
		{ "", "lukewarm", NULL, "lukewarm", false },
		{ "", NULL, "lax", "lax", false },
	};
	struct cli cli;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct workload w = { 0 };
		struct capture said;

		write_config(cases[i].text);
		cli = nothing();
		cli.cache = cases[i].cache;
		cli.compat = cases[i].compat;
		cli.strict = cases[i].strict;
		capture_start(&said);
		cr_expect_eq(workload_open(&cli, &w), -EINVAL, "case %zu", i);
		capture_stop(&said);
		cr_expect_not_null(strstr(said.text, cases[i].said),
				   "case %zu: %s", i, said.text);
		workload_close(&w);
	}
}

Test(workload, a_missing_file_is_einval_and_named)
{
	struct workload w = { 0 };
	struct cli cli = nothing();
	struct capture said;

	capture_start(&said);
	cr_expect_eq(workload_open(&cli, &w), -EINVAL);
	cr_expect_not_null(strstr(capture_stop(&said), path), "%s", said.text);
	workload_close(&w);
}

Test(workload, opens_its_stores_and_makes_folders_for_those_who_write)
{
	char settings[2][300];
	const char *overrides[] = { settings[0], settings[1] };
	struct workload w = { 0 };
	struct cli cli = nothing();
	struct capture said;
	struct backend *b;

	write_config("dataset: {format: npy}\n");
	snprintf(settings[0], sizeof(settings[0]), "dataset.data_folder=%s/d",
		 folder);
	snprintf(settings[1], sizeof(settings[1]),
		 "checkpoint.checkpoint_folder=%s/c", folder);
	cli.overrides = overrides;
	cli.n_overrides = 2;
	cr_assert_eq(workload_open(&cli, &w), 0);
	capture_start(&said);
	cr_expect_eq(workload_open_data(&w, false, &b), -ENOENT);
	capture_stop(&said);
	cr_assert_eq(workload_open_data(&w, true, &b), 0);
	cr_expect_str_eq(b->uri, strchr(settings[0], '=') + 1);
	backend_close(b);
	cr_assert_eq(workload_open_checkpoints(&w, &b), 0);
	cr_expect_str_eq(b->uri, strchr(settings[1], '=') + 1);
	backend_close(b);
	workload_close(&w);
}

Test(workload, closes_the_memory_it_was_given)
{
	struct workload w = { 0 };
	struct cli cli = nothing();

	workload_close(&w); /* zeroed */
	write_config("");
	cli.mem_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	cr_assert_eq(workload_open(&cli, &w), 0);
	cr_expect_eq(w.stores.backend.mem_fd, cli.mem_fd);
	workload_close(&w);
	cr_expect_eq(fcntl((int)cli.mem_fd, F_GETFD), -1);
}

/* What a manifest says of the dataset of the file and these settings. */
static char *described(const char **settings, size_t n)
{
	struct cli cli = nothing();
	struct workload w = { 0 };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	cli.overrides = settings;
	cli.n_overrides = n;
	cr_assert_eq(workload_open(&cli, &w), 0, "%s", n ? settings[0] : "");
	dataset_describe(w.dataset, out);
	workload_close(&w);
	fclose(out);
	return text;
}

Test(workload, each_setting_of_a_dataset_makes_another_one)
{
	static const struct {
		const char *format, *setting, *said;
	} cases[] = {
		{ "npz", "num_files_train=7", "train=7/0" },
		{ "npz", "num_files_eval=7", "valid=7/0" },
		{ "npz", "num_subfolders_train=3", "train=3/3" },
		{ "npz", "num_subfolders_eval=2", "valid=2/2" },
		{ "npz", "num_samples_per_file=5", "samples=5" },
		{ "npz", "file_prefix=part", "prefix=part" },
		{ "npz", "record_element_type=float32", "dtype=float32" },
		{ "npz", "record_length_bytes=100", " 10x10" },
		{ "npz", "record_length_bytes_stdev=1024", "stdev=8" },
		{ "npz", "record_dims=[3,4]", " 3x4" },
		{ "npz", "dliofs.dataset.seed=3", "seed=" },
		{ "npz", "dliofs.dataset.compress_ratio=4",
		  "compress_ratio=4" },
		{ "npz", "dliofs.dataset.dedupe_ratio=3", "dedupe_ratio=3" },
		{ "hdf5", "compression=gzip", "compression=gzip:4" },
		{ "hdf5", "hdf5.chunk_dims=[1,8,9]", "chunk=1x8x9" },
		{ "hdf5", "hdf5.max_shape=[70,80]", "max=70x80" },
		{ "parquet", "compression=zstd", "compression=zstd" },
		{ "parquet", "parquet.row_group_size=9", "row_group=9" },
		{ "parquet", "parquet.generation_batch_size=9", "batch=9" },
		{ "parquet", "parquet.columns=[{name: a, dtype: int8}]",
		  "a=int8:1" },
	};

	write_config("dataset: {data_folder: mem://d, num_files_train: 3, "
		     "num_files_eval: 2, record_length_bytes: 4096}\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool own = !strncmp(cases[i].setting, "dliofs.", 7);
		char setting[128], format[64];
		const char *settings[] = { format, setting };
		AUTO_FREE char *before = NULL, *after = NULL;

		snprintf(format, sizeof(format), "dataset.format=%s",
			 cases[i].format);
		snprintf(setting, sizeof(setting), "%s%s",
			 own ? "" : "dataset.", cases[i].setting);
		before = described(settings, 1);
		after = described(settings, 2);
		cr_expect_str_neq(before, after, "%s", setting);
		cr_expect(strstr(after, cases[i].said), "%s: %s", setting,
			  after);
	}
}

Test(workload, settings_that_need_others_make_another_dataset_too)
{
	const char *dsets[] = { "dataset.format=hdf5",
				"dataset.record_dims=[6,8]",
				"dataset.hdf5.num_dset_per_record=3" };
	const char *level[] = { "dataset.format=hdf5",
				"dataset.compression=gzip",
				"dataset.compression_level=9" };
	const char *by[] = { "dataset.format=parquet",
			     ("dataset.parquet.columns="
			      "[{name: a, dtype: int8},{name: b, dtype: int8}]"),
			     "dataset.parquet.partition_by=b" };
	const struct {
		const char **settings, *said;
	} cases[] = { { dsets, "datasets=3" },
		      { level, "compression=gzip:9" },
		      { by, "by=b" } };

	write_config("dataset: {data_folder: mem://d, num_files_train: 3}\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *before = described(cases[i].settings, 2);
		AUTO_FREE char *after = described(cases[i].settings, 3);

		cr_expect_null(strstr(before, cases[i].said));
		cr_expect(strstr(after, cases[i].said), "%s", after);
	}
}

/* --threads is the setting, for whatever goes through a dataset's files. */
Test(workload, has_as_many_threads_as_the_setting_says_or_the_store_suggests)
{
	static const struct {
		uint64_t asked;
		bool local;
		unsigned want;
	} cases[] = {
		{ 0, true, 0 },
		{ 0, false, 16 },
		{ 3, true, 3 },
		{ 3, false, 3 },
	};

	write_config(contrary);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct backend b = { .local = cases[i].local };
		struct cli cli = nothing();
		struct workload w;

		cli.threads = cases[i].asked;
		cr_assert_eq(workload_open(&cli, &w), 0);
		cr_expect_eq(workload_threads(&w, &b), cases[i].want,
			     "case %zu", i);
		workload_close(&w);
	}
}
