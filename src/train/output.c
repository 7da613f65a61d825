#include "train/output.h"

#include "base/json.h"
#include "config/config.h"
#include "train/rankfile.h"
#include "train/savefile.h"

#define SUMMARY "summary.json"

struct output {
	const struct stats_setup *setup;
	const struct ledger *ledger;
	const struct summary *summary;
	struct json *json;
};

/* ---- summary.json -------------------------------------------------------- */

static void put_number(struct json *j, const char *before, const char *after,
		       double value)
{
	char key[64];

	snprintf(key, sizeof(key), "%s%s", before, after);
	json_number(j, key, value);
}

static void put_series(struct json *j, const char *before, const char *after,
		       const struct summary_series *s)
{
	char key[64];

	snprintf(key, sizeof(key), "%s%s", before, after);
	json_array(j, key);
	for (size_t i = 0; i < s->n; i++)
		json_number(j, NULL, s->value[i]);
	json_end(j);
}

/* which: "train_" or "eval_" */
static void put_part(struct json *j, const char *which,
		     const struct summary_part *p)
{
	char key[64];

	put_series(j, which, "au_percentage", &p->au);
	put_number(j, which, "au_mean_percentage", p->au.spread.mean);
	snprintf(key, sizeof(key), "%sau_meet_expectation", which);
	json_string(j, key, p->met ? "success" : "fail");
	put_number(j, which, "au_stdev_percentage", p->au.spread.stdev);
	put_series(j, which, "throughput_samples_per_second", &p->throughput);
	put_number(j, which, "throughput_mean_samples_per_second",
		   p->throughput.spread.mean);
	put_number(j, which, "throughput_stdev_samples_per_second",
		   p->throughput.spread.stdev);
	put_number(j, which, "io_mean_MB_per_second", p->mb_per_second.mean);
	put_number(j, which, "io_stdev_MB_per_second", p->mb_per_second.stdev);
}

/* which: "save_" or "load_" */
static void put_checkpoints(struct json *j, const char *which,
			    const struct summary_checkpoints *c)
{
	put_number(j, which, "checkpoint_io_mean_GB_per_second",
		   c->gb_per_second.mean);
	put_number(j, which, "checkpoint_io_stdev_GB_per_second",
		   c->gb_per_second.stdev);
	put_number(j, which, "checkpoint_duration_mean_seconds",
		   c->seconds.mean);
	put_number(j, which, "checkpoint_duration_stdev_seconds",
		   c->seconds.stdev);
}

static void put_metric(struct output *o)
{
	const struct config *c = o->setup->config;
	const struct summary *s = o->summary;
	struct json *j = o->json;

	json_object(j, "metric");
	if (c->workflow.checkpoint) {
		put_checkpoints(j, "save_", &s->save);
		if (s->load.n)
			put_checkpoints(j, "load_", &s->load);
		json_number(j, "checkpoint_size_GB", s->checkpoint_gb);
	}
	if (c->workflow.train)
		put_part(j, "train_", &s->train);
	if (c->workflow.evaluation)
		put_part(j, "eval_", &s->eval);
	json_end(j);
}

static void put_hosts(struct output *o)
{
	const struct summary *s = o->summary;
	struct json *j = o->json;

	json_array(j, "host_cpu_count");
	for (size_t i = 0; i < s->hosts; i++)
		json_uint(j, NULL, s->host[i].cpus);
	json_end(j);
	json_string(j, "host_processor_name", "");
	json_array(j, "potential_caching");
	for (size_t i = 0; i < s->hosts; i++)
		json_int(j, NULL, s->host[i].caching);
	json_end(j);
	rankfile_map(j, "host_cpuinfo", &o->ledger->cpuinfo);
	rankfile_map(j, "host_meminfo", &o->ledger->meminfo);
	json_array(j, "host_memory_GB");
	for (size_t i = 0; i < s->hosts; i++)
		json_number(j, NULL, s->host[i].memory_gb);
	json_end(j);
}

static void put_io(struct json *j, const struct summary_io *io)
{
	double both = io->read_seconds + io->check_seconds;

	json_object(j, NULL);
	json_uint(j, "samples", (uint64_t)io->samples);
	json_uint(j, "consumed_bytes", (uint64_t)io->consumed_bytes);
	if (io->delivered_known)
		json_uint(j, "delivered_bytes", (uint64_t)io->delivered_bytes);
	else
		json_null(j, "delivered_bytes");
	json_number(j, "seconds", io->seconds);
	json_number(j, "consumed_MB_per_second",
		    io->seconds > 0 ? io->consumed_bytes / MIB / io->seconds :
				      0);
	json_number(j, "read_seconds", io->read_seconds);
	json_number(j, "check_seconds", io->check_seconds);
	json_number(j, "check_share", both > 0 ? io->check_seconds / both : 0);
	json_end(j);
}

static void put_transfer(struct json *j, const struct summary_transfer *t)
{
	json_object(j, NULL);
	json_string(j, "what", t->kind == LEDGER_SAVE ? "save" : "load");
	json_uint(j, "epoch", t->epoch);
	json_uint(j, "number", t->number);
	json_number(j, "slowest_seconds", t->slowest_seconds);
	json_uint(j, "bytes", (uint64_t)t->moved_bytes);
	json_end(j);
}

static void put_ours(struct output *o)
{
	const struct summary *s = o->summary;
	struct json *j = o->json;

	json_object(j, "dliofs");
	json_bool(j, "compat_strict",
		  o->setup->config->dliofs.train.compat_strict);
	json_array(j, "epochs");
	for (size_t i = 0; i < s->epochs; i++)
		put_io(j, &s->io[i]);
	json_end(j);
	json_array(j, "checkpoints");
	for (size_t i = 0; i < s->transfers; i++)
		put_transfer(j, &s->transfer[i]);
	json_end(j);
	json_end(j);
}

static void put_summary(struct output *o)
{
	const struct config *c = o->setup->config;
	struct json *j = o->json;

	json_object(j, NULL);
	rankfile_stamp(j, "start", &o->ledger->start);
	json_uint(j, "num_accelerators", o->setup->size);
	json_uint(j, "num_hosts", o->summary->hosts);
	json_string(j, "hostname", o->ledger->host);
	put_metric(o);
	json_uint(j, "num_files_train", c->dataset.num_files_train);
	json_uint(j, "num_files_eval", c->dataset.num_files_eval);
	json_uint(j, "num_samples_per_file", c->dataset.num_samples_per_file);
	put_hosts(o);
	json_number(j, "data_size_per_host_GB", o->ledger->host_data_gb);
	json_uint(j, "epochs", o->summary->trained);
	rankfile_stamp(j, "end", &o->ledger->end);
	put_ours(o);
	json_end(j);
}

/* ---- Files --------------------------------------------------------------- */

struct job {
	struct output *output;
	void (*put)(struct output *o);
};

static int fill(void *arg, FILE *stream)
{
	struct job *job = arg;
	int rc = json_new(stream, 4, &job->output->json);

	if (rc < 0)
		return rc;
	job->put(job->output);
	return json_free(job->output->json);
}

static int save(struct output *o, const char *name,
		void (*put)(struct output *o))
{
	struct job job = { o, put };

	return savefile_write(o->setup->folder, name, fill, &job);
}

static void put_epochs(struct output *o)
{
	rankfile_epochs(o->json, o->ledger);
}

static void put_steps(struct output *o)
{
	rankfile_steps(o->json, o->ledger);
}

void output_forget_summary(const char *folder)
{
	savefile_forget(folder, SUMMARY);
}

int output_save(const struct stats_setup *setup, const struct ledger *l)
{
	struct output o = { setup, l, NULL, NULL };
	char name[64];
	int rc;

	snprintf(name, sizeof(name), "%u_per_epoch_stats.json", setup->rank);
	rc = save(&o, name, put_epochs);
	if (rc < 0)
		return rc;
	snprintf(name, sizeof(name), "%u_output.json", setup->rank);
	return save(&o, name, put_steps);
}

int output_save_summary(const struct stats_setup *setup, const struct ledger *l,
			const struct summary *s)
{
	struct output o = { setup, l, s, NULL };

	return save(&o, SUMMARY, put_summary);
}
