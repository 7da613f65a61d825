#include "config/keys.h"

#include <criterion/criterion.h>
#include <string.h>

Test(config_keys, are_unique_and_explained)
{
	for (size_t i = 0; i < keys_table_count; i++) {
		const struct key *k = &keys_table[i];

		cr_expect_eq(keys_find(k->path), k, "%s is there twice",
			     k->path);
		cr_expect(k->help && *k->help, "%s", k->path);
		cr_expect_neq(k->help[strlen(k->help) - 1], '.', "%s", k->path);
		cr_expect_eq(k->names != NULL,
			     k->type == KEY_CHOICE || k->type == KEY_ENUM, "%s",
			     k->path);
	}
}

Test(config_keys, of_one_section_are_together)
{
	for (size_t i = 1; i < keys_table_count; i++) {
		const char *path = keys_table[i].path;
		size_t len = strcspn(path, ".");
		bool left = false;

		for (size_t j = i; j-- > 0;) {
			const char *other = keys_table[j].path;
			bool same = strcspn(other, ".") == len &&
				    !strncmp(other, path, len);

			cr_expect(!same || !left, "%s", path);
			left = left || !same;
		}
	}
}

Test(config_keys, that_stand_for_others_name_one_that_holds_a_value)
{
	for (size_t i = 0; i < keys_table_count; i++) {
		const struct key *k = &keys_table[i], *of;

		if (k->type != KEY_ALIAS && k->type != KEY_STDEV) {
			cr_expect_null(k->of, "%s", k->path);
			continue;
		}
		of = keys_find(k->of);
		cr_assert(of, "%s", k->path);
		if (k->type == KEY_STDEV)
			cr_expect_eq(of->type, KEY_TIME, "%s", k->path);
		else
			cr_expect_lt(of->type, KEY_STDEV, "%s", k->path);
	}
}

Test(config_keys, are_known_with_their_sections_and_parts)
{
	static const struct {
		const char *path;
		bool known, section;
	} cases[] = {
		{ "reader", true, true },
		{ "reader.batch_size", true, false },
		{ "dataset.hdf5", true, true },
		{ "dataset.hdf5.chunk_dims", true, false },
		{ "dataset.hdf", false, false },
		{ "framework", true, false },
		{ "train.computation_time", true, false },
		{ "train.computation_time.mean", true, false },
		{ "train.computation_time.mean.x", false, false },
		{ "train.computation_time_stdev", true, false },
		{ "train.computation_time_stdev.mean", false, false },
		{ "train.epochs.mean", false, false },
		{ "dataset.record_length", true, false },
		{ "workload", false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(keys_is_known(cases[i].path), cases[i].known, "%s",
			     cases[i].path);
		cr_expect_eq(keys_is_section(cases[i].path), cases[i].section,
			     "%s", cases[i].path);
	}
}

Test(config_keys, hint_at_what_was_meant)
{
	static const struct {
		const char *path, *want;
	} cases[] = {
		{ "reader.batch_szie", "; did you mean batch_size?" },
		{ "raeder.batch_size", "; did you mean reader?" },
		{ "dataset.hdf6.chunk_dims", "; did you mean hdf5?" },
		{ "dataset.hdf5.max_shap", "; did you mean max_shape?" },
		{ "model.paralelism", "; did you mean parallelism?" },
		{ "train.computation_time.means", "; did you mean mean?" },
		{ "epochs", "; did you mean train.epochs?" },
		{ "dliofs.mount.cahce", "; did you mean cache?" },
		{ "dliofs.mount.xyzzy", "" },
		{ "xyzzy.plugh", "" },
		{ "", "" },
		{ "...", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_str_eq(KEYS_HINT(cases[i].path), cases[i].want, "%s",
				 cases[i].path);
}
