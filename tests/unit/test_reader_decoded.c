/* The readers that decode: of images and of tables. */
#include "train/reader.h"

#include "lib/data_file.h"
#include "lib/one_file.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static void set_up(struct one_file *w, const char *format, uint64_t record,
		   uint64_t samples, const char *compression)
{
	struct reader_setup setup = { .format = format, .check = true };
	size_t len;
	uint8_t *bytes = data_file(
		(struct dataset_options){
			.format = format,
			.record_length = (double)record,
			.samples_per_file = samples,
			.layout.compression = compression,
		},
		&len);

	one_file_open(w, setup, 4096, bytes, len);
	w->file.sample = samples - 1;
}

/* ---- What reaches the file ---- */

/* What strace saw of CPython 3.11.2 with Pillow 9.4 and pandas 1.5.3 on ext4,
 * as DLIO calls them: offset and length asked for.  Files of noise, or of
 * numbers, of the same size to a few bytes; `end` is how far the last but
 * those that find nothing goes. */
static const struct trace {
	const char *format;
	uint64_t record;
	struct {
		uint64_t offset, len;
	} read[24];
} traces[] = {
	{ "png",
	  300ULL * 300,
	  { { 0, 4096 },
	    { 4096, 61440 },
	    { 65536, 4096 },
	    { 69632, 20480 },
	    { 90112, 4096 } } },
	{ "png", 64ULL * 64, { { 0, 4096 }, { 4096, 4096 } } },
	{ "jpeg",
	  1000ULL * 1000,
	  { { 0, 4096 },
	    { 4096, 61440 },
	    { 65536, 65536 },
	    { 131072, 65536 },
	    { 196608, 65536 },
	    { 262144, 65536 },
	    { 327680, 65536 },
	    { 393216, 65536 },
	    { 458752, 65536 },
	    { 524288, 65536 },
	    { UINT64_MAX, 32768 } } },
	{ "jpeg",
	  300ULL * 300,
	  { { 0, 4096 }, { 4096, 61440 }, { UINT64_MAX, 12288 } } },
	{ "jpeg", 64ULL * 64, { { 0, 4096 }, { UINT64_MAX, 61440 } } },
	{ "csv",
	  447ULL * 447,
	  { { 0, 262144 },
	    { 262144, 262144 },
	    { 524288, 262144 },
	    { UINT64_MAX, 0 },
	    { UINT64_MAX, 262144 } } },
	{ "csv",
	  10ULL * 10,
	  { { 0, 262144 }, { UINT64_MAX, 0 }, { UINT64_MAX, 262144 } } },
};

static void expect_trace(struct one_file *w, const struct trace *t,
			 size_t number)
{
	const struct fake_event *e;
	size_t n, want = 0;

	while (t->read[want].len || t->read[want].offset)
		want++;
	e = fake_source_events(w->fake, &n);
	cr_assert_eq(n, want + 2, "trace %zu: %zu events", number, n);
	cr_expect_eq(e[0].op, FAKE_OPEN);
	cr_expect_eq(e[n - 1].op, FAKE_CLOSE);
	for (size_t i = 0; i < want; i++) {
		uint64_t offset = MIN(t->read[i].offset, w->len);
		uint64_t len = t->read[i].len;

		/* pandas fills up its piece. */
		if (len == 0)
			len = 262144 - w->len % 262144;
		cr_expect_eq(e[1 + i].op, FAKE_READ);
		cr_expect_eq(e[1 + i].offset, offset,
			     "trace %zu, read %zu: %lu", number, i,
			     e[1 + i].offset);
		cr_expect_eq(e[1 + i].len, len, "trace %zu, read %zu of %lu",
			     number, i, e[1 + i].len);
	}
}

Test(reader_decoded, touches_the_file_as_pillow_and_pandas_do)
{
	for (size_t i = 0; i < ARRAY_SIZE(traces); i++) {
		struct one_file w;

		set_up(&w, traces[i].format, traces[i].record, 1, NULL);
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

/* ---- What is wrong ---- */

static const struct way {
	const char *format;
	uint64_t record, samples;
	const char *compression;
} ways[] = {
	{ "png", 90000, 1, NULL },  { "jpeg", 90000, 1, NULL },
	{ "csv", 90000, 3, NULL },  { "csv", 10000, 3, "gzip" },
	{ "csv", 10000, 3, "bz2" }, { "csv", 10000, 3, "xz" },
	{ "csv", 3000, 3, "zstd" }, { "csv", 3000, 3, "zip" },
	{ "csv", 3000, 3, "tar" },
};

static void begin(struct one_file *w, const struct way *way)
{
	set_up(w, way->format, way->record, way->samples, way->compression);
}

Test(reader_decoded, notices_a_flipped_bit_anywhere)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct one_file w;

		begin(&w, &ways[i]);
		cr_expect_eq(one_file_read(&w), 0, "%s", reader_fault(w.r));
		for (size_t at = 0; at < w.len; at += w.len / 19) {
			w.bytes[at] ^= 1;
			one_file_put(&w, w.bytes, w.len);
			cr_expect_eq(one_file_read(&w), -EBADMSG,
				     "way %zu at %zu", i, at);
			cr_expect(strstr(reader_fault(w.r), "f "), "%s",
				  reader_fault(w.r));
			w.bytes[at] ^= 1;
		}
		one_file_close(&w);
	}
}

Test(reader_decoded, notices_damage_of_a_png_by_its_own_checksums)
{
	struct reader_setup setup = { .format = "png" };
	struct one_file w;

	set_up(&w, "png", 90000, 1, NULL);
	w.file.crc = NULL;
	w.bytes[50000] ^= 1;
	one_file_put(&w, w.bytes, w.len);
	cr_expect_eq(one_file_read(&w), -EBADMSG);
	cr_expect(strstr(reader_fault(w.r), "f is no good PNG"), "%s",
		  reader_fault(w.r));
	reader_free(w.r);

	/* Pillow would not look, and so do we not without checks; what was
	 * hit is a literal, which decodes to another. */
	setup.source = fake_source(w.fake);
	cr_assert_eq(reader_new(&setup, &w.r), 0);
	w.bytes[50000] ^= 1;
	w.bytes[w.len - 1] ^= 1;
	one_file_put(&w, w.bytes, w.len);
	cr_expect_eq(one_file_read(&w), 0, "%s", reader_fault(w.r));
	cr_expect_eq(reader_proof("png"), READER_PROOF_OWN);
	cr_expect_eq(reader_proof("jpeg"), READER_PROOF_FILE);
	one_file_close(&w);
}

Test(reader_decoded, notices_every_cut)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct one_file w;

		begin(&w, &ways[i]);
		w.file.size = READER_ANY_SIZE;
		for (size_t cut = 0; cut < w.len;
		     cut += cut < 30 || cut > w.len - 30 ? 1 : w.len / 13) {
			one_file_put(&w, w.bytes, cut);
			cr_expect_eq(one_file_read(&w), -EBADMSG,
				     "way %zu cut to %zu", i, cut);
			cr_expect_neq(reader_fault(w.r)[0], '\0');
		}
		one_file_close(&w);
	}
}

Test(reader_decoded, survives_every_damage)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct one_file w;

		set_up(&w, ways[i].format, 100, ways[i].samples,
		       ways[i].compression);
		w.file.crc = NULL;
		for (size_t at = 0; at < w.len; at++) {
			w.bytes[at] ^= 0xff;
			one_file_put(&w, w.bytes, w.len);
			(void)!one_file_read(&w);
			w.bytes[at] ^= 0xff;
		}
		one_file_put(&w, w.bytes, w.len);
		cr_expect_eq(one_file_read(&w), 0);
		one_file_close(&w);
	}
}

Test(reader_decoded, passes_on_the_error_of_any_call)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		unsigned reads;
		struct one_file w;

		begin(&w, &ways[i]);
		cr_assert_eq(one_file_read(&w), 0);
		reads = (unsigned)fake_source_count_of(w.fake, FAKE_READ);
		for (unsigned nth = 0; nth < reads; nth++) {
			fake_source_fail(w.fake, FAKE_READ, nth, -EIO);
			cr_expect_eq(one_file_read(&w), -EIO, "way %zu read %u",
				     i, nth);
			cr_expect(strstr(reader_fault(w.r), "read f at offset"),
				  "%s", reader_fault(w.r));
		}
		one_file_close(&w);
	}
}

Test(reader_decoded, goes_on_after_a_short_read)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		unsigned reads;
		struct one_file w;

		begin(&w, &ways[i]);
		cr_assert_eq(one_file_read(&w), 0);
		reads = (unsigned)fake_source_count_of(w.fake, FAKE_READ);
		for (unsigned nth = 0; nth < reads; nth++) {
			fake_source_fail(w.fake, FAKE_READ, nth, 1000);
			cr_expect_eq(one_file_read(&w), 0,
				     "way %zu read %u: %s", i, nth,
				     reader_fault(w.r));
		}
		one_file_close(&w);
	}
}

Test(reader_decoded, says_which_row_of_a_table_is_wrong)
{
	static const struct {
		const char *text, *want;
		uint64_t sample;
	} cases[] = {
		{ "1,2\n3,4\n", NULL, 1 },
		{ "1,2\n3,4", NULL, 1 },
		{ "True,1e-05\n,-7\n", NULL, 1 },
		{ "inf,nan\n", NULL, 0 },
		{ "1,2\n3\n", "f row 2 is shorter than the first", 0 },
		{ "1,2\n3,4\n5,6,7\n", "f row 3 is longer than the first", 0 },
		{ "1,2\nx,4\n", "f row 2 has a field that is no number", 0 },
		{ "0x1p3\n", "f row 1 has a field that is no number", 0 },
		{ "1 \n", "f row 1 has a field that is no number", 0 },
		{ "", "f row 1 is not there: the file is empty", 0 },
		{ "1,2\n", "f has 1 rows, and not the one of sample 1", 1 },
	};
	struct one_file w;

	set_up(&w, "csv", 4, 1, NULL);
	w.file.size = READER_ANY_SIZE;
	w.file.crc = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		w.file.sample = cases[i].sample;
		one_file_put(&w, cases[i].text, strlen(cases[i].text));
		cr_expect_eq(one_file_read(&w), cases[i].want ? -EBADMSG : 0,
			     "case %zu", i);
		cr_expect_str_eq(reader_fault(w.r),
				 cases[i].want ? cases[i].want : "");
	}
	one_file_close(&w);
}
