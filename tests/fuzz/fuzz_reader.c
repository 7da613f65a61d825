/* Any bytes for a dataset's file, read in every way there is: the first byte
 * chooses the way and the size of blocks. */
#include "lib/fake_source.h"
#include "train/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* The low bit, and then bits 4 … 6: so that older corpora keep their
	 * meaning. */
	static const char *const formats[16] = { "npz", "npy",	"csv", "jpeg",
						 "png", "csv",	"npz", "npy",
						 "csv", "jpeg", "png", "csv",
						 "npz", "npy",	"csv", "jpeg" };
	static const uint32_t blksizes[] = { 512, 4096, 65536, 1 };
	struct reader_file file = { .name = "f", .size = READER_ANY_SIZE };
	struct reader_setup setup = { .check = true };
	struct fake_source *fake;
	struct reader_cost cost;
	struct reader *r;

	if (len == 0)
		return 0;
	fake = fake_source_new(blksizes[data[0] >> 2 & 3]);
	fake_source_put(fake, "f", data + 1, len - 1);
	setup.source = fake_source(fake);
	setup.format = formats[(data[0] >> 3 & 14) | (data[0] & 1)];
	setup.direct = data[0] & 2;
	if (reader_new(&setup, &r))
		abort();
	for (int again = 0; again < 2; again++) {
		int rc = reader_read(r, &file, &cost);

		if (rc && !*reader_fault(r))
			abort();
	}
	if (fake_source_open_files(fake))
		abort();
	reader_free(r);
	source_free(fake_source(fake));
	return 0;
}
