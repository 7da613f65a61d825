#include "config/config.h"

#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct config *load(const char *text, const char *override)
{
	struct config *c = NULL;
	int rc = config_parse("w.yaml", text, strlen(text), &override,
			      override != NULL, 0, &c);

	cr_assert_eq(rc, 0, "%s", text);
	return c;
}

/* The messages of loading; "" if there were none.  rc must come out. */
static const char *messages(const char *text, const char *override,
			    unsigned flags, int want_rc, struct capture *said)
{
	struct config *c = NULL;
	int rc;

	capture_start(said);
	rc = config_parse("w.yaml", text, strlen(text), &override,
			  override != NULL, flags, &c);
	capture_stop(said);
	cr_expect_eq(rc, want_rc, "%s: %d\n%s", text, rc, said->text);
	config_free(c);
	return said->text;
}

Test(config, without_a_file_is_dlios_defaults)
{
	struct config *c = NULL;

	cr_assert_eq(config_load(NULL, NULL, 0, CONFIG_STRICT, &c), 0);
	cr_expect_str_eq(c->model.name, "default");
	cr_expect_null(c->model.type);
	cr_expect_eq(c->model.model_size_bytes, 10240);
	cr_expect_eq(c->model.num_layers, -1);
	cr_expect_eq(c->model.parallelism.data, -1);
	cr_expect_eq(c->framework, CONFIG_TENSORFLOW);
	cr_expect(c->workflow.train);
	cr_expect_not(c->workflow.generate_data);
	cr_expect_str_eq(c->storage.storage_type, "local_fs");
	cr_expect_eq(c->dataset.record_length_bytes, 65536);
	cr_expect_eq(c->dataset.num_files_train, 8);
	cr_expect_eq(c->dataset.num_files_eval, 0);
	cr_expect_eq(c->dataset.generation_buffer_size, 2147483648);
	cr_expect_eq(c->dataset.record_dims.n, 0);
	cr_expect_str_eq(c->dataset.format, "tfrecord");
	cr_expect_str_eq(c->dataset.data_folder, "./data");
	cr_expect_eq(c->reader.prefetch_size, 2);
	cr_expect_eq(c->reader.shuffle_size, 1024);
	cr_expect_eq(c->reader.sample_shuffle, CONFIG_SHUFFLE_OFF);
	cr_expect_eq(c->reader.preprocess_time.type, CONFIG_TIME_NONE);
	cr_expect_eq(c->train.total_training_steps, -1);
	cr_expect_eq(c->train.seed, 123);
	cr_expect_eq(c->checkpoint.time_between_checkpoints.type,
		     CONFIG_TIME_CONSTANT);
	cr_expect_eq(c->checkpoint.time_between_checkpoints.a, -1);
	cr_expect_not(c->checkpoint.ksm.present);
	cr_expect_eq(c->checkpoint.ksm.high_ram_trigger, 30);
	cr_expect_null(c->output.folder);
	cr_expect_eq(c->output.metric.exclude_start_steps, 1);
	cr_expect_eq(c->metric.au, 0.9);
	cr_expect_eq(c->dliofs.mount.blksize, 4096);
	cr_expect_eq(c->dliofs.mount.cache, CONFIG_CACHE_WARM);
	cr_expect(c->dliofs.train.check_data);
	cr_expect(c->dliofs.record);
	config_free(c);
}

Test(config, takes_a_file_and_then_overrides_in_their_order)
{
	static const char *const overrides[] = {
		"++workload.reader.batch_size=8",
		"reader.batch_size=9",
		"+dataset.record_dims=[16, 1e1]",
		"~train.epochs",
	};
	static const char text[] = "framework: pytorch\n"
				   "dataset: {format: npy}\n"
				   "reader: {batch_size: 7, odirect: yes}\n"
				   "train: {epochs: 5}\n"
				   "profiling: {iostat_devices: sda}\n";
	struct config *c = NULL;

	cr_assert_eq(config_parse("w.yaml", text, strlen(text), overrides,
				  ARRAY_SIZE(overrides), CONFIG_STRICT, &c),
		     0);
	cr_expect_eq(c->framework, CONFIG_PYTORCH);
	cr_expect_eq(c->reader.batch_size, 9);
	cr_expect(c->reader.odirect);
	cr_expect_eq(c->dataset.record_dims.n, 2);
	cr_expect_eq(c->dataset.record_dims.item[0], 16);
	cr_expect_eq(c->dataset.record_dims.item[1], 10);
	cr_expect_eq(c->train.epochs, 1);
	cr_expect_eq(c->profiling.iostat_devices.n, 1);
	cr_expect_str_eq(c->profiling.iostat_devices.item[0], "sda");
	config_free(c);
}

Test(config, takes_a_document_that_hydra_composed)
{
	struct config *c = load("workload:\n  train: {epochs: 5, seed: 7}\n",
				"++workload.train.epochs=6");

	cr_expect_eq(c->train.epochs, 6);
	cr_expect_eq(c->train.seed, 7);
	config_free(c);
}

Test(config, chooses_the_loader_that_dlio_leaves_open)
{
	static const struct {
		const char *text;
		enum config_loader loader;
		enum config_sampler sampler;
	} cases[] = {
		{ "", CONFIG_LOADER_TENSORFLOW, CONFIG_SAMPLER_ITERATIVE },
		{ "framework: pytorch", CONFIG_LOADER_PYTORCH,
		  CONFIG_SAMPLER_INDEX },
		{ "{framework: pytorch, reader: {data_loader: pytorch}}",
		  CONFIG_LOADER_PYTORCH, CONFIG_SAMPLER_INDEX },
		{ "reader: {data_loader: dali}", CONFIG_LOADER_DALI,
		  CONFIG_SAMPLER_INDEX },
		{ "reader: {data_loader: synthetic}", CONFIG_LOADER_SYNTHETIC,
		  CONFIG_SAMPLER_INDEX },
		{ "reader: {data_loader_sampler: index}",
		  CONFIG_LOADER_TENSORFLOW, CONFIG_SAMPLER_INDEX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config *c = load(cases[i].text, NULL);

		cr_expect_eq(c->reader.data_loader, cases[i].loader, "%s",
			     cases[i].text);
		cr_expect_eq(c->reader.data_loader_sampler, cases[i].sampler,
			     "%s", cases[i].text);
		config_free(c);
	}
}

/* Bare off is a boolean in a file and a text on the command line. */
Test(config, takes_switches_and_names_however_they_are_said)
{
	static const struct {
		const char *text, *override;
		bool train;
		enum config_shuffle shuffle;
	} cases[] = {
		{ "workflow: {train: off}", NULL, false, CONFIG_SHUFFLE_OFF },
		{ "workflow: {train: 'no'}", NULL, false, CONFIG_SHUFFLE_OFF },
		{ "workflow: {train: 0}", NULL, false, CONFIG_SHUFFLE_OFF },
		{ "", "workflow.train=off", false, CONFIG_SHUFFLE_OFF },
		{ "", "workflow.train=Yes", true, CONFIG_SHUFFLE_OFF },
		{ "reader: {sample_shuffle: off}", NULL, true,
		  CONFIG_SHUFFLE_OFF },
		{ "reader: {sample_shuffle: 'off'}", NULL, true,
		  CONFIG_SHUFFLE_OFF },
		{ "reader: {sample_shuffle: seed}", NULL, true,
		  CONFIG_SHUFFLE_SEED },
		{ "", "reader.sample_shuffle=random", true,
		  CONFIG_SHUFFLE_RANDOM },
		{ "reader: {sample_shuffle: seed}", "reader.sample_shuffle=off",
		  true, CONFIG_SHUFFLE_OFF },
		{ "reader: {sample_shuffle: null}", NULL, true,
		  CONFIG_SHUFFLE_OFF },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config *c = load(cases[i].text, cases[i].override);

		cr_expect_eq(c->workflow.train, cases[i].train, "case %zu", i);
		cr_expect_eq(c->reader.sample_shuffle, cases[i].shuffle,
			     "case %zu", i);
		config_free(c);
	}
}

Test(config, says_what_a_setting_expects)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "reader:\n  batch_size: many\n",
		  "w.yaml:2:3: reader.batch_size: expected a whole number, 1 "
		  "or more, found the text 'many'" },
		{ "reader: {batch_size: 0}",
		  "w.yaml:1:10: reader.batch_size: expected a whole number, 1 "
		  "or more, found 0" },
		{ "reader: {read_threads: -1}",
		  "w.yaml:1:10: reader.read_threads: expected a whole number, "
		  "0 to 4096, found -1" },
		{ "reader: {read_threads: 1.5}",
		  "w.yaml:1:10: reader.read_threads: expected a whole number, "
		  "0 to 4096, found 1.5" },
		{ "reader: {sample_shuffle: sead}",
		  "w.yaml:1:10: reader.sample_shuffle: 'sead' is not a valid "
		  "Shuffle: expected one of off, seed, random" },
		{ "reader: {read_type: x}",
		  "w.yaml:1:10: reader.read_type: expected one of on_demand, "
		  "memory, found the text 'x'" },
		{ "reader: {data_loader: x}",
		  "w.yaml:1:10: reader.data_loader: 'x' is not a valid "
		  "DataLoaderType: expected one of tensorflow, pytorch, dali, "
		  "native_dali, custom, none, synthetic" },
		{ "workflow: {train: maybe}",
		  "w.yaml:1:12: workflow.train: expected true or false, found "
		  "the text 'maybe'" },
		{ "workflow: {train: [1]}",
		  "w.yaml:1:12: workflow.train: expected true or false, found "
		  "a list" },
		{ "dataset: {record_length_bytes: -1}",
		  "w.yaml:1:11: dataset.record_length_bytes: expected a "
		  "number, 0 or more, found -1" },
		{ "dataset: {record_length_bytes: .nan}",
		  "w.yaml:1:11: dataset.record_length_bytes: expected a "
		  "number, 0 or more, found .nan" },
		{ "dataset: {record_dims: 5}",
		  "w.yaml:1:11: dataset.record_dims: expected a list of whole "
		  "numbers, found 5" },
		{ "dataset: {record_dims: [1, x]}",
		  "w.yaml:1:28: dataset.record_dims: expected a whole number, "
		  "found the text 'x'" },
		{ "dataset: {record_dims: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}",
		  "w.yaml:1:11: dataset.record_dims: 17 numbers, at most 16 "
		  "can be" },
		{ "dataset: {format: {}}",
		  "w.yaml:1:11: dataset.format: expected one of tfrecord, "
		  "hdf5, csv, npz, npy, hdf5_opt, jpeg, png, indexed_binary, "
		  "mmap_indexed_binary, synthetic, parquet, found a map" },
		{ "dataset: {data_folder: [a]}",
		  "w.yaml:1:11: dataset.data_folder: expected a text, found a "
		  "list" },
		{ "train: {seed: 1e30}",
		  "w.yaml:1:9: train.seed: expected a whole number, found "
		  "1e30" },
		{ "train: 5", "w.yaml:1:1: train: expected a map, found 5" },
		{ "- 1", "w.yaml:1:1: expected a map of sections, found a "
			 "list" },
		{ "checkpoint: {ksm: 5}",
		  "w.yaml:1:14: checkpoint.ksm: expected a map, found 5" },
		{ "dataset: {generation_buffer_size: 2GiB}", /* DLIO's own */
		  "w.yaml:1:11: dataset.generation_buffer_size: expected a "
		  "whole number, 0 or more, found the text '2GiB'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct capture said;
		char want[512];

		snprintf(want, sizeof(want), "dliofs: error: %s\n",
			 cases[i].want);
		cr_expect_str_eq(
			messages(cases[i].text, NULL, 0, -EINVAL, &said), want);
	}
}

Test(config, says_everything_that_is_wrong_at_once)
{
	struct capture said;

	cr_expect_str_eq(
		messages("reader: {batch_size: x}\nmetrik: {}\n",
			 "train.epochs=y", CONFIG_STRICT, -EINVAL, &said),
		"dliofs: error: w.yaml:2:1: metrik: unknown; did you mean "
		"metric?\n"
		"dliofs: error: w.yaml:1:10: reader.batch_size: expected a "
		"whole number, 1 or more, found the text 'x'\n"
		"dliofs: error: override 'train.epochs=y': train.epochs: "
		"expected a whole number, 0 or more, found the text 'y'\n");
}

Test(config, warns_of_unknown_names_and_refuses_them_when_strict)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "reader:\n  batch_szie: 8\n",
		  "w.yaml:2:3: reader.batch_szie: unknown; did you mean "
		  "batch_size?" },
		{ "raeder: {batch_size: 8}",
		  "w.yaml:1:1: raeder: unknown; did you mean reader?" },
		{ "train: {batch_size: 8}",
		  "w.yaml:1:9: train.batch_size: unknown; did you mean "
		  "reader.batch_size?" },
		{ "dataset: {hdf5: {chunk_dim: [1]}}",
		  "w.yaml:1:18: dataset.hdf5.chunk_dim: unknown; did you mean "
		  "chunk_dims?" },
		{ "train: {computation_time: {mena: 1, mean: 1}}",
		  "w.yaml:1:28: train.computation_time.mena: unknown; did you "
		  "mean mean?" },
		{ "train.epochs: 5",
		  "w.yaml:1:1: train.epochs: unknown: a dot leads nowhere in a file" },
		{ "plugin: {some: thing}", "w.yaml:1:1: plugin: unknown" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct capture said;
		char want[256];

		snprintf(want, sizeof(want), "dliofs: warning: %s\n",
			 cases[i].want);
		cr_expect_str_eq(messages(cases[i].text, NULL, 0, 0, &said),
				 want);
		snprintf(want, sizeof(want), "dliofs: error: %s\n",
			 cases[i].want);
		cr_expect_str_eq(messages(cases[i].text, NULL, CONFIG_STRICT,
					  -EINVAL, &said),
				 want);
	}
}

Test(config, takes_old_names_with_a_warning)
{
	struct config *c;
	struct capture said;

	capture_start(&said);
	c = load("model: {model_size: 5}\n"
		 "dataset:\n"
		 "  record_length: 100\n"
		 "  record_length_stdev: 10\n"
		 "  record_length_bytes_resize: 1\n"
		 "  record_length_resize: 2\n",
		 NULL);
	capture_stop(&said);
	cr_expect_eq(c->model.model_size_bytes, 5);
	cr_expect_eq(c->dataset.record_length_bytes, 100);
	cr_expect_eq(c->dataset.record_length_bytes_stdev, 10);
	cr_expect_eq(c->dataset.record_length_bytes_resize, 1);
	config_free(c);
	cr_expect_str_eq(
		said.text,
		"dliofs: warning: w.yaml:1:9: model.model_size: taken as "
		"model.model_size_bytes, the only name that DLIO reads\n"
		"dliofs: warning: w.yaml:3:3: dataset.record_length: taken as "
		"dataset.record_length_bytes, the only name that DLIO reads\n"
		"dliofs: warning: w.yaml:4:3: dataset.record_length_stdev: "
		"taken as dataset.record_length_bytes_stdev, the only name "
		"that DLIO reads\n"
		"dliofs: warning: w.yaml:6:3: dataset.record_length_resize: "
		"ignored, because dataset.record_length_bytes_resize is "
		"given, too\n");
}

Test(config, lets_data_reader_stand_for_all_of_reader)
{
	struct capture said;
	struct config *c;

	capture_start(&said);
	c = load("reader: {batch_size: 7, read_threads: 2}\n"
		 "data_reader: {batch_size: 8}\n"
		 "model: bert\n",
		 NULL);
	capture_stop(&said);
	cr_expect_eq(c->reader.batch_size, 8);
	cr_expect_eq(c->reader.read_threads, 1);
	cr_expect_str_eq(c->model.name, "bert");
	config_free(c);
	cr_expect_str_eq(said.text,
			 "dliofs: warning: w.yaml:3:1: model: an old form; "
			 "taken as model.name\n"
			 "dliofs: warning: w.yaml:2:1: data_reader: replaces "
			 "all of the section reader at w.yaml:1:1, as in DLIO; "
			 "leave one of them\n");
}

/* What MLPerf's harness adds to every run is no mistake of the user's. */
Test(config, ignores_what_means_nothing_here_even_when_strict)
{
	static const char *const cases[] = {
		"dataset.skip_listing=True",
		"dataset.listing_validation_interval=100",
		"dataset.num_files_generated=7",
		"dataset.parquet.read_mode=row_group",
		"storage.storage_options.storage_library=s3dlio",
		"storage.storage_options.uri_scheme=s3",
		"storage.storage_options.prefetch_window=4",
		"workflow.debug=true",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct capture said;
		char text[256];
		const char *newline;

		snprintf(text, sizeof(text), "++workload.%s", cases[i]);
		messages("", text, CONFIG_STRICT, 0, &said);
		newline = strchr(said.text, '\n');
		cr_expect(strstr(said.text, ": ignored: "), "%s", said.text);
		cr_expect(newline && !newline[1], "one line: %s", said.text);
	}
}

Test(config, takes_times_as_numbers_and_as_distributions)
{
	static const struct {
		const char *text;
		struct config_time want;
	} cases[] = {
		{ "1", { CONFIG_TIME_CONSTANT, 1, 0 } },
		{ "-0.5", { CONFIG_TIME_CONSTANT, -0.5, 0 } },
		{ "null", { CONFIG_TIME_NONE, 0, 0 } },
		{ "{}", { CONFIG_TIME_NONE, 0, 0 } },
		{ "{mean: 2}", { CONFIG_TIME_CONSTANT, 2, 0 } },
		{ "{mean: 2, stdev: 0}", { CONFIG_TIME_CONSTANT, 2, 0 } },
		{ "{mean: 2, stdev: 1}", { CONFIG_TIME_NORMAL, 2, 1 } },
		{ "{type: normal, mean: 2, stdev: 0}",
		  { CONFIG_TIME_NORMAL, 2, 0 } },
		{ "{type: uniform, min: 1, max: 2}",
		  { CONFIG_TIME_UNIFORM, 1, 2 } },
		{ "{type: gamma, shape: 1, scale: 2}",
		  { CONFIG_TIME_GAMMA, 1, 2 } },
		{ "{type: exponential, scale: 3}",
		  { CONFIG_TIME_EXPONENTIAL, 3, 0 } },
		{ "{type: poisson, lam: 4}", { CONFIG_TIME_POISSON, 4, 0 } },
		{ "5\n  computation_time_stdev: 1",
		  { CONFIG_TIME_NORMAL, 5, 1 } },
		{ "{mean: 5, stdev: 2}\n  computation_time_stdev: 1",
		  { CONFIG_TIME_NORMAL, 5, 1 } },
		{ "{type: poisson, lam: 4}\n  computation_time_stdev: 1",
		  { CONFIG_TIME_POISSON, 4, 0 } },
		{ "null\n  computation_time_stdev: 1",
		  { CONFIG_TIME_NONE, 0, 0 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct config_time *want = &cases[i].want, *got;
		struct config *c;
		char text[128];

		snprintf(text, sizeof(text), "train:\n  computation_time: %s\n",
			 cases[i].text);
		c = load(text, NULL);
		got = &c->train.computation_time;
		cr_expect_eq(got->type, want->type, "%s", text);
		cr_expect_eq(got->a, want->a, "%s", text);
		cr_expect_eq(got->b, want->b, "%s", text);
		config_free(c);
	}
}

Test(config, says_what_is_wrong_with_a_time)
{
	static const struct {
		const char *time, *want;
	} cases[] = {
		{ "fast", "1:9: train.computation_time: expected seconds or a "
			  "map, found the text 'fast'" },
		{ ".inf", "1:9: train.computation_time: expected seconds or a "
			  "map, found .inf" },
		{ "{stdev: 1}",
		  "1:9: train.computation_time: 'mean' is missing" },
		{ "{type: normal, mean: 1}",
		  "1:9: train.computation_time: 'stdev' is missing" },
		{ "{type: normal, mean: 1, stdev: -1}",
		  "1:51: train.computation_time.stdev: expected a number, 0 "
		  "or more, found -1" },
		{ "{type: normal, mean: x, stdev: 1}",
		  "1:42: train.computation_time.mean: expected a number, found "
		  "the text 'x'" },
		{ "{type: zipf}",
		  "1:28: train.computation_time.type: expected one of normal, "
		  "uniform, gamma, exponential, poisson, found the text "
		  "'zipf'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct capture said;
		char text[128], want[256];

		snprintf(text, sizeof(text), "train: {computation_time: %s}",
			 cases[i].time);
		snprintf(want, sizeof(want), "dliofs: error: w.yaml:%s\n",
			 cases[i].want);
		cr_expect_str_eq(messages(text, NULL, 0, -EINVAL, &said), want);
	}
}

/* Whoever uses a number need not ask whether it fits. */
Test(config, refuses_numbers_that_are_too_large_or_too_small)
{
	static const struct {
		const char *setting, *want;
	} cases[] = {
		{ "reader.read_threads=4097", "a whole number, 0 to 4096" },
		{ "dliofs.mount.threads=4097", "a whole number, 1 to 4096" },
		{ "dliofs.backend.threads=4097", "a whole number, 1 to 4096" },
		{ "dliofs.dataset.threads=4097", "a whole number, 0 to 4096" },
		{ "dliofs.train.accelerators_per_rank=4097",
		  "a whole number, 1 to 4096" },
		{ "dliofs.mount.max_background=65536",
		  "a whole number, 1 to 65535" },
		{ "dliofs.mount.read_ahead_kb=4294967296",
		  "a whole number, 0 to 1048576" },
		{ "dliofs.mount.refresh=1e300", "a number, 0 to 31536000" },
		{ "dliofs.mount.blksize=256", "a size, 512 to 1073741824" },
		{ "dliofs.mount.blksize=2GiB", "a size, 512 to 1073741824" },
		{ "dliofs.backend.part_size=5000000",
		  "a size, 5242880 to 1073741824" },
		{ "dliofs.backend.attempts=1001", "a whole number, 1 to 1000" },
		{ "storage.storage_options.s3_max_attempts=1001",
		  "a whole number, 0 to 1000" },
		{ "output.metric.exclude_start_steps=9223372036854775807",
		  "a whole number, 0 to 2147483647" },
		{ "output.metric.exclude_end_steps=9223372036854775807",
		  "a whole number, 0 to 2147483647" },
		{ "metric.au=90", "a number, 0 to 1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *setting = cases[i].setting;
		struct capture said;
		char want[128];

		snprintf(want, sizeof(want), ": %.*s: expected %s",
			 (int)strcspn(setting, "="), setting, cases[i].want);
		messages("", setting, 0, -EINVAL, &said);
		cr_expect(strstr(said.text, want), "%s is not in %s", want,
			  said.text);
	}
}

Test(config, checks_what_must_hold_between_settings)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "{dataset: {file_prefix: a/b}}", "dataset.file_prefix: " },
		{ "{model: {num_layers: 2, parallelism: {pipeline: 4}}}",
		  "model.num_layers: Expected model.num_layers 2 should be "
		  "larger than model.parallelism.pipeline 4" },
		{ "{model: {parallelism: {pipeline: 4, zero_stage: 3}}}",
		  "model.parallelism.zero_stage: ZeRO stage 3 is not" },
		{ "{model: {parallelism: {zero_stage: 4}}}",
		  "model.parallelism.zero_stage: 0, 1, 2 or 3" },
		{ "{model: {parallelism: {tensor: 0}}}",
		  "model.parallelism: tensor and pipeline must be 1 to" },
		{ "{model: {parallelism: {pipeline: 2000000}}}",
		  "model.parallelism: tensor and pipeline must be 1 to" },
		{ "{model: {num_layers: 65537}}",
		  "model.num_layers: at most 65536" },
		{ "{model: {num_layers: 1, transformer: {num_kv_heads: 0}}}",
		  "model.transformer: each number must be 1 to 2147483647" },
		{ "{model: {parallelism: {data: 2}}}",
		  "model.parallelism.data: follows from the number of ranks" },
		{ "{checkpoint: {mode: subset}}",
		  "checkpoint.mode: To perform subset Checkpointing" },
		{ "{checkpoint: {num_checkpoints_write: 1, "
		  "num_checkpoints_read: 2}}",
		  "checkpoint.num_checkpoints_read: Number of checkpoints to "
		  "read 2 cannot be larger than number of checkpoints to "
		  "write 1" },
		{ "{checkpoint: {ksm: {}}}",
		  "checkpoint.ksm: requires checkpoint.randomize_tensor" },
		{ "{dliofs: {mount: {blksize: 5000}}}",
		  "dliofs.mount.blksize: must be a power of two" },
		{ "{output: {log_file: ''}}",
		  "output.log_file: a file's name" },
		{ "{storage: {storage_type: s3}}",
		  "storage.storage_root: names the bucket" },
		{ "{storage: {storage_type: s3, storage_root: ./}}",
		  "storage.storage_root: names the bucket" },
		{ "{storage: {storage_type: aistore, storage_root: b}}",
		  "storage.storage_options.endpoint_url: AIStore is asked" },
		{ "{storage: {storage_options: {endpoint_url: 'h:80'}}}",
		  "storage.storage_options.endpoint_url: a server is http://" },
		{ "{storage: {storage_options: {endpoint_url: 'ftp://h'}}}",
		  "storage.storage_options.endpoint_url: a server is http://" },
		{ "{dliofs: {azure: {endpoint: 'http://me:pass@h'}}}",
		  "dliofs.azure.endpoint: a server is http://" },
		{ "{dliofs: {azure: {endpoint: 'https://'}}}",
		  "dliofs.azure.endpoint: a server is http://" },
		{ "{storage: {storage_options: {access_key_id: psst}}}",
		  "storage.storage_options: access_key_id and secret" },
		{ "{storage: {storage_options: {secret_access_key: psst}}}",
		  "storage.storage_options: access_key_id and secret" },
		{ "{dliofs: {s3: {session_token: psst}}}",
		  "dliofs.s3.session_token: belongs to a key" },
		{ "{storage: {storage_options: {s3_force_path_style: true}}, "
		  "dliofs: {s3: {addressing: virtual}}}",
		  "dliofs.s3.addressing: virtual contradicts" },
		{ "{dliofs: {backend: {stall_timeout: 0}}}",
		  "dliofs.backend: timeouts and the deadline are more than" },
		{ "{dliofs: {backend: {deadline: 1e9}}}",
		  "dliofs.backend: timeouts and the deadline are more than" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct capture said;

		messages(cases[i].text, NULL, 0, -EINVAL, &said);
		cr_expect(strstr(said.text, cases[i].want), "%s is not in %s",
			  cases[i].want, said.text);
		cr_expect(!strncmp(said.text, "dliofs: error: w.yaml", 21),
			  "%s", said.text);
		cr_expect_null(strstr(said.text, "psst"));
	}
}

Test(config, lets_valid_neighbours_of_those_errors_pass)
{
	static const char *const cases[] = {
		"{framework: pytorch, dataset: {format: tfrecord}}",
		"{framework: pytorch, dataset: {format: tfrecord}, reader: "
		"{data_loader: pytorch}}",
		"{framework: pytorch, reader: {data_loader: dali}}",
		"{dataset: {format: csv}, reader: {odirect: true}, workflow: "
		"{train: false, generate_data: true}}",
		"{dataset: {record_dims: [4], hdf5: {num_dset_per_record: 2}}}",
		"{reader: {data_loader: custom, data_loader_sampler: index}}",
		"{model: {num_layers: 4, parallelism: {pipeline: 4}}}",
		"{model: {transformer: {num_attention_heads: 0}}}",
		"{storage: {storage_type: s3}, dataset: {data_folder: "
		"s3://b/d}}",
		"{storage: {storage_type: s3, storage_root: b, "
		"storage_options: {access_key_id: a, secret_access_key: b, "
		"endpoint_url: 'https://h:9000/s3'}}, "
		"dliofs: {s3: {session_token: t, addressing: virtual}}}",
		"{dliofs: {backend: {part_size: 5242880, deadline: 0.5}}}",
		"{checkpoint: {mode: subset}, model: {parallelism: {data: 2}}}",
		"{checkpoint: {num_checkpoints_write: 0, "
		"num_checkpoints_read: 2}}",
		"{checkpoint: {ksm: {}, randomize_tensor: false}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		config_free(load(cases[i], NULL));
}

/* DLIO's own test of it: an empty map turns it on, with these values. */
Test(config, takes_ksm_as_dlio_does)
{
	static const struct {
		const char *text;
		bool present;
		double trigger, exit, wait;
	} cases[] = {
		{ "{checkpoint: {randomize_tensor: false}}", false, 30, 15,
		  200 },
		{ "{checkpoint: {randomize_tensor: false, ksm: {}}}", true, 30,
		  15, 200 },
		{ "{checkpoint: {randomize_tensor: false, ksm: "
		  "{high_ram_trigger: 25.5, await_time: 100}}}",
		  true, 25.5, 15, 100 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config *c = load(cases[i].text, NULL);

		cr_expect_eq(c->checkpoint.ksm.present, cases[i].present);
		cr_expect_eq(c->checkpoint.ksm.madv_mergeable_id, 12);
		cr_expect_eq(c->checkpoint.ksm.high_ram_trigger,
			     cases[i].trigger);
		cr_expect_eq(c->checkpoint.ksm.low_ram_exit, cases[i].exit);
		cr_expect_eq(c->checkpoint.ksm.await_time, cases[i].wait);
		config_free(c);
	}
}

Test(config, finds_the_store_of_the_dataset)
{
	static const struct {
		const char *type, *root, *folder, *want;
	} cases[] = {
		{ "local_fs", "./", "data/unet3d/", "data/unet3d" },
		{ "local_fs", "./", "./data/", "data" },
		{ "local_fs", ".", "data", "data" },
		{ "local_fs", "''", "data", "data" },
		{ "local_fs", "./runs", "data", "runs/data" },
		{ "local_fs", "runs/", "./data", "runs/data" },
		{ "local_fs", "/mnt", "data", "/mnt/data" },
		{ "local_fs", "/", "data", "/data" },
		{ "local_fs", "/mnt", "/abs//", "/abs" },
		{ "local_fs", "/mnt", "/", "/" },
		{ "parallel_fs", "/mnt", "data", "/mnt/data" },
		{ "local_fs", "/mnt", "mem://x", "mem://x" },
		{ "local_fs", "/mnt", "synth://", "synth://" },
		{ "local_fs", "/mnt", "az://acc/con/pre/", "az://acc/con/pre" },
		{ "local_fs", "s3://bucket/a/", "data", "s3://bucket/a/data" },
		{ "s3", "bucket", "data/unet3d", "s3://bucket/data/unet3d" },
		{ "s3", "bucket", "/data", "s3://bucket/data" },
		{ "s3", "bucket", "s3://bucket", "s3://bucket" },
		{ "s3", "s3://bucket", "data", "s3://bucket/data" },
		{ "s3", "bucket/some", "data", "s3://bucket/some/data" },
		{ "s3", "./", "s3://bucket/data", "s3://bucket/data" },
		{ "aistore", "bucket", "data", "s3://bucket/data" },
		{ "direct_fs", "/mnt", "data", "direct:///mnt/data" },
		{ "direct_fs", "/mnt", "/abs", "direct:///abs" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[256], *uri = NULL;
		struct config *c;

		snprintf(text, sizeof(text),
			 "storage: {storage_type: %s, storage_root: %s, "
			 "storage_options: {endpoint_url: http://h/s3}}\n"
			 "dataset: {data_folder: %s}\n",
			 cases[i].type, cases[i].root, cases[i].folder);
		c = load(text, NULL);
		cr_expect_eq(config_data_uri(c, &uri), 0);
		cr_expect_str_eq(uri, cases[i].want, "%s", text);
		free(uri);
		config_free(c);
	}
}

Test(config, resolves_a_relative_direct_folder)
{
	struct config *c = load("{storage: {storage_type: direct_fs}, "
				"dataset: {data_folder: data}}",
				NULL);
	char *uri = NULL, want[4200], cwd[4096];

	cr_assert(getcwd(cwd, sizeof(cwd)));
	snprintf(want, sizeof(want), "direct://%s/data", cwd);
	cr_expect_eq(config_data_uri(c, &uri), 0);
	cr_expect_str_eq(uri, want);
	free(uri);
	config_free(c);
}

Test(config, leaves_checkpoints_out_of_the_storage_root)
{
	struct config *c = load("storage: {storage_root: /mnt}\n"
				"checkpoint: {checkpoint_folder: ck/x/}\n",
				NULL);
	char *uri = NULL;

	cr_expect_eq(config_checkpoint_uri(c, &uri), 0);
	cr_expect_str_eq(uri, "ck/x");
	free(uri);
	config_free(c);
}

Test(config, does_not_say_a_secret_that_is_of_the_wrong_type)
{
	struct capture said;

	messages("storage: {storage_options: {secret_access_key: [hush]}}",
		 NULL, 0, -EINVAL, &said);
	cr_expect_null(strstr(said.text, "hush"));
	messages("", "++storage.storage_options.secret_access_key=[hush]", 0,
		 -EINVAL, &said);
	cr_expect_null(strstr(said.text, "hush"), "%s", said.text);
	messages("dliofs: {azure: hush}", NULL, 0, -EINVAL, &said);
	cr_expect_null(strstr(said.text, "hush"), "%s", said.text);
	messages("", "++storage.storage_options.secret_acess_key=hush",
		 CONFIG_STRICT, -EINVAL, &said);
	cr_expect_null(strstr(said.text, "hush"), "%s", said.text);
}

Test(config, puts_in_what_interpolations_stand_for)
{
	static const struct {
		const char *text, *override, *want;
	} cases[] = {
		{ "{model: {name: m}, dataset: {data_folder: "
		  "'a/${workload.model.name}'}}",
		  NULL, "a/m" },
		{ "workload: {model: {name: m}, dataset: {data_folder: "
		  "'a/${..model.name}'}}",
		  NULL, "a/m" },
		{ "", "++dataset.data_folder=/${workload.train.none}", NULL },
		{ "train: {epochs: 3}",
		  "++dataset.data_folder=x${workload.train.epochs}", "x3" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *const overrides[] = { cases[i].override };
		struct config *c = NULL;
		struct capture said;
		int rc;

		capture_start(&said);
		rc = config_parse("w.yaml", cases[i].text,
				  strlen(cases[i].text), overrides,
				  cases[i].override ? 1 : 0, 0, &c);
		capture_stop(&said);
		cr_expect_eq(rc, cases[i].want ? 0 : -EINVAL, "%s", said.text);
		if (cases[i].want && c)
			cr_expect_str_eq(c->dataset.data_folder, cases[i].want);
		config_free(c);
	}
}

Test(config, says_which_file_it_cannot_read)
{
	struct config *c = NULL;
	struct capture said;

	capture_start(&said);
	cr_expect_eq(config_load("/nowhere.yaml", NULL, 0, 0, &c), -ENOENT);
	capture_stop(&said);
	cr_expect_str_eq(said.text, "dliofs: error: open /nowhere.yaml: No "
				    "such file or directory\n");
}
