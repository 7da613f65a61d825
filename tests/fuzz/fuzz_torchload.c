/* Any bytes for a checkpoint. */
#include "lib/fake_source.h"
#include "train/torchload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fake_source *fake = fake_source_new(512);
	struct torchload_setup setup = { fake_source(fake), true, NULL };
	struct torchload *t;
	uint64_t bytes;

	fake_source_put(fake, "f", data, len);
	if (torchload_new(&setup, &t))
		abort();
	(void)!torchload_read(t, "f", &bytes);
	if (fake_source_open_files(fake) || bytes != len)
		abort();
	torchload_free(t);
	source_free(fake_source(fake));
	return 0;
}
