#include "lib/data_file.h"

#include <criterion/criterion.h>

uint8_t *data_file(struct dataset_options o, size_t *len)
{
	struct dataset *d = NULL;
	uint8_t *bytes;

	o.dtype = o.dtype ? o.dtype : "uint8";
	o.file_prefix = "img";
	o.files[DATASET_TRAIN] = 1;
	o.samples_per_file = MAX(o.samples_per_file, 1);
	o.seed = 7;
	cr_assert_eq(dataset_new(&o, &d), 0);
	*len = dataset_size(d, 0);
	bytes = malloc(*len + !*len);
	cr_assert_not_null(bytes);
	cr_assert_eq(dataset_read(d, 0, bytes, *len, 0), (ssize_t)*len);
	dataset_free(d);
	return bytes;
}
