#include "data/hdf5_layout.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

static struct hdf5_shape shape(const char *dtype, unsigned datasets,
			       unsigned ndims, const uint64_t *dims)
{
	struct hdf5_shape s = {
		.dtype = dtype_find(dtype),
		.datasets = datasets,
		.ndims = ndims,
		.labels = dims[0],
	};

	memcpy(s.dims, dims, ndims * sizeof(*dims));
	memcpy(s.max, dims, ndims * sizeof(*dims));
	return s;
}

static struct hdf5_layout make(const struct hdf5_shape *s)
{
	struct hdf5_layout l;

	cr_assert_eq(hdf5_layout_make(s, NULL, &l), 0);
	return l;
}

/* Sizes of files that DLIO wrote. */
Test(hdf5_layout, has_the_sizes_of_dlio_files)
{
	static const struct {
		uint64_t dims[3];
		unsigned datasets;
		uint64_t size;
	} cases[] = {
		{ { 3, 31, 31 }, 1, 4955 },
		{ { 1, 100, 100 }, 1, 2048 + 10000 + 8 },
		{ { 2, 5, 7 }, 3, 2048 + 3 * 70 + 16 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hdf5_shape s =
			shape("uint8", cases[i].datasets, 3, cases[i].dims);
		struct hdf5_layout l = make(&s);

		cr_expect_eq(l.size, cases[i].size, "case %zu: %zu", i,
			     (size_t)l.size);
		cr_assert_eq(l.n, 2 + cases[i].datasets);
		cr_expect_eq(l.extents[1].kind, HDF5_RECORDS);
		cr_expect_eq(l.extents[1].offset, 2048);
		cr_expect_eq(l.extents[l.n - 1].kind, HDF5_LABELS);
		hdf5_layout_free(&l);
	}
}

static void check_cover(const struct hdf5_shape *s, const struct hdf5_layout *l)
{
	uint64_t at = 0, metadata = 0, records = 0, labels = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct hdf5_extent *e = &l->extents[i];

		cr_assert_eq(e->offset, at, "extent %zu", i);
		cr_assert_gt(e->len, 0, "extent %zu", i);
		at += e->len;
		metadata += e->kind == HDF5_METADATA ? e->len : 0;
		records += e->kind == HDF5_RECORDS ? e->len : 0;
		labels += e->kind == HDF5_LABELS ? e->len : 0;
	}
	cr_expect_eq(at, l->size);
	cr_expect_eq(metadata, l->metadata_bytes);
	cr_expect_eq(labels, 8 * s->labels);
	cr_expect_eq(records, s->datasets * hdf5_shape_bytes(s) *
				      MAX(hdf5_shape_chunks(s), 1));
}

Test(hdf5_layout, covers_the_file)
{
	static const char *const dtypes[] = { "uint8", "float16", "bool",
					      "complex128" };
	static const uint64_t dims[][3] = { { 1, 1, 1 },
					    { 1000, 3, 2 },
					    { 7, 70, 700 } };
	static const unsigned datasets[] = { 1, 2, 8, 9, 50 };

	for (size_t i = 0; i < ARRAY_SIZE(dtypes); i++)
		for (size_t k = 0; k < ARRAY_SIZE(dims); k++)
			for (size_t j = 0; j < ARRAY_SIZE(datasets); j++) {
				struct hdf5_shape s = shape(
					dtypes[i], datasets[j], 3, dims[k]);
				struct hdf5_layout l = make(&s);

				check_cover(&s, &l);
				hdf5_layout_free(&l);
			}
}

Test(hdf5_layout, covers_a_file_of_chunks)
{
	static const uint64_t dims[] = { 3, 100, 90 };
	static const uint64_t chunks[][3] = { { 1, 10, 10 },
					      { 2, 33, 89 },
					      { 3, 100, 90 } };

	for (size_t i = 0; i < ARRAY_SIZE(chunks); i++)
		for (unsigned grows = 0; grows < 2; grows++) {
			struct hdf5_shape s = shape("int16", 2, 3, dims);
			struct hdf5_layout l;

			memcpy(s.chunk, chunks[i], sizeof(chunks[i]));
			s.max[1] += 1000 * grows;
			l = make(&s);
			check_cover(&s, &l);
			hdf5_layout_free(&l);
		}
}

Test(hdf5_layout, has_chunks_as_long_as_they_became)
{
	static const uint64_t dims[] = { 2, 1000 };
	static const struct hdf5_chunk chunks[] = { { 12, false },
						    { 1000, true } };
	struct hdf5_shape s = shape("uint8", 2, 2, dims);
	static const enum hdf5_filter filters[] = { HDF5_GZIP, HDF5_LZF };

	s.chunk[0] = 1;
	s.chunk[1] = 1000;
	s.level = 4;
	for (size_t k = 0; k < ARRAY_SIZE(filters); k++) {
		unsigned seen = 0;
		struct hdf5_layout l;

		s.filter = filters[k];
		cr_assert_eq(hdf5_layout_make(&s, chunks, &l), 0);
		for (size_t i = 0; i < l.n; i++) {
			const struct hdf5_extent *e = &l.extents[i];

			if (e->kind != HDF5_RECORDS)
				continue;
			cr_expect_eq(e->len, chunks[e->chunk].bytes);
			seen |= 1u << (2 * e->dataset + e->chunk);
		}
		cr_expect_eq(seen, 0xf);
		hdf5_layout_free(&l);
	}
}

Test(hdf5_layout, costs_no_memory_for_data)
{
	static const uint64_t dims[] = { 1000, 1000000, 1000 };
	struct hdf5_shape s = shape("float64", 3, 3, dims);
	struct hdf5_layout l = make(&s);

	cr_expect_eq(l.size, 2048 + 3 * 8 * (uint64_t)1000000000000 + 8000);
	cr_expect_eq(l.metadata_bytes, 2048);
	hdf5_layout_free(&l);
}

/* libhdf5 writes down when the root group was made and changed. */
Test(hdf5_layout, does_not_depend_on_the_time)
{
	static const unsigned char never[16];
	static const uint64_t dims[] = { 2, 40 };
	struct hdf5_shape s = shape("uint8", 9, 2, dims);
	struct hdf5_layout a = make(&s), b = make(&s);

	cr_assert_arr_eq(a.metadata + 48, "OHDR", 4);
	cr_expect_arr_eq(a.metadata + 54, never, sizeof(never));
	cr_assert_eq(a.metadata_bytes, b.metadata_bytes);
	cr_expect_eq(memcmp(a.metadata, b.metadata, a.metadata_bytes), 0);
	hdf5_layout_free(&a);
	hdf5_layout_free(&b);
}

Test(hdf5_layout, of_what_cannot_be_fails)
{
	static const uint64_t dims[] = { 2, 40 };
	struct hdf5_shape s = shape("uint8", 1, 2, dims);
	struct hdf5_layout l;

	s.chunk[0] = 3; /* more than the dataset can ever have */
	s.chunk[1] = 1;
	cr_expect_eq(hdf5_layout_make(&s, NULL, &l), -EIO);
	cr_expect_null(l.extents);
	cr_expect_null(l.metadata);
}
