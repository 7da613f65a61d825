#include "train/checkpoint.h"

#include "config/config.h"
#include "lib/fake_source.h"
#include "train/source_posix.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct config *configure(const char *const *overrides, size_t n)
{
	struct config *c;

	cr_assert_eq(config_load(NULL, overrides, n, 0, &c), 0);
	return c;
}

static struct checkpoint *make(const struct config *config,
			       struct fake_source *fake, unsigned rank,
			       unsigned ranks)
{
	struct checkpoint_setup setup = { config, fake_source(fake), rank,
					  ranks, NULL };
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
	cr_expect_eq(checkpoint_bytes(config, 1), 10240);
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

Test(checkpoint, is_written_by_the_ranks_that_hold_the_model)
{
	static const struct {
		const char *overrides[3];
		size_t n;
		unsigned ranks, writers;
	} cases[] = {
		{ { NULL }, 0, 1, 1 },
		{ { NULL }, 0, 4, 1 },
		{ { "model.parallelism.zero_stage=1" }, 1, 4, 4 },
		{ { "model.parallelism.zero_stage=3" }, 1, 4, 4 },
		{ { "model.parallelism.tensor=2" }, 1, 4, 2 },
		{ { "model.parallelism.tensor=2",
		    "model.parallelism.pipeline=2" },
		  2,
		  8,
		  4 },
		{ { "model.parallelism.tensor=8" }, 1, 4, 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_source *fake = fake_source_new(4096);
		struct config *config =
			configure(cases[i].overrides, cases[i].n);
		unsigned writers = 0;

		for (unsigned rank = 0; rank < cases[i].ranks; rank++) {
			struct checkpoint *c =
				make(config, fake, rank, cases[i].ranks);
			uint64_t saved, loaded;

			cr_expect_eq(checkpoint_save(c, 1, 1, &saved), 0);
			cr_expect_eq(checkpoint_load(c, 1, 1, &loaded), 0);
			cr_expect_eq(saved, loaded);
			writers += saved > 0;
			cr_expect_eq(saved > 0, rank < cases[i].writers);
			checkpoint_free(c);
		}
		cr_expect_eq(writers, cases[i].writers, "case %zu", i);
		cr_expect_eq(checkpoint_bytes(config, cases[i].ranks),
			     10240 * cases[i].writers);
		config_free(config);
		source_free(fake_source(fake));
	}
}

Test(checkpoint, refuses_to_write_less_than_was_asked_for)
{
	static const char *const overrides[] = {
		"model.type=transformer",
		"model.num_layers=2",
		"model.optimization_groups=[1024]",
		"model.layer_parameters=[16]",
	};
	struct fake_source *fake = fake_source_new(4096);

	for (size_t i = 0; i < ARRAY_SIZE(overrides); i++) {
		struct config *config = configure(&overrides[i], 1);
		struct checkpoint_setup setup = { config, fake_source(fake), 0,
						  1, NULL };
		struct checkpoint *c;

		cr_expect_eq(checkpoint_new(&setup, &c), -ENOTSUP, "%s",
			     overrides[i]);
		cr_expect_null(c);
		config_free(config);
	}
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
