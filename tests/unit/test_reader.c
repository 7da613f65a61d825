#include "train/reader.h"

#include "lib/numpy_files.h"
#include "lib/one_file.h"
#include "train/reader_format.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

struct read {
	uint64_t offset, len;
};

/* What strace saw of CPython 3.11.2 with NumPy 1.24.2 on Debian 12, for
 * np.load(FILE)["x"] or np.load(FILE) of uint8 arrays, on ext4 (st_blksize
 * 4096) and on FUSE mounts with other block sizes. */
static const struct trace {
	const char *format;
	uint32_t blksize;
	unsigned rows, columns;
	struct read read[24];
} traces[] = {
	{ "npz",
	  4096,
	  1000,
	  1000,
	  {
		  { 0, 4096 },
		  { 1000476, 23 },
		  { 1000498, 1 },
		  { 1000456, 4096 },
		  { 1000374, 4096 },
		  { 0, 4096 },
		  { 4096, 4096 },
		  { 0, 4096 },
		  { 4096, 4096 },
		  { 8192, 253952 },
		  { 262144, 4096 },
		  { 266240, 258048 },
		  { 524288, 4096 },
		  { 528384, 258048 },
		  { 786432, 4096 },
		  { 790528, 208896 },
		  { 999424, 4096 },
	  } },
	{ "npz",
	  4096,
	  64,
	  64,
	  {
		  { 0, 4096 },
		  { 4572, 23 },
		  { 4594, 1 },
		  { 4552, 4096 },
		  { 4470, 4096 },
		  { 0, 4096 },
		  { 4096, 4096 },
		  { 0, 4096 },
		  { 4096, 4096 },
	  } },
	{ "npz",
	  65536,
	  1000,
	  1000,
	  {
		  { 0, 65536 },
		  { 1000476, 23 },
		  { 1000498, 1 },
		  { 1000456, 65536 },
		  { 1000374, 65536 },
		  { 0, 65536 },
		  { 65536, 196608 },
		  { 262144, 65536 },
		  { 327680, 196608 },
		  { 524288, 65536 },
		  { 589824, 196608 },
		  { 786432, 65536 },
		  { 851968, 131072 },
		  { 983040, 65536 },
	  } },
	{ "npz",
	  1048576,
	  1000,
	  1000,
	  {
		  { 0, 1048576 },
		  { 1000476, 23 },
		  { 1000498, 1 },
		  { 1000456, 1048576 },
		  { 1000374, 1048576 },
		  { 0, 1048576 },
	  } },
	{ "npy",
	  4096,
	  1000,
	  1000,
	  {
		  { 0, 4096 },
		  { 0, 128 },
		  { 0, 4096 },
		  { 4096, 995328 },
		  { 999424, 4096 },
	  } },
	{ "npy",
	  65536,
	  1000,
	  1000,
	  {
		  { 0, 65536 },
		  { 0, 128 },
		  { 0, 8192 },
		  { 8192, 991232 },
		  { 999424, 8192 },
	  } },
	{ "npy",
	  1048576,
	  1000,
	  1000,
	  {
		  { 0, 1048576 },
		  { 0, 128 },
		  { 0, 8192 },
		  { 8192, 991232 },
		  { 999424, 8192 },
	  } },
	/* DLIO's O_DIRECT readers make one call. */
	{ "npz direct", 4096, 1000, 1000, { { 0, 1003520 } } },
	{ "npy direct", 4096, 1000, 1000, { { 0, 1003520 } } },
};

/* "npz", "npy", "npz direct", "npy direct" */
static void set_up(struct one_file *w, const char *format, uint32_t blksize,
		   unsigned rows, unsigned columns)
{
	struct reader_setup setup = {
		.format = strncmp(format, "npz", 3) ? "npy" : "npz",
		.direct = strstr(format, "direct"),
		.check = true,
	};
	bool npz = strcmp(setup.format, "npz") == 0;
	size_t len;
	uint8_t *bytes = (npz ? numpy_files_npz :
				numpy_files_npy)(rows, columns, 1, &len);

	one_file_open(w, setup, blksize, bytes, len);
}

static void expect_trace(struct one_file *w, const struct trace *t,
			 size_t number)
{
	const struct fake_event *e;
	size_t n, want = 0;

	while (t->read[want].len)
		want++;
	e = fake_source_events(w->fake, &n);
	cr_assert_eq(n, want + 2, "trace %zu: %zu events", number, n);
	cr_expect_eq(e[0].op, FAKE_OPEN);
	cr_expect_eq(e[0].flags,
		     strstr(t->format, "direct") ? SOURCE_DIRECT : 0);
	for (size_t i = 0; i < want; i++) {
		cr_expect_eq(e[1 + i].op, FAKE_READ);
		cr_expect_eq(e[1 + i].offset, t->read[i].offset,
			     "trace %zu, read %zu at %lu", number, i,
			     e[1 + i].offset);
		cr_expect_eq(e[1 + i].len, t->read[i].len,
			     "trace %zu, read %zu of %lu", number, i,
			     e[1 + i].len);
	}
	cr_expect_eq(e[n - 1].op, FAKE_CLOSE);
}

Test(reader, touches_the_file_as_numpy_does)
{
	for (size_t i = 0; i < ARRAY_SIZE(traces); i++) {
		struct one_file w;

		set_up(&w, traces[i].format, traces[i].blksize, traces[i].rows,
		       traces[i].columns);
		/* Again: nothing may depend on the file before. */
		for (int again = 0; again < 2; again++) {
			cr_expect_eq(one_file_read(&w), 0, "trace %zu: %s", i,
				     reader_fault(w.r));
			expect_trace(&w, &traces[i], i);
			fake_source_forget(w.fake);
			cr_expect_eq(w.cost.bytes, w.len);
			cr_expect_gt(w.cost.check_ns, 0);
			cr_expect_geq(w.cost.read_ns, w.cost.check_ns);
		}
		one_file_close(&w);
	}
}

static const char *const ways[] = { "npz", "npy", "npz direct", "npy direct" };

Test(reader, notices_a_flipped_bit_in_the_array_when_it_checks)
{
	/* Near the start, across the pieces, and the last byte. */
	static const size_t places[] = { 200, 70000, 262300, 640127 };

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		for (size_t k = 0; k < ARRAY_SIZE(places); k++) {
			struct one_file w;

			set_up(&w, ways[i], 4096, 800, 800);
			w.bytes[places[k]] ^= 4;
			fake_source_put(w.fake, "f", w.bytes, w.len);
			cr_expect_eq(one_file_read(&w), -EBADMSG, "%s at %zu",
				     ways[i], places[k]);
			cr_expect(strstr(reader_fault(w.r), "f is damaged"),
				  "%s", reader_fault(w.r));
			one_file_close(&w);
		}
}

Test(reader, spends_nothing_on_checks_that_are_off)
{
	struct fake_source *fake = fake_source_new(4096);
	struct reader_setup setup = { .source = fake_source(fake),
				      .format = "npz" };
	struct reader_file file = { .name = "f", .size = 1 };
	AUTO_FREE uint8_t *bytes = NULL;
	struct reader_cost cost;
	struct reader *r;
	size_t len;

	bytes = numpy_files_npz(100, 100, 1, &len);
	bytes[300] ^= 1;
	fake_source_put(fake, "f", bytes, len);
	cr_assert_eq(reader_new(&setup, &r), 0);
	cr_expect_eq(reader_read(r, &file, &cost), 0, "%s", reader_fault(r));
	cr_expect_eq(cost.check_ns, 0);
	cr_expect_eq(cost.bytes, len);
	reader_free(r);
	source_free(fake_source(fake));
}

Test(reader, reads_nothing_more_of_a_file_that_was_kept_as_a_whole)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct one_file w;

		set_up(&w, ways[i], 4096, 100, 100);
		w.file.kept = true;
		cr_expect_eq(one_file_read(&w), 0, "%s", ways[i]);
		cr_expect_eq(fake_source_count_of(w.fake, FAKE_OPEN), 0);
		cr_expect_eq(w.cost.bytes, 0);
		one_file_close(&w);
	}
}

Test(reader, notices_a_file_of_another_size)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct one_file w;

		set_up(&w, ways[i], 4096, 100, 100);
		w.file.size++;
		cr_expect_eq(one_file_read(&w), -EBADMSG, "%s", ways[i]);
		w.file.size = READER_ANY_SIZE;
		cr_expect_eq(one_file_read(&w), 0, "%s: %s", ways[i],
			     reader_fault(w.r));
		one_file_close(&w);
	}
}

Test(reader, passes_on_the_error_of_any_call_and_names_file_and_offset)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		unsigned reads;
		struct one_file w;

		set_up(&w, ways[i], 4096, 1000, 1000);
		cr_assert_eq(source_set_place(fake_source(w.fake), "s3://b/p"),
			     0);
		cr_assert_eq(one_file_read(&w), 0);
		reads = (unsigned)fake_source_count_of(w.fake, FAKE_READ);
		for (unsigned nth = 0; nth < reads; nth++) {
			fake_source_fail(w.fake, FAKE_READ, nth, -EIO);
			cr_expect_eq(one_file_read(&w), -EIO, "%s read %u",
				     ways[i], nth);
			cr_expect(strstr(reader_fault(w.r),
					 "read s3://b/p/f at offset"),
				  "%s", reader_fault(w.r));
			cr_expect_eq(fake_source_open_files(w.fake), 0);
		}
		fake_source_fail(w.fake, FAKE_OPEN, 0, -EACCES);
		cr_expect_eq(one_file_read(&w), -EACCES, "%s", ways[i]);
		cr_expect_str_eq(reader_fault(w.r),
				 "open s3://b/p/f: Permission denied");
		cr_expect_eq(one_file_read(&w), 0, "%s", ways[i]);
		one_file_close(&w);
	}
}

Test(reader, reads_no_more_when_stopped)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct one_file w;

		set_up(&w, ways[i], 4096, 1000, 1000);
		w.stop = true;
		cr_expect_eq(one_file_read(&w), -ECANCELED, "%s", ways[i]);
		cr_expect_eq(fake_source_count_of(w.fake, FAKE_READ), 0);
		cr_expect_eq(fake_source_open_files(w.fake), 0);
		w.stop = false;
		cr_expect_eq(one_file_read(&w), 0, "%s", ways[i]);
		one_file_close(&w);
	}
}

Test(reader, goes_on_after_a_short_read)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		unsigned reads;
		struct one_file w;

		set_up(&w, ways[i], 4096, 1000, 1000);
		cr_assert_eq(one_file_read(&w), 0);
		reads = (unsigned)fake_source_count_of(w.fake, FAKE_READ);
		for (unsigned nth = 0; nth < reads; nth++) {
			/* Nothing at all where there was something is the end
			 * of the file; part of it is not. */
			fake_source_fail(w.fake, FAKE_READ, nth, 4096);
			cr_expect_eq(one_file_read(&w), 0, "%s read %u: %s",
				     ways[i], nth, reader_fault(w.r));
		}
		one_file_close(&w);
	}
}

Test(reader, survives_every_cut_and_damage_of_headers_and_directories)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct one_file w;

		set_up(&w, ways[i], 512, 10, 10);
		w.file.size = READER_ANY_SIZE;
		for (size_t cut = 0; cut < w.len; cut++) {
			fake_source_put(w.fake, "f", w.bytes, cut);
			cr_expect_eq(one_file_read(&w), -EBADMSG,
				     "%s cut to %zu", ways[i], cut);
			cr_expect_neq(reader_fault(w.r)[0], '\0');
		}
		/* Damage elsewhere than in x may go unnoticed, not unsurvived;
		 * nobody reads y. */
		for (size_t at = 0; at < w.len; at++) {
			w.bytes[at] ^= 0xff;
			fake_source_put(w.fake, "f", w.bytes, w.len);
			(void)!one_file_read(&w);
			w.bytes[at] ^= 0xff;
			fake_source_forget(w.fake);
		}
		fake_source_put(w.fake, "f", w.bytes, w.len);
		cr_expect_eq(one_file_read(&w), 0);
		one_file_close(&w);
	}
}

Test(reader, does_not_take_one_format_for_the_other)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct one_file w, other;

		set_up(&w, ways[i], 4096, 100, 100);
		set_up(&other, ways[i ^ 1], 4096, 100, 100);
		fake_source_put(w.fake, "f", other.bytes, other.len);
		w.file.size = READER_ANY_SIZE;
		cr_expect_eq(one_file_read(&w), -EBADMSG, "%s", ways[i]);
		one_file_close(&other);
		one_file_close(&w);
	}
}

Test(reader, reads_nothing_of_synthetic_and_refuses_the_unknown)
{
	struct fake_source *fake = fake_source_new(4096);
	struct reader_setup setup = { .source = fake_source(fake),
				      .format = "synthetic",
				      .check = true };
	struct reader_file file = { .name = "f", .size = 1 };
	struct reader_cost cost;
	struct reader *r;

	cr_assert_eq(reader_new(&setup, &r), 0);
	cr_expect_eq(reader_read(r, &file, &cost), 0);
	cr_expect_eq(cost.bytes, 0);
	cr_expect_eq(fake_source_count_of(fake, FAKE_OPEN), 0);
	reader_free(r);

	setup.format = "parchment";
	cr_expect_eq(reader_new(&setup, &r), -EINVAL);
	cr_expect_null(r);
	source_free(fake_source(fake));
}

/* Whoever writes so many bytes there must not get a buffer for none. */
Test(reader, has_no_room_for_more_than_can_be)
{
	const struct reader_file file = { .name = "a.npz" };
	struct reader r = { .file = &file };

	cr_expect_eq(reader_reserve(&r, UINT64_MAX), -ENOMEM);
	cr_expect(strstr(r.fault, "a.npz needs 18446744073709551615 bytes"),
		  "%s", r.fault);
	cr_assert_eq(reader_reserve(&r, 1), 0);
	r.image[READER_ALIGN - 1] = 1;
	free(r.image);
}
