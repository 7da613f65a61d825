/* Any bytes for a file of records and for the indexes beside it: the first byte
 * chooses format, checks and touching, the next two how much is which. */
#include "lib/fake_source.h"
#include "train/reader.h"

#define SAMPLES 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* So many of the bytes are a file. */
static void put(struct fake_source *s, const char *name, const uint8_t **data,
		size_t *len, size_t n)
{
	n = MIN(n, *len);
	fake_source_put(s, name, *data, n);
	*data += n;
	*len -= n;
}

static void read_all(struct reader *r, const char *name)
{
	for (uint64_t i = 0; i <= SAMPLES; i++) {
		const struct reader_file file = { .name = name,
						  .sample = i % SAMPLES,
						  .kept = i & 1,
						  .size = READER_ANY_SIZE };
		struct reader_cost cost;
		int rc = reader_read(r, &file, &cost);

		if (rc && !*reader_fault(r))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const formats[] = { "tfrecord", "indexed_binary",
					       "mmap_indexed_binary",
					       "indexed_binary" };
	struct reader_setup setup = { .samples = SAMPLES, .transfer_size = 37 };
	struct fake_source *fake;
	struct reader_cost cost;
	struct reader *r;
	uint8_t how, offsets, sizes;

	if (len < 3)
		return 0;
	how = data[0];
	offsets = data[1];
	sizes = data[2];
	data += 3;
	len -= 3;
	fake = fake_source_new(512);
	put(fake, "f.off.idx", &data, &len, offsets);
	put(fake, "f.sz.idx", &data, &len, sizes);
	put(fake, "f", &data, &len, len);
	setup.source = fake_source(fake);
	setup.format = formats[how & 3];
	setup.check = how & 4;
	setup.touch = how & 8;
	setup.keep_open = how >> 4 & 1;
	if (reader_new(&setup, &r))
		abort();
	if (how & 32)
		(void)!reader_expect(r, "f", &cost);
	read_all(r, "f");
	reader_free(r);
	if (fake_source_open_files(fake))
		abort();
	source_free(fake_source(fake));
	return 0;
}
