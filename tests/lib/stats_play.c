#include "lib/stats_play.h"

#include "train/dlog.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* ---- Sums over ranks that are threads ------------------------------------ */

#define MAX_RANKS 4
#define MAX_VALUES 256

struct group {
	unsigned ranks;
	pthread_barrier_t barrier;
	double value[MAX_RANKS][MAX_VALUES];
};

struct member {
	struct group *group;
	unsigned rank;
	const char *events, *folder;
	const struct config *config;
	int rc;
};

static int sum(void *arg, double *values, size_t n)
{
	struct member *m = arg;
	struct group *g = m->group;

	if (n > MAX_VALUES)
		return -E2BIG;
	memcpy(g->value[m->rank], values, n * sizeof(*values));
	pthread_barrier_wait(&g->barrier);
	for (size_t i = 0; i < n; i++) {
		values[i] = 0;
		for (unsigned r = 0; r < g->ranks; r++)
			values[i] += g->value[r][i];
	}
	pthread_barrier_wait(&g->barrier);
	return 0;
}

/* ---- Events -------------------------------------------------------------- */

static int save_all(struct stats *s, uint64_t now_ns)
{
	int rc = stats_save(s, now_ns);

	return rc ? rc : stats_save_summary(s);
}

static int play_event(struct stats *s, const char *name, const uint64_t *v)
{
	static const struct {
		const char *name;
		void (*event)(struct stats *s, uint64_t now_ns);
	} plain[] = {
		{ "epoch_start", stats_epoch_start },
		{ "epoch_end", stats_epoch_end },
		{ "train_start", stats_train_start },
		{ "train_end", stats_train_end },
		{ "block_start", stats_block_start },
		{ "block_end", stats_block_end },
		{ "eval_start", stats_eval_start },
		{ "eval_end", stats_eval_end },
	};

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		if (strcmp(name, plain[i].name))
			continue;
		plain[i].event(s, v[0]);
		return 0;
	}
	if (!strcmp(name, "batch"))
		stats_batch(s, v[0], v[1], v[2], v[3]);
	else if (!strcmp(name, "eval_batch"))
		stats_eval_batch(s, v[0], v[1], v[2], v[3]);
	else if (!strcmp(name, "save_start"))
		stats_checkpoint_start(s, STATS_SAVE, (unsigned)v[0], v[1],
				       v[2]);
	else if (!strcmp(name, "load_start"))
		stats_checkpoint_start(s, STATS_LOAD, (unsigned)v[0], v[1],
				       v[2]);
	else if (!strcmp(name, "save_end") || !strcmp(name, "load_end"))
		stats_checkpoint_end(s, v[0], v[1]);
	else if (!strcmp(name, "finish"))
		return stats_finish(s, v[0]);
	else if (!strcmp(name, "save"))
		return save_all(s, v[0]);
	else
		return -EINVAL;
	return 0;
}

static int play_file(struct member *m, struct stats_setup *setup, FILE *events)
{
	struct stats *s = NULL;
	char line[128], name[32];
	uint64_t v[4];
	int rc = 0;

	while (rc == 0 && fgets(line, sizeof(line), events)) {
		if (sscanf(line,
			   "%31s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
			   name, &v[0], &v[1], &v[2], &v[3]) < 2)
			rc = -EINVAL;
		else if (!strcmp(name, "start"))
			rc = stats_new(setup, v[0], &s);
		else
			rc = play_event(s, name, v);
	}
	stats_free(s);
	m->rc = rc;
	return rc;
}

static uint64_t steps(uint64_t files, uint64_t batch, unsigned ranks)
{
	return files / batch / ranks;
}

static void *play(void *arg)
{
	struct member *m = arg;
	const struct config *c = m->config;
	unsigned ranks = m->group->ranks;
	struct stats_setup setup = {
		.config = c,
		.folder = m->folder,
		.rank = m->rank,
		.size = ranks,
		.nodes = 1,
		.node_rank = m->rank,
		.node_size = ranks,
		.steps_train = steps(c->dataset.num_files_train,
				     c->reader.batch_size, ranks),
		.steps_eval = steps(c->dataset.num_files_eval,
				    c->reader.batch_size_eval, ranks),
		.checkpoint_bytes = 10240,
		.sum = sum,
		.sum_arg = m,
	};
	AUTO_FCLOSE FILE *events = NULL;
	char path[512];

	if (c->train.total_training_steps > 0)
		setup.steps_train = (uint64_t)c->train.total_training_steps;
	snprintf(path, sizeof(path), "%s/%u_events", m->events, m->rank);
	events = fopen(path, "re");
	if (!events) {
		m->rc = -errno;
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/%u_dlio.txt", m->folder, m->rank);
	m->rc = dlog_new(path, NULL, DLOG_INFO, &setup.log);
	if (m->rc == 0)
		play_file(m, &setup, events);
	dlog_free(setup.log);
	return NULL;
}

int stats_play(const char *events, const struct config *c, unsigned ranks,
	       const char *folder)
{
	struct group *g = calloc(1, sizeof(*g));
	struct member m[MAX_RANKS];
	pthread_t thread[MAX_RANKS];
	int rc = 0;

	if (!g)
		return -ENOMEM;
	g->ranks = ranks;
	pthread_barrier_init(&g->barrier, NULL, ranks);
	for (unsigned r = 0; r < ranks; r++) {
		m[r] = (struct member){ g, r, events, folder, c, 0 };
		if (pthread_create(&thread[r], NULL, play, &m[r]) != 0)
			abort(); /* the others would wait for ever */
	}
	for (unsigned r = 0; r < ranks; r++) {
		pthread_join(thread[r], NULL);
		rc = rc ? rc : m[r].rc;
	}
	pthread_barrier_destroy(&g->barrier);
	free(g);
	return rc;
}

/* ---- Configurations ------------------------------------------------------ */

void stats_play_config(const char *scenario, struct config *out)
{
	struct config c = { 0 };

	c.workflow.train = c.workflow.evaluation = c.workflow.checkpoint = true;
	c.dataset.record_length_bytes = 65536;
	c.dataset.num_samples_per_file = 1;
	c.dataset.num_files_train = 32;
	c.dataset.num_files_eval = 6;
	c.reader.batch_size = 4;
	c.reader.batch_size_eval = 2;
	c.train.total_training_steps = -1;
	c.train.computation_time =
		(struct config_time){ CONFIG_TIME_NORMAL, 0.02, 0.002 };
	c.checkpoint.num_checkpoints_write = -1;
	c.checkpoint.num_checkpoints_read = -1;
	c.output.metric.exclude_start_steps = 1;
	c.metric.au = 0.9;
	if (!strcmp(scenario, "blocks")) {
		c.output.metric.exclude_end_steps = 1;
	} else if (!strcmp(scenario, "checkpoints")) {
		c.workflow.train = c.workflow.evaluation = false;
		c.checkpoint.num_checkpoints_write = 2;
		c.checkpoint.num_checkpoints_read = 1;
	} else if (!strcmp(scenario, "ranks")) {
		c.train.total_training_steps = 5;
		c.dataset.num_files_train = 64;
		c.dataset.num_files_eval = 8;
	}
	*out = c;
}
