/* The texts are those of DLIO e1919d7 (dlio_benchmark 2.0.0). */
#include "train/lines.h"

#include "config/config.h"
#include "train/dlog.h"

#include <criterion/criterion.h>
#include <string.h>

static char text[1024];
static FILE *console;
static struct dlog *d;
static char folder[] = "data/unet3d", mode[] = "default", subset[] = "subset";

static void set_up(void)
{
	memset(text, 0, sizeof(text));
	console = fmemopen(text, sizeof(text), "w");
	cr_assert_eq(dlog_new(NULL, console, DLOG_INFO, &d), 0);
}

static void tear_down(void)
{
	dlog_free(d);
	fclose(console);
}

TestSuite(lines, .init = set_up, .fini = tear_down);

/* The config of a run on 16 and 4 files. */
static struct config small(void)
{
	struct config c = { 0 };

	c.workflow.train = true;
	c.dataset.data_folder = folder;
	c.dataset.num_files_train = 16;
	c.dataset.num_files_eval = 4;
	c.dataset.num_samples_per_file = 1;
	c.reader.batch_size = 2;
	c.reader.batch_size_eval = 1;
	c.train.epochs = 2;
	c.train.total_training_steps = -1;
	c.checkpoint.mode = mode;
	return c;
}

Test(lines, the_mode_names_what_is_on)
{
	static const struct {
		bool generate, train, eval, checkpoint;
		const char *want;
	} cases[] = {
		{ 1, 0, 0, 0,
		  "[OUTPUT] Running DLIO [Generating data] with 3 "
		  "process(es)\n" },
		{ 0, 1, 1, 1,
		  "[OUTPUT] Running DLIO [Training & Evaluation & "
		  "Checkpointing] with 3 process(es)\n" },
		{ 1, 1, 1, 1,
		  "[OUTPUT] Running DLIO [Generating data & Training & "
		  "Evaluation & Checkpointing] with 3 process(es)\n" },
		{ 0, 0, 0, 0, "[OUTPUT] Running DLIO [] with 3 process(es)\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config c = small();

		c.workflow.generate_data = cases[i].generate;
		c.workflow.train = cases[i].train;
		c.workflow.evaluation = cases[i].eval;
		c.workflow.checkpoint = cases[i].checkpoint;
		tear_down();
		set_up();
		lines_mode(d, &c, 3, DLOG_NO_STAMP);
		cr_expect_str_eq(text, cases[i].want);
	}
}

Test(lines, steps_show_their_formula)
{
	struct config c = small();

	lines_steps(d, &c, 1, 16, 4, DLOG_NO_STAMP);
	cr_expect_str_eq(text, "[OUTPUT] Max steps per epoch: 8 = 1 * 16 / 2 / "
			       "1 (samples per file * num files / batch size / "
			       "comm size)\n");
}

Test(lines, steps_tell_of_the_limit_and_of_evaluation)
{
	struct config c = small();

	c.workflow.evaluation = true;
	c.train.total_training_steps = 3;
	lines_steps(d, &c, 2, 16, 4, DLOG_NO_STAMP);
	cr_expect_str_eq(text, "[OUTPUT] Max steps per epoch: 4 = 1 * 16 / 2 / "
			       "2 (samples per file * num files / batch size / "
			       "comm size)\n"
			       "[OUTPUT] Total training steps is set to be 3. "
			       "Will only run up to 3\n"
			       "[OUTPUT] Steps per eval: 2 = 1 * 4 / 1 / 2 "
			       "(samples per file * num files / batch size "
			       "eval / comm size)\n");
}

Test(lines, generation_names_folder_and_counts)
{
	struct config c = small();

	lines_generation_started(d, &c, DLOG_NO_STAMP);
	lines_generation_done(d, DLOG_NO_STAMP);
	cr_expect_str_eq(text,
			 "[OUTPUT] Starting data generation\n"
			 "[INFO] Generating dataset in data/unet3d/train and "
			 "data/unet3d/valid\n"
			 "[INFO] Number of files for training dataset: 16\n"
			 "[INFO] Number of files for validation dataset: 4\n"
			 "[OUTPUT] Generation done\n");
}

Test(lines, discovery_warns)
{
	struct config c = small();

	lines_more_files(d, &c, false, 64, 16);
	lines_more_files(d, &c, true, 8, 4);
	lines_trimmed(d, false, 13, 8);
	lines_trimmed(d, true, 3, 2);
	cr_expect_str_eq(
		text,
		"[WARNING] Number of files for training in data/unet3d/train "
		"(64) is more than requested (16). A subset of files will be "
		"used \n"
		"[WARNING] Number of files for evaluation in data/unet3d/valid "
		"(8) is more than requested (4). A subset of files will be "
		"used \n"
		"[WARNING] Trimming number of training files (13 -> 8) to have "
		"equal number of train steps for all ranks\n"
		"[WARNING] Trimming number of evaluation files (3 -> 2) to "
		"have equal number of eval steps for all ranks\n");
}

Test(lines, checkpoints_have_the_sizes_of_their_parts)
{
	struct config c = small();

	lines_checkpoint_size(d, &c, 10240, 0, DLOG_NO_STAMP);
	c.checkpoint.mode = subset;
	lines_checkpoint_size(d, &c, GIB, 2 * GIB, DLOG_NO_STAMP);
	cr_expect_str_eq(
		text, "[OUTPUT] Model size: 0.000010 GB \n"
		      "[OUTPUT] Total checkpoint size: 0.000010 GB \n"
		      "[OUTPUT] Model size: 1.000000 GB  (subset)\n"
		      "[OUTPUT] Optimizer state size: 2.000000 GB  (subset)\n"
		      "[OUTPUT] Total checkpoint size: 3.000000 GB  "
		      "(subset)\n");
}

Test(lines, models_have_their_parameters_and_ranks)
{
	struct config c = small();

	lines_model(d, &c, 2, 0, DLOG_NO_STAMP);
	lines_model(d, &c, 2, 202048, DLOG_NO_STAMP);
	c.checkpoint.mode = subset;
	c.model.parallelism.tensor = 2;
	c.model.parallelism.pipeline = 3;
	c.model.parallelism.data = 4;
	lines_model(d, &c, 2, 5, DLOG_NO_STAMP);
	cr_expect_str_eq(
		text,
		"[OUTPUT] Total number of parameters in the model: 202048\n"
		"[OUTPUT] Performing subset checkpointing: 2 of 24\n"
		"[OUTPUT] Total number of parameters in the model: 5\n");
}

Test(lines, checkpointing_is_told_step_by_step)
{
	lines_checkpointing(d, "write started", DLOG_NO_STAMP);
	lines_saved(d, "model", 123400000, DLOG_NO_STAMP);
	lines_loaded(d, "optimizer", NS_PER_SEC, DLOG_NO_STAMP);
	lines_steps_reached(d, DLOG_NO_STAMP);
	cr_expect_str_eq(text,
			 "[OUTPUT] Checkpointing write started\n"
			 "[OUTPUT] Saved model checkpoint in 0.1234 seconds\n"
			 "[OUTPUT] Loaded optimizer checkpoint in 1.0000 "
			 "seconds\n"
			 "[INFO] Maximum number of steps reached\n");
}

Test(lines, times_are_shown_as_pythons_maps)
{
	static const struct {
		struct config_time t;
		const char *want;
	} cases[] = {
		{ { CONFIG_TIME_NONE, 0, 0 }, "{}" },
		{ { CONFIG_TIME_CONSTANT, 0.323, 0 }, "{'mean': 0.323}" },
		{ { CONFIG_TIME_CONSTANT, 1e-5, 0 }, "{'mean': 1e-05}" },
		{ { CONFIG_TIME_NORMAL, 0.02, 0.002 },
		  "{'mean': 0.02, 'stdev': 0.002}" },
		{ { CONFIG_TIME_UNIFORM, 0.5, 1.5 },
		  "{'type': 'uniform', 'min': 0.5, 'max': 1.5}" },
		{ { CONFIG_TIME_GAMMA, 2.5, 0.1 },
		  "{'type': 'gamma', 'shape': 2.5, 'scale': 0.1}" },
		{ { CONFIG_TIME_EXPONENTIAL, 0.25, 0 },
		  "{'type': 'exponential', 'scale': 0.25}" },
		{ { CONFIG_TIME_POISSON, 1.5, 0 },
		  "{'type': 'poisson', 'lam': 1.5}" },
	};
	char got[LINES_TIME_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		lines_time(&cases[i].t, got);
		cr_expect_str_eq(got, cases[i].want);
	}
}
