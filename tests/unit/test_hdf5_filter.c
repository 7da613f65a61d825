#include "data/hdf5_filter.h"

#include "base/rng.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

static const enum hdf5_filter filters[] = { HDF5_GZIP, HDF5_LZF, HDF5_SZIP };

static struct hdf5_shape shape(enum hdf5_filter filter)
{
	return (struct hdf5_shape){
		.dtype = dtype_find("uint16"),
		.ndims = 2,
		.chunk = { 10, 100 },
		.filter = filter,
		.level = 4,
	};
}

#define LEN 2000

Test(hdf5_filter, gives_back_what_it_made_smaller)
{
	unsigned char in[LEN], out[LEN];
	AUTO_FREE unsigned char *small = malloc(hdf5_filter_room(LEN));

	for (size_t i = 0; i < LEN; i++)
		in[i] = i % 2 ? 0 : (unsigned char)(i / 200);
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct hdf5_shape s = shape(filters[i]);
		ssize_t n = hdf5_filter_compress(&s, in, LEN, small);

		cr_assert(n > 0 && n < LEN / 2, "filter %zu: %zd", i, n);
		memset(out, 1, LEN);
		cr_expect_eq(hdf5_filter_expand(&s, small, (size_t)n, out, LEN),
			     0, "filter %zu", i);
		cr_expect_arr_eq(in, out, LEN, "filter %zu", i);
		/* Not the length that a chunk has. */
		cr_expect_eq(hdf5_filter_expand(&s, small, (size_t)n, out,
						LEN - 2),
			     -EBADMSG, "filter %zu", i);
		cr_expect_eq(hdf5_filter_expand(&s, small, 3, out, LEN),
			     -EBADMSG, "filter %zu", i);
	}
}

Test(hdf5_filter, says_when_nothing_gets_smaller)
{
	unsigned char in[LEN], out[LEN];
	AUTO_FREE unsigned char *small = malloc(hdf5_filter_room(LEN));
	struct hdf5_shape s = shape(HDF5_LZF);
	struct rng g;
	ssize_t n;

	rng_seed(&g, 1);
	for (size_t i = 0; i < LEN; i++)
		in[i] = (unsigned char)rng_u64(&g);
	cr_expect_eq(hdf5_filter_compress(&s, in, LEN, small), 0);
	s.filter = HDF5_SZIP;
	cr_expect_eq(hdf5_filter_compress(&s, in, LEN, small), 0);
	/* zlib may take a few bytes more. */
	s.filter = HDF5_GZIP;
	n = hdf5_filter_compress(&s, in, LEN, small);
	cr_assert_gt(n, LEN);
	cr_expect_eq(hdf5_filter_expand(&s, small, (size_t)n, out, LEN), 0);
	cr_expect_arr_eq(in, out, LEN);
}
