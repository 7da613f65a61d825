#include "backends/azure_upload.h"

#include "lib/azure_play.h"
#include "lib/capture.h"
#include "lib/contract.h"
#include "lib/fips.h"
#include "lib/scratch.h"

#include <errno.h>
#include <string.h>

enum { PART = 100000 }; /* the play's */

static int write_blob(struct azure_play *p, size_t size, unsigned seed)
{
	AUTO_FREE char *bytes = malloc(size + 1);
	struct object *o;
	int rc;

	contract_fill(bytes, size, seed, 0);
	cr_assert_eq(object_create(p->store, "a", &o), 0);
	rc = object_append(o, bytes, size);
	if (rc == 0)
		rc = object_commit(o, 0);
	object_close(o);
	return rc;
}

static void expect_blob(struct azure_play *p, size_t size, unsigned seed)
{
	AUTO_FREE char *want = malloc(size + 1);

	contract_fill(want, size, seed, 0);
	cr_assert_eq(p->len, size);
	cr_expect_eq(memcmp(p->bytes, want, size), 0);
}

Test(azure_upload, sends_what_fits_in_a_part_at_once)
{
	static const size_t sizes[] = { 0, 1, PART - 1, PART };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const struct fault_request *q;
		struct azure_play p;

		azure_play_start(&p, 10, 1);
		azure_play_open(&p);
		cr_expect_eq(write_blob(&p, sizes[i], 2), 0);
		expect_blob(&p, sizes[i], 2);
		cr_expect_eq(fault_server_count(p.server, "PUT", NULL), 1);
		q = azure_play_last(&p, "PUT", "/acme/data/a");
		cr_expect_str_eq(q->target, "/acme/data/a");
		cr_expect_str_eq(fault_request_header(q, "x-ms-blob-type"),
				 "BlockBlob");
		/* Looked after. */
		cr_expect_eq(fault_server_count(p.server, "HEAD", NULL), 1);
		azure_play_end(&p);
	}
}

Test(azure_upload, sends_the_md5_of_what_it_sends)
{
	struct azure_play p;

	azure_play_start(&p, 10, 1);
	azure_play_open(&p);
	cr_expect_eq(write_blob(&p, 0, 2), 0);
	/* md5sum < /dev/null, in base64 */
	cr_expect_str_eq(fault_request_header(azure_play_last(&p, "PUT", "/a"),
					      "Content-MD5"),
			 "1B2M2Y8AsgTpgAmY7PhCfg==");
	cr_expect_eq(write_blob(&p, 2 * PART, 2), 0);
	for (unsigned i = 0; i < fault_server_seen(p.server); i++) {
		const struct fault_request *q =
			fault_server_request(p.server, i);

		if (!strcmp(q->method, "PUT"))
			cr_expect_not_null(fault_request_header(q,
								"Content-MD5"),
					   "%s", q->target);
	}
	azure_play_end(&p);
}

Test(azure_upload, does_without_md5_where_it_is_forbidden)
{
	char *folder = scratch_new();
	struct azure_play p;

	fips_forbid_digests(folder);
	azure_play_start(&p, 10, 1);
	p.options.account_key = NULL; /* that would take SHA-256 */
	p.options.sas = "sv=2021-12-02&sig=7";
	azure_play_open(&p);
	cr_expect_eq(write_blob(&p, PART, 2), 0);
	expect_blob(&p, PART, 2);
	cr_expect_eq(write_blob(&p, 2 * PART, 3), 0);
	expect_blob(&p, 2 * PART, 3);
	cr_expect_null(fault_request_header(azure_play_last(&p, "PUT", "/a"),
					    "Content-MD5"));
	azure_play_end(&p);
	scratch_remove(folder);
}

Test(azure_upload, sends_more_in_blocks_with_ids_of_one_length)
{
	struct azure_play p;

	azure_play_start(&p, 10, 1);
	azure_play_open(&p);
	cr_expect_eq(write_blob(&p, 11 * PART + 5, 2), 0);
	expect_blob(&p, 11 * PART + 5, 2);
	cr_expect_eq(fault_server_count(p.server, "PUT", "comp=block&"), 12);
	cr_expect_eq(fault_server_count(p.server, "PUT", "comp=blocklist"), 1);
	for (size_t i = 0; i < 12; i++) {
		cr_expect_eq(strlen(p.block[i].id), 32, "%s", p.block[i].id);
		for (size_t k = 0; k < i; k++)
			cr_expect_str_neq(p.block[i].id, p.block[k].id);
	}
	azure_play_end(&p);
}

Test(azure_upload, does_not_mix_its_blocks_with_anothers)
{
	struct object *one, *two;
	AUTO_FREE char *bytes = malloc(3 * PART);
	struct azure_play p;

	azure_play_start(&p, 10, 1);
	azure_play_open(&p);
	cr_assert_eq(object_create(p.store, "a", &one), 0);
	cr_assert_eq(object_create(p.store, "a", &two), 0);
	contract_fill(bytes, 3 * PART, 1, 0);
	cr_assert_eq(object_append(one, bytes, 3 * PART), 0);
	contract_fill(bytes, 3 * PART, 2, 0);
	cr_assert_eq(object_append(two, bytes, 3 * PART), 0);
	cr_expect_eq(object_commit(one, 0), 0);
	expect_blob(&p, 3 * PART, 1);
	cr_expect_eq(object_commit(two, 0), 0);
	expect_blob(&p, 3 * PART, 2);
	object_close(one);
	object_close(two);
	azure_play_end(&p);
}

Test(azure_upload, shows_nothing_if_it_fails)
{
	static const struct {
		const char *target;
		struct fault_answer answer;
		int want;
	} cases[] = {
		{ "comp=block&",
		  { .status = 403,
		    .headers = "x-ms-error-code: AuthorizationPermission"
			       "Mismatch\r\n" },
		  -EACCES },
		{ "comp=block&", { .status = 500 }, -EIO },
		{ "comp=block&",
		  { .status = 404,
		    .headers = "x-ms-error-code: ContainerNotFound\r\n" },
		  -EIO },
		{ "comp=blocklist",
		  { .status = 400,
		    .headers = "x-ms-error-code: InvalidBlockList\r\n" },
		  -EBUSY },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rule = { .method = "PUT",
						 .target = cases[i].target,
						 .answer = cases[i].answer };
		struct azure_play p;
		struct capture c;

		azure_play_start(&p, 10, 1);
		azure_play_open(&p);
		azure_play_rules(&p, &rule, 1);
		capture_start(&c);
		cr_expect_eq(write_blob(&p, 3 * PART, 2), cases[i].want,
			     "case %zu", i);
		capture_stop(&c);
		cr_expect(strstr(c.text, "az://acme/data: a: "), "%s", c.text);
		expect_blob(&p, 10, 1);
		azure_play_end(&p);
	}
}

Test(azure_upload, commits_again_if_the_answer_is_lost)
{
	static const struct fault_rule rules[] = {
		{ .method = "PUT",
		  .target = "comp=blocklist",
		  .times = 1,
		  .answer = { .fault = FAULT_RESET } },
	};
	struct azure_play p;

	azure_play_start(&p, 10, 1);
	azure_play_open(&p);
	azure_play_rules(&p, rules, ARRAY_SIZE(rules));
	cr_expect_eq(write_blob(&p, 3 * PART, 2), 0);
	/* What has been committed is still the latest. */
	cr_expect(strstr(azure_play_last(&p, "PUT", "blocklist")->body,
			 "<Latest>"));
	expect_blob(&p, 3 * PART, 2);
	azure_play_end(&p);
}

Test(azure_upload, does_not_believe_what_it_does_not_see)
{
	static const struct {
		struct fault_answer head;
		int want;
	} cases[] = {
		{ { .body = "short", .headers = "ETag: \"0x2\"\r\n" }, -EIO },
		{ { .status = 404 }, -EIO },
		/* Somebody else has replaced it already. */
		{ { .body = "other", .headers = "ETag: \"0x3\"\r\n" }, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rule = { .method = "HEAD",
						 .answer = cases[i].head };
		struct azure_play p;

		azure_play_start(&p, 10, 1);
		azure_play_open(&p);
		azure_play_rules(&p, &rule, 1);
		cr_expect_eq(write_blob(&p, 100, 2), cases[i].want, "case %zu",
			     i);
		azure_play_end(&p);
	}
}

Test(azure_upload, refuses_names_that_would_become_others)
{
	static const struct {
		const char *name;
		int want;
	} cases[] = {
		{ "a b+%&?#~'()", 0 },
		{ "a..b/.c", 0 },
		{ "\xc3\xbc\xf0\x9f\x98\x80", 0 },
		{ "a\\b", -EINVAL },
		{ "a.", -EINVAL },
		{ "a./b", -EINVAL },
		{ "...", -EINVAL },
		{ "a\nb", -EINVAL },
		{ "a\x1f", -EINVAL },
		{ "a\x7f", -EINVAL },
		{ "a\xc2\x81", -EINVAL },
		{ "a\xff", -EINVAL },
	};
	char longest[BACKEND_NAME_MAX + 1];
	struct azure_play p;
	struct object *o;

	azure_play_start(&p, 10, 1);
	azure_play_open(&p);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(object_create(p.store, cases[i].name, &o),
			     cases[i].want, "case %zu", i);
		object_close(o);
		cr_expect_eq(backend_rename(p.store, "a", cases[i].name),
			     cases[i].want, "case %zu", i);
	}
	memset(longest, 'x', sizeof(longest));
	longest[BACKEND_NAME_MAX] = '\0';
	cr_expect_eq(object_create(p.store, longest, &o), 0);
	object_close(o);
	azure_play_end(&p);
}
