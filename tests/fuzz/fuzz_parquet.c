/* Any bytes for a footer and for a page's header; and then for a whole file,
 * read without looking at checksums, so that the decoders see them. */
#include "data/parquet_in.h"
#include "lib/fake_source.h"
#include "train/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void parse(const uint8_t *data, size_t len)
{
	struct parquet_page page;
	struct parquet_in in;
	const char *wrong = NULL;
	int rc = parquet_in_parse(data, len, len * 10, &in, &wrong);

	if (rc && !wrong)
		abort();
	if (!rc && in.n_leaves == 0 && in.n_groups > 0)
		abort();
	parquet_in_free(&in);
	if (parquet_in_page(data, len, &page) > len)
		abort();
}

static void read_all(const uint8_t *data, size_t len)
{
	struct fake_source *fake = fake_source_new(4096);
	struct reader_setup setup = { .source = fake_source(fake),
				      .format = "parquet" };
	struct reader_cost cost;
	struct reader *r;

	fake_source_put(fake, "f", data, len);
	if (reader_new(&setup, &r))
		abort();
	for (uint64_t sample = 0; sample < 3; sample++) {
		struct reader_file file = { .name = "f",
					    .sample = sample,
					    .size = READER_ANY_SIZE };

		if (reader_read(r, &file, &cost) && !*reader_fault(r))
			abort();
	}
	if (fake_source_open_files(fake))
		abort();
	reader_free(r);
	source_free(fake_source(fake));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	parse(data, len);
	read_all(data, len);
	return 0;
}
