#include "train/reader.h"

#include "config/columns.h"
#include "lib/data_file.h"
#include "lib/one_file.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* One of each kind, and lists of few, of some and of many. */
static struct config_column columns[] = {
	{ "a", "uint8", 1, true },   { "b", "int16", 1, true },
	{ "c", "float64", 3, true }, { "d", "string", 1, true },
	{ "e", "binary", 9, true },  { "f", "bool", 1, true },
	{ "g", "float16", 1, true }, { "h", "int64", 1, true },
	{ "i", "uint8", 700, true }, { "j", "list", 1, true },
};
static const struct config_columns all = { ARRAY_SIZE(columns), columns };

static void set_up(struct one_file *w, const char *compression,
		   const struct config_columns *read, bool check)
{
	struct reader_setup setup = { .format = "parquet",
				      .check = check,
				      .columns = read };
	size_t len;
	uint8_t *bytes = data_file(
		(struct dataset_options){
			.format = "parquet",
			.record_length = 100,
			.samples_per_file = 50,
			.layout.compression = compression,
			.layout.parquet = { .columns = all,
					    .row_group_size = 20 },
		},
		&len);

	one_file_open(w, setup, 4096, bytes, len);
	w->file.crc = NULL;
}

static int read_sample(struct one_file *w, uint64_t sample)
{
	w->file.sample = sample;
	fake_source_forget(w->fake);
	return reader_read(w->r, &w->file, &w->cost);
}

/* One sample of each row group; then the first error there is. */
static int read_all(struct one_file *w)
{
	int rc = read_sample(w, 0);

	if (!rc)
		rc = read_sample(w, 20);
	return rc ? rc : read_sample(w, 49);
}

static const char *const compressions[] = { NULL, "snappy", "gzip", "zstd" };

/* ---- What reaches the file ---- */

static size_t reads(struct one_file *w)
{
	return fake_source_count_of(w->fake, FAKE_READ);
}

Test(reader_parquet, reads_the_footer_once_and_each_row_group_once)
{
	const struct fake_event *e;
	struct one_file w;
	size_t n;

	set_up(&w, NULL, NULL, true);
	cr_assert_eq(read_sample(&w, 0), 0, "%s", reader_fault(w.r));
	cr_expect_eq(reads(&w), 1 + all.n);
	e = fake_source_events(w.fake, &n);
	cr_expect_eq(e[1].offset + e[1].len, w.len, "the end comes first");
	cr_expect_eq(e[1].len, MIN(w.len, 65536));
	/* Columns lie one behind the other, behind the magic. */
	cr_expect_eq(e[2].offset, 4);
	for (size_t i = 3; i < 2 + all.n; i++)
		cr_expect_eq(e[i].offset, e[i - 1].offset + e[i - 1].len);
	cr_expect_gt(w.cost.check_ns, 0);
	cr_expect_geq(w.cost.read_ns, w.cost.check_ns);

	for (uint64_t sample = 1; sample < 20; sample++) {
		cr_assert_eq(read_sample(&w, sample), 0);
		cr_expect_eq(fake_source_count_of(w.fake, FAKE_OPEN), 0);
		cr_expect_eq(w.cost.bytes, 0);
	}
	cr_assert_eq(read_sample(&w, 20), 0);
	cr_expect_eq(reads(&w), all.n);
	cr_assert_eq(read_sample(&w, 41), 0);
	cr_expect_eq(reads(&w), all.n);

	/* Back at the start it is another epoch. */
	cr_assert_eq(read_sample(&w, 41), 0);
	cr_expect_eq(reads(&w), 1 + all.n);
	one_file_close(&w);
}

Test(reader_parquet, leaves_out_the_columns_that_are_not_read)
{
	struct config_column some[] = { { "a", "uint8", 1, false },
					{ "i", "uint8", 700, false },
					{ "none", "uint8", 1, true } };
	struct config_columns read = { ARRAY_SIZE(some), some };
	struct one_file w;

	set_up(&w, NULL, &read, true);
	cr_assert_eq(read_sample(&w, 0), 0);
	cr_expect_eq(reads(&w), 1 + all.n - 2);
	one_file_close(&w);
}

Test(reader_parquet, reads_a_long_footer_in_a_second_read)
{
	static struct config_column many[1000];
	struct config_columns said = { ARRAY_SIZE(many), many };
	struct one_file w;

	set_up(&w, NULL, NULL, true);
	free(w.bytes);
	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		snprintf(many[i].name, sizeof(many[i].name), "column%zu", i);
		memcpy(many[i].dtype, "float32", 8);
		many[i].size = 2;
	}
	w.bytes = data_file(
		(struct dataset_options){
			.format = "parquet",
			.record_length = 1,
			.samples_per_file = 8,
			.layout.parquet = { .columns = said,
					    .row_group_size = 4 },
		},
		&w.len);
	w.file.size = w.len;
	fake_source_put(w.fake, "f", w.bytes, w.len);
	cr_assert_eq(read_sample(&w, 0), 0, "%s", reader_fault(w.r));
	cr_expect_eq(reads(&w), 2 + said.n);
	one_file_close(&w);
}

/* ---- What is wrong ---- */

Test(reader_parquet, reads_every_compression_and_notices_flipped_bits)
{
	for (size_t i = 0; i < ARRAY_SIZE(compressions); i++) {
		unsigned noticed = 0, tried = 0;
		struct one_file w;

		set_up(&w, compressions[i], NULL, true);
		cr_expect_eq(read_all(&w), 0, "%s", reader_fault(w.r));
		/* All before the footer but a few bytes of the headers of
		 * pages, which say nothing. */
		for (size_t at = 60; at < w.len * 9 / 10; at += 997, tried++) {
			w.bytes[at] ^= 1;
			fake_source_put(w.fake, "f", w.bytes, w.len);
			noticed += read_all(&w) == -EBADMSG;
			w.bytes[at] ^= 1;
		}
		cr_expect_geq(noticed, tried * 9 / 10, "%s: %u of %u",
			      compressions[i], noticed, tried);
		one_file_close(&w);
	}
}

Test(reader_parquet, says_in_which_column_a_page_is_damaged)
{
	struct one_file w;

	set_up(&w, NULL, NULL, true);
	w.bytes[80] ^= 1;
	fake_source_put(w.fake, "f", w.bytes, w.len);
	cr_expect_eq(read_sample(&w, 3), -EBADMSG);
	cr_expect_str_eq(
		reader_fault(w.r),
		"f is damaged: a page has not the CRC-32 in its header "
		"(column a, row group 0)");
	w.bytes[80] ^= 1;
	fake_source_put(w.fake, "f", w.bytes, w.len);
	cr_expect_eq(read_sample(&w, 50), -EBADMSG);
	cr_expect_str_eq(reader_fault(w.r), "f has no row of sample 50");
	one_file_close(&w);
}

Test(reader_parquet, notices_cuts)
{
	struct one_file w;

	set_up(&w, NULL, NULL, true);
	w.file.size = READER_ANY_SIZE;
	for (size_t cut = 0; cut < w.len; cut += cut < 50 ? 1 : w.len / 50) {
		fake_source_put(w.fake, "f", w.bytes, cut);
		cr_expect_eq(read_all(&w), -EBADMSG, "cut to %zu", cut);
	}
	one_file_close(&w);
}

/* Without checksums, so that the parsers see it. */
Test(reader_parquet, survives_every_damage)
{
	for (size_t i = 0; i < ARRAY_SIZE(compressions); i += 3) {
		struct one_file w;
		size_t step;

		set_up(&w, compressions[i], NULL, false);
		for (size_t at = 0; at < w.len; at += step) {
			step = at > 200 && at < w.len - 1000 ? 3001 : 7;
			w.bytes[at] ^= 0xff;
			fake_source_put(w.fake, "f", w.bytes, w.len);
			(void)!read_all(&w);
			w.bytes[at] ^= 0xff;
		}
		fake_source_put(w.fake, "f", w.bytes, w.len);
		cr_expect_eq(read_all(&w), 0, "%s", reader_fault(w.r));
		one_file_close(&w);
	}
}

Test(reader_parquet, passes_on_the_error_of_any_call)
{
	struct one_file w;
	size_t n;

	set_up(&w, NULL, NULL, true);
	cr_assert_eq(read_sample(&w, 0), 0);
	n = reads(&w);
	for (unsigned nth = 0; nth < n; nth++) {
		fake_source_fail(w.fake, FAKE_READ, nth, -EIO);
		cr_expect_eq(read_sample(&w, 0), -EIO, "read %u", nth);
		fake_source_fail(w.fake, FAKE_READ, nth, 3);
		cr_expect_eq(read_sample(&w, 0), 0, "read %u: %s", nth,
			     reader_fault(w.r));
	}
	one_file_close(&w);
}
