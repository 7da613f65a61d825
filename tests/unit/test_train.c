#include "train/train.h"

#include "base/clock.h"
#include "base/recorder.h"
#include "lib/capture.h"
#include "lib/fake_dataset.h"
#include "train/dlog.h"
#include "train/model.h"
#include "train/stats.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static char folder[] = "/tmp/test_train_XXXXXX";

static void set_up_folder(void)
{
	cr_assert(mkdtemp(folder));
}

static void remove_folder(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_expect_eq(system(command), 0);
}

TestSuite(train, .init = set_up_folder, .fini = remove_folder);

struct world {
	struct fake_dataset f;
	struct fake_source *checkpoints;
	struct train_env env;
	struct train_result result;
};

static void open_world(struct world *w, const char *overrides)
{
	struct stats_setup stats = { .folder = folder, .size = 1 };
	struct model_sizes sizes;

	memset(w, 0, sizeof(*w));
	fake_dataset_open(&w->f, overrides);
	w->checkpoints = fake_source_new(4096);
	stats.config = w->f.config;
	stats.steps_train = train_expected_steps(w->f.config, w->f.dataset, 1);
	stats.steps_eval =
		train_expected_eval_steps(w->f.config, w->f.dataset, 1);
	cr_assert_eq(model_sizes(w->f.config, 1, &sizes), 0);
	stats.checkpoint_bytes = sizes.model_bytes + sizes.optimizer_bytes;
	w->env = (struct train_env){
		.config = w->f.config,
		.dataset = w->f.dataset,
		.data = fake_source(w->f.source),
		.checkpoints = fake_source(w->checkpoints),
		.ranks = 1,
		.generated = true,
	};
	cr_assert_eq(stats_new(&stats, clock_ns(), &w->env.stats), 0);
}

static int run(struct world *w)
{
	return train_run(&w->env, &w->result);
}

/* The statistics were told a story that holds together. */
static void expect_good_stats(struct world *w)
{
	cr_expect_eq(stats_finish(w->env.stats, clock_ns()), 0);
	cr_expect_eq(stats_save(w->env.stats, clock_ns()), 0);
	cr_expect_eq(stats_save_summary(w->env.stats), 0);
}

static void close_world(struct world *w)
{
	stats_free(w->env.stats);
	train_result_clear(&w->result);
	cr_expect_eq(fake_source_open_files(w->checkpoints), 0);
	source_free(fake_source(w->checkpoints));
	fake_dataset_close(&w->f);
}

/* What was opened or created, by number of the event among those; NULL after
 * the last. */
static const char *nth(struct fake_source *s, enum fake_op op, size_t i)
{
	const struct fake_event *e;
	size_t n;

	e = fake_source_events(s, &n);
	for (size_t k = 0; k < n; k++)
		if (e[k].op == op && i-- == 0)
			return e[k].name;
	return NULL;
}

Test(train, takes_the_steps_of_each_epoch_and_reads_each_file_once)
{
	static const struct {
		const char *overrides;
		uint64_t epochs, steps, samples; /* of each epoch */
	} cases[] = {
		{ "dataset.num_files_train=8 reader.batch_size=2 "
		  "train.epochs=3",
		  3, 4, 8 },
		{ "dataset.num_files_train=13 reader.batch_size=4 "
		  "reader.read_threads=0",
		  1, 3, 12 },
		{ "dataset.num_files_train=13 reader.batch_size=4 "
		  "reader.read_threads=2",
		  1, 3, 12 },
		/* DLIO's trimming of files leaves nothing of this (T7). */
		{ "dataset.num_samples_per_file=4 reader.batch_size=4", 1, 8,
		  32 },
		{ "dataset.num_samples_per_file=4 reader.batch_size=4 "
		  "dliofs.train.compat_strict=true",
		  1, 0, 0 },
		{ "dataset.num_files_train=3 reader.batch_size=4", 1, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world w;

		open_world(&w, cases[i].overrides);
		cr_assert_eq(run(&w), 0, "case %zu", i);
		cr_expect_eq(w.result.epochs, cases[i].epochs, "case %zu", i);
		for (size_t e = 0; e < w.result.epochs; e++) {
			const struct train_epoch *epoch = &w.result.epoch[e];

			cr_expect_eq(epoch->steps, cases[i].steps, "case %zu",
				     i);
			cr_expect_eq(epoch->samples, cases[i].samples,
				     "case %zu", i);
			cr_expect_eq(epoch->consumed_bytes,
				     cases[i].samples *
					     dataset_size(w.f.dataset, 0),
				     "case %zu", i);
			cr_expect_not(epoch->delivered_known);
			cr_expect_eq(epoch->check_ns > 0, cases[i].samples > 0);
		}
		cr_expect_eq(fake_source_count_of(w.f.source, FAKE_OPEN),
			     cases[i].epochs * cases[i].samples, "case %zu", i);
		cr_expect_eq(w.result.saves, 0);
		expect_good_stats(&w);
		close_world(&w);
	}
}

Test(train, refuses_more_steps_than_there_is_data_for)
{
	static const struct {
		const char *overrides;
		unsigned ranks;
		int want;
	} cases[] = {
		{ "dataset.num_files_train=8 reader.batch_size=2", 1, 0 },
		{ "reader.batch_size=2 train.total_training_steps=4", 1, 0 },
		{ "reader.batch_size=2 train.total_training_steps=5", 1,
		  -EDOM },
		{ "reader.batch_size=2 train.total_training_steps=2", 2, 0 },
		{ "reader.batch_size=2 train.total_training_steps=3", 2,
		  -EDOM },
		{ "workflow.train=false train.total_training_steps=99", 1, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_dataset f;
		struct capture said;

		fake_dataset_open(&f, cases[i].overrides);
		capture_start(&said);
		cr_expect_eq(train_check(f.config, cases[i].ranks),
			     cases[i].want, "case %zu", i);
		capture_stop(&said);
		cr_expect_eq(strstr(said.text, "Only have enough data for ") !=
				     NULL,
			     cases[i].want != 0, "%s", said.text);
		fake_dataset_close(&f);
	}
}

Test(train, cuts_each_epoch_at_total_training_steps_and_reads_ahead_for_nothing)
{
	struct world w;

	open_world(&w, "dataset.num_files_train=20 reader.batch_size=1 "
		       "reader.read_threads=2 reader.prefetch_size=4 "
		       "train.total_training_steps=5 train.epochs=2");
	cr_assert_eq(run(&w), 0);
	cr_expect_eq(train_expected_steps(w.f.config, w.f.dataset, 1), 5);
	for (size_t e = 0; e < 2; e++) {
		cr_expect_eq(w.result.epoch[e].steps, 5);
		/* Six taken, of which the last shows the limit; each let one
		 * more be read than the four that wait. */
		cr_expect_eq(w.result.epoch[e].samples, 10);
	}
	expect_good_stats(&w);
	close_world(&w);
}

Test(train, evaluates_after_the_epochs_that_dlio_does)
{
	static const struct {
		const char *overrides;
		bool evaluated[5];
	} cases[] = {
		{ "evaluation.eval_after_epoch=2 "
		  "evaluation.epochs_between_evals=2",
		  { false, true, false, true, false } },
		{ "", { true, true, true, true, true } },
		{ "evaluation.eval_after_epoch=5",
		  { false, false, false, false, true } },
		{ "workflow.evaluation=false", { false } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char overrides[256];
		struct world w;

		snprintf(overrides, sizeof(overrides),
			 "workflow.evaluation=true train.epochs=5 "
			 "dataset.num_files_eval=6 reader.batch_size_eval=2 %s",
			 cases[i].overrides);
		open_world(&w, overrides);
		cr_assert_eq(run(&w), 0);
		for (size_t e = 0; e < 5; e++) {
			bool evaluated = cases[i].evaluated[e];

			cr_expect_eq(w.result.epoch[e].eval_steps,
				     evaluated ? 3 : 0, "case %zu epoch %zu", i,
				     e + 1);
			cr_expect_eq(w.result.epoch[e].samples,
				     evaluated ? 14 : 8);
		}
		expect_good_stats(&w);
		close_world(&w);
	}
}

static bool opened(struct fake_source *s, const char *name)
{
	const char *other;

	for (size_t i = 0; (other = nth(s, FAKE_OPEN, i)); i++)
		if (!strcmp(other, name))
			return true;
	return false;
}

Test(train, evaluates_all_whatever_caps_the_epoch)
{
	struct world w;

	open_world(&w, "workflow.evaluation=true dataset.num_files_eval=6 "
		       "reader.batch_size=2 reader.batch_size_eval=2 "
		       "train.total_training_steps=1");
	cr_expect_eq(train_expected_eval_steps(w.f.config, w.f.dataset, 1), 3);
	cr_assert_eq(run(&w), 0);
	cr_expect_eq(w.result.epoch[0].steps, 1);
	cr_expect_eq(w.result.epoch[0].eval_steps, 3);
	for (unsigned i = 0; i < 6; i++) {
		char name[64];

		snprintf(name, sizeof(name), "valid/img_%u_of_6.npz", i);
		cr_expect(opened(w.f.source, name), "%s", name);
	}
	expect_good_stats(&w);
	close_world(&w);
}

/* Have the statistics of the one epoch a part of this name? */
static void expect_part(const char *name, bool there)
{
	AUTO_FCLOSE FILE *f = NULL;
	char path[64], key[32], text[4096] = "";

	snprintf(path, sizeof(path), "%s/0_per_epoch_stats.json", folder);
	snprintf(key, sizeof(key), "\"%s\":", name);
	f = fopen(path, "r");
	cr_assert(f, "%s", path);
	cr_assert_gt(fread(text, 1, sizeof(text) - 1, f), 0);
	cr_expect_eq(strstr(text, key) != NULL, there, "%s in %s", key, text);
}

Test(train, numbers_blocks_and_the_checkpoints_that_end_them_from_1)
{
	struct world w;

	open_world(&w, "workflow.checkpoint=true reader.batch_size=2 "
		       "checkpoint.steps_between_checkpoints=2");
	cr_assert_eq(run(&w), 0);
	expect_good_stats(&w);
	expect_part("block1", true);
	expect_part("save_ckpt1", true);
	expect_part("block2", true);
	expect_part("save_ckpt2", true);
	/* Empty, since a checkpoint follows the last step. */
	expect_part("block3", true);
	expect_part("block4", false);
	expect_part("save_ckpt3", false);
	close_world(&w);
}

/* Checkpoints are in folders of these names, in this order. */
static void expect_saved(struct world *w, const char *const *folders,
			 const char *what)
{
	size_t n = 0;

	for (; folders[n]; n++) {
		const char *name = nth(w->checkpoints, FAKE_CREATE, n);
		char want[64];

		snprintf(want, sizeof(want), "%s/model_states-0.pt",
			 folders[n]);
		cr_assert(name, "%s: no checkpoint %zu", what, n);
		cr_expect_str_eq(name, want, "%s", what);
	}
	cr_expect_null(nth(w->checkpoints, FAKE_CREATE, n), "%s", what);
	cr_expect_eq(w->result.saves, n, "%s", what);
	cr_expect_eq(w->result.saved_bytes, n * 10987, "%s", what);
}

Test(train, saves_after_the_epochs_and_steps_that_dlio_does)
{
	/* Eight files, batches of two: four steps.  By epoch, the folder has
	 * the number of the step that would come next (T18); by step, steps
	 * count anew in each epoch. */
	static const struct {
		const char *overrides;
		const char *folders[8];
	} cases[] = {
		{ "train.epochs=5 checkpoint.checkpoint_after_epoch=2 "
		  "checkpoint.epochs_between_checkpoints=2",
		  { "global_epoch2_step5", "global_epoch4_step5" } },
		{ "train.epochs=2",
		  { "global_epoch1_step5", "global_epoch2_step5" } },
		{ "train.epochs=2 checkpoint.steps_between_checkpoints=2",
		  { "global_epoch1_step2", "global_epoch1_step4",
		    "global_epoch2_step2", "global_epoch2_step4" } },
		{ "checkpoint.steps_between_checkpoints=3",
		  { "global_epoch1_step3" } },
		{ "checkpoint.steps_between_checkpoints=5", { NULL } },
		{ "checkpoint.steps_between_checkpoints=0", { NULL } },
		{ "train.total_training_steps=2", { "global_epoch1_step3" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char overrides[256];
		struct world w;

		snprintf(overrides, sizeof(overrides),
			 "workflow.checkpoint=true reader.batch_size=2 %s",
			 cases[i].overrides);
		open_world(&w, overrides);
		cr_assert_eq(run(&w), 0, "%s", overrides);
		expect_saved(&w, cases[i].folders, overrides);
		expect_good_stats(&w);
		close_world(&w);
	}
}

Test(train, without_training_writes_checkpoints_and_then_reads_them)
{
	static const char *const folders[] = { "global_epoch1_step1",
					       "global_epoch1_step2",
					       "global_epoch1_step3", NULL };
	struct world w;

	open_world(&w, "workflow.train=false workflow.checkpoint=true "
		       "checkpoint.num_checkpoints_write=3 "
		       "checkpoint.num_checkpoints_read=2");
	w.env.dataset = NULL;
	w.env.data = NULL;
	cr_assert_eq(run(&w), 0);
	expect_saved(&w, folders, "written");
	cr_expect_eq(w.result.loads, 2);
	cr_expect_eq(w.result.loaded_bytes, 2 * 10987);
	cr_expect_gt(w.result.load_check_ns, 0);
	cr_expect_str_eq(nth(w.checkpoints, FAKE_OPEN, 0),
			 "global_epoch1_step1/model_states-0.pt");
	cr_expect_str_eq(nth(w.checkpoints, FAKE_OPEN, 1),
			 "global_epoch1_step2/model_states-0.pt");
	cr_expect_eq(w.result.epochs, 0);
	expect_good_stats(&w);
	close_world(&w);
}

Test(train, rests_before_each_checkpoint)
{
	uint64_t from_ns = clock_ns();
	struct world w;

	open_world(&w, "workflow.train=false workflow.checkpoint=true "
		       "checkpoint.num_checkpoints_write=2 "
		       "checkpoint.num_checkpoints_read=2 "
		       "checkpoint.time_between_checkpoints=0.03");
	cr_assert_eq(run(&w), 0);
	cr_expect_geq(clock_ns() - from_ns, 4 * 30 * NS_PER_SEC / 1000);
	cr_expect_eq(w.result.loads, 2);
	close_world(&w);
}

static int count_calls(void *arg)
{
	++*(unsigned *)arg;
	return 0;
}

static int count_waits(void *arg)
{
	++*(unsigned *)arg;
	return 0;
}

Test(train, empties_the_page_cache_between_writing_checkpoints_and_reading)
{
	static const char words[] = "workflow.train=false "
				    "workflow.checkpoint=true "
				    "dliofs.train.drop_caches=true "
				    "checkpoint.num_checkpoints_write=3 "
				    "checkpoint.num_checkpoints_read=2";
	unsigned calls = 0;
	struct world w;

	open_world(&w, words);
	cr_assert_eq(run(&w), 0);
	cr_expect_eq(fake_source_count_of(w.checkpoints, FAKE_DROP), 2);
	close_world(&w);

	open_world(&w, words);
	w.env.hooks.arg = &calls;
	w.env.hooks.drop_caches = count_calls;
	cr_assert_eq(run(&w), 0);
	cr_expect_eq(calls, 1);
	cr_expect_eq(fake_source_count_of(w.checkpoints, FAKE_DROP), 0);
	close_world(&w);
}

Test(train, waits_for_all_ranks_inside_the_timed_part_if_asked)
{
	static const struct {
		const char *words;
		unsigned waits;
	} cases[] = {
		{ "checkpoint.rank_sync=false", 4 },
		{ "checkpoint.rank_sync=true", 7 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned waits = 0;
		char words[512];
		struct world w;

		snprintf(words, sizeof(words),
			 "workflow.train=false workflow.checkpoint=true "
			 "checkpoint.time_between_checkpoints=0 "
			 "checkpoint.num_checkpoints_write=2 "
			 "checkpoint.num_checkpoints_read=1 %s",
			 cases[i].words);
		open_world(&w, words);
		w.env.hooks.arg = &waits;
		w.env.hooks.barrier = count_waits;
		cr_assert_eq(run(&w), 0);
		cr_expect_eq(waits, cases[i].waits, "%s: %u", cases[i].words,
			     waits);
		close_world(&w);
	}
}

Test(train, does_not_load_checkpoints_that_are_not_there)
{
	struct world w;

	open_world(&w, "workflow.train=false workflow.checkpoint=true "
		       "checkpoint.num_checkpoints_read=2");
	cr_expect_eq(run(&w), -EINVAL);
	close_world(&w);
}

Test(train, does_nothing_when_there_is_nothing_to_do)
{
	struct world w;

	open_world(&w, "workflow.train=false");
	cr_expect_eq(run(&w), 0);
	cr_expect_eq(w.result.epochs, 0);
	expect_good_stats(&w);
	close_world(&w);
}

Test(train, passes_on_what_goes_wrong_anywhere, .timeout = 100)
{
	static const struct {
		const char *overrides;
		bool checkpoints; /* else data */
		enum fake_op op;
		unsigned after;
	} cases[] = {
		{ "reader.read_threads=2", false, FAKE_READ, 0 },
		{ "reader.read_threads=2", false, FAKE_READ, 50 },
		{ "reader.read_threads=0", false, FAKE_READ, 50 },
		{ "", false, FAKE_OPEN, 9 }, /* in evaluation */
		{ "", true, FAKE_CREATE, 0 },
		{ "", true, FAKE_APPEND, 1 },
		{ "", true, FAKE_COMMIT, 1 },
		{ "checkpoint.steps_between_checkpoints=1", true, FAKE_APPEND,
		  7 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char overrides[256];
		struct world w;

		snprintf(overrides, sizeof(overrides),
			 "workflow.checkpoint=true workflow.evaluation=true "
			 "dataset.num_files_eval=4 train.epochs=2 %s",
			 cases[i].overrides);
		open_world(&w, overrides);
		fake_source_fail(cases[i].checkpoints ? w.checkpoints :
							w.f.source,
				 cases[i].op, cases[i].after, -EIO);
		cr_expect_eq(run(&w), -EIO, "case %zu", i);
		(void)!stats_finish(w.env.stats, clock_ns());
		close_world(&w);
	}
}

Test(train, notices_data_that_is_not_what_was_generated)
{
	static const struct {
		const char *overrides;
		bool generated;
		int want;
	} cases[] = {
		{ "dataset.format=npz", true, -EBADMSG },
		{ "dataset.format=npz", false, -EBADMSG },
		{ "dataset.format=npy", true, -EBADMSG },
		/* Another's random numbers: there is nothing to compare. */
		{ "dataset.format=npy", false, 0 },
		{ "dataset.format=npy dliofs.train.check_data=false", true, 0 },
		{ "dataset.format=npz dliofs.train.check_data=false", true, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE uint8_t *bytes = NULL;
		char name[DATASET_MAX_NAME];
		const uint8_t *whole;
		struct world w;
		size_t len;

		open_world(&w, cases[i].overrides);
		w.env.generated = cases[i].generated;
		dataset_name(w.f.dataset, 5, name);
		whole = fake_source_get(w.f.source, name, &len);
		bytes = malloc(len);
		cr_assert(bytes);
		memcpy(bytes, whole, len);
		bytes[300] ^= 0x10;
		fake_source_put(w.f.source, name, bytes, len);
		cr_expect_eq(run(&w), cases[i].want, "case %zu", i);
		close_world(&w);
	}
}

struct hooked {
	unsigned barriers, drops, progresses;
	int drop_rc;
	uint64_t store;
	atomic_bool stop;
	uint64_t stop_at;	 /* step */
	atomic_ullong announced; /* names */
};

static int hook_drop(void *arg)
{
	struct hooked *h = arg;

	h->drops++;
	return h->drop_rc;
}

static uint64_t hook_store(void *arg)
{
	struct hooked *h = arg;

	return h->store += 1000;
}

/* Others read at once what they may read behind it. */
static int hook_barrier(void *arg)
{
	struct hooked *h = arg;

	h->store += 10;
	h->barriers++;
	return 0;
}

static void hook_progress(void *arg, uint64_t epoch, uint64_t step,
			  uint64_t steps)
{
	struct hooked *h = arg;

	cr_expect_eq(steps, 4);
	cr_expect_leq(step, steps);
	cr_expect_geq(epoch, 1);
	h->progresses++;
	if (step == h->stop_at)
		h->stop = true;
}

static void hook_announce(void *arg, const char *const *names, size_t n)
{
	struct hooked *h = arg;

	for (size_t i = 0; i < n; i++)
		cr_expect_neq(strstr(names[i], "img_"), NULL, "%s", names[i]);
	h->announced += n;
}

static void hook(struct world *w, struct hooked *h)
{
	w->env.hooks = (struct train_hooks){ h,
					     hook_drop,
					     hook_store,
					     hook_barrier,
					     hook_progress,
					     hook_announce };
	w->env.stop = &h->stop;
}

Test(train, asks_its_surroundings)
{
	struct hooked h = { .drop_rc = 0 };
	struct world w;

	open_world(&w, "reader.batch_size=2 train.epochs=2 "
		       "train.total_training_steps=99 "
		       "dliofs.train.drop_caches=true");
	hook(&w, &h);
	cr_assert_eq(run(&w), 0);
	cr_expect_eq(h.drops, 2);
	cr_expect_eq(fake_source_count_of(w.f.source, FAKE_DROP), 0);
	cr_expect_eq(h.progresses, 8);
	/* Before each epoch, after each step and after each last block. */
	cr_expect_eq(h.barriers, 2 * (1 + 4 + 1 + 1));
	for (size_t e = 0; e < 2; e++) {
		cr_expect(w.result.epoch[e].delivered_known);
		cr_expect_eq(w.result.epoch[e].delivered_bytes, 1000 + 7 * 10);
	}
	expect_good_stats(&w);
	close_world(&w);
}

Test(train, announces_what_it_will_read_unless_told_not_to)
{
	static const struct {
		const char *text;
		uint64_t names;
	} cases[] = {
		/* 8 files; a warm mount is told once. */
		{ "train.epochs=3", 8 },
		{ "train.epochs=3 dliofs.mount.cache=cold", 24 },
		{ "train.epochs=3 dliofs.train.drop_caches=true", 24 },
		{ "train.total_training_steps=2", 4 },
		{ "dliofs.train.announce=false", 0 },
		{ "dliofs.train.compat_strict=true", 0 },
		{ "workflow.evaluation=true dataset.num_files_eval=2", 10 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hooked h = { .drop_rc = 0 };
		char text[256];
		struct world w;

		snprintf(text, sizeof(text), "reader.batch_size=2 %s",
			 cases[i].text);
		open_world(&w, text);
		hook(&w, &h);
		w.env.hooks.progress = NULL;
		cr_assert_eq(run(&w), 0);
		cr_expect_eq(h.announced, cases[i].names, "%s: %llu",
			     cases[i].text, h.announced);
		close_world(&w);
	}
}

Test(train, drops_its_files_one_by_one_where_the_cache_cannot_be_emptied)
{
	struct hooked h = { .drop_rc = -EPERM };
	struct world w;

	open_world(&w, "reader.batch_size=2 train.epochs=3 "
		       "dliofs.train.drop_caches=true "
		       "workflow.evaluation=true dataset.num_files_eval=2");
	hook(&w, &h);
	cr_assert_eq(run(&w), 0);
	cr_expect_eq(fake_source_count_of(w.f.source, FAKE_DROP), 3 * 10);
	close_world(&w);

	open_world(&w, "reader.batch_size=2 dliofs.train.drop_caches=false");
	hook(&w, &h);
	h.drops = 0;
	cr_assert_eq(run(&w), 0);
	cr_expect_eq(h.drops, 0);
	cr_expect_eq(fake_source_count_of(w.f.source, FAKE_DROP), 0);
	close_world(&w);
}

Test(train, stops_when_asked, .timeout = 100)
{
	struct hooked h = { .stop_at = 3 };
	struct world w;

	open_world(&w, "reader.batch_size=2 train.epochs=1000 "
		       "train.computation_time=0.001");
	hook(&w, &h);
	cr_expect_eq(run(&w), -EINTR);
	cr_expect_eq(w.result.epochs, 1);
	cr_expect_eq(w.result.epoch[0].steps, 3);
	(void)!stats_finish(w.env.stats, clock_ns());
	close_world(&w);
}

Test(train, stops_in_the_middle_of_a_long_step, .timeout = 100)
{
	struct hooked h = { .stop_at = 0, .stop = true };
	struct world w;

	open_world(&w, "workflow.train=false workflow.checkpoint=true "
		       "checkpoint.num_checkpoints_write=1 "
		       "checkpoint.time_between_checkpoints=1000000");
	hook(&w, &h);
	cr_expect_eq(run(&w), -EINTR);
	close_world(&w);
}

Test(train, records_what_the_trainer_saw)
{
	static struct rec_figures figures;
	struct world w;

	open_world(&w, "workflow.checkpoint=true reader.batch_size=2");
	cr_assert_eq(recorder_new(-1, &w.env.recorder), 0);
	cr_assert_eq(run(&w), 0);
	recorder_get(w.env.recorder, REC_APP, REC_OPEN, &figures);
	cr_expect_eq(figures.count, 8);
	recorder_get(w.env.recorder, REC_APP, REC_READ, &figures);
	cr_expect_eq(figures.count,
		     fake_source_count_of(w.f.source, FAKE_READ));
	cr_expect_geq(figures.bytes, w.result.epoch[0].consumed_bytes);
	recorder_get(w.env.recorder, REC_APP, REC_WRITE, &figures);
	cr_expect_eq(figures.bytes, 10987);
	recorder_get(w.env.recorder, REC_APP, REC_COMMIT, &figures);
	cr_expect_eq(figures.count, 1);
	recorder_free(w.env.recorder);
	close_world(&w);
}

Test(train, computes_for_the_time_configured)
{
	uint64_t from_ns;
	struct world w;

	open_world(&w, "reader.batch_size=2 train.computation_time=0.02 "
		       "evaluation.eval_time=0.01 workflow.evaluation=true "
		       "dataset.num_files_eval=4");
	from_ns = clock_ns();
	cr_assert_eq(run(&w), 0);
	/* 4 steps of 20 ms, 4 of 10 ms. */
	cr_expect_geq(w.result.epoch[0].wall_ns, 120000000);
	cr_expect_lt(clock_ns() - from_ns, 30 * NS_PER_SEC);
	expect_good_stats(&w);
	close_world(&w);
}

Test(train, shares_the_samples_among_ranks)
{
	uint64_t samples = 0;

	for (unsigned rank = 0; rank < 3; rank++) {
		struct world w;

		open_world(&w, "dataset.num_files_train=25 "
			       "reader.batch_size=4");
		w.env.rank = rank;
		w.env.ranks = 3;
		cr_assert_eq(run(&w), 0);
		cr_expect_eq(w.result.epoch[0].steps, 2);
		samples += w.result.epoch[0].samples;
		close_world(&w);
	}
	cr_expect_eq(samples, 24);
}

Test(train, uses_the_first_files_of_a_dataset_that_has_more)
{
	struct fake_dataset larger;
	struct world w;

	open_world(&w, "dataset.num_files_train=4 reader.batch_size=1");
	fake_dataset_open(&larger, "dataset.num_files_train=20");
	w.env.dataset = larger.dataset;
	w.env.data = fake_source(larger.source);
	cr_assert_eq(run(&w), 0);
	cr_expect_eq(w.result.epoch[0].steps, 4);
	cr_expect_str_eq(nth(larger.source, FAKE_OPEN, 3),
			 "train/img_03_of_20.npz");
	cr_expect_null(nth(larger.source, FAKE_OPEN, 4));
	fake_dataset_close(&larger);
	close_world(&w);
}

/* What was said, without the stamps. */
static void run_aloud(const char *overrides, unsigned rank, char text[4096])
{
	struct world w;
	FILE *out = fmemopen(text, 4096, "w");

	memset(text, 0, 4096);
	open_world(&w, overrides);
	cr_assert_eq(dlog_new(NULL, out, DLOG_INFO, &w.env.log), 0);
	w.env.rank = rank;
	w.env.ranks = rank + 1;
	cr_assert_eq(run(&w), 0);
	dlog_free(w.env.log);
	fclose(out);
	close_world(&w);
}

static void expect_said(const char *text, const char *want)
{
	cr_expect(strstr(text, want), "'%s' is not in:\n%s", want, text);
}

Test(train, rank_0_says_what_is_ahead)
{
	static const char overrides[] =
		"dataset.num_files_train=13 reader.batch_size=4 "
		"dataset.num_files_eval=5 reader.batch_size_eval=2 "
		"workflow.evaluation=true workflow.checkpoint=true "
		"model.model_size_bytes=1073741824 "
		"train.total_training_steps=2 "
		"checkpoint.checkpoint_after_epoch=9";
	char text[4096];

	run_aloud(overrides, 0, text);
	expect_said(text, "[WARNING] Trimming number of training files "
			  "(13 -> 12) to have equal number of train steps");
	expect_said(text, "[WARNING] Trimming number of evaluation files "
			  "(5 -> 4) to have equal number of eval steps");
	expect_said(text, "Model size: 1.000000 GB");
	expect_said(text, "Total checkpoint size: 1.000000 GB");
	expect_said(text, "Max steps per epoch: 3 = 1 * 12 / 4 / 1 (");
	expect_said(text, "Steps per eval: 2 = 1 * 4 / 2 / 1 (");
	expect_said(text, "[INFO] ");
	expect_said(text, "Maximum number of steps reached");
	run_aloud(overrides, 1, text);
	cr_expect_str_eq(text, "", "rank 1 says nothing");
}

Test(train, runs_of_checkpoints_say_where_they_are)
{
	char text[4096];
	const char *written, *read;

	run_aloud("workflow.train=false workflow.checkpoint=true "
		  "model.model_size_bytes=1000 "
		  "checkpoint.time_between_checkpoints=0.001 "
		  "checkpoint.num_checkpoints_write=2 "
		  "checkpoint.num_checkpoints_read=1",
		  0, text);
	expect_said(text, "Checkpointing write started");
	written = strstr(text, "Checkpointing write finished");
	read = strstr(text, "Checkpointing read started");
	cr_assert(written && read);
	cr_expect_lt(written, read);
	expect_said(read, "Checkpointing read finished");
	cr_expect_not(strstr(text, "Max steps"), "there are no steps");
}
