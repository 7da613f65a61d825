#include "backends/fault.h"
#include "backends/mem.h"
#include "backends/record.h"
#include "base/recorder.h"
#include "lib/await.h"
#include "lib/contract.h"

#include <errno.h>

/* A store in memory, slow and failing as planned, recorded. */
static struct backend *open_planned(const struct fault_plan *plan,
				    struct recorder **recorder)
{
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = 64 * MIB };
	struct backend *mem, *slow, *b;

	cr_assert_eq(recorder_new(-1, recorder), 0);
	cr_assert_eq(backend_open(&mem_ops, "mem://x", &options, &mem), 0);
	cr_assert_eq(fault_wrap(mem, plan, &slow), 0);
	cr_assert_eq(record_wrap(slow, *recorder, &b), 0);
	cr_expect_str_eq(b->uri, "mem://x");
	return b;
}

struct want {
	enum rec_op op;
	uint64_t count, errors, bytes;
};

static void expect_figures(const struct recorder *r, const struct want *want,
			   size_t n)
{
	static struct rec_figures f;

	for (size_t i = 0; i < n; i++) {
		const char *name = recorder_op_name(want[i].op);

		recorder_get(r, REC_STORE, want[i].op, &f);
		cr_expect_eq(f.count, want[i].count, "%s: %lu times", name,
			     (unsigned long)f.count);
		cr_expect_eq(f.errors, want[i].errors, "%s: %lu errors", name,
			     (unsigned long)f.errors);
		cr_expect_eq(f.bytes, want[i].bytes, "%s: %lu bytes", name,
			     (unsigned long)f.bytes);
	}
}

static int ignore(void *arg, const char *name, const struct object_info *info)
{
	(void)name;
	(void)info;
	return *(int *)arg;
}

Test(record, counts_every_operation_its_errors_and_bytes)
{
	static const struct want want[] = {
		{ REC_CREATE, 2, 0, 0 },  { REC_WRITE, 3, 0, 1500 },
		{ REC_COMMIT, 1, 0, 0 },  { REC_OPEN, 2, 1, 0 },
		{ REC_READ, 3, 0, 1100 }, { REC_FIRST_BYTE, 0, 0, 0 },
		{ REC_CLOSE, 3, 0, 0 },	  { REC_STAT, 2, 1, 0 },
		{ REC_LIST, 3, 0, 0 },	  { REC_RENAME, 2, 1, 0 },
		{ REC_REMOVE, 2, 1, 0 },  { REC_OTHER, 0, 0, 0 },
	};
	const struct fault_plan none = { .seed = 0 };
	struct recorder *recorder;
	struct backend *b = open_planned(&none, &recorder);
	static char buf[2000];
	struct object_info info;
	struct object *o;
	int results[] = { 0, 42, -EINTR };

	cr_assert_eq(object_create(b, "never", &o), 0);
	cr_expect_eq(object_append(o, buf, 300), 0);
	object_close(o);
	cr_assert_eq(object_create(b, "a", &o), 0);
	cr_expect_eq(object_append(o, buf, 200), 0);
	cr_expect_eq(object_append(o, buf, 1000), 0);
	cr_expect_eq(object_commit(o, 0), 0);
	object_close(o);

	cr_expect_eq(object_open(b, "none", &o), -ENOENT);
	cr_assert_eq(object_open(b, "a", &o), 0);
	cr_expect_eq(object_pread(o, buf, 100, 0), 100);
	cr_expect_eq(object_pread(o, buf, 100, 1100), 100);
	cr_expect_eq(object_pread(o, buf, 2000, 300), 900);
	cr_expect_eq(object_pread(o, buf, 100, 1200), 0); /* no operation */
	object_close(o);

	cr_expect_eq(backend_stat(b, "a", &info), 0);
	cr_expect_eq(backend_stat(b, "none", &info), -ENOENT);
	for (size_t i = 0; i < ARRAY_SIZE(results); i++)
		cr_expect_eq(backend_list(b, "", BACKEND_DEEP, ignore,
					  &results[i]),
			     results[i]);
	cr_expect_eq(backend_rename(b, "none", "b"), -ENOENT);
	cr_expect_eq(backend_rename(b, "a", "b"), 0);
	cr_expect_eq(backend_remove(b, "a"), -ENOENT);
	cr_expect_eq(backend_remove(b, "b"), 0);
	expect_figures(recorder, want, ARRAY_SIZE(want));
	backend_close(b);
	recorder_free(recorder);
}

/* Never less than there was; the machine may be late: whether it was not. */
static bool reports_the_delay(void)
{
	enum { READS = 20 };
	const uint64_t ms = 1000000;
	const struct fault_plan plan = {
		.rule[FAULT_READ] = { .shape = FAULT_FIXED, .a_ns = 2 * ms },
		.rule[FAULT_OPEN] = { .shape = FAULT_FIXED, .a_ns = 50 * ms },
	};
	static struct rec_figures read, first, open, stat;
	struct recorder *recorder;
	struct backend *b = open_planned(&plan, &recorder);
	struct object_info info;
	struct object *o;
	char buf[1000];

	contract_put(b, "a", 1, 100000);
	cr_assert_eq(object_open(b, "a", &o), 0);
	for (uint64_t i = 0; i < READS; i++)
		cr_expect_eq(object_pread(o, buf, 1000, i * 1000), 1000);
	object_close(o);
	cr_expect_eq(backend_stat(b, "a", &info), 0);

	recorder_get(recorder, REC_STORE, REC_READ, &read);
	recorder_get(recorder, REC_STORE, REC_FIRST_BYTE, &first);
	recorder_get(recorder, REC_STORE, REC_OPEN, &open);
	recorder_get(recorder, REC_STORE, REC_STAT, &stat);
	cr_expect_eq(read.count, READS);
	cr_expect_eq(read.bytes, READS * 1000);
	cr_expect_geq(hist_min(&read.latency), 2 * ms);
	cr_expect_eq(first.count, READS);
	cr_expect_geq(hist_min(&first.latency), 2 * ms);
	cr_expect_leq(hist_mean(&first.latency), hist_mean(&read.latency));
	cr_expect_geq(hist_min(&open.latency), 50 * ms);
	backend_close(b);
	recorder_free(recorder);
	return hist_percentile(&read.latency, 0.5) < 4 * ms &&
	       hist_min(&stat.latency) < 50 * ms;
}

Test(record, reports_the_delay_that_there_was)
{
	cr_expect(AWAIT(reports_the_delay()));
}

Test(record, does_not_count_what_was_not_at_hand)
{
	const struct fault_plan plan = {
		.rule[FAULT_READ] = { .error = -EIO, .error_every = 3 },
	};
	static const struct want want[] = { { REC_READ, 6, 2, 400 } };
	struct recorder *recorder;
	struct backend *b = open_planned(&plan, &recorder);
	char buf[100];
	struct object_read rd = { .buf = buf, .len = sizeof(buf) };
	struct object *o;

	contract_put(b, "a", 1, 1000);
	cr_assert_eq(object_open(b, "a", &o), 0);
	for (int i = 1; i <= 6; i++) {
		rd.flags = OBJECT_READ_NOWAIT;
		cr_expect_eq(object_read(o, &rd), -EAGAIN);
		rd.flags = 0;
		cr_expect_eq(object_read(o, &rd), i % 3 ? 100 : -EIO);
	}
	object_close(o);
	expect_figures(recorder, want, ARRAY_SIZE(want));
	backend_close(b);
	recorder_free(recorder);
}

Test(record, counts_what_was_at_hand)
{
	const struct fault_plan none = { .seed = 0 };
	static const struct want want[] = { { REC_READ, 1, 0, 100 } };
	struct recorder *recorder;
	struct backend *b = open_planned(&none, &recorder);
	char buf[100];
	struct object_read rd = { .buf = buf,
				  .len = sizeof(buf),
				  .flags = OBJECT_READ_NOWAIT };
	struct object *o;

	contract_put(b, "a", 1, 1000);
	cr_assert_eq(object_open(b, "a", &o), 0);
	cr_expect_eq(object_read(o, &rd), 100);
	object_close(o);
	expect_figures(recorder, want, ARRAY_SIZE(want));
	backend_close(b);
	recorder_free(recorder);
}

Test(record, works_without_a_recorder)
{
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = MIB };
	struct backend *mem, *b;

	cr_assert_eq(backend_open(&mem_ops, "mem://x", &options, &mem), 0);
	cr_assert_eq(record_wrap(mem, NULL, &b), 0);
	contract_put(b, "a", 1, 1000);
	contract_expect(b, "a", 1, 1000);
	backend_close(b);
}
