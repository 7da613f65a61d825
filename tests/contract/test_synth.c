/* synth:// holds nothing, so it has its own small suite: of what backend.h
 * promises of reading, all, on files that are compared with the dataset's. */
#include "data/dataset.h"
#include "data/synth.h"
#include "lib/contract.h"

#include <errno.h>

static const struct {
	const char *format, *dtype;
	uint64_t samples;
	double length;
	const char *name; /* of the one file for evaluation */
} sets[] = {
	{ "npz", "uint8", 1, 150000, "valid/img_0_of_1.npz" },
	{ "npy", "uint8", 1, 150000, "valid/img_0_of_1.npy" },
	{ "npz", "float32", 3, 40000, "valid/img_0_of_1.npz" },
	{ "npy", "float64", 2, 30000, "valid/img_0_of_1.npy" },
	{ "tfrecord", "uint8", 3, 50000, "valid/img_0_of_1.tfrecord" },
	{ "csv", "int16", 2, 90000, "valid/img_0_of_1.csv" },
	{ "indexed_binary", "uint8", 5, 30000,
	  "valid/img_0_of_1.indexed_binary" },
};

static struct dataset *make(size_t i)
{
	const struct dataset_options o = { .format = sets[i].format,
					   .dtype = sets[i].dtype,
					   .file_prefix = "img",
					   .files = { 2, 1 },
					   .samples_per_file = sets[i].samples,
					   .record_length = sets[i].length,
					   .record_length_stdev = 1000,
					   .seed = 5 };
	struct dataset *d;

	cr_assert_eq(dataset_new(&o, &d), 0);
	return d;
}

Test(contract_synth, reads_are_those_of_any_store)
{
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		struct dataset *d = make(i);
		uint64_t file = dataset_first(d, DATASET_EVAL);
		size_t size = dataset_size(d, file);
		AUTO_FREE char *bytes = malloc(size);
		struct backend *b;

		cr_assert_eq(dataset_read(d, file, bytes, size, 0),
			     (ssize_t)size);
		cr_assert_eq(synth_open(d, &b), 0);
		contract_reads(b, sets[i].name, bytes, size);
		backend_close(b);
		dataset_free(d);
	}
}

/* The rules that need nothing in a store hold for one that is read only. */
Test(contract_synth, what_is_missing_is_enoent)
{
	static const char *const names[] = { "none", "train",
					     "train/img_2_of_2.npz",
					     "train/img_0_of_2.npy",
					     "train/img_0_of_2.npz/x" };
	struct dataset *d = make(0);
	struct object_info info;
	struct object *o;
	struct backend *b;

	cr_assert_eq(synth_open(d, &b), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		cr_expect_eq(object_open(b, names[i], &o), -ENOENT, "%s",
			     names[i]);
		cr_expect_eq(backend_stat(b, names[i], &info), -ENOENT, "%s",
			     names[i]);
	}
	backend_close(b);
	dataset_free(d);
}

Test(contract_synth, the_store_says_who_it_is)
{
	struct dataset *d = make(0);
	struct backend *b;

	cr_assert_eq(synth_open(d, &b), 0);
	cr_expect_str_eq(b->uri, "synth://");
	cr_expect_str_eq(b->ops->scheme, "synth");
	cr_expect_geq(b->alignment, 1);
	cr_expect(b->local);
	backend_close(b);
	dataset_free(d);
}

struct checked {
	struct backend *b;
	unsigned n;
	int answer;
};

static int check_info(void *arg, const char *name,
		      const struct object_info *info)
{
	struct checked *c = arg;
	struct object_info again;

	cr_assert_eq(backend_stat(c->b, name, &again), 0, "%s", name);
	cr_expect_eq(again.size, info->size, "%s", name);
	cr_expect_eq(again.mtime_ns, info->mtime_ns, "%s", name);
	c->n++;
	return c->answer;
}

Test(contract_synth, stat_and_list_say_the_same)
{
	struct dataset *d = make(0);
	struct checked c = { .n = 0 };

	cr_assert_eq(synth_open(d, &c.b), 0);
	cr_expect_eq(backend_list(c.b, "", BACKEND_DEEP, check_info, &c), 0);
	cr_expect_eq(c.n, 3);
	c = (struct checked){ .b = c.b, .answer = -7 };
	cr_expect_eq(backend_list(c.b, "", BACKEND_DEEP, check_info, &c), -7,
		     "the callback ends a list");
	cr_expect_eq(c.n, 1);
	backend_close(c.b);
	dataset_free(d);
}

Test(contract_synth, lists_are_those_of_any_store)
{
	static const struct {
		const char *prefix;
		enum backend_depth depth;
		const char *want;
	} cases[] = {
		{ "", BACKEND_SHALLOW, "train/ valid/" },
		{ "", BACKEND_DEEP,
		  "train/img_0_of_2.npz train/img_1_of_2.npz "
		  "valid/img_0_of_1.npz" },
		{ "t", BACKEND_SHALLOW, "train/" },
		{ "train/", BACKEND_SHALLOW,
		  "train/img_0_of_2.npz train/img_1_of_2.npz" },
		{ "train/img_1", BACKEND_DEEP, "train/img_1_of_2.npz" },
		{ "valid/x", BACKEND_DEEP, "" },
	};
	struct dataset *d = make(0);
	struct backend *b;

	cr_assert_eq(synth_open(d, &b), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *names =
			contract_names(b, cases[i].prefix, cases[i].depth);

		cr_expect_str_eq(names, cases[i].want, "'%s': %s",
				 cases[i].prefix, names);
	}
	backend_close(b);
	dataset_free(d);
}
