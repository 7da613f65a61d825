#include "train/pattern.h"

#include <criterion/criterion.h>
#include <string.h>

static struct config *configure(const char *a, const char *b, const char *c,
				const char *d)
{
	const char *overrides[] = { "dataset.format=npz", a, b, c, d };
	size_t n = 1;
	struct config *out;

	while (n < ARRAY_SIZE(overrides) && overrides[n])
		n++;
	cr_assert_eq(config_load(NULL, overrides, n, CONFIG_STRICT, &out), 0);
	return out;
}

Test(pattern, is_that_of_the_loader_or_else_of_the_framework)
{
	static const struct {
		const char *a, *b, *c;
		enum config_loader want;
	} cases[] = {
		{ NULL, NULL, NULL, CONFIG_LOADER_TENSORFLOW },
		{ "framework=pytorch", NULL, NULL, CONFIG_LOADER_PYTORCH },
		{ "framework=pytorch", "reader.data_loader=dali", NULL,
		  CONFIG_LOADER_DALI },
		{ "framework=pytorch", "reader.data_loader=synthetic", NULL,
		  CONFIG_LOADER_SYNTHETIC },
		{ "framework=pytorch", "reader.data_loader=custom",
		  "reader.data_loader_sampler=index", CONFIG_LOADER_PYTORCH },
		{ "framework=pytorch", "reader.data_loader=custom",
		  "reader.data_loader_sampler=iterative",
		  CONFIG_LOADER_TENSORFLOW },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config *c =
			configure(cases[i].a, cases[i].b, cases[i].c, NULL);

		cr_expect_eq(pattern_loader(c), cases[i].want, "case %zu", i);
		cr_expect_eq(pattern_reads(c),
			     cases[i].want != CONFIG_LOADER_SYNTHETIC);
		config_free(c);
	}
}

struct want {
	enum sampler_order order;
	unsigned threads;
	uint64_t piece, ahead, shuffled;
	enum loader_keep keep;
};

static const struct {
	const char *loader, *format, *more;
	struct want want;
} depths[] = {
	/* Four threads and batches of 3, unless they say otherwise. */
	{ "pytorch",
	  "npz",
	  "reader.prefetch_size=2",
	  { SAMPLER_INDEX, 4, 3, 4, 0, LOADER_KEEP_NONE } },
	{ "pytorch",
	  "npz",
	  "reader.prefetch_size=5",
	  { SAMPLER_INDEX, 4, 3, 8, 0, LOADER_KEEP_NONE } },
	{ "pytorch",
	  "npz",
	  "reader.prefetch_size=0",
	  { SAMPLER_INDEX, 4, 3, 8, 0, LOADER_KEEP_NONE } },
	{ "pytorch",
	  "npz",
	  "reader.read_threads=0",
	  { SAMPLER_INDEX, 0, 3, 1, 0, LOADER_KEEP_NONE } },
	{ "pytorch",
	  "npz",
	  "reader.read_type=memory",
	  { SAMPLER_INDEX, 4, 3, 4, 0, LOADER_KEEP_ALL } },
	{ "tensorflow",
	  "npz",
	  "reader.sample_shuffle=seed",
	  { SAMPLER_ITERATIVE, 4, 3, 10, 0, LOADER_KEEP_RUN } },
	{ "tensorflow",
	  "npz",
	  "reader.read_threads=0",
	  { SAMPLER_ITERATIVE, 1, 3, 4, 0, LOADER_KEEP_RUN } },
	{ "tensorflow",
	  "tfrecord",
	  "reader.sample_shuffle=off",
	  { SAMPLER_RECORDS, 4, 1, 14, 0, LOADER_KEEP_RUN } },
	{ "tensorflow",
	  "tfrecord",
	  "reader.sample_shuffle=seed",
	  { SAMPLER_RECORDS, 4, 1, 14, 1024, LOADER_KEEP_RUN } },
	{ "dali",
	  "npz",
	  "reader.prefetch_size=0",
	  { SAMPLER_INDEX, 4, 1, 6, 0, LOADER_KEEP_NONE } },
	{ "dali",
	  "npz",
	  "reader.prefetch_size=5",
	  { SAMPLER_INDEX, 4, 1, 15, 0, LOADER_KEEP_NONE } },
	{ "native_dali",
	  "npy",
	  "reader.prefetch_size=5",
	  { SAMPLER_INDEX, 1, 3, 2, 0, LOADER_KEEP_NONE } },
};

Test(pattern, reads_as_far_ahead_as_the_loader_does)
{
	for (size_t i = 0; i < ARRAY_SIZE(depths); i++) {
		const struct want *want = &depths[i].want;
		struct sampler_setup setup = { .files = 24,
					       .samples_per_file = 1,
					       .batch = 3,
					       .ranks = 1 };
		struct loader_setup loader = { .threads = 0 };
		char name[64], format[64];
		struct sampler s;
		struct config *c;

		snprintf(name, sizeof(name), "reader.data_loader=%s",
			 depths[i].loader);
		snprintf(format, sizeof(format), "dataset.format=%s",
			 depths[i].format);
		c = configure(strcmp(depths[i].loader, "tensorflow") ?
				      "framework=pytorch" :
				      "framework=tensorflow",
			      name, format, depths[i].more);
		if (strcmp(depths[i].more, "reader.read_threads=0"))
			c->reader.read_threads = 4;
		pattern_samples(c, &setup);
		cr_assert_eq(sampler_init(&s, &setup), 0);
		pattern_loading(c, &s, &loader);
		cr_expect_eq(setup.order, want->order, "row %zu", i);
		cr_expect_eq(s.piece, want->piece, "row %zu", i);
		cr_expect_eq(loader.threads, want->threads, "row %zu", i);
		cr_expect_eq(loader.ahead, want->ahead, "row %zu: %lu", i,
			     loader.ahead);
		cr_expect_eq(loader.shuffled, want->shuffled, "row %zu", i);
		cr_expect_eq(loader.keep, want->keep, "row %zu", i);
		sampler_clear(&s);
		config_free(c);
	}
}

/* DLIO compares what is given with something else, so that it never is what it
 * says (T13). */
Test(pattern, is_strictly_that_of_settings_given_whatever_they_say)
{
	static const struct {
		bool strict;
		const char *file_shuffle, *read_type;
		bool shuffles;
		enum loader_keep keep;
	} cases[] = {
		{ false, "off", "on_demand", false, LOADER_KEEP_NONE },
		{ false, "seed", "memory", true, LOADER_KEEP_ALL },
		{ true, "off", "on_demand", true, LOADER_KEEP_ALL },
		{ true, "seed", "memory", true, LOADER_KEEP_ALL },
		{ true, NULL, NULL, false, LOADER_KEEP_NONE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sampler_setup setup = { .ranks = 1 };
		struct loader_setup loader = { .threads = 0 };
		struct sampler s = { .per_batch = 1 };
		char shuffle[64], type[64];
		struct config *c;

		snprintf(shuffle, sizeof(shuffle), "reader.file_shuffle=%s",
			 cases[i].file_shuffle ? cases[i].file_shuffle : "");
		snprintf(type, sizeof(type), "reader.read_type=%s",
			 cases[i].read_type ? cases[i].read_type : "");
		c = configure("framework=pytorch",
			      cases[i].strict ?
				      "dliofs.train.compat_strict=true" :
				      "dliofs.train.compat_strict=false",
			      cases[i].file_shuffle ? shuffle : NULL, type);
		pattern_samples(c, &setup);
		pattern_loading(c, &s, &loader);
		cr_expect_eq(setup.strict, cases[i].strict);
		cr_expect_eq(setup.shuffle_files, cases[i].shuffles, "case %zu",
			     i);
		cr_expect_eq(loader.keep, cases[i].keep, "case %zu", i);
		config_free(c);
	}
}

Test(pattern, of_native_dali_reads_strictly_one_shard_on_all_ranks)
{
	struct sampler_setup setup = { .rank = 3, .ranks = 4 };
	struct config *c = configure("framework=pytorch",
				     "reader.data_loader=native_dali",
				     "dliofs.train.compat_strict=true",
				     "dataset.format=npy");

	pattern_samples(c, &setup);
	cr_expect_eq(setup.rank, 0);
	config_free(c);
}

Test(pattern, prepares_no_records_strictly)
{
	static const struct {
		const char *format;
		bool strict, prepares;
	} cases[] = {
		{ "tfrecord", false, true },  { "tfrecord", true, false },
		{ "synthetic", false, true }, { "synthetic", true, false },
		{ "npz", true, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char format[64];
		struct config *c;

		snprintf(format, sizeof(format), "dataset.format=%s",
			 cases[i].format);
		c = configure(format,
			      cases[i].strict ?
				      "dliofs.train.compat_strict=true" :
				      "dliofs.train.compat_strict=false",
			      NULL, NULL);
		cr_expect_eq(pattern_preprocesses(c), cases[i].prepares,
			     "case %zu", i);
		config_free(c);
	}
}
