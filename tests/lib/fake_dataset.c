#include "lib/fake_dataset.h"

#include <stdlib.h>
#include <string.h>

#define MAX_OVERRIDES 32

static const char *const defaults[] = {
	"framework=pytorch",
	"dataset.format=npz",
	"dataset.record_length_bytes=400",
	"dataset.num_files_train=8",
	"reader.data_loader=pytorch",
	"checkpoint.time_between_checkpoints=0.0001",
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fake_dataset: %s\n", what);
	abort();
}

static struct config *configure(const char *overrides)
{
	char *text = strdup(overrides), *rest = NULL;
	const char *list[MAX_OVERRIDES];
	struct config *c;
	size_t n = 0;

	must(text, "memory");
	for (; n < ARRAY_SIZE(defaults); n++)
		list[n] = defaults[n];
	for (char *one = strtok_r(text, " ", &rest); one;
	     one = strtok_r(NULL, " ", &rest)) {
		must(n < MAX_OVERRIDES, "too many overrides");
		list[n++] = one;
	}
	must(!config_load(NULL, list, n, CONFIG_STRICT, &c), overrides);
	free(text);
	return c;
}

static struct dataset *describe(const struct config *c)
{
	struct dataset_options o = {
		.format = c->dataset.format,
		.dtype = c->dataset.record_element_type,
		.file_prefix = c->dataset.file_prefix,
		.files = { c->dataset.num_files_train,
			   c->dataset.num_files_eval },
		.subfolders = { c->dataset.num_subfolders_train,
				c->dataset.num_subfolders_eval },
		.samples_per_file = c->dataset.num_samples_per_file,
		.record_length = c->dataset.record_length_bytes,
		.record_length_stdev = c->dataset.record_length_bytes_stdev,
		.seed = c->dliofs.dataset.seed,
	};
	struct dataset *d;

	must(!dataset_new(&o, &d), "dataset");
	return d;
}

void fake_dataset_open(struct fake_dataset *f, const char *overrides)
{
	f->config = configure(overrides);
	f->dataset = describe(f->config);
	f->source = fake_source_new(4096);
	for (uint64_t i = 0; i < dataset_objects(f->dataset); i++) {
		uint64_t size = dataset_size(f->dataset, i);
		char name[DATASET_MAX_NAME];
		uint8_t *bytes = malloc(size);

		must(bytes, "memory");
		must(dataset_read(f->dataset, i, bytes, size, 0) ==
			     (ssize_t)size,
		     "bytes of a file");
		dataset_name(f->dataset, i, name);
		fake_source_put(f->source, name, bytes, size);
		free(bytes);
	}
}

void fake_dataset_close(struct fake_dataset *f)
{
	must(!fake_source_open_files(f->source), "a file was left open");
	source_free(fake_source(f->source));
	dataset_free(f->dataset);
	config_free(f->config);
}
