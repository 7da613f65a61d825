#include "train/source_record.h"

#include "base/recorder.h"
#include "lib/fake_source.h"

#include <criterion/criterion.h>
#include <errno.h>

struct world {
	struct fake_source *fake;
	struct source *s;
	struct recorder *recorder;
};

static struct world new_world(void)
{
	struct world w = { .fake = fake_source_new(512) };

	cr_assert_eq(recorder_new(-1, &w.recorder), 0);
	cr_assert_eq(source_record_new(fake_source(w.fake), w.recorder, &w.s),
		     0);
	return w;
}

static void free_world(struct world *w)
{
	source_free(w->s);
	source_free(fake_source(w->fake));
	recorder_free(w->recorder);
}

static void expect(const struct world *w, enum rec_op op, uint64_t count,
		   uint64_t errors, uint64_t bytes)
{
	static struct rec_figures f;

	recorder_get(w->recorder, REC_APP, op, &f);
	cr_expect_eq(f.count, count, "%s", recorder_op_name(op));
	cr_expect_eq(f.errors, errors, "%s", recorder_op_name(op));
	cr_expect_eq(f.bytes, bytes, "%s", recorder_op_name(op));
}

Test(source_record, records_each_operation_of_reading)
{
	struct world w = new_world();
	struct source_file *f;
	char buf[8];

	fake_source_put(w.fake, "a", "0123456789", 10);
	cr_expect_eq(source_open(w.s, "none", 0, &f), -ENOENT);
	cr_assert_eq(source_open(w.s, "a", 0, &f), 0);
	cr_expect_eq(f->size, 10);
	cr_expect_eq(f->blksize, 512);
	cr_expect_eq(source_read(f, buf, 8, 4), 6);
	cr_expect_eq(source_read(f, buf, 8, 0), 8);
	fake_source_fail(w.fake, FAKE_READ, 0, -EIO);
	cr_expect_eq(source_read(f, buf, 8, 0), -EIO);
	source_close(f);

	expect(&w, REC_OPEN, 2, 1, 0);
	expect(&w, REC_READ, 3, 1, 14);
	expect(&w, REC_CLOSE, 1, 0, 0);
	cr_expect_eq(fake_source_open_files(w.fake), 0);
	free_world(&w);
}

Test(source_record, records_each_operation_of_writing)
{
	struct world w = new_world();
	struct source_file *f;
	uint64_t n;

	cr_assert_eq(source_create(w.s, "a", &f), 0);
	cr_expect_eq(source_append(f, "abc", 3), 0);
	cr_expect_eq(source_commit(f, SOURCE_DURABLE), 0);
	source_close(f);
	cr_expect_eq(source_count(w.s, "", &n), 0);
	cr_expect_eq(source_drop(w.s, "a"), 0);

	expect(&w, REC_CREATE, 1, 0, 0);
	expect(&w, REC_WRITE, 1, 0, 3);
	expect(&w, REC_COMMIT, 1, 0, 0);
	expect(&w, REC_CLOSE, 1, 0, 0);
	expect(&w, REC_LIST, 1, 0, 0);
	expect(&w, REC_OTHER, 0, 0, 0);
	free_world(&w);
}

Test(source_record, records_the_time_the_operation_took)
{
	static struct rec_figures figures;
	struct world w = new_world();
	struct source_file *f;
	char c;

	fake_source_put(w.fake, "a", "x", 1);
	fake_source_delay(w.fake, 3000000);
	cr_assert_eq(source_open(w.s, "a", 0, &f), 0);
	source_read(f, &c, 1, 0);
	source_close(f);
	recorder_get(w.recorder, REC_APP, REC_READ, &figures);
	cr_expect_geq(hist_max(&figures.latency), 3000000);
	cr_expect_leq(hist_max(&figures.latency), 300000000);
	free_world(&w);
}
