#include "backends/fault.h"
#include "backends/mem.h"
#include "base/clock.h"
#include "lib/await.h"
#include "lib/contract.h"

#include <errno.h>
#include <string.h>

static struct backend *open_inner(void)
{
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = 64 * MIB };
	struct backend *b;

	cr_assert_eq(backend_open(&mem_ops, "mem://x", &options, &b), 0);
	return b;
}

static struct backend *open_planned(const struct fault_plan *plan)
{
	struct backend *b;

	cr_assert_eq(fault_wrap(open_inner(), plan, &b), 0);
	return b;
}

static int ignore(void *arg, const char *name, const struct object_info *info)
{
	(void)arg;
	(void)name;
	(void)info;
	return 0;
}

/* One operation of that kind, on a store that has "a". */
static int do_one(struct backend *b, enum fault_op op)
{
	struct object_info info;
	struct object *o = NULL;
	char c = 'c';
	int rc = 0;

	switch (op) {
	case FAULT_LIST:
		return backend_list(b, "", BACKEND_DEEP, ignore, NULL);
	case FAULT_STAT:
		return backend_stat(b, "a", &info);
	case FAULT_REMOVE:
		rc = backend_remove(b, "a");
		if (rc == 0)
			contract_put(b, "a", 1, 100);
		return rc;
	case FAULT_RENAME:
		return backend_rename(b, "a", "a");
	case FAULT_OPEN:
		rc = object_open(b, "a", &o);
		break;
	case FAULT_READ:
		cr_assert_eq(object_open(b, "a", &o), 0);
		rc = object_pread(o, &c, 1, 0) == 1 ? 0 : -EIO;
		break;
	case FAULT_CREATE:
		rc = object_create(b, "b", &o);
		break;
	case FAULT_APPEND:
		cr_assert_eq(object_create(b, "b", &o), 0);
		rc = object_append(o, &c, 1);
		break;
	case FAULT_COMMIT:
		cr_assert_eq(object_create(b, "a", &o), 0);
		rc = object_commit(o, 0);
		break;
	case FAULT_OPS:
		break;
	}
	object_close(o);
	return rc;
}

Test(fault, fails_every_nth_operation_of_its_kind)
{
	static const struct {
		uint64_t every, limit;
		const char *want; /* of nine: "x" fails */
	} cases[] = {
		{ 1, 0, "xxxxxxxxx" }, { 0, 0, "xxxxxxxxx" },
		{ 3, 0, "..x..x..x" }, { 3, 2, "..x..x..." },
		{ 2, 1, ".x......." }, { 1, 2, "xx......." },
	};

	for (enum fault_op op = 0; op < FAULT_OPS; op++)
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
			struct fault_plan plan = { .seed = 1 };
			char got[10] = "";
			struct backend *inner = open_inner(), *b;

			contract_put(inner, "a", 1, 100);
			plan.rule[op].error = -EIO;
			plan.rule[op].error_every = cases[i].every;
			plan.rule[op].error_limit = cases[i].limit;
			cr_assert_eq(fault_wrap(inner, &plan, &b), 0);
			for (int n = 0; n < 9; n++) {
				int rc = do_one(b, op);

				cr_expect(rc == 0 || rc == -EIO, "%d", rc);
				got[n] = rc ? 'x' : '.';
			}
			cr_expect_str_eq(got, cases[i].want, "op %d case %zu",
					 (int)op, i);
			backend_close(b);
		}
}

Test(fault, keeps_what_fails_from_the_store)
{
	struct fault_plan plan = {
		.rule[FAULT_COMMIT] = { .error = -ENOSPC },
		.rule[FAULT_REMOVE] = { .error = -EACCES },
	};
	struct backend *inner = open_inner(), *b;
	AUTO_FREE char *names = NULL;
	struct object *o;

	contract_put(inner, "a", 1, 100);
	cr_assert_eq(fault_wrap(inner, &plan, &b), 0);
	cr_expect_eq(backend_remove(b, "a"), -EACCES);
	cr_assert_eq(object_create(b, "b", &o), 0);
	cr_expect_eq(object_append(o, "x", 1), 0);
	cr_expect_eq(object_commit(o, 0), -ENOSPC);
	cr_expect_eq(object_append(o, "x", 1), -EBADF);
	object_close(o);
	names = contract_names(b, "", BACKEND_DEEP);
	cr_expect_str_eq(names, "a");
	backend_close(b);
}

static uint64_t time_of(struct backend *b, enum fault_op op)
{
	uint64_t start = clock_ns();

	cr_expect_eq(do_one(b, op), 0);
	return clock_ns() - start;
}

Test(fault, delays_only_what_is_planned)
{
	const uint64_t delay = 20 * 1000000;

	for (enum fault_op op = 0; op < FAULT_OPS; op++) {
		struct fault_plan plan = { .seed = 1 };
		struct backend *inner = open_inner(), *b;

		contract_put(inner, "a", 1, 100);
		plan.rule[op].shape = FAULT_FIXED;
		plan.rule[op].a_ns = delay;
		cr_assert_eq(fault_wrap(inner, &plan, &b), 0);
		cr_expect_geq(time_of(b, op), delay, "op %d", (int)op);
		cr_expect(AWAIT(time_of(b, op == FAULT_STAT ?
						   FAULT_LIST :
						   FAULT_STAT) < delay),
			  "op %d", (int)op);
		backend_close(b);
	}
}

enum { DRAWS = 40 };

static void draw_many(const struct fault_plan *plan, uint64_t out[DRAWS])
{
	struct backend *inner = open_inner(), *b;

	contract_put(inner, "a", 1, 100);
	cr_assert_eq(fault_wrap(inner, plan, &b), 0);
	for (int i = 0; i < DRAWS; i++)
		out[i] = time_of(b, FAULT_STAT);
	backend_close(b);
}

static uint64_t mean_of(const uint64_t values[DRAWS])
{
	uint64_t sum = 0;

	for (int i = 0; i < DRAWS; i++)
		sum += values[i];
	return sum / DRAWS;
}

/* The machine may be late, though not always by much, but not early: what a
 * test wants of the delays is true of one of several tries. */

#define UNIT ((uint64_t)5000000)

static bool is_uniform(const struct fault_plan *plan)
{
	uint64_t values[DRAWS];

	draw_many(plan, values);
	for (int i = 0; i < DRAWS; i++)
		cr_expect_geq(values[i], 2 * UNIT);
	cr_expect_geq(mean_of(values), 3 * UNIT);
	return mean_of(values) < 7 * UNIT;
}

static bool is_exponential(const struct fault_plan *plan)
{
	uint64_t values[DRAWS];
	unsigned below_mean = 0;

	draw_many(plan, values);
	for (int i = 0; i < DRAWS; i++)
		below_mean += values[i] < 4 * UNIT;
	cr_expect_leq(below_mean, 35);
	cr_expect_geq(mean_of(values), 2 * UNIT);
	/* 1 - 1/e of them, 25 of 40. */
	return below_mean >= 15 && mean_of(values) < 9 * UNIT;
}

Test(fault, draws_delays_from_their_distribution)
{
	static const struct fault_plan uniform = {
		.seed = 3,
		.rule[FAULT_STAT] = { FAULT_UNIFORM, 2 * UNIT, 6 * UNIT, 0, 0,
				      0 },
	};
	static const struct fault_plan exponential = {
		.seed = 3,
		.rule[FAULT_STAT] = { FAULT_EXPONENTIAL, 4 * UNIT, 0, 0, 0, 0 },
	};

	cr_expect(AWAIT(is_uniform(&uniform)));
	cr_expect(AWAIT(is_exponential(&exponential)));
}

/* How many of the delays that two seeds give are the same, or so. */
static unsigned alike(uint64_t seed, uint64_t other)
{
	const uint64_t ms = 1000000;
	struct fault_plan plan = {
		.rule[FAULT_STAT] = { FAULT_UNIFORM, 0, 20 * ms, 0, 0, 0 },
	};
	uint64_t a[DRAWS], b[DRAWS];
	unsigned n = 0;

	plan.seed = seed;
	draw_many(&plan, a);
	plan.seed = other;
	draw_many(&plan, b);
	for (int i = 0; i < DRAWS; i++)
		n += llabs((int64_t)(a[i] - b[i])) < (int64_t)(2 * ms);
	return n;
}

Test(fault, is_the_same_for_the_same_seed)
{
	cr_expect(AWAIT(alike(1, 1) >= DRAWS * 3 / 4));
	cr_expect(AWAIT(alike(1, 2) <= DRAWS / 2));
}

/* ---- Bandwidth ---------------------------------------------------------- */

static void *read_all(void *object)
{
	static _Thread_local char buf[100000];

	for (uint64_t done = 0; done < 500000; done += sizeof(buf))
		cr_assert_eq(object_pread(object, buf, sizeof(buf), done),
			     (ssize_t)sizeof(buf));
	return NULL;
}

Test(fault, shares_its_bandwidth)
{
	/* 500 kB twice and a write of 500 kB: 1.5 MB at 10 MB/s. */
	const struct fault_plan plan = { .bytes_per_sec = 10000000 };
	struct backend *b = open_planned(&plan);
	uint64_t start = clock_ns(), took;
	pthread_t thread[2];
	struct object *o;

	contract_put(b, "a", 1, 500000);
	cr_assert_eq(object_open(b, "a", &o), 0);
	for (int i = 0; i < 2; i++)
		cr_assert_eq(pthread_create(&thread[i], NULL, read_all, o), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	took = clock_ns() - start;
	cr_expect_geq(took, 149000000);
	cr_expect_lt(took, 30 * NS_PER_SEC);
	object_close(o);
	backend_close(b);
}

/* ---- NOWAIT ------------------------------------------------------------- */

Test(fault, does_not_answer_at_once_what_takes_time)
{
	static const struct {
		const char *what;
		struct fault_plan plan;
		ssize_t want;
	} cases[] = {
		{ "nothing", { .seed = 1 }, 10 },
		{ "a delay of something else",
		  { .rule[FAULT_STAT] = { .shape = FAULT_FIXED } },
		  10 },
		{ "a delay",
		  { .rule[FAULT_READ] = { .shape = FAULT_FIXED, .a_ns = 1 } },
		  -EAGAIN },
		{ "an error",
		  { .rule[FAULT_READ] = { .error = -EIO, .error_every = 9 } },
		  -EAGAIN },
		{ "a bandwidth", { .bytes_per_sec = 1 << 30 }, -EAGAIN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct backend *b = open_planned(&cases[i].plan);
		char buf[10];
		struct object_read rd = { .buf = buf,
					  .len = 10,
					  .flags = OBJECT_READ_NOWAIT };
		struct object *o;

		contract_put(b, "a", 1, 100);
		cr_assert_eq(object_open(b, "a", &o), 0);
		cr_expect_eq(object_read(o, &rd), cases[i].want, "%s",
			     cases[i].what);
		rd.flags = 0;
		cr_expect_eq(object_read(o, &rd), 10, "%s", cases[i].what);
		object_close(o);
		backend_close(b);
	}
}

Test(fault, is_not_local_if_opening_takes_time)
{
	struct fault_plan plan = { .seed = 1 };
	struct backend *b = open_planned(&plan);

	cr_expect(b->local);
	backend_close(b);
	plan.rule[FAULT_OPEN].shape = FAULT_FIXED;
	b = open_planned(&plan);
	cr_expect_not(b->local);
	backend_close(b);
}

Test(fault, refuses_plans_that_make_no_sense)
{
	static const struct fault_plan plans[] = {
		{ .rule[FAULT_READ] = { .error = EIO } },
		{ .rule[FAULT_OPEN] = { FAULT_UNIFORM, 2, 1, 0, 0, 0 } },
	};
	struct backend *inner = open_inner(), *b;

	for (size_t i = 0; i < ARRAY_SIZE(plans); i++)
		cr_expect_eq(fault_wrap(inner, &plans[i], &b), -EINVAL);
	backend_close(inner);
}
