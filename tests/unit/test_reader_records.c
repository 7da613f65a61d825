/* Readers of the formats that have a record for each sample: which opens, reads
 * and closes they do, and what they notice. */
#include "lib/fake_dataset.h"
#include "train/reader.h"
#include "train/source_posix.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Two files of SAMPLES samples of BYTES. */
#define SAMPLES 5
#define SIDE 100
#define BYTES (SIDE * SIDE)

struct world {
	struct fake_dataset f;
	struct reader *r;
	struct reader_setup setup;
	char name[2][DATASET_MAX_NAME];
};

static void set_up(struct world *w, const char *format,
		   const struct reader_setup *more)
{
	char overrides[256];

	snprintf(overrides, sizeof(overrides),
		 "dataset.format=%s dataset.num_files_train=2 "
		 "dataset.num_samples_per_file=%d "
		 "dataset.record_length_bytes=%d framework=tensorflow "
		 "reader.data_loader=tensorflow",
		 format, SAMPLES, BYTES);
	fake_dataset_open(&w->f, overrides);
	w->setup = *more;
	w->setup.source = fake_source(w->f.source);
	w->setup.format = format;
	w->setup.check = true;
	w->setup.samples = SAMPLES;
	cr_assert_eq(reader_new(&w->setup, &w->r), 0);
	dataset_name(w->f.dataset, 0, w->name[0]);
	dataset_name(w->f.dataset, 1, w->name[1]);
}

static void tear_down(struct world *w)
{
	reader_free(w->r);
	fake_dataset_close(&w->f);
}

static int read_kept(struct world *w, unsigned file, uint64_t sample, bool kept,
		     struct reader_cost *cost)
{
	const struct reader_file f = { .name = w->name[file],
				       .sample = sample,
				       .kept = kept,
				       .size = dataset_size(w->f.dataset,
							    file) };

	return reader_read(w->r, &f, cost);
}

static int read_one(struct world *w, unsigned file, uint64_t sample)
{
	struct reader_cost cost;

	return read_kept(w, file, sample, false, &cost);
}

/* What was done since the last time: "open train/… read 0+4096=4096 close". */
static const char *done(struct world *w)
{
	static char text[4096];
	const struct fake_event *e;
	size_t n, len = 0;

	e = fake_source_events(w->f.source, &n);
	text[0] = '\0';
	for (size_t i = 0; i < n && len < sizeof(text) - 100; i++) {
		const char *dot = strrchr(e[i].name, '/');

		if (i > 0)
			text[len++] = ' ';
		if (e[i].op == FAKE_OPEN)
			len += (size_t)snprintf(text + len, 90, "open %s",
						dot ? dot + 1 : e[i].name);
		else if (e[i].op == FAKE_READ)
			len += (size_t)snprintf(text + len, 90, "%llu+%llu",
						(unsigned long long)e[i].offset,
						(unsigned long long)e[i].len);
		else
			len += (size_t)snprintf(text + len, 90, "close");
	}
	fake_source_forget(w->f.source);
	return text;
}

#define INDEXED "img_0_of_2.indexed_binary"

/* Read by CPython: numbers shorter than a buffer by a whole one. */
Test(reader_records, indexed_reads_both_indexes_and_then_a_sample_at_a_time)
{
	struct world w;
	struct reader_cost cost;

	set_up(&w, "indexed_binary", &(struct reader_setup){ 0 });
	cr_expect(reader_expects(w.r));
	cr_assert_eq(reader_expect(w.r, w.name[0], &cost), 0);
	cr_expect_eq(cost.bytes, 2 * 8 * SAMPLES);
	cr_expect_str_eq(done(&w), "open " INDEXED ".off.idx 0+4096 close "
				   "open " INDEXED ".sz.idx 0+4096 close");
	cr_assert_eq(reader_expect(w.r, w.name[0], &cost), 0);
	cr_expect_str_eq(done(&w), "", "they are read once");

	cr_assert_eq(read_kept(&w, 0, 2, false, &cost), 0, "%s",
		     reader_fault(w.r));
	cr_expect_eq(cost.bytes, BYTES);
	cr_expect_str_eq(done(&w), "open " INDEXED " 20000+10000 close");
	cr_assert_eq(read_one(&w, 0, SAMPLES - 1), 0);
	cr_expect_str_eq(done(&w), "open " INDEXED " 40000+10000 close");
	cr_expect_eq(read_one(&w, 0, SAMPLES), -EBADMSG);
	cr_expect_eq(read_one(&w, 1, 0), 0, "a file nobody expected");
	tear_down(&w);
}

Test(reader_records, indexed_keeps_open_what_it_is_told_to)
{
	struct reader_cost cost;
	struct world w;

	/* TensorFlow's generators: one file. */
	set_up(&w, "indexed_binary", &(struct reader_setup){ .keep_open = 1 });
	cr_assert_eq(reader_expect(w.r, w.name[0], &cost), 0);
	cr_assert_eq(reader_expect(w.r, w.name[1], &cost), 0);
	done(&w);
	cr_assert_eq(read_kept(&w, 0, 0, false, &cost), 0);
	cr_assert_eq(read_kept(&w, 0, 1, true, &cost), 0);
	cr_expect_str_eq(done(&w), "open " INDEXED " 0+10000 10000+10000");
	cr_assert_eq(read_kept(&w, 1, 0, false, &cost), 0);
	cr_expect_eq(fake_source_open_files(w.f.source), 1);
	reader_free(w.r);

	/* PyTorch with read_type memory: all. */
	w.setup.keep_open = 99;
	cr_assert_eq(reader_new(&w.setup, &w.r), 0);
	cr_assert_eq(read_kept(&w, 0, 0, false, &cost), 0);
	cr_assert_eq(read_kept(&w, 1, 0, false, &cost), 0);
	done(&w);
	cr_assert_eq(read_kept(&w, 0, 1, true, &cost), 0);
	cr_assert_eq(read_kept(&w, 1, 1, true, &cost), 0);
	cr_expect_str_eq(done(&w), "10000+10000 10000+10000");
	cr_expect_eq(fake_source_open_files(w.f.source), 2);
	tear_down(&w);
}

/* What an index may say that is not so. */
Test(reader_records, an_index_is_not_believed)
{
	static const struct {
		const char *suffix;
		uint64_t i, number;
		const char *want;
	} cases[] = {
		{ ".off.idx", 1, 50001, "behind its end" },
		{ ".off.idx", 1, 40001, "behind its end" },
		{ ".off.idx", 1, UINT64_MAX, "behind its end" },
		{ ".sz.idx", 1, UINT64_MAX, "behind its end" },
		{ ".sz.idx", 1, 40001, "behind its end" },
		{ ".sz.idx", 1, 9999, "another size" },
	};

	for (int mapped = 0; mapped < 2; mapped++)
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
			char name[DATASET_MAX_NAME + 10];
			uint64_t numbers[SAMPLES];
			const uint8_t *bytes;
			struct world w;
			size_t len;

			set_up(&w,
			       mapped ? "mmap_indexed_binary" :
					"indexed_binary",
			       &(struct reader_setup){ 0 });
			snprintf(name, sizeof(name), "%s%s", w.name[0],
				 cases[i].suffix);
			bytes = fake_source_get(w.f.source, name, &len);
			cr_assert_eq(len, sizeof(numbers));
			memcpy(numbers, bytes, len);
			numbers[cases[i].i] = cases[i].number;
			fake_source_put(w.f.source, name, numbers, len);
			cr_expect_eq(read_one(&w, 0, 0), 0);
			cr_expect_eq(read_one(&w, 0, 1), -EBADMSG);
			cr_expect(strstr(reader_fault(w.r), cases[i].want),
				  "%zu: %s", i, reader_fault(w.r));
			fake_source_put(w.f.source, name, numbers, len - 1);
			reader_free(w.r);
			cr_assert_eq(reader_new(&w.setup, &w.r), 0);
			cr_expect_eq(read_one(&w, 0, 0), -EBADMSG);
			cr_expect(strstr(reader_fault(w.r), "shorter index"),
				  "%s", reader_fault(w.r));
			tear_down(&w);
		}
}

/* ---- mmap_indexed_binary ---- */

/* The files of a dataset in a folder, for what must be mapped. */
static void write_out(struct fake_dataset *f, const char *folder)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/train", folder);
	cr_assert_eq(mkdir(path, 0777), 0);
	for (uint64_t i = 0; i < dataset_objects(f->dataset); i++) {
		char name[DATASET_MAX_NAME];
		const uint8_t *bytes;
		size_t len;

		dataset_name(f->dataset, i, name);
		bytes = fake_source_get(f->source, name, &len);
		snprintf(path, sizeof(path), "%s/%s", folder, name);

		AUTO_FCLOSE FILE *out = fopen(path, "w");

		cr_assert_not_null(out, "%s", path);
		cr_assert_eq(fwrite(bytes, 1, len, out), len);
	}
}

Test(reader_records, mapped_samples_are_touched_only_if_asked)
{
	char folder[] = "/tmp/dliofs-mapped-XXXXXX";

	cr_assert_not_null(mkdtemp(folder));
	for (int touch = 0; touch < 2; touch++) {
		struct reader_cost cost;
		struct source *s;
		struct world w;

		set_up(&w, "mmap_indexed_binary",
		       &(struct reader_setup){ .touch = touch });
		if (!touch)
			write_out(&w.f, folder);
		reader_free(w.r);
		cr_assert_eq(source_posix_new(folder, false, &s), 0);
		w.setup.source = s;
		cr_assert_eq(reader_new(&w.setup, &w.r), 0);
		cr_assert_eq(reader_expect(w.r, w.name[0], &cost), 0, "%s",
			     reader_fault(w.r));
		for (uint64_t i = 0; i < SAMPLES; i++) {
			cr_assert_eq(read_kept(&w, 0, i, false, &cost), 0, "%s",
				     reader_fault(w.r));
			cr_expect_eq(cost.bytes, touch ? BYTES : 0);
		}
		cr_expect_eq(read_one(&w, 0, SAMPLES), -EBADMSG);
		tear_down(&w);
		source_free(s);
	}

	char command[100];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_expect_eq(system(command), 0);
}

/* The fake source has no files to map. */
Test(reader_records, what_cannot_be_mapped_is_read)
{
	struct reader_cost cost;
	struct world w;

	set_up(&w, "mmap_indexed_binary",
	       &(struct reader_setup){ .touch = true });
	cr_assert_eq(reader_expect(w.r, w.name[0], &cost), 0);
	done(&w);
	cr_assert_eq(read_one(&w, 0, 3), 0, "%s", reader_fault(w.r));
	cr_expect_str_eq(done(&w), "open img_0_of_2.mmap_indexed_binary "
				   "30000+10000 close");
	reader_free(w.r);
	w.setup.touch = false;
	cr_assert_eq(reader_new(&w.setup, &w.r), 0);
	cr_assert_eq(reader_expect(w.r, w.name[0], &cost), 0);
	done(&w);
	cr_assert_eq(read_one(&w, 0, 3), 0);
	cr_expect_str_eq(done(&w), "");
	tear_down(&w);
}

/* Linux moves at most 2 GiB at once. */
Test(reader_records, what_is_not_mapped_may_take_several_reads)
{
	struct reader_cost cost;
	struct world w;

	set_up(&w, "mmap_indexed_binary",
	       &(struct reader_setup){ .touch = true });
	fake_source_fail(w.f.source, FAKE_READ, 1, 24);
	cr_assert_eq(reader_expect(w.r, w.name[0], &cost), 0, "%s",
		     reader_fault(w.r));
	done(&w);
	fake_source_fail(w.f.source, FAKE_READ, 0, 4096);
	cr_assert_eq(read_one(&w, 0, 3), 0, "%s", reader_fault(w.r));
	cr_expect_str_eq(done(&w), "open img_0_of_2.mmap_indexed_binary "
				   "30000+10000 34096+5904 close");
	tear_down(&w);
}

/* ---- tfrecord ---- */

#define TFRECORD "img_0_of_2.tfrecord"
#define RECORD (BYTES + 54) /* framed: dlio.md 5.10 */

Test(reader_records, tfrecord_is_read_through_a_buffer)
{
	static const struct {
		uint64_t transfer_size;
		uint64_t samples; /* read one after the other */
		const char *want;
	} cases[] = {
		{ 0, 5, "open " TFRECORD " 0+262144 50270+211874 close" },
		{ 20000, 1, "open " TFRECORD " 0+20000" },
		{ 20000, 2, "open " TFRECORD " 0+20000 20000+20000" },
		{ 20000, 5,
		  "open " TFRECORD
		  " 0+20000 20000+20000 40000+20000 50270+9730 close" },
		/* The end of the file is that of a buffer: one more look. */
		{ RECORD, 5,
		  "open " TFRECORD " 0+10054 10054+10054 20108+10054 "
		  "30162+10054 40216+10054 50270+10054 close" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reader_cost cost;
		struct world w;

		set_up(&w, "tfrecord",
		       &(struct reader_setup){
			       .transfer_size = cases[i].transfer_size });
		cr_expect_not(reader_expects(w.r));
		cr_assert_eq(dataset_size(w.f.dataset, 0), SAMPLES * RECORD);
		for (uint64_t k = 0; k < cases[i].samples; k++) {
			cr_assert_eq(read_kept(&w, 0, k, k > 0, &cost), 0,
				     "%zu: %s", i, reader_fault(w.r));
			cr_expect_eq(cost.bytes, RECORD);
		}
		cr_expect_str_eq(done(&w), cases[i].want, "%zu", i);
		tear_down(&w);
	}
}

Test(reader_records, tfrecord_reads_what_is_between_and_opens_again_to_go_back)
{
	struct reader_cost cost;
	struct world w;

	set_up(&w, "tfrecord",
	       &(struct reader_setup){ .transfer_size = 15000 });
	cr_assert_eq(read_kept(&w, 0, 2, false, &cost), 0);
	cr_expect_eq(cost.bytes, 3 * RECORD);
	cr_expect_str_eq(done(&w),
			 "open " TFRECORD " 0+15000 15000+15000 30000+15000");
	cr_assert_eq(read_one(&w, 0, 0), 0);
	cr_expect_str_eq(done(&w), "close open " TFRECORD " 0+15000");
	cr_assert_eq(read_one(&w, 1, 0), 0);
	cr_assert_eq(read_one(&w, 0, 0), 0);
	cr_expect_eq(fake_source_open_files(w.f.source), 1);
	tear_down(&w);
}

Test(reader_records, tfrecord_notices_a_flipped_bit)
{
	/* The length, its CRC, the record twice, its CRC. */
	static const size_t places[] = { 0, 9, 12, 5000, RECORD - 1 };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		AUTO_FREE uint8_t *copy = malloc(SAMPLES * RECORD);
		struct world w;
		size_t len;

		set_up(&w, "tfrecord", &(struct reader_setup){ 0 });
		memcpy(copy, fake_source_get(w.f.source, w.name[0], &len),
		       SAMPLES * RECORD);
		copy[RECORD + places[i]] ^= 0x10;
		fake_source_put(w.f.source, w.name[0], copy, SAMPLES * RECORD);
		cr_expect_eq(read_one(&w, 0, 0), 0, "%s", reader_fault(w.r));
		cr_expect_eq(read_one(&w, 0, 1), -EBADMSG, "%zu", places[i]);
		cr_expect(strstr(reader_fault(w.r), "damaged"), "%s",
			  reader_fault(w.r));
		tear_down(&w);
	}
}

Test(reader_records, tfrecord_that_ends_early_or_late_is_wrong)
{
	static const struct {
		size_t len;
		const char *want;
	} cases[] = {
		{ RECORD / 2, "ends early" },
		{ 3 * RECORD + 5, "ends early" },
		{ 2 * RECORD, "ends early" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reader_file f = { .size = READER_ANY_SIZE, .sample = 3 };
		AUTO_FREE uint8_t *copy = malloc(SAMPLES * RECORD);
		struct reader_cost cost;
		struct world w;
		size_t len;

		set_up(&w, "tfrecord", &(struct reader_setup){ 0 });
		memcpy(copy, fake_source_get(w.f.source, w.name[0], &len),
		       SAMPLES * RECORD);
		fake_source_put(w.f.source, w.name[0], copy, cases[i].len);
		f.name = w.name[0];
		cr_expect_eq(reader_read(w.r, &f, &cost), -EBADMSG);
		cr_expect(strstr(reader_fault(w.r), cases[i].want), "%s",
			  reader_fault(w.r));
		tear_down(&w);
	}

	struct reader_file f = { .size = READER_ANY_SIZE, .sample = 1 };
	struct reader_cost cost;
	struct world w;

	set_up(&w, "tfrecord", &(struct reader_setup){ 0 });
	reader_free(w.r);
	w.setup.samples = 2;
	cr_assert_eq(reader_new(&w.setup, &w.r), 0);
	f.name = w.name[0];
	cr_expect_eq(reader_read(w.r, &f, &cost), -EBADMSG);
	cr_expect(strstr(reader_fault(w.r), "more records"), "%s",
		  reader_fault(w.r));
	tear_down(&w);
}

/* ---- All of them ---- */

Test(reader_records, pass_on_the_error_of_any_call_and_close_their_files)
{
	static const char *const formats[] = { "tfrecord", "indexed_binary",
					       "mmap_indexed_binary" };

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		for (unsigned after = 0; after < 3; after++)
			for (int op = FAKE_OPEN; op <= FAKE_READ; op++) {
				struct world w;
				int rc = 0;

				set_up(&w, formats[i],
				       &(struct reader_setup){ .touch = true });
				fake_source_fail(w.f.source, (enum fake_op)op,
						 after, -EIO);
				for (uint64_t k = 0; k < SAMPLES && !rc; k++)
					rc = read_one(&w, 0, k);
				if (rc) {
					cr_expect_eq(rc, -EIO, "%s",
						     formats[i]);
					cr_expect(strstr(reader_fault(w.r),
							 w.name[0]),
						  "%s", reader_fault(w.r));
				}
				cr_expect(rc || i == 0, "%s: %d after %u",
					  formats[i], op, after);
				tear_down(&w);
			}
}
