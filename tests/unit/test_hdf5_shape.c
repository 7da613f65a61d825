#include "data/format.h"
#include "data/hdf5_layout.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

static int make(struct dataset_options o, struct dataset **out)
{
	o.format = "hdf5";
	o.file_prefix = "img";
	o.dtype = o.dtype ? o.dtype : "uint8";
	o.files[DATASET_TRAIN] = MAX(o.files[DATASET_TRAIN], 1);
	o.samples_per_file = MAX(o.samples_per_file, 1);
	return dataset_new(&o, out);
}

static struct hdf5_shape shape_of(const struct dataset *d, uint64_t file)
{
	struct dataset_file f;
	struct hdf5_shape s;

	dataset_file(d, file, &f);
	hdf5_shape_of(&f, &s);
	return s;
}

/* "dim hdf5" of DLIO's own tests, and what its generator makes of others. */
Test(hdf5_shape, has_samples_first_and_drops_a_first_dim_of_one)
{
	static const struct {
		uint64_t dims[4];
		unsigned ndims;
		uint64_t datasets, samples;
		uint64_t want[5];
		unsigned want_ndims;
	} cases[] = {
		{ { 3, 5 }, 2, 3, 1, { 1, 5 }, 2 },
		{ { 3, 5, 7 }, 3, 3, 2, { 2, 5, 7 }, 3 },
		{ { 3, 5, 7, 9 }, 4, 3, 1, { 1, 5, 7, 9 }, 4 },
		{ { 6, 5 }, 2, 3, 1, { 1, 2, 5 }, 3 },
		{ { 1, 5 }, 2, 1, 4, { 4, 5 }, 2 },
		{ { 5, 1 }, 2, 1, 4, { 4, 5, 1 }, 3 },
		{ { 1 }, 1, 1, 4, { 4 }, 1 },
		{ { 1 }, 0, 1, 4, { 4, 1, 1 }, 3 }, /* record_length 1 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dataset_options o = {
			.record_dims = cases[i].dims,
			.record_ndims = cases[i].ndims,
			.record_length = 1,
			.samples_per_file = cases[i].samples,
			.layout.hdf5.dsets_per_record = cases[i].datasets,
		};
		struct dataset *d = NULL;
		struct hdf5_shape s;

		cr_assert_eq(make(o, &d), 0, "case %zu", i);
		s = shape_of(d, 0);
		cr_expect_eq(s.datasets, cases[i].datasets);
		cr_expect_eq(s.labels, cases[i].samples);
		cr_expect_eq(s.ndims, cases[i].want_ndims, "case %zu", i);
		cr_expect_arr_eq(s.dims, cases[i].want, sizeof(cases[i].want),
				 "case %zu", i);
		dataset_free(d);
	}
}

/* Sizes are computed where libhdf5 need not be asked; it must agree. */
Test(hdf5_shape, has_sizes_that_libhdf5_agrees_with)
{
	static const struct {
		double length, stdev;
		uint64_t samples;
	} cases[] = {
		{ 2000, 400, 1 }, { 600, 500, 3 }, { 1e6, 5e5, 1 },
		{ 50, 50, 300 },  { 4, 4, 300 },   { 1e10, 5e9, 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dataset_options o = {
			.dtype = i % 2 ? "float16" : "uint8",
			.files = { 100, 0 },
			.record_length = cases[i].length,
			.record_length_stdev = cases[i].stdev,
			.samples_per_file = cases[i].samples,
		};
		struct dataset *d = NULL;

		cr_assert_eq(make(o, &d), 0);
		for (uint64_t file = 0; file < 100; file++) {
			struct hdf5_shape s = shape_of(d, file);
			struct hdf5_layout l;

			cr_assert_eq(hdf5_layout_make(&s, NULL, &l), 0);
			cr_expect_eq(dataset_size(d, file), l.size,
				     "case %zu file %zu", i, (size_t)file);
			hdf5_layout_free(&l);
		}
		dataset_free(d);
	}
}

/* The sizes of a large dataset are known at once. */
Test(hdf5_shape, of_many_files_costs_nothing)
{
	struct dataset_options o = { .files = { 100000, 0 },
				     .record_length = 2828486,
				     .record_length_stdev = 71311 };
	struct dataset *d = NULL;

	cr_assert_eq(make(o, &d), 0);
	cr_expect_gt(dataset_bytes(d), 100000 * (uint64_t)2800000);
	dataset_free(d);
}

/* Where sizes vary, a file may be smaller than a configured chunk. */
Test(hdf5_shape, fits_chunks_into_every_file)
{
	struct dataset_options o = {
		.files = { 50, 0 },
		.record_length = 10000,
		.record_length_stdev = 5000,
		.layout.hdf5 = { .chunk_dims = { 3, { 1, 100, 50 } } },
	};
	struct dataset *d = NULL;
	bool smaller = false;

	cr_assert_eq(make(o, &d), 0);
	for (uint64_t i = 0; i < 50; i++) {
		struct hdf5_shape s = shape_of(d, i);

		cr_expect_eq(s.chunk[0], 1);
		cr_expect_eq(s.chunk[1], MIN(100, s.dims[1]));
		cr_expect_eq(s.chunk[2], MIN(50, s.dims[2]));
		cr_expect_gt(dataset_size(d, i), s.dims[1] * s.dims[2]);
		smaller |= s.chunk[1] < 100;
	}
	cr_expect(smaller);
	dataset_free(d);
}

Test(hdf5_shape, refuses_what_cannot_be)
{
	static const uint64_t dims[] = { 4, 10 };
	static const struct dataset_layout cases[] = {
		{ .compression = "bz2" },
		{ .compression = "gzip", .compression_level = 10 },
		{ .compression = "gzip", .compression_level = -1 },
		{ .hdf5.dsets_per_record = 3 },	 /* 4 is no multiple */
		{ .hdf5.dsets_per_record = 65 }, /* too many */
		{ .hdf5.chunk_dims = { 2, { 1, 4 } } },
		{ .hdf5.chunk_dims = { 3, { 1, 4, 11 } } },
		{ .hdf5.chunk_dims = { 3, { 1, 0, 10 } } },
		{ .hdf5.chunk_dims = { 3, { 2, 4, 10 } } },
		{ .hdf5.max_shape = { 1, { 10 } } },
		{ .hdf5.max_shape = { 2, { 3, 10 } } },
		{ .hdf5 = { .max_shape = { 2, { 4, UINT32_MAX } },
			    .chunk_dims = { 3, { 1, 4, UINT32_MAX } } } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dataset_options o = { .record_dims = dims,
					     .record_ndims = 2,
					     .layout = cases[i] };
		struct dataset *d = NULL;

		cr_expect_eq(make(o, &d), -EINVAL, "case %zu", i);
	}
}

Test(hdf5_shape, refuses_datasets_of_a_record_without_dims)
{
	struct dataset_options o = { .record_length = 100,
				     .layout.hdf5.dsets_per_record = 2 };
	struct dataset *d = NULL;

	cr_expect_eq(make(o, &d), -EINVAL);
	/* libhdf5 knows that szip is for plain numbers only. */
	o.layout.hdf5.dsets_per_record = 1;
	o.layout.compression = "szip";
	o.dtype = "complex64";
	cr_expect_eq(make(o, &d), -EINVAL);
	o.dtype = "uint8";
	cr_assert_eq(make(o, &d), 0);
	dataset_free(d);
}

/* A file of few bytes takes none of the way that others' sizes take. */
Test(hdf5_shape, counts_the_chunks_that_cover_a_dataset)
{
	struct hdf5_shape s = { .dtype = dtype_find("int32"),
				.ndims = 3,
				.dims = { 2, 10, 7 },
				.chunk = { 1, 4, 7 } };
	uint64_t start[NPY_MAX_DIMS];

	cr_expect_eq(hdf5_shape_chunks(&s), 2 * 3);
	cr_expect_eq(hdf5_shape_bytes(&s), 4 * 4 * 7);
	hdf5_shape_chunk_start(&s, 5, start);
	cr_expect_eq(start[0], 1);
	cr_expect_eq(start[1], 8);
	cr_expect_eq(start[2], 0);
	s.chunk[0] = 0;
	cr_expect_eq(hdf5_shape_chunks(&s), 0);
	cr_expect_eq(hdf5_shape_bytes(&s), 4 * 2 * 10 * 7);
}
