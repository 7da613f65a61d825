#include "lib/remote_faults.h"

#include "lib/fault_proxy.h"
#include "base/clock.h"
#include "base/recorder.h"

#include <errno.h>
#include <string.h>

#define ATTEMPTS 3
#define DEADLINE_MS 10000
#define STALL_MS 4000 /* longer than a store waits below */
#define SMALL 300000
#define PART (5 * MIB) /* the least that S3 takes */
#define LARGE (2 * PART + 12345)

/* A store through the proxy, and the same without it. */
struct faulty {
	const struct remote_words *words;
	void *state;
	struct server *server; /* the state's */
	struct fault_proxy *proxy;
	struct recorder *recorder;
	char endpoint[256];
	struct backend *direct, *through;
};

static void set_up(struct faulty *f, const struct remote_words *w)
{
	struct server *server = servers_find(w->server, w->ops);
	struct fault_proxy_options po = { .to = server->url, .forget = true };
	struct remote_options o = servers_options(server, false);

	*f = (struct faulty){ .words = w, .server = server };
	cr_assert_eq(fault_proxy_new(&po, &f->proxy), 0);
	cr_assert_eq(recorder_new(-1, &f->recorder), 0);
	snprintf(f->endpoint, sizeof(f->endpoint), "%s%s",
		 fault_server_url(fault_proxy_server(f->proxy)), w->account);
	o.endpoint = f->endpoint;
	o.connect_ms = 1000;
	o.first_byte_ms = 2500;
	o.stall_ms = 1500;
	o.attempts = ATTEMPTS;
	o.deadline_ms = DEADLINE_MS;
	o.part_bytes = PART;
	o.recorder = f->recorder;
	f->direct = servers_store(server, false, &f->state);
	f->through = servers_again(f->state, &o);
}

static void tear_down(struct faulty *f)
{
	cr_assert_eq(fault_proxy_plan(f->proxy, NULL), 0);
	backend_close(f->through);
	cr_expect_eq(recorder_counter(f->recorder, REC_LIMIT), 0,
		     "calls may still be made by a store that is closed");
	backend_close(f->direct);
	fault_proxy_free(f->proxy);
	recorder_free(f->recorder);
	servers_drop(f->state);
}

/* ---- What is done, and what may come of it ------------------------------ */

/* 0: the bytes are right.  Wrong ones end the test. */
static int read_it(struct backend *b, const char *name, unsigned seed,
		   uint64_t size)
{
	AUTO_FREE char *got = malloc(size + 1), *want = malloc(size + 1);
	struct object *o;
	ssize_t n;
	int rc = object_open_sized(b, name, &size, &o);

	if (rc)
		return rc;
	n = object_pread(o, got, size, 0);
	object_close(o);
	if (n < 0)
		return (int)n;
	contract_fill(want, size, seed, 0);
	cr_assert_eq(n, (ssize_t)size, "%s: %zd bytes", name, n);
	cr_assert_eq(memcmp(got, want, size), 0, "%s: other bytes", name);
	return 0;
}

static int write_it(struct backend *b, const char *name, unsigned seed,
		    uint64_t size)
{
	AUTO_FREE char *bytes = malloc(size);
	struct object *o;
	int rc;

	contract_fill(bytes, size, seed, 0);
	rc = object_create(b, name, &o);
	if (rc)
		return rc;
	rc = object_append(o, bytes, size);
	if (rc == 0)
		rc = object_commit(o, 0);
	object_close(o);
	return rc;
}

static int count_it(void *arg, const char *name, const struct object_info *info)
{
	unsigned *n = arg;

	(void)name;
	(void)info;
	*n += 1;
	return 0;
}

/* A listing that says 0 is whole. */
static int list_it(struct backend *b, unsigned objects)
{
	unsigned n = 0;
	int rc = backend_list(b, "", BACKEND_DEEP, count_it, &n);

	if (rc == 0)
		cr_assert_eq(n, objects, "%u of %u objects", n, objects);
	return rc;
}

/* A kind of fault, what comes of it, and how often the request was sent: once
 * more if a kept connection was closed, which the library takes for one that it
 * used too late.  0: that is a matter of luck. */
struct row {
	const char *kind;
	int rc;
	unsigned sent;
	unsigned ms;
};

/* Do it while the plan says what breaks; what comes of it is the row's, and in
 * time. */
static void expect_row(struct faulty *f, const struct row *row,
		       struct fault_plan plan, int (*act)(struct faulty *f))
{
	uint64_t begin = clock_ns();
	unsigned sent;
	double seconds;
	int rc;

	plan.kinds = row->kind;
	plan.ms = row->ms;
	cr_assert_eq(fault_proxy_plan(f->proxy, &plan), 0);
	rc = act(f);
	seconds = (double)(clock_ns() - begin) / 1e9;
	cr_expect_eq(rc, row->rc, "%s: %d", row->kind, rc);
	sent = fault_proxy_fitted(f->proxy);
	cr_expect(!row->sent || sent == row->sent ||
			  (!strcmp(row->kind, "close") &&
			   sent == row->sent + 1),
		  "%s: sent %u", row->kind, sent);
	cr_expect_gt(fault_proxy_broken(f->proxy), 0, "%s", row->kind);
	cr_expect_lt(seconds, DEADLINE_MS / 1000 + 2, "%s: %.1f s", row->kind,
		     seconds);
	cr_assert_eq(fault_proxy_plan(f->proxy, NULL), 0);
}

static void expect_rows(struct faulty *f, const struct row *rows, size_t n,
			const struct fault_plan *plan,
			int (*act)(struct faulty *f))
{
	for (size_t i = 0; i < n; i++)
		expect_row(f, &rows[i], *plan, act);
}

/* ---- Reading ------------------------------------------------------------ */

static int act_read(struct faulty *f)
{
	return read_it(f->through, "read", 1, SMALL);
}

void remote_faults_one_broken_read_is_right_in_the_end(
	const struct remote_words *w)
{
	static const struct row rows[] = {
		{ "500", 0, 2, 0 },	      { "503", 0, 2, 0 },
		{ "expired", 0, 2, 0 },	      { "close", 0, 2, 0 },
		{ "reset", 0, 2, 0 },	      { "lose", 0, 2, 0 },
		{ "reset-headers", 0, 2, 0 }, { "reset-body", 0, 2, 0 },
		{ "short", 0, 2, 0 },	      { "cut", 0, 2, 0 },
		{ "stall", 0, 2, STALL_MS },  { "stall-body", 0, 2, STALL_MS },
	};
	const struct fault_plan plan = { .method = "GET", .times = 1 };
	struct faulty f;

	set_up(&f, w);
	contract_put(f.direct, "read", 1, SMALL);
	expect_rows(&f, rows, ARRAY_SIZE(rows), &plan, act_read);
	tear_down(&f);
}

void remote_faults_reads_that_stay_broken_have_an_errno(
	const struct remote_words *w)
{
	static const struct row rows[] = {
		{ "500", -EIO, ATTEMPTS, 0 },
		{ "503", -EBUSY, ATTEMPTS, 0 },
		{ "expired", -EACCES, 2, 0 },
		{ "close", -ECONNRESET, ATTEMPTS, 0 },
		{ "reset", -ECONNRESET, ATTEMPTS, 0 },
		{ "reset-body", -ECONNRESET, ATTEMPTS, 0 },
		{ "short", -ECONNRESET, ATTEMPTS, 0 },
		{ "stall", -ETIMEDOUT, ATTEMPTS, STALL_MS },
		{ "stall-body", -ETIMEDOUT, ATTEMPTS, STALL_MS },
		{ "drip", -ETIMEDOUT, ATTEMPTS, 1000 },
	};
	const struct fault_plan plan = { .method = "GET" };
	struct faulty f;

	set_up(&f, w);
	contract_put(f.direct, "read", 1, SMALL);
	expect_rows(&f, rows, ARRAY_SIZE(rows), &plan, act_read);
	cr_expect_eq(act_read(&f), 0);
	tear_down(&f);
}

/* Whole as HTTP goes, and yet not what was asked for: no data, but an error. */
void remote_faults_wrong_answers_are_no_data(const struct remote_words *w)
{
	static const char *const kinds[] = { "document", "truncate" };
	struct faulty f;

	set_up(&f, w);
	contract_put(f.direct, "read", 1, SMALL);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct fault_plan plan = { .kinds = kinds[i],
						 .method = "GET" };

		cr_assert_eq(fault_proxy_plan(f.proxy, &plan), 0);
		cr_expect_lt(act_read(&f), 0, "%s", kinds[i]);
		cr_expect_lt(list_it(f.through, 1), 0, "%s", kinds[i]);
	}
	tear_down(&f);
}

/* Of a server that does not care for If-Match. */
void remote_faults_another_etag_is_estale(const struct remote_words *w)
{
	const struct fault_plan plan = { .kinds = "etag", .method = "GET" };
	struct object *o;
	struct faulty f;
	char c;

	set_up(&f, w);
	contract_put(f.direct, "read", 1, SMALL);
	cr_assert_eq(object_open(f.through, "read", &o), 0);
	cr_expect_eq(object_pread(o, &c, 1, 0), 1);
	cr_assert_eq(fault_proxy_plan(f.proxy, &plan), 0);
	cr_expect_eq(object_pread(o, &c, 1, 1), -ESTALE);
	object_close(o);
	tear_down(&f);
}

/* ---- Writing at once ---------------------------------------------------- */

static int act_put(struct faulty *f)
{
	int rc = write_it(f->through, "put", 2, SMALL);

	if (rc == 0)
		contract_expect(f->direct, "put", 2, SMALL);
	(void)!backend_remove(f->direct, "put");
	return rc;
}

void remote_faults_one_broken_put_is_right_in_the_end(
	const struct remote_words *w)
{
	static const struct row rows[] = {
		{ "500", 0, 2, 0 },	     { "503", 0, 2, 0 },
		{ "expired", 0, 2, 0 },	     { "close", 0, 2, 0 },
		{ "reset", 0, 2, 0 },	     { "lose", 0, 2, 0 },
		{ "stall", 0, 2, STALL_MS }, { "corrupt", 0, 2, 0 },
	};
	const struct fault_plan plan = { .method = "PUT", .times = 1 };
	struct faulty f;

	set_up(&f, w);
	expect_rows(&f, rows, ARRAY_SIZE(rows), &plan, act_put);
	tear_down(&f);
}

/* Nothing, or all of it: it may have been done. */
static int act_put_in_vain(struct faulty *f)
{
	int rc = write_it(f->through, "put", 2, SMALL);
	int there = read_it(f->direct, "put", 2, SMALL);

	cr_expect(there == 0 || there == -ENOENT, "it is there: %d", there);
	if (there == 0)
		cr_expect_eq(backend_remove(f->direct, "put"), 0);
	return rc;
}

void remote_faults_puts_that_stay_broken_leave_nothing(
	const struct remote_words *w)
{
	static const struct row rows[] = {
		{ "500", -EIO, ATTEMPTS, 0 },
		{ "503", -EBUSY, ATTEMPTS, 0 },
		{ "expired", -EACCES, 2, 0 },
		{ "close", -ECONNRESET, ATTEMPTS, 0 },
		{ "reset", -ECONNRESET, ATTEMPTS, 0 },
		{ "lose", -ECONNRESET, ATTEMPTS, 0 },
		{ "stall", -ETIMEDOUT, ATTEMPTS, STALL_MS },
		{ "corrupt", -EIO, ATTEMPTS, 0 },
	};
	const struct fault_plan plan = { .method = "PUT" };
	struct faulty f;

	set_up(&f, w);
	expect_rows(&f, rows, ARRAY_SIZE(rows), &plan, act_put_in_vain);
	tear_down(&f);
}

/* ---- Writing in parts --------------------------------------------------- */

static void expect_nothing_pending(struct faulty *f)
{
	AUTO_FREE char *pending = NULL;

	if (f->words->keeps_parts)
		return;
	pending = servers_ask(f->state, "pending");

	cr_expect_str_eq(pending, "", "left: %s", pending);
}

static int act_large(struct faulty *f)
{
	int rc = write_it(f->through, "large", 3, LARGE);

	if (rc == 0) {
		contract_expect(f->direct, "large", 3, LARGE);
		cr_expect_eq(backend_remove(f->direct, "large"), 0);
	}
	return rc;
}

/* There are three parts: one more is sent. */
void remote_faults_one_broken_part_is_right_in_the_end(
	const struct remote_words *w)
{
	static const struct row rows[] = {
		{ "500", 0, 4, 0 },	     { "503", 0, 4, 0 },
		{ "reset", 0, 4, 0 },	     { "lose", 0, 4, 0 },
		{ "stall", 0, 4, STALL_MS }, { "corrupt", 0, 4, 0 },
	};
	const struct fault_plan plan = { .method = "PUT",
					 .target = w->part,
					 .times = 1 };
	struct faulty f;

	set_up(&f, w);
	expect_rows(&f, rows, ARRAY_SIZE(rows), &plan, act_large);
	expect_nothing_pending(&f);
	tear_down(&f);
}

void remote_faults_one_broken_end_is_right_in_the_end(
	const struct remote_words *w)
{
	static const struct row rows[] = {
		{ "500", 0, 2, 0 },
		{ "503", 0, 2, 0 },
		{ "reset", 0, 2, 0 },
		{ "lose", 0, 2, 0 },
	};
	const struct fault_plan plan = { .method = w->complete_method,
					 .target = w->complete,
					 .times = 1 };
	struct faulty f;

	set_up(&f, w);
	expect_rows(&f, rows, ARRAY_SIZE(rows), &plan, act_large);
	expect_nothing_pending(&f);
	tear_down(&f);
}

/* Where the answer is a document, which may be half, or say that nothing was
 * done. */
void remote_faults_an_end_that_is_unclear_is_asked_for_again(
	const struct remote_words *w)
{
	static const struct row rows[] = {
		{ "document", 0, 2, 0 },
		{ "reset-headers", 0, 2, 0 },
		{ "short", 0, 2, 0 },
		{ "truncate", 0, 2, 0 },
	};
	const struct fault_plan plan = { .method = w->complete_method,
					 .target = w->complete,
					 .times = 1 };
	struct faulty f;

	set_up(&f, w);
	if (w->end_is_document)
		expect_rows(&f, rows, ARRAY_SIZE(rows), &plan, act_large);
	expect_nothing_pending(&f);
	tear_down(&f);
}

static int act_large_in_vain(struct faulty *f)
{
	int rc = write_it(f->through, "large", 3, LARGE);

	cr_expect_eq(list_it(f->direct, 0), 0);
	expect_nothing_pending(f);
	return rc;
}

/* The three are sent at a time, and the first to fail ends it: how often
 * others were sent is a matter of luck. */
void remote_faults_parts_that_stay_broken_leave_nothing(
	const struct remote_words *w)
{
	static const struct row rows[] = {
		{ "500", -EIO, 0, 0 },	       { "503", -EBUSY, 0, 0 },
		{ "expired", -EACCES, 0, 0 },  { "reset", -ECONNRESET, 0, 0 },
		{ "lose", -ECONNRESET, 0, 0 }, { "corrupt", -EIO, 0, 0 },
	};
	const struct fault_plan plan = { .method = "PUT", .target = w->part };
	struct faulty f;

	set_up(&f, w);
	expect_rows(&f, rows, ARRAY_SIZE(rows), &plan, act_large_in_vain);
	tear_down(&f);
}

/* ---- Listing and asking ------------------------------------------------- */

#define OBJECTS 20

static void put_objects(struct faulty *f)
{
	char name[32];

	for (unsigned i = 0; i < OBJECTS; i++) {
		snprintf(name, sizeof(name), "d%u/object %u", i % 3, i);
		contract_put(f->direct, name, i, 100 + i);
	}
}

static int act_list(struct faulty *f)
{
	return list_it(f->through, OBJECTS);
}

void remote_faults_one_broken_page_is_right_in_the_end(
	const struct remote_words *w)
{
	static const struct row rows[] = {
		{ "500", 0, 2, 0 },	   { "503", 0, 2, 0 },
		{ "expired", 0, 2, 0 },	   { "document", 0, 2, 0 },
		{ "close", 0, 2, 0 },	   { "reset", 0, 2, 0 },
		{ "reset-body", 0, 2, 0 }, { "short", 0, 2, 0 },
		{ "truncate", 0, 2, 0 },   { "stall-body", 0, 2, STALL_MS },
	};
	const struct fault_plan plan = { .method = "GET",
					 .target = w->list,
					 .times = 1 };
	struct faulty f;

	set_up(&f, w);
	put_objects(&f);
	expect_rows(&f, rows, ARRAY_SIZE(rows), &plan, act_list);
	tear_down(&f);
}

void remote_faults_pages_that_stay_broken_have_an_errno(
	const struct remote_words *w)
{
	static const struct row rows[] = {
		{ "500", -EIO, ATTEMPTS, 0 },
		{ "503", -EBUSY, ATTEMPTS, 0 },
		{ "short", -ECONNRESET, ATTEMPTS, 0 },
		{ "truncate", -EBADMSG, ATTEMPTS, 0 },
		{ "drip", -ETIMEDOUT, ATTEMPTS, 1000 },
	};
	const struct fault_plan plan = { .method = "GET", .target = w->list };
	struct faulty f;

	set_up(&f, w);
	put_objects(&f);
	expect_rows(&f, rows, ARRAY_SIZE(rows), &plan, act_list);
	cr_expect_eq(act_list(&f), 0);
	tear_down(&f);
}

static int act_stat(struct faulty *f)
{
	struct object_info info;
	int rc = backend_stat(f->through, "asked", &info);

	if (rc == 0)
		cr_expect_eq(info.size, SMALL);
	return rc;
}

static int act_remove(struct faulty *f)
{
	struct object_info info;
	int rc;

	contract_put(f->direct, "remove", 4, 10);
	rc = backend_remove(f->through, "remove");
	cr_expect_eq(backend_stat(f->direct, "remove", &info), -ENOENT);
	return rc;
}

static int act_rename(struct faulty *f)
{
	struct object_info info;
	int rc;

	contract_put(f->direct, "from", 5, 1000);
	rc = backend_rename(f->through, "from", "to");
	cr_expect_eq(backend_stat(f->direct, "from", &info), -ENOENT);
	contract_expect(f->direct, "to", 5, 1000);
	return rc;
}

void remote_faults_small_questions_are_asked_again(const struct remote_words *w)
{
	static const struct row rows[] = {
		{ "500", 0, 2, 0 },
		{ "503", 0, 2, 0 },
		{ "reset", 0, 2, 0 },
		{ "lose", 0, 2, 0 },
	};
	const struct fault_plan head = { .method = "HEAD", .times = 1 };
	const struct fault_plan delete = { .method = "DELETE", .times = 1 };
	const struct fault_plan copy = { .method = "PUT", .times = 1 };
	struct faulty f;

	set_up(&f, w);
	contract_put(f.direct, "asked", 3, SMALL);
	expect_rows(&f, rows, ARRAY_SIZE(rows), &head, act_stat);
	expect_rows(&f, rows, ARRAY_SIZE(rows), &delete, act_remove);
	expect_rows(&f, rows, ARRAY_SIZE(rows), &copy, act_rename);
	tear_down(&f);
}

/* ---- Much at a time ----------------------------------------------------- */

void remote_faults_one_in_five_is_broken_and_all_is_right(
	const struct remote_words *w)
{
	const struct fault_plan plan = {
		.kinds = "500,reset,lose,reset-headers,reset-body,short,close",
		.percent = 20,
		.seed = 1,
	};
	struct remote_options o;
	struct backend *patient;
	struct faulty f;
	char name[32];

	set_up(&f, w);
	o = servers_options(f.server, false);
	o.endpoint = f.endpoint;
	o.part_bytes = PART;
	o.recorder = f.recorder;
	patient = servers_again(f.state, &o);
	cr_assert_eq(fault_proxy_plan(f.proxy, &plan), 0);
	for (unsigned i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "d%u/%u", i % 3, i);
		cr_expect_eq(write_it(patient, name, i, 10000 + i), 0);
		cr_expect_eq(read_it(patient, name, i, 10000 + i), 0);
	}
	cr_expect_eq(write_it(patient, "large", 100, LARGE), 0);
	cr_expect_eq(read_it(patient, "large", 100, LARGE), 0);
	cr_expect_eq(list_it(patient, 31), 0);
	cr_expect_gt(fault_proxy_broken(f.proxy), 10);
	/* Not for each: some break bodies where there are none. */
	cr_expect_geq(recorder_counter(f.recorder, REC_RETRIES),
		      fault_proxy_broken(f.proxy) / 4);
	cr_expect_leq(recorder_counter(f.recorder, REC_RETRIES),
		      fault_proxy_broken(f.proxy));
	backend_close(patient);
	expect_nothing_pending(&f);
	tear_down(&f);
}

/* ---- For good ----------------------------------------------------------- */

static void expect_in_time(struct faulty *f, int want)
{
	uint64_t begin = clock_ns();
	double seconds;
	int rc = act_read(f);

	cr_expect_eq(rc, want, "%d", rc);
	seconds = (double)(clock_ns() - begin) / 1e9;
	cr_expect_lt(seconds, DEADLINE_MS / 1000 + 2, "%.1f s", seconds);
}

void remote_faults_a_server_that_dies_is_told_in_time(
	const struct remote_words *w)
{
	struct faulty f;

	set_up(&f, w);
	contract_put(f.direct, "read", 1, SMALL);
	cr_expect_eq(act_read(&f), 0);
	fault_server_die(fault_proxy_server(f.proxy));
	expect_in_time(&f, -ECONNREFUSED);
	cr_expect_eq(write_it(f.through, "put", 2, SMALL), -ECONNREFUSED);
	cr_expect_eq(write_it(f.through, "large", 2, LARGE), -ECONNREFUSED);
	fault_server_recover(fault_proxy_server(f.proxy));
	cr_expect_eq(act_read(&f), 0);
	tear_down(&f);
}

void remote_faults_a_server_that_hangs_is_told_in_time(
	const struct remote_words *w)
{
	struct faulty f;

	set_up(&f, w);
	contract_put(f.direct, "read", 1, SMALL);
	cr_expect_eq(act_read(&f), 0);
	fault_server_hang(fault_proxy_server(f.proxy));
	expect_in_time(&f, -ETIMEDOUT);
	fault_server_recover(fault_proxy_server(f.proxy));
	cr_expect_eq(act_read(&f), 0);
	tear_down(&f);
}
