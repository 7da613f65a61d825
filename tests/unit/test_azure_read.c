#include "backends/azure.h"

#include "lib/azure_play.h"
#include "lib/contract.h"

#include <errno.h>
#include <string.h>

enum { SIZE = 100000 };

static struct object *open_sized(struct azure_play *p, uint64_t size)
{
	struct object *o;

	cr_assert_eq(object_open_sized(p->store, "a", &size, &o), 0);
	return o;
}

Test(azure_read, asks_once_for_the_size_of_what_is_opened)
{
	const struct fault_request *q;
	struct azure_play p;
	struct object *o;

	azure_play_start(&p, SIZE, 1);
	azure_play_open(&p);
	cr_assert_eq(object_open(p.store, "a", &o), 0);
	contract_expect_open(o, 1, SIZE, "a");
	object_close(o);

	cr_expect_eq(fault_server_count(p.server, "HEAD", NULL), 1);
	q = azure_play_last(&p, "GET", "/acme/data/a");
	cr_expect_str_eq(q->target, "/acme/data/a");
	cr_expect_str_eq(fault_request_header(q, "If-Match"), "\"0x1\"");
	cr_expect_str_eq(fault_request_header(q, "x-ms-range"),
			 "bytes=0-99999");
	cr_expect_null(fault_request_header(q, "Range"));
	cr_expect_str_eq(fault_request_header(q, "x-ms-version"), "2021-12-02");
	azure_play_end(&p);
}

Test(azure_read, takes_the_word_of_who_knows_the_size)
{
	const struct fault_request *q;
	struct azure_play p;
	struct object *o;
	unsigned before;
	char c;

	azure_play_start(&p, SIZE, 1);
	azure_play_open(&p);
	before = fault_server_seen(p.server);
	o = open_sized(&p, SIZE);
	cr_expect_eq(fault_server_seen(p.server), before);

	/* The first answer says which blob it is. */
	cr_expect_eq(object_pread(o, &c, 1, 7), 1);
	q = azure_play_last(&p, "GET", "/acme/data/a");
	cr_expect_null(fault_request_header(q, "If-Match"));
	cr_expect_eq(object_pread(o, &c, 1, 8), 1);
	q = azure_play_last(&p, "GET", "/acme/data/a");
	cr_expect_str_eq(fault_request_header(q, "If-Match"), "\"0x1\"");
	object_close(o);
	azure_play_end(&p);
}

Test(azure_read, tells_a_wrong_size)
{
	static const struct {
		uint64_t size, offset;
	} cases[] = {
		{ SIZE + 1, 0 },    { SIZE + 1, SIZE - 1 },
		{ SIZE + 1, SIZE }, { 2 * SIZE, SIZE + 5 },
		{ SIZE - 1, 0 },    { 1, 0 },
	};
	struct azure_play p;

	azure_play_start(&p, SIZE, 1);
	azure_play_open(&p);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct object *o = open_sized(&p, cases[i].size);
		char buf[10];

		cr_expect_eq(object_pread(o, buf, sizeof(buf), cases[i].offset),
			     -ESTALE, "case %zu", i);
		object_close(o);
	}
	azure_play_end(&p);
}

/* Azurite answers a range at the end with 206 and nothing. */
Test(azure_read, tells_a_wrong_size_from_an_empty_answer)
{
	static const struct fault_rule rules[] = {
		{ .method = "GET",
		  .target = "/data/a",
		  .answer = { .status = 206,
			      .headers = "Content-Range: bytes 9-9/10\r\n"
					 "ETag: \"1\"\r\n",
			      .body = "" } },
	};
	struct azure_play p;
	struct object *o;
	char c;

	azure_play_start(&p, SIZE, 1);
	azure_play_open(&p);
	azure_play_rules(&p, rules, ARRAY_SIZE(rules));
	o = open_sized(&p, 10);
	cr_expect_eq(object_pread(o, &c, 1, 9), -ESTALE);
	object_close(o);
	azure_play_end(&p);
}

Test(azure_read, never_mixes_two_blobs)
{
	for (int known = 0; known < 2; known++)
		for (int unconditional = 0; unconditional < 2;
		     unconditional++) {
			const uint64_t size = SIZE;
			struct azure_play p;
			struct object *o;
			char c;

			azure_play_start(&p, SIZE, 1);
			azure_play_open(&p);
			cr_assert_eq(object_open_sized(p.store, "a",
						       known ? &size : NULL,
						       &o),
				     0);
			cr_expect_eq(object_pread(o, &c, 1, 0), 1);
			azure_play_replace(&p, SIZE, 2);
			p.unconditional = unconditional;
			cr_expect_eq(object_pread(o, &c, 1, 1), -ESTALE);
			cr_expect_eq(object_pread(o, &c, 1, 0), -ESTALE);
			object_close(o);
			azure_play_end(&p);
		}
}

Test(azure_read, tells_what_is_gone_from_what_never_was)
{
	static const struct fault_rule gone[] = {
		{ .method = "GET",
		  .target = "/data/a",
		  .answer = { .status = 404 } },
	};
	struct object *opened, *assumed;
	struct azure_play p;
	char c;

	azure_play_start(&p, SIZE, 1);
	azure_play_open(&p);
	cr_assert_eq(object_open(p.store, "a", &opened), 0);
	assumed = open_sized(&p, SIZE);
	azure_play_rules(&p, gone, ARRAY_SIZE(gone));
	cr_expect_eq(object_pread(opened, &c, 1, 0), -ESTALE);
	cr_expect_eq(object_pread(assumed, &c, 1, 0), -ENOENT);
	object_close(opened);
	object_close(assumed);
	azure_play_end(&p);
}

Test(azure_read, goes_on_when_the_server_was_busy)
{
	static const struct fault_rule rules[] = {
		{ .method = "GET",
		  .target = "/data/a",
		  .times = 1,
		  .answer = { .status = 503,
			      .headers = "x-ms-error-code: ServerBusy\r\n" } },
		{ .method = "GET",
		  .target = "/data/a",
		  .first = 3,
		  .times = 1,
		  .answer = { .status = 500,
			      .headers = "x-ms-error-code: OperationTimedOut"
					 "\r\n" } },
	};
	struct azure_play p;
	struct object *o;

	azure_play_start(&p, SIZE, 1);
	azure_play_open(&p);
	azure_play_rules(&p, rules, ARRAY_SIZE(rules));
	o = open_sized(&p, SIZE);
	contract_expect_open(o, 1, SIZE, "after 503");
	contract_expect_open(o, 1, SIZE, "after 500");
	cr_expect_eq(fault_server_count(p.server, "GET", "/data/a"), 4);
	object_close(o);
	azure_play_end(&p);
}

Test(azure_read, does_not_take_anything_for_a_range)
{
	static const struct {
		struct fault_answer answer;
		int want;
	} cases[] = {
		{ { .body = "x" }, -EPROTO },
		{ { .status = 206, .body = "x" }, -EPROTO },
		{ { .status = 206,
		    .body = "x",
		    .headers = "Content-Range: bytes 6-6/100000\r\n"
			       "ETag: \"1\"\r\n" },
		  -EPROTO },
		{ { .status = 206,
		    .body = "x",
		    .headers = "Content-Range: bytes 5-5/*\r\nETag: \"1\"\r\n" },
		  -EPROTO },
		/* Without an ETag nobody knows what it is of. */
		{ { .status = 206,
		    .body = "x",
		    .headers = "Content-Range: bytes 5-5/100000\r\n" },
		  -ESTALE },
	};
	struct azure_play p;

	azure_play_start(&p, SIZE, 1);
	azure_play_open(&p);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rule = { .method = "GET",
						 .target = "/data/a",
						 .answer = cases[i].answer };
		struct object *o = open_sized(&p, SIZE);
		char c;

		azure_play_rules(&p, &rule, 1);
		cr_expect_eq(object_pread(o, &c, 1, 5), cases[i].want,
			     "case %zu", i);
		object_close(o);
		azure_play_rules(&p, NULL, 0);
	}
	azure_play_end(&p);
}

Test(azure_read, waits_for_nothing_if_told_so)
{
	struct object_read rd = { .buf = &(char){ 0 },
				  .len = 1,
				  .flags = OBJECT_READ_NOWAIT };
	struct azure_play p;
	struct object *o;
	unsigned before;

	azure_play_start(&p, SIZE, 1);
	azure_play_open(&p);
	o = open_sized(&p, SIZE);
	before = fault_server_seen(p.server);
	cr_expect_eq(object_read(o, &rd), -EAGAIN);
	cr_expect_eq(fault_server_seen(p.server), before);
	object_close(o);
	azure_play_end(&p);
}

Test(azure_read, ends_when_nobody_wants_it_any_more)
{
	static const struct fault_rule rules[] = {
		{ .method = "GET",
		  .target = "/data/a",
		  .answer = { .fault = FAULT_STALL, .ms = 20000 } },
	};
	_Atomic bool cancel = true;
	struct object_read rd = { .buf = &(char){ 0 },
				  .len = 1,
				  .cancel = &cancel };
	struct azure_play p;
	struct object *o;

	azure_play_start(&p, SIZE, 1);
	azure_play_open(&p);
	azure_play_rules(&p, rules, ARRAY_SIZE(rules));
	o = open_sized(&p, SIZE);
	cr_expect_eq(object_read(o, &rd), -ECANCELED);
	object_close(o);
	azure_play_end(&p);
}
