#include "config/check.h"

#include "base/log.h"
#include "config/check_rows.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static bool prefix_is_a_path(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "part of a file's name: no '/' in it");
	return strchr(c->dataset.file_prefix, '/') != NULL;
}

static bool log_without_name(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "a file's name, as dlio.log");
	return !*c->output.log_file;
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

	snprintf(why, WHY_SIZE, "must be a power of two");
	return n & (n - 1);
}

static const struct check_row checks[] = {
	{ "dataset.file_prefix", prefix_is_a_path },
	{ "output.log_file", log_without_name },
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
};

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
	const struct {
		const struct check_row *row;
		size_t n;
	} tables[] = {
		{ check_reading_rows, check_reading_count },
		{ check_reading_strict_rows,
		  c->dliofs.train.compat_strict ? check_reading_strict_count :
						  0 },
		{ checks, ARRAY_SIZE(checks) },
		{ check_remote_rows, check_remote_count },
	};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		int one = check_rows(tables[i].row, tables[i].n, c, root);

		rc = rc ? rc : one;
	}
	if (!rc)
		check_reading_warn(c);
	return rc;
}
