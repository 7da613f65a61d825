#include "data/hdf5_reading.h"

#include "data/hdf5_filter.h"
#include "data/hdf5_layout.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

/* A file, and what of it was read. */
struct file {
	struct dataset *dataset;
	unsigned char *bytes;
	uint64_t size, n;
	struct {
		uint64_t offset, len;
	} reads[200];
	unsigned char *scratch;
};

static void make(struct file *f, struct dataset_options o, uint64_t number)
{
	*f = (struct file){ 0 };
	o.format = "hdf5";
	o.dtype = o.dtype ? o.dtype : "uint8";
	o.file_prefix = "img";
	o.files[DATASET_TRAIN] = 5;
	o.samples_per_file = MAX(o.samples_per_file, 1);
	cr_assert_eq(dataset_new(&o, &f->dataset), 0);
	f->size = dataset_size(f->dataset, number);
	f->bytes = malloc(f->size);
	f->scratch = malloc(f->size + MIB);
	cr_assert_eq(dataset_read(f->dataset, number, f->bytes, f->size, 0),
		     (ssize_t)f->size);
}

static void drop(struct file *f)
{
	dataset_free(f->dataset);
	free(f->bytes);
	free(f->scratch);
}

static void note(struct file *f, uint64_t offset, uint64_t len)
{
	cr_assert_lt(f->n, ARRAY_SIZE(f->reads));
	cr_assert(len <= f->size && offset <= f->size - len);
	f->reads[f->n].offset = offset;
	f->reads[f->n++].len = len;
}

/* Find a sample of a dataset, and read it. */
static int find(struct hdf5_reading *r, struct file *f, unsigned dataset,
		uint64_t sample, struct hdf5_sample *out)
{
	struct hdf5_read want;
	int rc;

	while ((rc = hdf5_reading_find(r, dataset, sample, &want, out)) > 0) {
		note(f, want.offset, want.len);
		memcpy(want.to, f->bytes + want.offset, want.len);
	}
	for (size_t i = 0; rc == 0 && i < out->n; i++)
		note(f, out->parts[i].offset, out->parts[i].len);
	return rc;
}

static void check_reads(const struct file *f, const uint64_t (*want)[2],
			size_t n, const char *what)
{
	cr_assert_eq(f->n, n, "%s: %zu reads", what, (size_t)f->n);
	for (size_t i = 0; i < n; i++) {
		cr_expect_eq(f->reads[i].len, want[i][0], "%s: read %zu", what,
			     i);
		cr_expect_eq(f->reads[i].offset, want[i][1], "%s: read %zu",
			     what, i);
	}
}

/* What strace shows of h5py 3.7 reading files of these shapes: length and
 * offset of each pread(). */
Test(hdf5_reading, reads_as_h5py_does)
{
	static const uint64_t three[] = { 6, 250, 500 },
			      ten[] = { 10, 100, 100 };
	static const struct dataset_options shapes[] = {
		{ .record_length = 1000000 },
		{ .record_dims = three,
		  .record_ndims = 3,
		  .samples_per_file = 4,
		  .layout.hdf5.dsets_per_record = 3 },
		{ .record_length = 1600,
		  .samples_per_file = 3,
		  .layout.hdf5.max_shape = { 2, { 100, 100 } } },
		{ .record_dims = ten,
		  .record_ndims = 3,
		  .samples_per_file = 2,
		  .layout.hdf5.dsets_per_record = 10 },
	};
	static const struct {
		unsigned datasets;
		uint64_t sample;
		size_t n;
		uint64_t reads[12][2];
	} cases[] = {
		{ 1,
		  0,
		  6,
		  { { 8, 0 },
		    { 16, 0 },
		    { 32, 16 },
		    { 512, 48 },
		    { 512, 195 },
		    { 1000000, 2048 } } },
		{ 3,
		  2,
		  11,
		  { { 8, 0 },
		    { 16, 0 },
		    { 32, 16 },
		    { 512, 48 },
		    { 30, 1267 },
		    { 512, 195 },
		    { 250000, 502048 },
		    { 512, 463 },
		    { 250000, 1502048 },
		    { 512, 731 },
		    { 250000, 2502048 } } },
		{ 1,
		  1,
		  8,
		  { { 8, 0 },
		    { 16, 0 },
		    { 32, 16 },
		    { 512, 48 },
		    { 512, 195 },
		    { 28, 463 },
		    { 90, 491 },
		    { 4800, 2048 } } },
		{ 1,
		  1,
		  10,
		  { { 8, 0 },
		    { 16, 0 },
		    { 32, 16 },
		    { 512, 48 },
		    { 38, 1991 },
		    { 146, 122852 },
		    { 512, 123080 },
		    { 512, 204364 },
		    { 512, 195 },
		    { 10000, 12048 } } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hdf5_reading *r = NULL;
		struct hdf5_sample sample;
		struct file f;

		make(&f, shapes[i], 0);
		cr_assert_eq(hdf5_reading_new(&r), 0);
		/* The second time it follows the first. */
		for (unsigned again = 0; again < 3; again++) {
			char what[40];

			snprintf(what, sizeof(what), "case %zu, time %u", i,
				 again);
			f.n = 0;
			hdf5_reading_open(r, f.size);
			for (unsigned k = 0; k < cases[i].datasets; k++)
				cr_assert_eq(find(r, &f, k, cases[i].sample,
						  &sample),
					     0, "%s: %s", what,
					     hdf5_reading_wrong(r));
			hdf5_reading_close(r);
			check_reads(&f, cases[i].reads, cases[i].n, what);
		}
		hdf5_reading_free(r);
		drop(&f);
	}
}

/* The sample's numbers, which are random: find them where the layout says. */
static void check_whole(const struct file *f, uint64_t number,
			const struct hdf5_sample *s, unsigned dataset,
			uint64_t sample)
{
	struct dataset_file file;
	struct hdf5_shape shape;
	struct hdf5_layout l;

	dataset_file(f->dataset, number, &file);
	hdf5_shape_of(&file, &shape);
	cr_assert_eq(hdf5_layout_make(&shape, NULL, &l), 0);
	for (size_t i = 0; i < l.n; i++) {
		const struct hdf5_extent *e = &l.extents[i];
		uint64_t len = e->len / file.samples;

		if (e->kind != HDF5_RECORDS || e->dataset != dataset)
			continue;
		cr_expect_eq(s->parts[0].offset, e->offset + sample * len);
		cr_expect_eq(s->parts[0].len, len);
	}
	hdf5_layout_free(&l);
}

Test(hdf5_reading, finds_samples_of_files_that_differ)
{
	static const struct dataset_options shape = {
		.record_length = 5000,
		.record_length_stdev = 3000,
		.samples_per_file = 7,
		.dtype = "float32",
	};
	struct hdf5_reading *r = NULL;

	cr_assert_eq(hdf5_reading_new(&r), 0);
	for (uint64_t number = 0; number < 5; number++) {
		struct hdf5_sample sample;
		struct file f;

		make(&f, shape, number);
		for (uint64_t i = 0; i < 7; i++) {
			hdf5_reading_open(r, f.size);
			cr_assert_eq(find(r, &f, 0, i, &sample), 0);
			check_whole(&f, number, &sample, 0, i);
			hdf5_reading_close(r);
		}
		drop(&f);
	}
	hdf5_reading_free(r);
}

Test(hdf5_reading, finds_chunks_that_expand)
{
	static const uint64_t dims[] = { 4, 90, 70 };
	static const char *const filters[] = { "gzip", "lzf", "szip", NULL };
	struct hdf5_reading *r = NULL;

	cr_assert_eq(hdf5_reading_new(&r), 0);
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct dataset_options shape = {
			.record_dims = dims,
			.record_ndims = 3,
			.samples_per_file = 3,
			.dtype = "int16",
			.layout = { .compression = filters[i],
				    .compression_level = 1,
				    .hdf5 = { .dsets_per_record = 2,
					      .chunk_dims = { 4,
							      { 2, 1, 40,
								30 } } } },
		};
		struct hdf5_sample sample;
		struct file f;

		make(&f, shape, 2);
		hdf5_reading_open(r, f.size);
		for (unsigned k = 0; k < 2; k++) {
			cr_assert_eq(find(r, &f, k, 2, &sample), 0, "%s",
				     hdf5_reading_wrong(r));
			cr_expect_eq(sample.n, 2 * 3 * 3);
			cr_expect_eq(sample.part_bytes, 2 * 40 * 30 * 2);
		}
		for (size_t p = 0; p < sample.n; p++) {
			const struct hdf5_part *part = &sample.parts[p];

			if (part->plain || !filters[i]) {
				cr_expect_eq(part->len, sample.part_bytes);
				continue;
			}
			cr_expect_eq(hdf5_filter_expand(&sample.shape,
							f.bytes + part->offset,
							part->len, f.scratch,
							sample.part_bytes),
				     0, "%s chunk %zu", filters[i], p);
		}
		hdf5_reading_close(r);
		drop(&f);
	}
	hdf5_reading_free(r);
}

/* Of chunks too large to be kept, h5py reads what it needs. */
Test(hdf5_reading, reads_samples_out_of_large_chunks)
{
	static const uint64_t dims[] = { 1000, 300 };
	struct dataset_options shape = {
		.record_dims = dims,
		.record_ndims = 2,
		.samples_per_file = 5,
		.layout.hdf5.chunk_dims = { 3, { 5, 1000, 300 } },
	};
	struct hdf5_reading *r = NULL;
	struct hdf5_sample sample;
	struct file f;

	make(&f, shape, 0);
	cr_assert_eq(hdf5_reading_new(&r), 0);
	hdf5_reading_open(r, f.size);
	cr_assert_eq(find(r, &f, 0, 3, &sample), 0);
	cr_assert_eq(sample.n, 1);
	cr_expect_eq(sample.parts[0].len, 300000);
	cr_expect_eq(sample.parts[0].offset % 300000,
		     (f.size - 1500000 - 40) % 300000);
	hdf5_reading_free(r);
	drop(&f);
}

/* Every bit that was read counts, whether libhdf5 reads or not; but for times,
 * which differ from file to file. */
Test(hdf5_reading, finds_what_is_damaged)
{
	static const struct dataset_options shape = { .record_length = 10000 };
	struct hdf5_reading *fresh = NULL, *used = NULL;
	struct hdf5_sample sample;
	struct file f;

	make(&f, shape, 0);
	cr_assert_eq(hdf5_reading_new(&used), 0);
	hdf5_reading_open(used, f.size);
	cr_assert_eq(find(used, &f, 0, 0, &sample), 0);
	hdf5_reading_close(used);
	for (size_t at = 0; at < 463; at += at < 200 ? 1 : 3) {
		uint64_t offset;
		int rc;

		f.bytes[at] ^= 4;
		f.n = 0;
		cr_assert_eq(hdf5_reading_new(&fresh), 0);
		hdf5_reading_open(fresh, f.size);
		rc = find(fresh, &f, 0, 0, &sample);
		offset = rc ? 0 : sample.parts[0].offset;
		hdf5_reading_free(fresh);
		hdf5_reading_open(used, f.size);
		cr_expect_eq(find(used, &f, 0, 0, &sample), rc, "byte %zu: %d",
			     at, rc);
		cr_expect(rc == -EBADMSG || offset == 2048, "byte %zu", at);
		hdf5_reading_close(used);
		f.bytes[at] ^= 4;
	}
	f.n = 0;
	hdf5_reading_open(used, f.size);
	cr_expect_eq(find(used, &f, 0, 0, &sample), 0);
	hdf5_reading_free(used);
	drop(&f);
}

Test(hdf5_reading, says_what_is_not_there)
{
	static const struct dataset_options shape = { .record_length = 100,
						      .samples_per_file = 2 };
	static const struct {
		unsigned dataset;
		uint64_t sample;
		const char *wrong;
	} cases[] = {
		{ 1, 0, "has no dataset records_1, or is damaged" },
		{ 0, 2, "has no sample 2 in records_0" },
	};
	struct hdf5_reading *r = NULL;
	struct hdf5_sample sample;
	struct file f;

	make(&f, shape, 0);
	cr_assert_eq(hdf5_reading_new(&r), 0);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		hdf5_reading_open(r, f.size);
		cr_expect_eq(find(r, &f, cases[i / 2].dataset,
				  cases[i / 2].sample, &sample),
			     -EBADMSG);
		cr_expect_str_eq(hdf5_reading_wrong(r), cases[i / 2].wrong);
		hdf5_reading_close(r);
	}
	/* Cut short, and empty. */
	for (uint64_t size = 0; size < 1000; size += 999) {
		f.size = size;
		f.n = 0;
		hdf5_reading_open(r, size);
		cr_expect_eq(find(r, &f, 0, 0, &sample), -EBADMSG);
		hdf5_reading_close(r);
	}
	hdf5_reading_free(r);
	drop(&f);
}
