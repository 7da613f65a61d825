/* Figures of recorders whose contents are known. */
#include "app/latency.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define MS UINT64_C(1000000)

static struct recorder *new_recorder(void)
{
	struct recorder *r;

	cr_assert_eq(recorder_new(-1, &r), 0);
	return r;
}

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

Test(latency, shares_are_those_of_the_sums)
{
	static const struct {
		const char *what;
		uint64_t app, fuse, store, request; /* sums, ms */
		uint64_t kernel_part, handler_part, store_part, net_part;
		bool overlapped;
	} cases[] = {
		{ "one after another", 100, 60, 45, 0, 40, 15, 45, 0, false },
		{ "with a network", 100, 60, 45, 30, 40, 15, 15, 30, false },
		{ "all of it the store", 45, 45, 45, 0, 0, 0, 45, 0, false },
		{ "all of it the network", 45, 45, 45, 45, 0, 0, 0, 45, false },
		{ "handlers ahead of the trainer", 50, 60, 45, 0, 0, 15, 45, 0,
		  true },
		{ "store ahead of the handlers", 100, 40, 50, 0, 60, 0, 50, 0,
		  true },
		{ "requests ahead of the store", 100, 60, 45, 50, 40, 15, 0, 50,
		  true },
		{ "both", 10, 40, 50, 0, 0, 0, 50, 0, true },
		{ "no store was recorded", 100, 60, 0, 0, 40, 60, 0, 0, false },
		{ "no trainer", 0, 60, 45, 30, 0, 15, 15, 30, false },
		{ "no mount", 100, 0, 80, 0, 0, 0, 80, 0, false },
		{ "only a trainer", 100, 0, 0, 0, 0, 0, 0, 0, false },
		{ "nothing", 0, 0, 0, 0, 0, 0, 0, 0, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t total = cases[i].kernel_part + cases[i].handler_part +
				 cases[i].store_part + cases[i].net_part;
		double whole = total ? (double)total : 1;
		struct recorder *r = new_recorder();
		struct latency_shares s;

		/* Any number of reads, and of what is no read. */
		for (int k = 0; k < 10 && cases[i].app; k++)
			recorder_add(r, REC_APP, REC_READ,
				     cases[i].app * MS / 10, 5);
		if (cases[i].fuse)
			recorder_add(r, REC_FUSE, REC_READ, cases[i].fuse * MS,
				     -5);
		if (cases[i].store)
			recorder_add(r, REC_STORE, REC_READ,
				     cases[i].store * MS, 0);
		if (cases[i].request)
			recorder_add(r, REC_REQUEST, REC_READ,
				     cases[i].request * MS, 0);
		for (unsigned level = 0; level < REC_LEVELS; level++) {
			recorder_add(r, level, REC_WRITE, 7000 * MS, 1);
			recorder_add(r, level, REC_FIRST_BYTE, 1, 1);
		}

		latency_shares(r, &s);
		cr_expect(near(s.app_s, (double)cases[i].app / 1000), "%s",
			  cases[i].what);
		cr_expect(near(s.fuse_s, (double)cases[i].fuse / 1000), "%s",
			  cases[i].what);
		cr_expect(near(s.store_s, (double)cases[i].store / 1000), "%s",
			  cases[i].what);
		cr_expect(near(s.total_s, (double)total / 1000), "%s: %g",
			  cases[i].what, s.total_s);
		cr_expect(near(s.kernel, (double)cases[i].kernel_part / whole),
			  "%s: kernel %g", cases[i].what, s.kernel);
		cr_expect(near(s.handler,
			       (double)cases[i].handler_part / whole),
			  "%s: handler %g", cases[i].what, s.handler);
		cr_expect(near(s.store, (double)cases[i].store_part / whole),
			  "%s: store %g", cases[i].what, s.store);
		cr_expect(near(s.network, (double)cases[i].net_part / whole),
			  "%s: network %g", cases[i].what, s.network);
		cr_expect_eq(s.overlapped, cases[i].overlapped, "%s",
			     cases[i].what);
		recorder_free(r);
	}
}

/* ---- The table ----------------------------------------------------------- */

static char *printed(const struct recorder *r)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	latency_print(r, out);
	fclose(out);
	return text;
}

/* A hundred reads whose percentiles are known exactly: below 64 ns each value
 * has a bucket of its own. */
static void add_known_reads(struct recorder *r, enum rec_level level)
{
	static const struct {
		unsigned times;
		uint64_t ns;
	} reads[] = { { 50, 10 }, { 40, 20 }, { 9, 30 }, { 1, 40 } };

	for (size_t i = 0; i < ARRAY_SIZE(reads); i++)
		for (unsigned k = 0; k < reads[i].times; k++)
			recorder_add(r, level, REC_READ, reads[i].ns,
				     k ? 1024 : -5);
}

Test(latency, the_table_has_a_row_for_what_happened_and_no_other)
{
	static const char want[] =
		"level  operation  count  errors     bytes    p50    p90    p99"
		"  p99.9    max\n"
		"app    read         100       4    96 KiB  10 ns  20 ns  30 ns"
		"  40 ns  40 ns\n"
		"fuse   stat           1       1       0 B   7 ns   7 ns   7 ns"
		"   7 ns   7 ns\n"
		"store  remove     1,234       0  1.21 KiB  50 ns  50 ns  50 ns"
		"  50 ns  50 ns\n";
	struct recorder *r = new_recorder();
	AUTO_FREE char *text = NULL;

	add_known_reads(r, REC_APP);
	recorder_add(r, REC_FUSE, REC_STAT, 7, -2);
	for (int i = 0; i < 1234; i++)
		recorder_add(r, REC_STORE, REC_REMOVE, 50, 1);
	text = printed(r);
	cr_expect_str_eq(text, want, "%s", text);
	recorder_free(r);
}

Test(latency, the_shares_are_below_the_table_if_there_are_any)
{
	static const struct {
		uint64_t app, fuse, store, request; /* ms */
		const char *has, *lacks;
	} cases[] = {
		{ 100, 60, 45, 0,
		  "\ntime in reads: kernel and FUSE transport 40.0%, "
		  "our handlers 15.0%, store 45.0%\n",
		  "read ahead" },
		{ 50, 60, 45, 0,
		  "transport 0.0%, our handlers 25.0%, store 75.0%\n"
		  "(the kernel or the mount read ahead",
		  "40.0%" },
		{ 100, 0, 0, 0, "app    read", "time in reads" },
		{ 100, 60, 45, 40,
		  "handlers 15.0%, store's client 5.0%, network and server "
		  "40.0%\n",
		  ", store 45" },
		{ 0, 60, 45, 0,
		  "\ntime in reads: our handlers 25.0%, store 75.0%\n"
		  "(of what reached the mount; the kernel's part is ",
		  "transport" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct recorder *r = new_recorder();
		AUTO_FREE char *text = NULL;

		if (cases[i].app)
			recorder_add(r, REC_APP, REC_READ, cases[i].app * MS,
				     1);
		if (cases[i].fuse) {
			recorder_add(r, REC_FUSE, REC_READ, cases[i].fuse * MS,
				     1);
			recorder_add(r, REC_STORE, REC_READ,
				     cases[i].store * MS, 1);
		}
		if (cases[i].request)
			recorder_add(r, REC_REQUEST, REC_READ,
				     cases[i].request * MS, 1);
		text = printed(r);
		cr_expect_not_null(strstr(text, cases[i].has), "%s", text);
		cr_expect_null(strstr(text, cases[i].lacks), "%s", text);
		recorder_free(r);
	}
}

Test(latency, what_servers_refused_is_said_if_there_were_requests)
{
	static const struct {
		bool requests;
		int64_t count[REC_COUNTERS];
		const char *want;
	} cases[] = {
		{ false, { 0 }, "" },
		{ false, { 7, 7, 7, 7, 7 }, "" },
		{ true,
		  { [REC_LIMIT] = 16 },
		  "\nrequests: 0 made again, 0 refused as too many, 0 times with "
		  "new credentials; at most 16 at a time\n" },
		{ true,
		  { 1234, 5, 1, 9, 4 },
		  "\nrequests: 1,234 made again, 5 refused as too many, 1 times "
		  "with new credentials; at most 9 at a time; for a while, "
		  "at most 4 at a time\n" },
		{ true,
		  { [REC_LIMIT_LOWEST] = 1 },
		  "\nrequests: 0 made again, 0 refused as too many, 0 times with "
		  "new credentials; for a while, at most 1 at a time\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct recorder *r = new_recorder();
		AUTO_FREE char *text = NULL;
		const char *line;

		for (unsigned k = 0; k < REC_COUNTERS; k++)
			recorder_count(r, k, cases[i].count[k]);
		if (cases[i].requests)
			recorder_add(r, REC_REQUEST, REC_LIST, 7, 1);
		text = printed(r);
		line = strstr(text, "\nrequests:");
		cr_expect_str_eq(line ? line : "", cases[i].want, "%s", text);
		recorder_free(r);
	}
}

/* ---- JSON, as another program reads it ----------------------------------- */

/* What Python makes of the document d. */
static char *ask(const char *json, const char *expression)
{
	char command[1024], path[] = "/tmp/test_latency_XXXXXX";
	AUTO_CLOSE int fd = mkstemp(path);
	char *answer = calloc(1, 1024);
	FILE *python;

	cr_assert(fd >= 0 && answer);
	cr_assert_eq(write(fd, json, strlen(json)), (ssize_t)strlen(json));
	snprintf(command, sizeof(command),
		 "/usr/bin/python3 -c 'import json; "
		 "d = json.load(open(\"%s\")); print(%s, end=\"\")'",
		 path, expression);
	python = popen(command, "r");
	cr_assert_not_null(python);
	cr_assert_gt(fread(answer, 1, 1023, python), 0, "%s", expression);
	cr_expect_eq(pclose(python), 0, "%s", expression);
	unlink(path);
	return answer;
}

Test(latency, json_has_the_same_figures)
{
	static const struct {
		const char *expression, *want;
	} cases[] = {
		{ "list(d)", "['levels', 'read_time', 'counters']" },
		{ "list(d[\"levels\"])",
		  "['app', 'fuse', 'store', 'request']" },
		{ "d[\"counters\"]",
		  "{'retries': 3, 'throttled': 0, 'refreshed_credentials': 0, "
		  "'request_limit': 0, 'request_limit_lowest': 0}" },
		{ "list(d[\"levels\"][\"app\"])", "['read']" },
		{ "list(d[\"levels\"][\"fuse\"])", "['read', 'stat']" },
		{ "list(d[\"levels\"][\"store\"])", "[]" },
		{ "list(d[\"levels\"][\"app\"][\"read\"].items())",
		  "[('count', 100), ('errors', 4), ('bytes', 98304), "
		  "('sum_ns', 1610), ('mean_ns', 16.1), ('min_ns', 10), "
		  "('p50_ns', 10), ('p90_ns', 20), ('p99_ns', 30), "
		  "('p999_ns', 40), ('max_ns', 40)]" },
		{ "list(d[\"read_time\"])",
		  "['app_seconds', 'fuse_seconds', 'store_seconds', "
		  "'request_seconds', 'kernel_share', 'handler_share', "
		  "'store_share', 'network_share', 'overlapped']" },
		{ "round(d[\"read_time\"][\"app_seconds\"] * 1e9)", "1610" },
		{ "round(d[\"read_time\"][\"fuse_seconds\"] * 1e9)", "161" },
		{ "round(d[\"read_time\"][\"kernel_share\"], 6)", "0.9" },
		{ "round(d[\"read_time\"][\"handler_share\"], 6)", "0.1" },
		{ "d[\"read_time\"][\"store_share\"]", "0.0" },
		{ "d[\"read_time\"][\"overlapped\"]", "False" },
	};
	struct recorder *r = new_recorder();
	AUTO_FREE char *json = NULL;
	size_t size;
	FILE *out = open_memstream(&json, &size);

	add_known_reads(r, REC_APP);
	recorder_add(r, REC_FUSE, REC_READ, 161, 98304);
	recorder_add(r, REC_FUSE, REC_STAT, 1, 0);
	recorder_count(r, REC_RETRIES, 3);
	cr_assert_eq(latency_write(r, out), 0);
	fclose(out);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *got = ask(json, cases[i].expression);

		cr_expect_str_eq(got, cases[i].want, "%s: %s",
				 cases[i].expression, got);
	}
	recorder_free(r);
}
