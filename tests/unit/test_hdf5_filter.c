#include "data/hdf5_filter.h"

#include "base/rng.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>
#include <zlib.h>

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

/* zlib would have found out the same, and written the same; but for the last few
 * bytes, which may be smaller as codes. */
Test(hdf5_filter, stores_noise_as_zlib_does)
{
	enum { MANY = 1 << 17 };
	static unsigned char in[MANY], out[MANY], want[MANY + 1000];
	AUTO_FREE unsigned char *small = malloc(hdf5_filter_room(MANY));
	struct hdf5_shape s = shape(HDF5_GZIP);
	static const size_t lens[] = { 7 * 16383 + 9000, 5 * 16383 + 4000,
				       20000 };
	struct rng g;

	rng_seed(&g, 1);
	for (size_t i = 0; i < MANY; i++)
		in[i] = (unsigned char)rng_u64(&g);
	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		z_stream z = { .next_in = in,
			       .avail_in = (uInt)lens[i],
			       .next_out = want,
			       .avail_out = sizeof(want) };
		ssize_t n = hdf5_filter_compress(&s, in, lens[i], small);

		deflateInit2(&z, 4, Z_DEFLATED, 15, 8, Z_RLE);
		cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
		deflateEnd(&z);
		cr_assert_eq(n, z.total_out, "%zu bytes: %zd, %lu", lens[i], n,
			     z.total_out);
		cr_expect(memcmp(small, want, (size_t)n) == 0, "%zu bytes",
			  lens[i]);
		cr_expect_eq(hdf5_filter_expand(&s, small, (size_t)n, out,
						lens[i]),
			     0);
		cr_expect(memcmp(in, out, lens[i]) == 0);
	}
	/* Half of it zeros: no noise. */
	memset(in + MANY / 16, 0, MANY / 2);
	cr_expect_lt(hdf5_filter_compress(&s, in, MANY, small), MANY * 5 / 8);
}
