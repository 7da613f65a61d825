#include "app/workload.h"

#include "app/handover.h"
#include "app/ranks.h"
#include "app/stop.h"
#include "backends/mem.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

/* Options of the command line that stand for a setting; each becomes an
 * override after the user's own. */
struct shorthand {
	char text[8][64];
	size_t n;
};

static void stand_for(struct shorthand *s, const char *setting,
		      const char *value)
{
	snprintf(s->text[s->n++], sizeof(s->text[0]), "++dliofs.%s=%s", setting,
		 value);
}

static int stand_for_options(struct shorthand *s, const struct cli *cli)
{
	char number[24];

	if (cli->threads) {
		snprintf(number, sizeof(number), "%" PRIu64, cli->threads);
		stand_for(s, "dataset.threads", number);
	}
	if (cli->cache)
		stand_for(s, "mount.cache", cli->cache);
	if (cli->listing)
		stand_for(s, "mount.listing", cli->listing);
	if (cli->no_mount)
		stand_for(s, "mount.enabled", "false");
	if (cli->no_record)
		stand_for(s, "record", "false");
	if (!cli->compat)
		return 0;
	if (strcmp(cli->compat, "strict"))
		return log_invalid("--dlio-compat: '%s' is not strict",
				   cli->compat);
	stand_for(s, "train.compat_strict", "true");
	return 0;
}

static int load_config(const struct cli *cli, struct config **out)
{
	AUTO_FREE const char **handed = NULL, **all = NULL;
	const char *const *given = cli->overrides;
	size_t n = cli->n_overrides;
	struct shorthand s = { .n = 0 };
	int rc = stand_for_options(&s, cli);

	if (!rc && cli->settings_fd >= 0) {
		rc = handover_take((int)cli->settings_fd, &handed, &n);
		given = handed;
	}
	if (rc)
		return rc;
	all = calloc(n + s.n + 1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		all[i] = given[i];
	for (size_t i = 0; i < s.n; i++)
		all[n + i] = s.text[i];
	return config_load(cli->config, all, n + s.n,
			   cli->strict ? CONFIG_STRICT : 0, out);
}

/* More than fit are said to be too many, where they matter. */
static struct dataset_dims dims_of(const struct config_ints *ints)
{
	struct dataset_dims out = { .n = (unsigned)ints->n };

	for (size_t i = 0; i < MIN(ints->n, ARRAY_SIZE(out.dim)); i++)
		out.dim[i] = (uint64_t)ints->item[i];
	return out;
}

int workload_make_dataset(const struct config *c,
			  const uint64_t files[DATASET_SPLITS],
			  struct dataset **out)
{
	uint64_t dims[CONFIG_MAX_DIMS];
	struct dataset_options o = {
		.format = c->dataset.format,
		.dtype = c->dataset.record_element_type,
		.file_prefix = c->dataset.file_prefix,
		.files = { files[DATASET_TRAIN], files[DATASET_EVAL] },
		.subfolders = { c->dataset.num_subfolders_train,
				c->dataset.num_subfolders_eval },
		.samples_per_file = c->dataset.num_samples_per_file,
		.record_length = c->dataset.record_length_bytes,
		.record_length_stdev = c->dataset.record_length_bytes_stdev,
		.record_dims = dims,
		.record_ndims = (unsigned)c->dataset.record_dims.n,
		.seed = c->dliofs.dataset.seed,
		.compress_ratio = c->dliofs.dataset.compress_ratio,
		.dedupe_ratio = c->dliofs.dataset.dedupe_ratio,
		.layout = {
			.compression = c->dataset.compression,
			.compression_level = (int)c->dataset.compression_level,
			.hdf5 = {
				.chunk_dims = dims_of(
					&c->dataset.hdf5.chunk_dims),
				.max_shape = dims_of(
					&c->dataset.hdf5.max_shape),
				.dsets_per_record =
					(uint64_t)c->dataset.hdf5
						.num_dset_per_record,
			},
			.parquet = {
				.columns = c->dataset.parquet.columns,
				.row_group_size =
					c->dataset.parquet.row_group_size,
				.batch_size = c->dataset.parquet
						      .generation_batch_size,
				.partition_by = c->dataset.parquet.partition_by,
			},
		},
	};

	for (size_t i = 0; i < c->dataset.record_dims.n; i++)
		dims[i] = (uint64_t)c->dataset.record_dims.item[i];
	return dataset_new(&o, out);
}

static int make_dataset(const struct config *c, struct dataset **out)
{
	const uint64_t files[DATASET_SPLITS] = {
		[DATASET_TRAIN] = c->dataset.num_files_train,
		[DATASET_EVAL] = c->dataset.num_files_eval,
	};

	return workload_make_dataset(c, files, out);
}

/* Before anything is opened or written. */
static int check_uris(const struct workload *w)
{
	int rc = stores_check(w->data_uri);

	if (rc || !w->config->workflow.checkpoint)
		return rc;
	if (stores_is_synth(w->checkpoint_uri))
		return log_invalid("%s: holds a dataset and nothing else; "
				   "checkpoints want another store",
				   w->checkpoint_uri);
	return stores_check(w->checkpoint_uri);
}

static int fill(struct workload *out)
{
	const struct config *c = out->config;
	int rc;

	out->stores.config = c;
	rc = config_data_uri(c, &out->data_uri);
	if (!rc)
		rc = config_checkpoint_uri(c, &out->checkpoint_uri);
	if (!rc)
		rc = check_uris(out);
	if (!rc)
		rc = make_dataset(c, &out->dataset);
	out->stores.dataset = out->dataset;
	out->stores.backend.direct_fallback = c->dliofs.backend.direct_fallback;
	return rc;
}

int workload_open(const struct cli *cli, struct workload *out)
{
	*out = (struct workload){
		.given = cli->config || cli->n_overrides ||
			 cli->settings_fd >= 0,
		.stores.backend.mem_fd = (int)cli->mem_fd,
		.stores.stop = stop_flag(),
	};
	if (load_config(cli, &out->config))
		return -EINVAL; /* also where there is no such file */
	return fill(out);
}

int workload_check_lasts(const struct workload *w)
{
	if (!stores_is_memory(w->data_uri))
		return 0;
	return log_invalid("%s is the memory of one process, and gone when "
			   "it ends: 'dliofs run' generates and reads in one",
			   w->data_uri);
}

int workload_check_ranks(const struct workload *w, const struct ranks *ranks)
{
	const char *const uris[] = { w->data_uri, w->checkpoint_uri };

	for (size_t i = 0; i < ARRAY_SIZE(uris) && ranks->size > 1; i++)
		if (uris[i] && stores_is_memory(uris[i]))
			return log_invalid("%s is the memory of one process; "
					   "%u ranks need a store that all "
					   "of them see",
					   uris[i], ranks->size);
	return 0;
}

struct opening {
	const struct cli *cli;
	const struct ranks *ranks;
	struct workload *workload;
};

static int open_one(void *arg)
{
	struct opening *o = arg;
	int rc = workload_open(o->cli, o->workload);

	return rc ? rc : workload_check_ranks(o->workload, o->ranks);
}

int workload_open_on(struct ranks *ranks, const struct cli *cli,
		     struct workload *out)
{
	struct opening o = { cli, ranks, out };

	return ranks_in_turn(ranks, open_one, &o);
}

int workload_command(const struct cli *cli,
		     int (*work)(struct workload *w, const struct cli *cli,
				 struct ranks *ranks))
{
	struct workload w = { 0 };
	struct ranks *ranks;
	int rc;

	stop_catch();
	rc = ranks_open(&ranks);
	if (!rc)
		rc = workload_open_on(ranks, cli, &w);
	if (!rc)
		rc = work(&w, cli, ranks);
	workload_close(&w);
	return ranks_close(ranks, rc);
}

int workload_of(struct config *c, struct workload *out)
{
	*out = (struct workload){ .config = c,
				  .given = true,
				  .stores.backend.mem_fd = -1,
				  .stores.stop = stop_flag() };
	return fill(out);
}

int workload_resize(struct workload *w, const uint64_t files[DATASET_SPLITS])
{
	struct dataset *resized;
	int rc = workload_make_dataset(w->config, files, &resized);

	if (rc)
		return rc;
	dataset_free(w->dataset);
	w->dataset = resized;
	w->stores.dataset = resized;
	return 0;
}

void workload_close(struct workload *w)
{
	if (w->stores.backend.mem_fd > 0)
		close(w->stores.backend.mem_fd);
	dataset_free(w->dataset);
	config_free(w->config);
	free(w->data_uri);
	free(w->checkpoint_uri);
}

int workload_need_dataset(const struct workload *w)
{
	return w->given ? 0 : log_invalid("no workload is given: -c FILE");
}

unsigned workload_threads(const struct workload *w, const struct backend *b)
{
	const struct config *c = w->config;

	if (c->dliofs.dataset.threads || b->local)
		return (unsigned)c->dliofs.dataset.threads;
	return (unsigned)c->dliofs.backend.threads;
}

int workload_open_data(struct workload *w, bool create, struct backend **out)
{
	w->stores.backend.create = create;
	return stores_open(w->data_uri, &w->stores, out);
}

int workload_open_checkpoints(struct workload *w, struct backend **out)
{
	w->stores.backend.create = true;
	return stores_open(w->checkpoint_uri, &w->stores, out);
}
