#include "train/checkpoint.h"

#include "base/crc.h"
#include "config/config.h"
#include "lib/fake_source.h"
#include "lib/golden_models.h"
#include "lib/sink_source.h"
#include "train/dlog.h"
#include "train/source_posix.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

static struct config *configure(const char *const *overrides, size_t n)
{
	const char *words[16] = { "framework=pytorch" };
	struct config *c;

	if (n)
		memcpy(words + 1, overrides, n * sizeof(*words));
	cr_assert_eq(config_load(NULL, words, n + 1, 0, &c), 0);
	return c;
}

static struct checkpoint *make(const struct config *config,
			       struct fake_source *fake, unsigned rank,
			       unsigned ranks)
{
	struct checkpoint_setup setup = { .config = config,
					  .source = fake_source(fake),
					  .rank = rank,
					  .ranks = ranks };
	struct checkpoint *c;

	cr_assert_eq(checkpoint_new(&setup, &c), 0);
	return c;
}

Test(checkpoint, names_and_sizes_its_files_as_dlio_does)
{
	struct fake_source *fake = fake_source_new(4096);
	struct config *config = configure(NULL, 0);
	struct checkpoint *c = make(config, fake, 0, 1);
	uint64_t bytes, n;
	size_t len;

	cr_expect_eq(checkpoint_save(c, 5, 25, &bytes), 0);
	cr_expect_eq(bytes, 10987);
	cr_expect(fake_source_get(
		fake, "global_epoch5_step25/model_states-0.pt", &len));
	cr_expect_eq(len, 10987);
	cr_expect_eq(checkpoint_save(c, 5, 26, &bytes), 0);
	cr_expect_eq(checkpoint_count(c, &n), 0);
	cr_expect_eq(n, 2);
	cr_expect_eq(checkpoint_load(c, 5, 26, &bytes), 0);
	cr_expect_eq(bytes, 10987);
	cr_expect_eq(checkpoint_load(c, 5, 27, &bytes), -ENOENT);
	checkpoint_free(c);
	config_free(config);
	source_free(fake_source(fake));
}

static void expect_file(struct fake_source *fake, const struct golden_model *m,
			const struct golden_file *file)
{
	char name[128];
	const uint8_t *got;
	size_t len;

	snprintf(name, sizeof(name), "global_epoch1_step1/%s", file->name);
	got = fake_source_get(fake, name, &len);
	cr_assert(got, "%s: no %s", m->text, name);
	cr_expect_eq(len, file->size, "%s: %s of %zu", m->text, name, len);
	cr_expect_eq(crc_crc32(0, got, len), file->crc, "%s: %s", m->text,
		     name);
}

Test(checkpoint, is_byte_for_byte_what_dlio_writes)
{
	FILE *list = golden_models_open();
	struct golden_model m;
	unsigned models = 0;

	for (; golden_models_next(list, &m); models++) {
		struct fake_source *fake = fake_source_new(4096);

		for (unsigned rank = 0; rank < m.ranks; rank++) {
			struct checkpoint *c =
				make(m.config, fake, rank, m.ranks);
			uint64_t saved, loaded;

			cr_expect_eq(checkpoint_save(c, 1, 1, &saved), 0);
			cr_expect_eq(checkpoint_load(c, 1, 1, &loaded), 0);
			cr_expect_eq(saved, loaded);
			checkpoint_free(c);
		}
		for (size_t i = 0; i < m.files; i++)
			expect_file(fake, &m, &m.file[i]);
		cr_expect_eq(fake_source_count_of(fake, FAKE_COMMIT), m.files,
			     "%s", m.text);
		source_free(fake_source(fake));
		golden_models_clear(&m);
	}
	cr_expect_eq(models, 20); /* the README says so */
	fclose(list);
}

static const char *const small_transformer[] = {
	"model.type=transformer",
	"model.num_layers=2",
	"model.transformer.hidden_size=8",
	"model.transformer.vocab_size=100",
	"model.transformer.ffn_hidden_size=16",
	"model.transformer.num_attention_heads=4",
	"model.parallelism.zero_stage=3",
};

static void expect_reads(struct fake_source *fake, const char *of)
{
	const struct fake_event *e;
	size_t n, reads = 0;

	e = fake_source_events(fake, &n);
	for (size_t i = 0; i < n; i++)
		if (e[i].op == FAKE_OPEN) {
			cr_expect(strstr(e[i].name, of), "%s", e[i].name);
			reads++;
		}
	cr_expect_eq(reads, 2);
	fake_source_forget(fake);
}

Test(checkpoint, has_the_files_of_tensorflow_with_that_framework)
{
	/* DLIO's case of groups, layers and a flat model: three states with
	 * two files each, and who was the latest. */
	static const char *const words[] = {
		"framework=tensorflow",
		"model.type=transformer",
		"model.num_layers=2",
		"model.layer_parameters=[16]",
		"model.optimization_groups=[1024,128]",
	};
	static const char *const names[] = {
		"zero_pp_rank_0_mp_rank_0_model_states.pb-1.index",
		"zero_pp_rank_0_mp_rank_0_model_states.pb-1.data-00000-of-00001",
		"zero_pp_rank_0_mp_rank_0_optim_states.pb-1.index",
		"zero_pp_rank_0_mp_rank_0_optim_states.pb-1.data-00000-of-00001",
		"checkpoint",
	};
	struct fake_source *fake = fake_source_new(4096);
	struct config *config = configure(words, ARRAY_SIZE(words));
	struct checkpoint *c = make(config, fake, 0, 1);
	uint64_t saved, loaded;

	cr_expect_eq(checkpoint_save(c, 1, 1, &saved), 0);
	cr_expect_eq(checkpoint_load(c, 1, 1, &loaded), 0);
	cr_expect_eq(saved, loaded);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char name[128];
		size_t len;

		snprintf(name, sizeof(name), "global_epoch1_step1/%s",
			 names[i]);
		cr_expect(fake_source_get(fake, name, &len), "%s", name);
	}
	cr_expect_eq(checkpoint_drop(c, 1, 1), 0);
	cr_expect_eq(fake_source_count_of(fake, FAKE_DROP), 2);
	checkpoint_free(c);
	config_free(config);
	source_free(fake_source(fake));
}

Test(checkpoint, is_loaded_from_what_the_next_host_wrote_if_shifted)
{
	enum { HOST = 2, RANKS = 6 };
	static const char *const shift = "checkpoint.recovery_rank_shift=true";
	const char *words[ARRAY_SIZE(small_transformer) + 1];
	struct fake_source *fake = fake_source_new(4096);
	struct config *config;
	uint64_t bytes;

	memcpy(words, small_transformer, sizeof(small_transformer));
	words[ARRAY_SIZE(words) - 1] = shift;
	config = configure(words, ARRAY_SIZE(words));
	for (unsigned rank = 0; rank < RANKS; rank++) {
		struct checkpoint *c = make(config, fake, rank, RANKS);

		cr_assert_eq(checkpoint_save(c, 1, 1, &bytes), 0);
		checkpoint_free(c);
	}
	fake_source_forget(fake);
	for (unsigned rank = 0; rank < RANKS; rank++) {
		struct checkpoint_setup setup = { .config = config,
						  .source = fake_source(fake),
						  .rank = rank,
						  .ranks = RANKS,
						  .node_ranks = HOST };
		struct checkpoint *c;
		char of[32];

		/* Of three hosts, so that the next is not the last. */
		cr_assert_eq(checkpoint_new(&setup, &c), 0);
		cr_assert_eq(checkpoint_load(c, 1, 1, &bytes), 0);
		snprintf(of, sizeof(of), "zero_pp_rank_%u_",
			 (rank + HOST) % RANKS);
		expect_reads(fake, of);
		checkpoint_free(c);
		/* Alone on one host, all stays as it is. */
		setup.node_ranks = RANKS;
		cr_assert_eq(checkpoint_new(&setup, &c), 0);
		cr_assert_eq(checkpoint_load(c, 1, 1, &bytes), 0);
		snprintf(of, sizeof(of), "zero_pp_rank_%u_", rank);
		expect_reads(fake, of);
		checkpoint_free(c);
	}
	config_free(config);
	source_free(fake_source(fake));
}

Test(checkpoint, says_how_long_each_part_took_on_rank_0)
{
	struct config *config =
		configure(small_transformer, ARRAY_SIZE(small_transformer));
	struct fake_source *fake = fake_source_new(4096);
	size_t size, lines[2];
	char *text;

	for (unsigned rank = 0; rank < 2; rank++) {
		FILE *console = open_memstream(&text, &size);
		struct checkpoint_setup setup = { .config = config,
						  .source = fake_source(fake),
						  .rank = rank,
						  .ranks = 2 };
		struct checkpoint *c;
		uint64_t bytes;

		cr_assert_eq(dlog_new(NULL, console, DLOG_INFO, &setup.log), 0);
		cr_assert_eq(checkpoint_new(&setup, &c), 0);
		cr_assert_eq(checkpoint_save(c, 1, 1, &bytes), 0);
		cr_assert_eq(checkpoint_load(c, 1, 1, &bytes), 0);
		checkpoint_free(c);
		dlog_free(setup.log);
		fclose(console);
		lines[rank] = size;
		if (rank == 0) {
			cr_expect(strstr(text, "Saved model checkpoint in "));
			cr_expect(
				strstr(text, "Saved optimizer checkpoint in "));
			cr_expect(strstr(text, "Loaded model checkpoint in "));
			cr_expect(strstr(text,
					 "Loaded optimizer checkpoint in "));
		}
		free(text);
	}
	cr_expect_gt(lines[0], 0);
	cr_expect_eq(lines[1], 0);
	config_free(config);
	source_free(fake_source(fake));
}

Test(checkpoint, is_refused_of_a_model_that_does_not_fit_the_ranks)
{
	static const char *const words[] = { "model.parallelism.tensor=2" };
	struct fake_source *fake = fake_source_new(4096);
	struct config *config = configure(words, 1);
	struct checkpoint_setup setup = { .config = config,
					  .source = fake_source(fake),
					  .ranks = 3 };
	struct checkpoint *c;

	cr_expect_eq(checkpoint_new(&setup, &c), -EINVAL);
	cr_expect_null(c);
	config_free(config);
	source_free(fake_source(fake));
}

Test(checkpoint, syncs_if_the_configuration_says_so)
{
	static const char *const overrides[] = { "checkpoint.fsync=true",
						 "checkpoint.fsync=false" };

	for (size_t i = 0; i < ARRAY_SIZE(overrides); i++) {
		struct fake_source *fake = fake_source_new(4096);
		struct config *config = configure(&overrides[i], 1);
		struct checkpoint *c = make(config, fake, 0, 1);
		const struct fake_event *e;
		unsigned flags = 99;
		uint64_t bytes;
		size_t n;

		cr_assert_eq(checkpoint_save(c, 1, 1, &bytes), 0);
		e = fake_source_events(fake, &n);
		for (size_t k = 0; k < n; k++)
			if (e[k].op == FAKE_COMMIT)
				flags = e[k].flags;
		cr_expect_eq(flags, i == 0 ? SOURCE_DURABLE : 0);
		checkpoint_free(c);
		config_free(config);
		source_free(fake_source(fake));
	}
}

static long peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

Test(checkpoint, takes_little_memory_however_large_it_is)
{
	/* One of 96 ranks of Llama 3 8B with ZeRO 3: 1.1 GiB. */
	const uint64_t parameters = 8030261248;
	const unsigned ranks = 96;
	struct checkpoint_setup setup = { .ranks = ranks, .rank = 95 };
	struct sink_source sink;
	struct config *config;
	struct checkpoint *c;
	uint64_t bytes, want;
	long before;

	cr_assert_eq(config_load(DLIOFS_SOURCE_DIR
				 "/configs/workload/llama_8b_zero3.yaml",
				 NULL, 0, 0, &config),
		     0);
	/* fp16, and three times fp32; 5 * 4096 numbers thrice besides. */
	want = (2 + 3 * 4) * parameters / ranks + 15 * 4096 * 4;
	sink_source_init(&sink);
	setup.config = config;
	setup.source = &sink.base;
	cr_assert_eq(checkpoint_new(&setup, &c), 0);
	before = peak_kib();
	cr_assert_eq(checkpoint_save(c, 1, 1, &bytes), 0);
	cr_expect_eq(sink.files, 2);
	cr_expect_eq(sink.bytes, bytes);
	cr_expect_lt(bytes, want + 100 * KIB);
	cr_expect_gt(bytes, want);
	cr_expect_leq(sink.largest_append, 8 * MIB);
	cr_expect_lt(peak_kib() - before, 32 * 1024, "%ld KiB more",
		     peak_kib() - before);
	checkpoint_free(c);
	config_free(config);
}
