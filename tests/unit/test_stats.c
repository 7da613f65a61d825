/* Runs of a few events whose figures are known.  The files' shape and DLIO's
 * own figures are in test_output.c. */
#include "train/stats.h"

#include "lib/stats_play.h"
#include "train/dlog.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define MS ((uint64_t)1000000)
#define T0 (1000 * NS_PER_SEC)

static char root[] = "/tmp/test_stats.XXXXXX";
static struct config config;

static void set_up(void)
{
	cr_redirect_stderr();
	cr_assert_not_null(mkdtemp(root));
	stats_play_config("", &config);
	config.reader.batch_size = 7;
	config.workflow.evaluation = config.workflow.checkpoint = false;
}

static void tear_down(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_expect_eq(system(command), 0);
}

TestSuite(stats, .init = set_up, .fini = tear_down);

static struct stats *start(struct stats_setup setup)
{
	struct stats *s;

	setup.config = &config;
	setup.folder = root;
	if (!setup.steps_train)
		setup.steps_train = 5;
	setup.steps_eval = 3;
	cr_assert_eq(stats_new(&setup, T0, &s), 0);
	return s;
}

/* Five steps of 20 ms computation in a block of 250 ms; 100 ms go to the first
 * step, 25 to the others, the rest to barriers. */
static uint64_t play_block(struct stats *s, uint64_t t, unsigned steps)
{
	stats_block_start(s, t);
	for (unsigned i = 0; i < steps; i++) {
		uint64_t proc = i ? 25 * MS : 100 * MS;

		t += proc;
		stats_batch(s, proc - 20 * MS, 20 * MS, proc, t);
		t += 10 * MS;
	}
	stats_block_end(s, t);
	return t;
}

static uint64_t play_epoch(struct stats *s, uint64_t t, unsigned steps)
{
	stats_epoch_start(s, t);
	stats_train_start(s, t);
	t = play_block(s, t, steps);
	stats_train_end(s, t);
	stats_epoch_end(s, t);
	return t;
}

/* Three steps of 4 ms computation, 10 ms each, in 40 ms. */
static uint64_t play_eval(struct stats *s, uint64_t t)
{
	stats_eval_start(s, t);
	for (unsigned i = 0; i < 3; i++) {
		t += 10 * MS;
		stats_eval_batch(s, 6 * MS, 4 * MS, 10 * MS, t);
	}
	stats_eval_end(s, t + 10 * MS);
	return t + 10 * MS;
}

static char *read_text(const char *name)
{
	char path[64];
	AUTO_FCLOSE FILE *f = NULL;
	char *text = calloc(1, 1 << 16);

	snprintf(path, sizeof(path), "%s/%s", root, name);
	f = fopen(path, "re");
	cr_assert_not_null(f);
	text[fread(text, 1, (1 << 16) - 1, f)] = 0;
	return text;
}

static char *summary_text(void)
{
	return read_text("summary.json");
}

/* The value of the first such key, as text. */
static const char *find(const char *text, const char *key)
{
	char quoted[80];
	const char *p;

	snprintf(quoted, sizeof(quoted), "\"%s\": ", key);
	p = strstr(text, quoted);
	cr_assert_not_null(p, "%s in %s", key, text);
	return p + strlen(quoted);
}

static void expect_number(const char *text, const char *key, double want)
{
	double got = strtod(find(text, key), NULL);

	cr_expect(fabs(got - want) <= 1e-9 * MAX(1, fabs(want)),
		  "%s: got %.12g, want %.12g", key, got, want);
}

static void expect_word(const char *text, const char *key, const char *want)
{
	cr_expect_eq(strncmp(find(text, key), want, strlen(want)), 0,
		     "%s: %.20s", key, find(text, key));
}

static int save_all(struct stats *s, uint64_t now_ns)
{
	int rc = stats_save(s, now_ns);

	return rc ? rc : stats_save_summary(s);
}

Test(stats, throughput_counts_the_steps_that_were_measured)
{
	struct stats *s = start((struct stats_setup){ 0 });
	struct stats_figures figures;
	AUTO_FREE char *text = NULL;
	uint64_t t = play_epoch(s, T0, 5);

	cr_assert_eq(stats_finish(s, t), 0);
	cr_assert_eq(save_all(s, t), 0);
	stats_figures(s, &figures);
	stats_free(s);

	/* 4 * 20 ms in 250 - 100 ms; 4 steps of 7 samples of 64 KiB */
	text = summary_text();
	expect_number(text, "train_au_mean_percentage", 80 / 1.5);
	expect_number(text, "train_au_stdev_percentage", 0);
	expect_word(text, "train_au_meet_expectation", "\"fail\"");
	expect_number(text, "train_throughput_mean_samples_per_second",
		      28 / 0.15);
	expect_number(text, "train_io_mean_MB_per_second", 28 / 0.15 / 16);
	expect_number(text, "epochs", 1);
	cr_expect_eq(figures.epochs, 1);
	cr_expect_float_eq(figures.au_percent, 80 / 1.5, 1e-9);
	cr_expect_float_eq(figures.samples_per_second, 28 / 0.15, 1e-9);
	cr_expect_float_eq(figures.mb_per_second, 28 / 0.15 / 16, 1e-9);
	cr_expect_not(figures.met);
}

Test(stats, mean_and_stdev_are_over_epochs)
{
	struct stats *s;
	AUTO_FREE char *text = NULL;
	uint64_t t;

	config.output.metric.exclude_start_steps = 0;
	config.metric.au = 0.35;
	s = start((struct stats_setup){ 0 });
	/* 5 * 20 of 250 ms, then 2 * 20 of 145 ms */
	t = play_epoch(s, T0, 5);
	t = play_epoch(s, t, 2);
	cr_assert_eq(stats_finish(s, t), 0);
	cr_assert_eq(save_all(s, t), 0);
	stats_free(s);

	text = summary_text();
	expect_number(text, "train_au_mean_percentage", (40 + 40 / 1.45) / 2);
	expect_number(text, "train_au_stdev_percentage", (40 - 40 / 1.45) / 2);
	expect_word(text, "train_au_meet_expectation", "\"fail\"");
}

Test(stats, an_expectation_that_is_met_is_a_success)
{
	struct stats *s;
	AUTO_FREE char *text = NULL;
	uint64_t t;

	config.metric.au = 0.53;
	s = start((struct stats_setup){ 0 });
	t = play_epoch(s, T0, 5);
	cr_assert_eq(stats_finish(s, t), 0);
	cr_assert_eq(save_all(s, t), 0);
	stats_free(s);
	text = summary_text();
	expect_word(text, "train_au_meet_expectation", "\"success\"");
}

Test(stats, sizes_are_those_of_the_sample_as_configured)
{
	struct stats *s = start((struct stats_setup){ .sample_bytes = MIB });
	AUTO_FREE char *text = NULL;
	uint64_t t = play_epoch(s, T0, 5);

	cr_assert_eq(stats_finish(s, t), 0);
	cr_assert_eq(save_all(s, t), 0);
	stats_free(s);
	text = summary_text();
	expect_number(text, "train_io_mean_MB_per_second", 28 / 0.15);
	/* 32 files of 1 MiB */
	expect_number(text, "data_size_per_host_GB", 1.0 / 32);
}

/* DLIO's generator overwrites the length that its statistics use. */
Test(stats, a_sample_that_was_generated_has_strictly_one_byte)
{
	for (int strict = 0; strict < 2; strict++) {
		AUTO_FREE char *text = NULL;
		struct stats *s;
		uint64_t t;

		config.dliofs.train.compat_strict = strict;
		config.workflow.generate_data = true;
		s = start((struct stats_setup){ .sample_bytes = MIB });
		t = play_epoch(s, T0, 12);
		cr_assert_eq(stats_finish(s, t), 0);
		cr_assert_eq(save_all(s, t), 0);
		stats_free(s);
		text = summary_text();
		expect_number(text, "data_size_per_host_GB",
			      strict ? 32.0 / GIB : 1.0 / 32);
	}
}

/* 32 files in one byte each, and in 2^50. */
Test(stats, data_that_fits_in_memory_may_be_cached)
{
	static const struct {
		double bytes;
		char want;
	} cases[] = { { 1, '1' }, { 1125899906842624.0, '0' } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stats *s = start(
			(struct stats_setup){ .sample_bytes = cases[i].bytes });
		AUTO_FREE char *text = NULL;
		const char *list;

		cr_assert_eq(stats_finish(s, T0), 0);
		cr_assert_eq(save_all(s, T0), 0);
		stats_free(s);
		text = read_text("summary.json");
		list = find(text, "potential_caching");
		cr_expect_eq(list[1 + strspn(list + 1, " \n")], cases[i].want);
		free(text);
		text = read_text("0_output.json");
		cr_expect_eq(*find(text, "potential_caching"), cases[i].want);
	}
}

Test(stats, an_empty_block_changes_no_figure)
{
	struct stats *s = start((struct stats_setup){ 0 });
	struct stats_figures figures;
	uint64_t t = T0;

	stats_epoch_start(s, t);
	stats_train_start(s, t);
	t = play_block(s, t, 5);
	stats_block_start(s, t);
	stats_block_end(s, t + MS);
	stats_train_end(s, t + MS);
	stats_epoch_end(s, t + MS);
	cr_assert_eq(stats_finish(s, t), 0);
	stats_figures(s, &figures);
	cr_expect_float_eq(figures.au_percent, 80 / 1.5, 1e-9);
	cr_expect_float_eq(figures.samples_per_second, 28 / 0.15, 1e-9);
	stats_free(s);
}

Test(stats, what_was_never_done_is_null_and_not_nan)
{
	struct stats *s;
	AUTO_FREE char *text = NULL;

	config.workflow.evaluation = config.workflow.checkpoint = true;
	s = start((struct stats_setup){ .checkpoint_bytes = GIB });
	cr_assert_eq(stats_finish(s, T0), 0);
	cr_assert_eq(save_all(s, T0), 0);
	stats_free(s);
	text = summary_text();
	expect_word(text, "save_checkpoint_io_mean_GB_per_second", "null");
	expect_word(text, "eval_au_mean_percentage", "null");
	expect_word(text, "eval_au_percentage", "[]");
	expect_word(text, "eval_au_meet_expectation", "\"fail\"");
	expect_word(text, "train_io_stdev_MB_per_second", "null");
	expect_number(text, "checkpoint_size_GB", 1);
	expect_number(text, "epochs", 0);
	cr_expect_null(strstr(text, "load_checkpoint"));
	cr_expect_null(strstr(text, "NaN"));
	cr_expect_null(strstr(text, "nan"));
}

Test(stats, bytes_and_checks_are_told_per_epoch)
{
	static const struct stats_io part = {
		.samples = 20,
		.consumed_bytes = 3 * MIB,
		.delivered_bytes = MIB,
		.delivered_known = true,
		.read_ns = 300 * MS,
		.check_ns = 100 * MS,
	};
	static const struct stats_io unknown = { .samples = 1 };
	struct stats *s = start((struct stats_setup){ 0 });
	AUTO_FREE char *text = NULL;
	const char *second;

	stats_epoch_start(s, T0);
	stats_io(s, &part);
	stats_io(s, &part);
	stats_epoch_end(s, T0 + 2 * NS_PER_SEC);
	stats_epoch_start(s, T0 + 2 * NS_PER_SEC);
	stats_io(s, &unknown);
	stats_epoch_end(s, T0 + 3 * NS_PER_SEC);
	cr_assert_eq(stats_finish(s, T0), 0);
	cr_assert_eq(save_all(s, T0), 0);
	stats_free(s);

	text = summary_text();
	expect_number(text, "samples", 40);
	expect_number(text, "consumed_bytes", 6 * MIB);
	expect_number(text, "delivered_bytes", 2 * MIB);
	expect_number(text, "seconds", 2);
	expect_number(text, "consumed_MB_per_second", 3);
	expect_number(text, "read_seconds", 0.6);
	expect_number(text, "check_seconds", 0.2);
	expect_number(text, "check_share", 0.25);
	second = strstr(strstr(text, "\"check_share\"") + 1, "\"samples\"");
	cr_assert_not_null(second);
	expect_word(second, "delivered_bytes", "null");
	expect_number(second, "check_share", 0);
	expect_number(second, "seconds", 1);
}

/* ---- Ranks --------------------------------------------------------------- */

/* The other rank has nothing to add: it got nowhere. */
static int nothing_to_add(void *arg, double *values, size_t n)
{
	unsigned *calls = arg;

	(void)values;
	*calls += n > 0;
	return 0;
}

Test(stats, one_rank_asks_nobody)
{
	unsigned calls = 0;
	struct stats *s = start((struct stats_setup){
		.size = 1, .sum = nothing_to_add, .sum_arg = &calls });

	cr_assert_eq(stats_finish(s, play_epoch(s, T0, 5)), 0);
	stats_free(s);
	cr_expect_eq(calls, 0);
}

Test(stats, an_epoch_that_not_every_rank_had_is_left_out)
{
	unsigned calls = 0;
	struct stats *s = start((struct stats_setup){ .size = 2,
						      .nodes = 1,
						      .node_size = 2,
						      .sum = nothing_to_add,
						      .sum_arg = &calls });
	AUTO_FREE char *text = NULL;
	uint64_t t = play_epoch(s, T0, 5);

	cr_assert_eq(stats_finish(s, t), 0);
	cr_assert_eq(save_all(s, t), 0);
	cr_expect_gt(calls, 1);
	stats_free(s);
	text = summary_text();
	expect_number(text, "epochs", 0);
	expect_word(text, "train_au_percentage", "[]");
}

static void play_two_ranks(bool strict)
{
	char events[512];

	stats_play_config("ranks", &config);
	config.dliofs.train.compat_strict = strict;
	snprintf(events, sizeof(events), "%s/tests/golden/dlio/ranks",
		 DLIOFS_SOURCE_DIR);
	cr_assert_eq(stats_play(events, &config, 2, root), 0);
}

/* DLIO's list, which is [rank 0: a b, rank 1: c d] with AU halved, has all it
 * takes: AU of the epochs is a + c and b + d, throughput too. */
Test(stats, evaluation_adds_what_dlio_joins)
{
	AUTO_FREE char *joined = NULL;
	AUTO_FREE char *added = NULL;
	static const char *const keys[] = { "eval_au_percentage",
					    "eval_throughput_samples_per_"
					    "second" };
	double a, b, c, d, first, second;

	play_two_ranks(true);
	joined = summary_text();
	play_two_ranks(false);
	added = summary_text();
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		cr_assert_eq(sscanf(find(joined, keys[i]),
				    "[ %lf, %lf, %lf, %lf ]", &a, &b, &c, &d),
			     4);
		cr_assert_eq(sscanf(find(added, keys[i]), "[ %lf, %lf ]",
				    &first, &second),
			     2);
		cr_expect_float_eq(first, a + c, 1e-9);
		cr_expect_float_eq(second, b + d, 1e-9);
		cr_expect_not_null(strchr(find(added, keys[i]), ']'));
	}
	/* 5 steps expected, 4 measured: 4/3 of DLIO's 5 - 2. */
	cr_expect_float_eq(
		strtod(find(added, "train_throughput_mean_samples_per_second"),
		       NULL),
		4.0 / 3 *
			strtod(find(joined, "train_throughput_mean_samples_per_"
					    "second"),
			       NULL),
		1e-9);
}

Test(stats, the_slowest_rank_and_all_bytes_of_a_checkpoint_are_told)
{
	AUTO_FREE char *text = NULL;
	const char *list;

	/* Epoch 1: 1269 us on rank 0, 1769 us on rank 1. */
	play_two_ranks(false);
	text = summary_text();
	list = find(text, "checkpoints");
	expect_word(list, "what", "\"save\"");
	expect_number(list, "epoch", 1);
	expect_number(list, "number", 1);
	expect_number(list, "slowest_seconds", 0.001769);
	expect_number(list, "bytes", 2 * 10987);
}

static int refuse(void *arg, double *values, size_t n)
{
	(void)arg;
	(void)values;
	(void)n;
	return -ECONNRESET;
}

Test(stats, ranks_that_cannot_be_summed_are_an_error)
{
	struct stats_setup setup = {
		.config = &config, .folder = root, .size = 2, .sum = refuse
	};
	struct stats *s;

	cr_expect_eq(stats_new(&setup, T0, &s), -ECONNRESET);
}

/* ---- Misuse and failure -------------------------------------------------- */

Test(stats, an_event_out_of_step_is_an_error_at_the_end)
{
	static const struct {
		const char *name;
		void (*event)(struct stats *s, uint64_t now_ns);
	} cases[] = {
		{ "no epoch", stats_epoch_end },
		{ "no epoch", stats_train_start },
		{ "no epoch", stats_block_start },
		{ "no block", stats_block_end },
		{ "no evaluation", stats_eval_end },
	};
	static const struct stats_io io = { .samples = 1 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stats *s = start((struct stats_setup){ 0 });

		cases[i].event(s, T0);
		/* What follows is not written down, and does no harm. */
		play_epoch(s, T0, 1);
		play_eval(s, T0);
		stats_io(s, &io);
		cr_expect_eq(stats_finish(s, T0), -EPROTO, "%s", cases[i].name);
		stats_free(s);
	}
}

Test(stats, parts_do_not_mix)
{
	struct stats *s;

	s = start((struct stats_setup){ 0 });
	stats_epoch_start(s, T0);
	stats_block_start(s, T0);
	stats_eval_batch(s, 1, 1, 2, T0 + 2);
	cr_expect_eq(stats_finish(s, T0), -EPROTO);
	stats_free(s);

	s = start((struct stats_setup){ 0 });
	stats_epoch_start(s, T0);
	stats_checkpoint_start(s, STATS_SAVE, 1, 1, T0);
	stats_checkpoint_end(s, 1, T0 + 1);
	stats_checkpoint_end(s, 1, T0 + 2);
	cr_expect_eq(stats_finish(s, T0), -EPROTO);
	stats_free(s);
}

Test(stats, a_run_that_ended_early_can_be_saved)
{
	struct stats *s = start((struct stats_setup){ 0 });
	AUTO_FREE char *text = NULL;

	stats_epoch_start(s, T0);
	stats_train_start(s, T0);
	stats_block_start(s, T0);
	stats_batch(s, MS, MS, 2 * MS, T0 + 2 * MS);
	cr_expect_eq(stats_finish(s, T0 + 3 * MS), 0);
	cr_expect_eq(save_all(s, T0 + 3 * MS), 0);
	stats_free(s);
	text = summary_text();
	expect_number(text, "epochs", 0);
	expect_word(text, "train_au_percentage", "[]");
}

Test(stats, a_folder_that_cannot_be_written_is_an_error)
{
	struct stats_setup setup = { .config = &config,
				     .folder = "/proc/none" };
	struct stats *s;

	cr_assert_eq(stats_new(&setup, T0, &s), 0);
	cr_assert_eq(stats_finish(s, T0), 0);
	cr_expect_lt(save_all(s, T0), 0);
	stats_free(s);
	stats_free(NULL);
}

Test(stats, a_summary_says_that_the_other_files_are_there)
{
	struct stats *s = start((struct stats_setup){ 0 });
	uint64_t t = play_epoch(s, T0, 1);
	char summary[64], steps[64];

	snprintf(summary, sizeof(summary), "%s/summary.json", root);
	snprintf(steps, sizeof(steps), "%s/0_output.json", root);
	cr_assert_eq(stats_finish(s, t), 0);
	cr_assert_eq(save_all(s, t), 0);
	cr_expect_eq(access(summary, F_OK), 0);

	stats_free(s);

	/* Another run into the same folder, which cannot write its steps. */
	cr_assert_eq(unlink(steps), 0);
	cr_assert_eq(mkdir(steps, 0755), 0);
	s = start((struct stats_setup){ 0 });
	cr_expect_eq(access(summary, F_OK), -1, "of the run before");
	cr_assert_eq(stats_finish(s, T0), 0);
	cr_expect_eq(stats_save(s, T0), -EISDIR);
	cr_expect_eq(access(summary, F_OK), -1);
	stats_free(s);
}

Test(stats, ranks_other_than_0_write_no_summary_and_only_their_steps)
{
	struct stats_setup setup = {
		.rank = 1, .size = 2, .nodes = 1, .node_rank = 1, .node_size = 2
	};
	char path[64], log[512] = "";
	FILE *console = fmemopen(log, sizeof(log), "w");
	struct stats *s;
	uint64_t t;

	cr_assert_eq(dlog_new(NULL, console, DLOG_INFO, &setup.log), 0);
	s = start(setup);
	t = play_epoch(s, T0, 1);
	cr_assert_eq(stats_finish(s, t), 0);
	cr_assert_eq(save_all(s, t), 0);
	stats_free(s);
	dlog_free(setup.log);
	fclose(console);

	snprintf(path, sizeof(path), "%s/summary.json", root);
	cr_expect_eq(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/1_output.json", root);
	cr_expect_eq(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "%s/1_per_epoch_stats.json", root);
	cr_expect_eq(access(path, F_OK), 0);
	cr_expect_not_null(strstr(log, "Rank 1 step 1: loaded 7 samples in "
				       "0.0800 s\n"));
	cr_expect_null(strstr(log, "[OUTPUT]"), "%s", log);
}

Test(stats, a_window_without_steps_is_said)
{
	char log[1024] = "";
	FILE *console = fmemopen(log, sizeof(log), "w");
	struct stats_setup setup = { .steps_train = 2 };
	struct stats *s;

	config.output.metric.exclude_end_steps = 1;
	cr_assert_eq(dlog_new(NULL, console, DLOG_WARNING, &setup.log), 0);
	s = start(setup);
	stats_free(s);
	dlog_free(setup.log);
	fclose(console);
	cr_expect_not_null(strstr(log, "No step is measured"), "%s", log);
}
