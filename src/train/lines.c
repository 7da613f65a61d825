#include "train/lines.h"

#include "base/json.h"
#include "config/config.h"
#include "train/dlog.h"

#include <string.h>

void lines_mode(struct dlog *d, const struct config *c, unsigned ranks,
		uint64_t now_ns)
{
	const struct {
		bool on;
		const char *name;
	} modes[] = {
		{ c->workflow.generate_data, "Generating data" },
		{ c->workflow.train, "Training" },
		{ c->workflow.evaluation, "Evaluation" },
		{ c->workflow.checkpoint, "Checkpointing" },
	};
	char text[80] = "";
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (modes[i].on)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%s%s", len ? " & " : "",
						modes[i].name);
	dlog_output(d, now_ns, "Running DLIO [%s] with %u process(es)", text,
		    ranks);
}

void lines_generation_started(struct dlog *d, const struct config *c,
			      uint64_t now_ns)
{
	dlog_output(d, now_ns, "Starting data generation");
	dlog_info(d, now_ns, "Generating dataset in %s/train and %s/valid",
		  c->dataset.data_folder, c->dataset.data_folder);
	dlog_info(d, now_ns, "Number of files for training dataset: %ju",
		  (uintmax_t)c->dataset.num_files_train);
	dlog_info(d, now_ns, "Number of files for validation dataset: %ju",
		  (uintmax_t)c->dataset.num_files_eval);
}

void lines_generation_done(struct dlog *d, uint64_t now_ns)
{
	dlog_output(d, now_ns, "Generation done");
}

void lines_more_files(struct dlog *d, const struct config *c, bool eval,
		      uint64_t found, uint64_t wanted)
{
	dlog_warning(d, DLOG_NO_STAMP,
		     "Number of files for %s in %s/%s (%ju) is more than "
		     "requested (%ju). A subset of files will be used ",
		     eval ? "evaluation" : "training", c->dataset.data_folder,
		     eval ? "valid" : "train", (uintmax_t)found,
		     (uintmax_t)wanted);
}

void lines_trimmed(struct dlog *d, bool eval, uint64_t from, uint64_t to)
{
	dlog_warning(d, DLOG_NO_STAMP,
		     "Trimming number of %s files (%ju -> %ju) to have equal "
		     "number of %s steps for all ranks",
		     eval ? "evaluation" : "training", (uintmax_t)from,
		     (uintmax_t)to, eval ? "eval" : "train");
}

static uint64_t steps(uint64_t samples_per_file, uint64_t files, uint64_t batch,
		      unsigned ranks)
{
	return samples_per_file * files / MAX(batch, 1) / MAX(ranks, 1);
}

void lines_steps(struct dlog *d, const struct config *c, unsigned ranks,
		 uint64_t files_train, uint64_t files_eval, uint64_t now_ns)
{
	uint64_t samples = c->dataset.num_samples_per_file;
	uint64_t batch = c->reader.batch_size;
	uint64_t max = steps(samples, files_train, batch, ranks);
	int64_t total = c->train.total_training_steps;

	dlog_output(d, now_ns,
		    "Max steps per epoch: %ju = %ju * %ju / %ju / %u (samples "
		    "per file * num files / batch size / comm size)",
		    (uintmax_t)max, (uintmax_t)samples, (uintmax_t)files_train,
		    (uintmax_t)batch, ranks);
	if (total > 0)
		dlog_output(d, now_ns,
			    "Total training steps is set to be %jd. Will only "
			    "run up to %ju",
			    (intmax_t)total,
			    (uintmax_t)MIN(max * c->train.epochs,
					   (uint64_t)total));
	if (!c->workflow.evaluation)
		return;
	batch = c->reader.batch_size_eval;
	max = steps(samples, files_eval, batch, ranks);
	dlog_output(d, now_ns,
		    "Steps per eval: %ju = %ju * %ju / %ju / %u (samples per "
		    "file * num files / batch size eval / comm size)",
		    (uintmax_t)max, (uintmax_t)samples, (uintmax_t)files_eval,
		    (uintmax_t)batch, ranks);
}

void lines_steps_reached(struct dlog *d, uint64_t now_ns)
{
	dlog_info(d, now_ns, "Maximum number of steps reached");
}

static bool is_subset(const struct config *c)
{
	return !strcmp(c->checkpoint.mode, "subset");
}

void lines_model(struct dlog *d, const struct config *c, unsigned ranks,
		 uint64_t parameters, uint64_t now_ns)
{
	intmax_t all = c->model.parallelism.tensor *
		       c->model.parallelism.pipeline *
		       c->model.parallelism.data;

	if (is_subset(c))
		dlog_output(d, now_ns,
			    "Performing subset checkpointing: %u of %jd", ranks,
			    all);
	if (parameters)
		dlog_output(d, now_ns,
			    "Total number of parameters in the model: %ju",
			    (uintmax_t)parameters);
}

static void size_line(struct dlog *d, const char *what, uint64_t bytes,
		      const char *note, uint64_t now_ns)
{
	if (bytes)
		dlog_output(d, now_ns, "%s size: %.6f GB %s", what,
			    (double)bytes / GIB, note);
}

void lines_checkpoint_size(struct dlog *d, const struct config *c,
			   uint64_t model_bytes, uint64_t optimizer_bytes,
			   uint64_t now_ns)
{
	const char *note = is_subset(c) ? " (subset)" : "";

	size_line(d, "Model", model_bytes, note, now_ns);
	size_line(d, "Optimizer state", optimizer_bytes, note, now_ns);
	size_line(d, "Total checkpoint", model_bytes + optimizer_bytes, note,
		  now_ns);
}

void lines_saved(struct dlog *d, const char *part, uint64_t duration_ns,
		 uint64_t now_ns)
{
	dlog_output(d, now_ns, "Saved %s checkpoint in %.4f seconds", part,
		    (double)duration_ns / NS_PER_SEC);
}

void lines_loaded(struct dlog *d, const char *part, uint64_t duration_ns,
		  uint64_t now_ns)
{
	dlog_output(d, now_ns, "Loaded %s checkpoint in %.4f seconds", part,
		    (double)duration_ns / NS_PER_SEC);
}

void lines_checkpointing(struct dlog *d, const char *what, uint64_t now_ns)
{
	dlog_output(d, now_ns, "Checkpointing %s", what);
}

void lines_time(const struct config_time *t, char out[LINES_TIME_SIZE])
{
	/* Around the numbers.  What is a number in the YAML, with or without
	 * _stdev, has no type. */
	static const struct {
		int numbers;
		const char *head, *between;
	} text[] = {
		[CONFIG_TIME_NONE] = { 0, "", "" },
		[CONFIG_TIME_CONSTANT] = { 1, "'mean': ", "" },
		[CONFIG_TIME_NORMAL] = { 2, "'mean': ", ", 'stdev': " },
		[CONFIG_TIME_UNIFORM] = { 2, "'type': 'uniform', 'min': ",
					  ", 'max': " },
		[CONFIG_TIME_GAMMA] = { 2, "'type': 'gamma', 'shape': ",
					", 'scale': " },
		[CONFIG_TIME_EXPONENTIAL] = { 1,
					      "'type': 'exponential', "
					      "'scale': ",
					      "" },
		[CONFIG_TIME_POISSON] = { 1, "'type': 'poisson', 'lam': ", "" },
	};
	char a[JSON_DOUBLE_SIZE] = "", b[JSON_DOUBLE_SIZE] = "";

	if (text[t->type].numbers > 0)
		json_double(t->a, a);
	if (text[t->type].numbers > 1)
		json_double(t->b, b);
	snprintf(out, LINES_TIME_SIZE, "{%s%s%s%s}", text[t->type].head, a,
		 text[t->type].between, b);
}
