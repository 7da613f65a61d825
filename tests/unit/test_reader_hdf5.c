/* The reader of HDF5: what reaches the file, and what it says of it. */
#include "train/reader.h"

#include "lib/data_file.h"
#include "lib/one_file.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static void set_up(struct one_file *w, struct dataset_options o,
		   unsigned keep_open)
{
	struct reader_setup setup = {
		.format = "hdf5",
		.check = true,
		.samples = o.samples_per_file,
		.datasets = (unsigned)o.layout.hdf5.dsets_per_record,
		.keep_open = keep_open,
	};
	uint8_t *bytes;
	size_t len;

	o.format = "hdf5";
	bytes = data_file(o, &len);
	one_file_open(w, setup, 4096, bytes, len);
	w->file.crc = NULL;
	fake_source_put(w->fake, "g", w->bytes, w->len);
}

static int read_sample(struct one_file *w, const char *name, uint64_t sample,
		       bool kept)
{
	w->file.name = name;
	w->file.sample = sample;
	w->file.kept = kept;
	fake_source_forget(w->fake);
	return reader_read(w->r, &w->file, &w->cost);
}

static const struct dataset_options three = { .record_length = 10000,
					      .samples_per_file = 3 };

/* What strace saw of h5py 3.7: see also unit/hdf5_reading. */
Test(reader_hdf5, reads_what_h5py_does)
{
	static const uint64_t want[][2] = { { 0, 8 },	  { 0, 16 },
					    { 16, 32 },	  { 48, 512 },
					    { 195, 512 }, { 12048, 10000 } };
	const struct fake_event *e;
	struct one_file w;
	size_t n;

	set_up(&w, three, 0);
	for (unsigned again = 0; again < 2; again++) {
		cr_assert_eq(read_sample(&w, "f", 1, false), 0, "%s",
			     reader_fault(w.r));
		cr_expect_eq(w.cost.bytes, 8 + 16 + 32 + 512 + 512 + 10000);
		e = fake_source_events(w.fake, &n);
		cr_assert_eq(n, ARRAY_SIZE(want) + 2);
		cr_expect_eq(e[0].op, FAKE_OPEN);
		cr_expect_eq(e[n - 1].op, FAKE_CLOSE);
		for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
			cr_expect_eq(e[i + 1].op, FAKE_READ);
			cr_expect_eq(e[i + 1].offset, want[i][0]);
			cr_expect_eq(e[i + 1].len, want[i][1], "read %zu", i);
		}
	}
	one_file_close(&w);
}

/* Of a file that DLIO has open still, only samples are read. */
Test(reader_hdf5, reads_only_samples_of_kept_files)
{
	static const unsigned keeps[] = { 1, 1000 };

	for (size_t i = 0; i < ARRAY_SIZE(keeps); i++) {
		struct one_file w;

		set_up(&w, three, keeps[i]);
		cr_assert_eq(read_sample(&w, "f", 0, false), 0);
		cr_expect_eq(fake_source_open_files(w.fake), 1);
		cr_assert_eq(read_sample(&w, "f", 2, true), 0);
		cr_expect_eq(fake_source_count_of(w.fake, FAKE_OPEN), 0);
		cr_expect_eq(fake_source_count_of(w.fake, FAKE_READ), 1);
		cr_expect_eq(w.cost.bytes, 10000);
		cr_assert_eq(read_sample(&w, "g", 0, false), 0);
		cr_expect_eq(fake_source_count_of(w.fake, FAKE_READ), 6);
		cr_expect_eq(fake_source_open_files(w.fake),
			     keeps[i] == 1 ? 1 : 2);
		if (keeps[i] > 1) {
			cr_assert_eq(read_sample(&w, "f", 1, true), 0);
			cr_expect_eq(fake_source_count_of(w.fake, FAKE_READ),
				     1);
		}
		one_file_close(&w);
	}
}

static const uint64_t dims[] = { 6, 50, 60 };

Test(reader_hdf5, reads_every_dataset_of_any_layout)
{
	static const struct dataset_layout layouts[] = {
		{ .hdf5.dsets_per_record = 3 },
		{ .compression = "gzip",
		  .compression_level = 4,
		  .hdf5.dsets_per_record = 3 },
		{ .compression = "lzf", .hdf5.dsets_per_record = 2 },
		{ .compression = "szip", .hdf5.dsets_per_record = 1 },
		{ .hdf5 = { .dsets_per_record = 2,
			    .chunk_dims = { 4, { 1, 3, 9, 9 } },
			    .max_shape = { 3, { 5, 60, 60 } } } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		struct dataset_options o = { .record_dims = dims,
					     .record_ndims = 3,
					     .samples_per_file = 4,
					     .dtype = "int16",
					     .layout = layouts[i] };
		struct one_file w;

		set_up(&w, o, i % 3);
		for (uint64_t sample = 0; sample < 4; sample++)
			cr_expect_eq(read_sample(&w, "f", sample,
						 i % 3 && sample),
				     0, "layout %zu: %s", i, reader_fault(w.r));
		cr_expect_eq(read_sample(&w, "f", 4, false), -EBADMSG);
		cr_expect(strstr(reader_fault(w.r), "no sample 4"), "%s",
			  reader_fault(w.r));
		one_file_close(&w);
	}
}

/* A chunk says itself that it is damaged. */
Test(reader_hdf5, finds_damage_in_compressed_chunks)
{
	struct dataset_options o = { .record_length = 3000,
				     .samples_per_file = 1,
				     .layout = { .compression = "gzip",
						 .compression_level = 1 } };
	struct one_file w;

	set_up(&w, o, 0);
	w.bytes[2048 + 1000] ^= 1;
	fake_source_put(w.fake, "f", w.bytes, w.len);
	cr_expect_eq(read_sample(&w, "f", 0, false), -EBADMSG);
	cr_expect_str_eq(reader_fault(w.r),
			 "f has a chunk that does not expand: it is damaged");
	one_file_close(&w);
}

Test(reader_hdf5, says_what_is_wrong)
{
	static const uint8_t text[1000] = "no HDF5 at all";
	struct one_file w;

	set_up(&w, three, 0);
	fake_source_put(w.fake, "f", text, sizeof(text));
	cr_expect_eq(read_sample(&w, "f", 0, false), -EBADMSG);
	cr_expect(strstr(reader_fault(w.r), "1000 bytes"));
	w.file.size = READER_ANY_SIZE;
	cr_expect_eq(read_sample(&w, "f", 0, false), -EBADMSG);
	cr_expect_str_eq(reader_fault(w.r), "f is no HDF5 file, or is damaged");
	fake_source_put(w.fake, "f", w.bytes, 20000);
	cr_expect_eq(read_sample(&w, "f", 2, false), -EBADMSG, "%s",
		     reader_fault(w.r));
	fake_source_put(w.fake, "f", w.bytes, w.len);
	for (unsigned i = 0; i < 6; i++) {
		fake_source_fail(w.fake, FAKE_READ, i, -EIO);
		cr_expect_eq(read_sample(&w, "f", 1, false), -EIO, "read %u",
			     i);
		cr_expect_eq(fake_source_open_files(w.fake), 0);
		fake_source_fail(w.fake, FAKE_READ, i, 3);
		cr_expect_eq(read_sample(&w, "f", 1, false), 0, "read %u: %s",
			     i, reader_fault(w.r));
	}
	one_file_close(&w);
}
