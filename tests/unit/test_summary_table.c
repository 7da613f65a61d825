/* Runs whose figures are known. */
#include "app/summary_table.h"

#include "config/config.h"

#include <criterion/criterion.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define T0 (1000 * NS_PER_SEC)
#define CACHED "were served by the page cache: not a result of the storage.\n"

/* One epoch of four steps without exclusions, 25 ms each, of which 20 are
 * computation: AU 80 %.  A step has 5 samples of 1 MiB: 200 in a second. */
static struct stats *play(const struct config *c, bool trains)
{
	const struct stats_setup setup = { .config = c,
					   .folder = "/nonexistent",
					   .size = 1,
					   .nodes = 1,
					   .node_size = 1,
					   .steps_train = 4 };
	uint64_t t = T0;
	struct stats *s;

	cr_assert_eq(stats_new(&setup, t, &s), 0);
	if (trains) {
		stats_epoch_start(s, t);
		stats_train_start(s, t);
		stats_block_start(s, t);
		for (int i = 0; i < 4; i++) {
			t += 25 * MS;
			stats_batch(s, 5 * MS, 20 * MS, 25 * MS, t);
		}
		stats_block_end(s, t);
		stats_train_end(s, t);
		stats_epoch_end(s, t);
	}
	cr_assert_eq(stats_finish(s, t), 0);
	return s;
}

static struct config *configure(const char *au)
{
	const char *const overrides[] = {
		"output.metric.exclude_start_steps=0",
		"output.metric.exclude_end_steps=0",
		"dataset.record_length_bytes=1048576",
		"reader.batch_size=5",
		au,
	};
	struct config *c;

	cr_assert_eq(config_load(NULL, overrides, ARRAY_SIZE(overrides), 0, &c),
		     0);
	return c;
}

static char *printed(const struct train_result *r, const char *au, bool trains)
{
	struct config *c = configure(au);
	struct stats *s = play(c, trains);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	summary_table_print(r, s, out);
	fclose(out);
	stats_free(s);
	config_free(c);
	return text;
}

Test(summary_table, prints_the_figures_of_each_epoch)
{
	static const char want[] =
		"\nAU 80.00% (less than expected), 200.0 samples/s, "
		"200.0 MiB/s\n\n"
		"epoch  steps  samples    time  samples/s  consumed  by store"
		"  reading  checking\n"
		"    1      4       20  100 ms      200.0    20 MiB    21 MiB"
		"  12.0 ms   3.00 us\n"
		"    2  1,000    5,000  2.00 s     2500.0   5.5 GiB         ?"
		"   7.00 s      0 ns\n"
		"    3      0        0    0 ns        0.0       0 B       0 B"
		"     0 ns      0 ns\n";
	struct train_epoch epochs[] = {
		{ .steps = 4,
		  .samples = 20,
		  .consumed_bytes = 20 * MIB,
		  .delivered_bytes = 21 * MIB,
		  .delivered_known = true,
		  .wall_ns = 100 * MS,
		  .read_ns = 12 * MS,
		  .check_ns = 3000 },
		{ .steps = 1000,
		  .samples = 5000,
		  .consumed_bytes = 5632 * MIB,
		  .wall_ns = 2000 * MS,
		  .read_ns = 7000 * MS },
		{ .delivered_known = true },
	};
	const struct train_result r = { .epoch = epochs, .epochs = 3 };
	AUTO_FREE char *text = printed(&r, "metric.au=0.9", true);

	cr_expect_str_eq(text, want, "%s", text);
}

Test(summary_table, says_whether_the_au_was_reached)
{
	static const struct {
		const char *au, *want;
	} cases[] = {
		{ "metric.au=0.79", "AU 80.00% (as expected)" },
		{ "metric.au=0.81", "AU 80.00% (less than expected)" },
	};
	const struct train_result r = { .epochs = 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *text = printed(&r, cases[i].au, true);

		cr_expect_not_null(strstr(text, cases[i].want), "%s", text);
		cr_expect_null(strstr(text, "epoch"), "there were none: %s",
			       text);
	}
}

Test(summary_table, warns_of_caches_only_when_less_was_delivered_than_consumed)
{
	static const struct {
		uint64_t consumed, delivered;
		bool known, warns;
	} cases[] = {
		{ 1000, 1000, true, false }, { 1000, 999, true, true },
		{ 1000, 1001, true, false }, { 1000, 0, true, true },
		{ 1000, 0, false, false },   { 0, 0, true, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		/* The second of two: the first is as it should be. */
		struct train_epoch epochs[] = {
			{ .consumed_bytes = 1000,
			  .delivered_bytes = 1000,
			  .delivered_known = true },
			{ .consumed_bytes = cases[i].consumed,
			  .delivered_bytes = cases[i].delivered,
			  .delivered_known = cases[i].known },
		};
		const struct train_result r = { .epoch = epochs, .epochs = 2 };
		AUTO_FREE char *text = printed(&r, "metric.au=0.9", true);

		cr_expect_eq(strstr(text, CACHED) != NULL, cases[i].warns,
			     "case %zu: %s", i, text);
	}
}

Test(summary_table, warns_once)
{
	struct train_epoch epochs[] = {
		{ .consumed_bytes = 2, .delivered_known = true },
		{ .consumed_bytes = 2, .delivered_known = true },
	};
	const struct train_result r = { .epoch = epochs, .epochs = 2 };
	AUTO_FREE char *text = printed(&r, "metric.au=0.9", true);
	const char *first = strstr(text, CACHED);

	cr_assert_not_null(first);
	cr_expect_null(strstr(first + 1, CACHED));
}

Test(summary_table, is_silent_where_nothing_was_trained)
{
	struct train_epoch epoch = { .consumed_bytes = 5,
				     .delivered_known = true };
	const struct train_result r = { .epoch = &epoch, .epochs = 1 };
	AUTO_FREE char *text = printed(&r, "metric.au=0.9", false);

	cr_expect_str_empty(text, "%s", text);
}
