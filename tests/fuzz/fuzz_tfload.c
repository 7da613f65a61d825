/* Any bytes for the index of a TensorFlow checkpoint, of which the same bytes
 * are the data. */
#include "lib/fake_source.h"
#include "train/tfload.h"
#include "train/torchload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fake_source *fake = fake_source_new(512);
	struct torchload_setup setup = { fake_source(fake), true, NULL };
	struct tfload *t;
	uint64_t bytes;

	fake_source_put(fake, "f-1.index", data, len);
	fake_source_put(fake, "f-1.data-00000-of-00001", data, len);
	if (tfload_new(&setup, &t))
		abort();
	(void)!tfload_read(t, "f", &bytes);
	if (fake_source_open_files(fake))
		abort();
	tfload_free(t);
	source_free(fake_source(fake));
	return 0;
}
