#include "data/image.h"

#include "data/dataset.h"
#include "lib/capture.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

/* A dataset of one image with these dims; NULL: refused, as `said`. */
static struct dataset *make(const char *format, const uint64_t *dims,
			    unsigned ndims, struct capture *said)
{
	struct dataset_options o = {
		.format = format,
		.dtype = "float32",
		.file_prefix = "img",
		.files = { 1, 0 },
		.samples_per_file = 7,
		.record_dims = dims,
		.record_ndims = ndims,
		.seed = 1,
	};
	struct dataset *d = NULL;

	capture_start(said);
	cr_expect_eq(dataset_new(&o, &d), d ? 0 : -EINVAL);
	capture_stop(said);
	return d;
}

Test(image, has_two_dimensions)
{
	static const char *const formats[] = { "png", "jpeg" };
	static const uint64_t dims[] = { 8, 9, 3 };

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		char want[160];
		struct capture said;

		snprintf(want, sizeof(want),
			 "%s format does not support more than 2 dimensions, "
			 "but got 3 dimensions.",
			 formats[i]);
		cr_expect_null(make(formats[i], dims, 3, &said));
		cr_expect(strstr(said.text, want), "%s", said.text);
		cr_expect_null(make(formats[i], dims, 1, &said));
		cr_expect(strstr(said.text, "needs 2 dimensions"), "%s",
			  said.text);
	}
}

Test(image, is_no_larger_than_its_format_can_say)
{
	static const uint64_t wide[] = { 1, 65501 }, fits[] = { 1, 65500 };
	struct capture said;

	cr_expect_null(make("jpeg", wide, 2, &said));
	cr_expect(strstr(said.text, "at most 65500"), "%s", said.text);
	dataset_free(make("jpeg", fits, 2, &said));
	dataset_free(make("png", wide, 2, &said));
	cr_expect_str_empty(said.text);
}

/* Height first, whatever the samples and element types. */
Test(image, tells_its_sides_to_whoever_opens_it)
{
	static const uint64_t dims[] = { 300, 513 };
	static const unsigned char png[] = { 0, 0, 2, 1, 0, 0, 1, 44, 8, 0 };
	static const unsigned char jpeg[] = { 0xff,	0xc0,	   0, 11, 8,
					      300 >> 8, 300 & 255, 2, 1,  1 };
	unsigned char buf[400];
	struct capture said;
	struct dataset *d;

	d = make("png", dims, 2, &said);
	cr_assert_eq(dataset_read(d, 0, buf, sizeof(buf), 0), sizeof(buf));
	cr_expect_arr_eq(buf + 16, png, sizeof(png));
	dataset_free(d);
	d = make("jpeg", dims, 2, &said);
	cr_assert_eq(dataset_read(d, 0, buf, sizeof(buf), 0), sizeof(buf));
	cr_expect(memmem(buf, sizeof(buf), jpeg, sizeof(jpeg)));
	dataset_free(d);
}
