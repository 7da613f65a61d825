#include "config/check.h"

#include "base/log.h"
#include "config/check_remote.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>

static bool is_format(const struct config *c, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(c->dataset.format, *list))
			return true;
	return false;
}

static bool reads(const struct config *c)
{
	return c->workflow.train || c->workflow.evaluation;
}

static bool loader_of_other_framework(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "framework and data loader do not go together; leave "
		 "data_loader out to get the framework's own");
	return (c->framework == CONFIG_TENSORFLOW &&
		c->reader.data_loader == CONFIG_LOADER_PYTORCH) ||
	       (c->framework == CONFIG_PYTORCH &&
		c->reader.data_loader == CONFIG_LOADER_TENSORFLOW);
}

static bool format_without_odirect(const struct config *c, char *why)
{
	static const char *const can[] = { "npz", "npy", NULL };

	snprintf(why, WHY_SIZE, "O_DIRECT for %s format is not supported",
		 c->dataset.format);
	return c->reader.odirect && reads(c) && !is_format(c, can);
}

static bool unknown_hdf5_opt(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "hdf5_opt exists in name only; use hdf5");
	return !strcmp(c->dataset.format, "hdf5_opt");
}

static bool image_of_many_dims(const struct config *c, char *why)
{
	static const char *const images[] = { "jpeg", "png", NULL };

	snprintf(why, WHY_SIZE,
		 "%s format does not support more than 2 dimensions, but got "
		 "%zu dimensions",
		 c->dataset.format, c->dataset.record_dims.n);
	return is_format(c, images) && c->dataset.record_dims.n > 2;
}

static bool dim_not_positive(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "each dimension must be 1 or more");
	for (size_t i = 0; i < c->dataset.record_dims.n; i++)
		if (c->dataset.record_dims.item[i] < 1)
			return true;
	return false;
}

static bool dims_with_stdev(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "record_dims and record_length_bytes_stdev cannot both be "
		 "set; for samples of various sizes give record_length_bytes "
		 "and its stdev instead of record_dims");
	return c->dataset.record_dims.n &&
	       c->dataset.record_length_bytes_stdev > 0;
}

static bool dims_not_divisible(const struct config *c, char *why)
{
	int64_t n = c->dataset.hdf5.num_dset_per_record;
	const struct config_ints *dims = &c->dataset.record_dims;

	snprintf(why, WHY_SIZE,
		 "must be 1 or more, and the first of record_dims a multiple "
		 "of it");
	return n < 1 || (dims->n && dims->item[0] % n);
}

static bool record_of_nothing(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "a sample has at least 1 byte");
	return c->dataset.record_length_bytes < 1;
}

static bool prefix_is_a_path(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "part of a file's name: no '/' in it");
	return strchr(c->dataset.file_prefix, '/') != NULL;
}

static bool au_above_one(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "a share, from 0 to 1 (0.9 is 90 %%)");
	return c->metric.au > 1;
}

static bool custom_without_sampler(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "a custom data loader needs reader.data_loader_sampler: "
		 "iterative or index");
	return c->reader.data_loader == CONFIG_LOADER_CUSTOM &&
	       !config_given(c, "reader.data_loader_sampler");
}

static bool fewer_layers_than_stages(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "Expected model.num_layers %" PRId64 " should be larger than "
		 "model.parallelism.pipeline %" PRId64,
		 c->model.num_layers, c->model.parallelism.pipeline);
	return c->model.num_layers > 0 &&
	       c->model.num_layers < c->model.parallelism.pipeline;
}

static bool zero3_with_stages(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "ZeRO stage 3 is not compatible with pipeline parallelism");
	return c->model.parallelism.pipeline > 1 &&
	       c->model.parallelism.zero_stage == 3;
}

static bool no_such_zero_stage(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "0, 1, 2 or 3");
	return c->model.parallelism.zero_stage < 0 ||
	       c->model.parallelism.zero_stage > 3;
}

static bool no_ranks_in_group(const struct config *c, char *why)
{
	const int64_t most = 1 << 20;

	snprintf(why, WHY_SIZE,
		 "tensor and pipeline must be 1 to %" PRId64 ", data not more",
		 most);
	return c->model.parallelism.tensor < 1 ||
	       c->model.parallelism.tensor > most ||
	       c->model.parallelism.pipeline < 1 ||
	       c->model.parallelism.pipeline > most ||
	       c->model.parallelism.data > most;
}

static bool too_many_layers(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "at most 65536");
	return c->model.num_layers > 65536;
}

static bool no_such_transformer(const struct config *c, char *why)
{
	const int64_t size[] = {
		c->model.transformer.vocab_size,
		c->model.transformer.hidden_size,
		c->model.transformer.ffn_hidden_size,
		c->model.transformer.num_attention_heads,
		c->model.transformer.num_kv_heads,
	};
	bool wrong = false;

	snprintf(why, WHY_SIZE, "each number must be 1 to 2147483647");
	for (size_t i = 0; i < ARRAY_SIZE(size); i++)
		wrong |= size[i] < 1 || size[i] > INT32_MAX;
	return wrong && c->model.num_layers > 0;
}

static bool is_subset(const struct config *c)
{
	return !strcmp(c->checkpoint.mode, "subset");
}

static bool data_without_subset(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "follows from the number of ranks, unless checkpoint.mode is "
		 "subset");
	return !is_subset(c) && c->model.parallelism.data > 0;
}

static bool subset_without_data(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "To perform subset Checkpointing, please set a target data "
		 "parallelism: workload.parallelism.data");
	return is_subset(c) && c->model.parallelism.data <= 0;
}

static bool reads_more_than_written(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "Number of checkpoints to read %" PRId64 " cannot be larger "
		 "than number of checkpoints to write %" PRId64,
		 c->checkpoint.num_checkpoints_read,
		 c->checkpoint.num_checkpoints_write);
	return c->checkpoint.num_checkpoints_write > 0 &&
	       c->checkpoint.num_checkpoints_read >
		       c->checkpoint.num_checkpoints_write;
}

static bool ksm_of_random(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "requires checkpoint.randomize_tensor to be False: pages of "
		 "random bytes never equal each other");
	return c->checkpoint.ksm.present && c->checkpoint.randomize_tensor;
}

static bool blksize_not_a_page(const struct config *c, char *why)
{
	uint64_t n = c->dliofs.mount.blksize;

	snprintf(why, WHY_SIZE, "a power of two, 512 to 1073741824");
	return n < 512 || n > GIB || (n & (n - 1));
}

static bool cannot_be_served(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "1 to 65535");
	return c->dliofs.mount.max_background > 65535;
}

static bool too_many_threads(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "more than 4096 threads");
	return c->dliofs.mount.threads > 4096 ||
	       c->dliofs.backend.threads > 4096 ||
	       c->dliofs.dataset.threads > 4096 ||
	       c->reader.read_threads > 4096;
}

/* The setting to point at, and whether it is wrong.  Each says why, also when
 * it is not. */
static const struct check_row checks[] = {
	{ "reader.data_loader", loader_of_other_framework },
	{ "reader.data_loader", custom_without_sampler },
	{ "reader.odirect", format_without_odirect },
	{ "dataset.format", unknown_hdf5_opt },
	{ "dataset.record_dims", image_of_many_dims },
	{ "dataset.record_dims", dim_not_positive },
	{ "dataset.record_dims", dims_with_stdev },
	{ "dataset.hdf5.num_dset_per_record", dims_not_divisible },
	{ "dataset.record_length_bytes", record_of_nothing },
	{ "dataset.file_prefix", prefix_is_a_path },
	{ "metric.au", au_above_one },
	{ "model.num_layers", fewer_layers_than_stages },
	{ "model.num_layers", too_many_layers },
	{ "model.transformer", no_such_transformer },
	{ "model.parallelism.zero_stage", zero3_with_stages },
	{ "model.parallelism.zero_stage", no_such_zero_stage },
	{ "model.parallelism", no_ranks_in_group },
	{ "model.parallelism.data", data_without_subset },
	{ "checkpoint.mode", subset_without_data },
	{ "checkpoint.num_checkpoints_read", reads_more_than_written },
	{ "checkpoint.ksm", ksm_of_random },
	{ "dliofs.mount.blksize", blksize_not_a_page },
	{ "dliofs.mount.max_background", cannot_be_served },
	{ "dliofs", too_many_threads },
};

static void warn_of_few_cores(const struct config *c)
{
	cpu_set_t set;
	uint64_t cores;

	if (sched_getaffinity(0, sizeof(set), &set))
		return;
	cores = (uint64_t)CPU_COUNT(&set);
	if (reads(c) && c->reader.read_threads > cores)
		log_warn("reader.read_threads: %" PRIu64 " workers on %" PRIu64
			 " cores may be slower than fewer",
			 c->reader.read_threads, cores);
}

/* DLIO stops there; we have no reason to. */
static void warn_of_tfrecord(const struct config *c)
{
	if (!strcmp(c->dataset.format, "tfrecord") && reads(c) &&
	    c->reader.data_loader == CONFIG_LOADER_PYTORCH)
		log_warn("dataset.format: DLIO itself cannot read tfrecord "
			 "with the pytorch loader");
}

static int say(const struct node *root, const char *path, const char *why)
{
	const struct node *n = node_find(root, path);

	if (n)
		return log_invalid("%s: %s: %s", NODE_WHERE(n->mark), path,
				   why);
	return log_invalid("%s: %s: %s", root->mark.source, path, why);
}

static int check_rows(const struct check_row *row, size_t n,
		      const struct config *c, const struct node *root)
{
	int rc = 0;

	for (; n > 0; n--, row++) {
		char why[WHY_SIZE];

		if (row->wrong(c, why))
			rc = say(root, row->path, why);
	}
	return rc;
}

int check_config(const struct config *c, const struct node *root)
{
	int rc = check_rows(checks, ARRAY_SIZE(checks), c, root);
	int remote = check_rows(check_remote_rows, check_remote_count, c, root);

	rc = rc ? rc : remote;
	if (rc)
		return rc;
	warn_of_few_cores(c);
	warn_of_tfrecord(c);
	return 0;
}
