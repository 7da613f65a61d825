/* The store against a server that answers as it is told.  On real servers:
 * tests/contract/test_s3_*.c. */
#include "backends/s3.h"

#include "backends/s3_client.h"
#include "backends/s3_copy.h"
#include "lib/capture.h"
#include "lib/contract.h"
#include "lib/s3_scripted.h"
#include "lib/scratch.h"

#include <errno.h>
#include <string.h>

static int open_with(const struct remote_options *remote, const char *uri,
		     struct backend **out)
{
	const struct backend_options o = { .mem_fd = -1, .remote = remote };

	return backend_open(&s3_ops, uri, &o, out);
}

Test(s3, opening_asks_one_signed_question)
{
	static const struct fault_rule rules[] = { S3_SCRIPTED_PROBE };
	struct fault_server *s = s3_scripted_serve(rules, ARRAY_SIZE(rules));
	struct backend *b = s3_scripted_open(s);
	const struct fault_request *q = fault_server_request(s, 0);
	const char *authorization;

	cr_expect_eq(fault_server_seen(s), 1);
	cr_expect_str_eq(q->target,
			 "/bucket?list-type=2&max-keys=1&prefix=pre%2F");
	authorization = fault_request_header(q, "Authorization");
	cr_assert_not_null(authorization);
	cr_expect(strstr(authorization, "Credential=AKID/"));
	cr_expect(strstr(authorization, "/us-east-1/s3/aws4_request"));
	cr_expect_str_eq(fault_request_header(q, "x-amz-content-sha256"),
			 "e3b0c44298fc1c149afbf4c8996fb924"
			 "27ae41e4649b934ca495991b7852b855");
	cr_expect_not(b->local);
	backend_close(b);
	fault_server_free(s);
}

Test(s3, anonymous_calls_are_not_signed)
{
	static const struct fault_rule rules[] = { S3_SCRIPTED_PROBE };
	struct fault_server *s = s3_scripted_serve(rules, ARRAY_SIZE(rules));
	struct remote_options remote = s3_scripted_options(s);
	struct backend *b;

	remote.anonymous = true;
	remote.key_id = remote.secret = NULL;
	cr_assert_eq(open_with(&remote, "s3://bucket", &b), 0);
	cr_expect_null(fault_request_header(fault_server_request(s, 0),
					    "Authorization"));
	backend_close(b);
	fault_server_free(s);
}

/* CURL_CA_BUNDLE is for other programs, too: the profile is nearer. */
Test(s3, the_authorities_of_a_profile_are_trusted)
{
	static const struct fault_rule rules[] = { S3_SCRIPTED_PROBE };
	const struct fault_server_options tls = { .rules = rules,
						  .n_rules = ARRAY_SIZE(rules),
						  .tls = true };
	char *folder = scratch_new();
	AUTO_FREE char *config = NULL;
	struct remote_options remote;
	struct fault_server *s;
	struct backend *b;
	FILE *f;

	cr_assert_eq(fault_server_new(&tls, &s), 0);
	cr_assert_gt(asprintf(&config, "AWS_CONFIG_FILE=%s/config", folder), 0);
	f = fopen(strchr(config, '=') + 1, "w");
	cr_assert(f);
	fprintf(f, "[profile p]\nca_bundle = %s\n", fault_server_ca(s));
	cr_assert_eq(fclose(f), 0);
	unsetenv("AWS_CA_BUNDLE");
	setenv("CURL_CA_BUNDLE", "/nonexistent", 1);

	remote = s3_scripted_options(s);
	remote.ca_file = NULL;
	remote.profile = "p";
	remote.environment = (char *[]){ config, NULL };
	cr_assert_eq(open_with(&remote, "s3://bucket/pre", &b), 0);
	backend_close(b);
	fault_server_free(s);
	scratch_remove(folder);
}

Test(s3, what_is_wrong_is_said_when_it_is_opened)
{
	static const struct {
		struct fault_answer answer;
		int rc;
		const char *want;
	} cases[] = {
		{ { .status = 404, .body = S3_SCRIPTED_ERROR("NoSuchBucket") },
		  -ENOENT,
		  "no such bucket" },
		{ { .status = 403, .body = S3_SCRIPTED_ERROR("AccessDenied") },
		  -EACCES,
		  "s3:ListBucket" },
		{ { .status = 403,
		    .body = S3_SCRIPTED_ERROR("SignatureDoesNotMatch") },
		  -EACCES,
		  "AWS_SECRET_ACCESS_KEY" },
		{ { .status = 301,
		    .headers = "x-amz-bucket-region: eu-west-1\r\n",
		    .body = S3_SCRIPTED_ERROR("PermanentRedirect") },
		  -EREMOTE,
		  "eu-west-1" },
		{ { .body = S3_SCRIPTED_ERROR("InternalError") },
		  -EIO,
		  "InternalError" },
		{ { .body = "<html>hello</html>" }, -EBADMSG, "bucket" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rules[] = {
			{ .answer = cases[i].answer }
		};
		struct fault_server *s = s3_scripted_serve(rules, 1);
		const struct remote_options remote = s3_scripted_options(s);
		struct backend *b = NULL;
		struct capture c;
		int rc;

		capture_start(&c);
		rc = open_with(&remote, "s3://bucket/pre", &b);
		capture_stop(&c);
		cr_expect_eq(rc, cases[i].rc, "%zu: %d", i, rc);
		cr_expect(strstr(c.text, cases[i].want), "%zu: %s", i, c.text);
		cr_expect(strstr(c.text, "s3://bucket/pre"), "%s", c.text);
		cr_expect_null(strstr(c.text, "hush"), "%s", c.text);
		fault_server_free(s);
	}
}

Test(s3, nobody_there_is_said_soon, .timeout = 100)
{
	struct fault_server *s = s3_scripted_serve(NULL, 0);
	const struct remote_options remote = s3_scripted_options(s);
	struct backend *b = NULL;
	struct capture c;
	int rc;

	fault_server_die(s);
	capture_start(&c);
	rc = open_with(&remote, "s3://bucket", &b);
	capture_stop(&c);
	cr_expect_eq(rc, -ECONNREFUSED, "%d", rc);
	cr_expect(strstr(c.text, "by storage.storage_options.endpoint_url"),
		  "%s", c.text);
	fault_server_free(s);
}

Test(s3, settings_that_make_no_sense_are_refused)
{
	struct fault_server *s = s3_scripted_serve(NULL, 0);
	struct remote_options remote = s3_scripted_options(s);
	struct backend *b = NULL;
	struct capture c;

	remote.part_bytes = MIB;
	capture_start(&c);
	cr_expect_eq(open_with(&remote, "s3://bucket", &b), -EINVAL);
	remote.part_bytes = 0;
	cr_expect_eq(open_with(&remote, "s3://", &b), -EINVAL);
	capture_stop(&c);
	cr_expect(strstr(c.text, "5 MiB"), "%s", c.text);
	cr_expect_eq(fault_server_seen(s), 0);
	fault_server_free(s);
}

/* ---- Moving and removing ------------------------------------------------ */

#define COPIED "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>"
Test(s3, moving_removes_only_what_was_copied)
{
	static const struct {
		int status;
		const char *body;
		int rc;
		unsigned removed;
	} cases[] = {
		{ 200, COPIED, 0, 1 },
		{ 200, S3_SCRIPTED_ERROR("InternalError"), -EIO, 0 },
		{ 412, S3_SCRIPTED_ERROR("PreconditionFailed"), -ESTALE, 0 },
		{ 403, S3_SCRIPTED_ERROR("AccessDenied"), -EACCES, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rules[] = {
			S3_SCRIPTED_PROBE,
			{ .method = "HEAD",
			  .answer = { .headers = "ETag: \"e\"\r\n",
				      .body = "0123456789" } },
			{ .method = "PUT",
			  .answer = { .status = cases[i].status,
				      .body = cases[i].body } },
			{ .method = "DELETE", .answer = { .status = 204 } },
		};
		struct fault_server *s =
			s3_scripted_serve(rules, ARRAY_SIZE(rules));
		struct backend *b = s3_scripted_open(s);
		const struct fault_request *q;
		struct capture c;

		capture_start(&c);
		cr_expect_eq(backend_rename(b, "from +", "to"), cases[i].rc,
			     "%zu", i);
		capture_stop(&c);
		q = fault_server_request(s, 2);
		cr_expect_str_eq(fault_request_header(q, "x-amz-copy-source"),
				 "/bucket/pre/from%20%2B");
		cr_expect_str_eq(
			fault_request_header(q, "x-amz-copy-source-if-match"),
			"\"e\"");
		cr_expect_eq(fault_server_count(s, "DELETE", "from%20%2B"),
			     cases[i].removed, "%zu", i);
		backend_close(b);
		fault_server_free(s);
	}
}

/* A hundred thousand and one bytes in pieces of ten would be one too many. */
Test(s3, what_is_very_large_is_copied_in_larger_pieces)
{
	static const struct fault_rule rules[] = {
		{ .method = "HEAD",
		  .answer = { .headers = "ETag: \"e\"\r\n"
					 "Content-Length: 100001\r\n",
			      .no_length = true } },
		{ .method = "POST",
		  .answer = { .body = "<InitiateMultipartUploadResult>"
				      "<UploadId>u</UploadId>"
				      "</InitiateMultipartUploadResult>" } },
		{ .method = "PUT",
		  .answer = { .status = 403,
			      .body = S3_SCRIPTED_ERROR("AccessDenied") } },
		{ .method = "DELETE", .answer = { .status = 204 } },
	};
	static const struct s3_copy copy = { "from", "to", 10 };
	struct fault_server *s = s3_scripted_serve(rules, ARRAY_SIZE(rules));
	const struct remote_options remote = s3_scripted_options(s);
	struct s3_client *client;
	struct capture c;
	unsigned pieces = 0;

	cr_assert_eq(s3_client_new("bucket", &remote, &client), 0);
	capture_start(&c);
	cr_expect_eq(s3_copy(client, &copy), -EACCES);
	capture_stop(&c);
	for (unsigned i = 0; i < fault_server_seen(s); i++) {
		const struct fault_request *q = fault_server_request(s, i);
		const char *range =
			fault_request_header(q, "x-amz-copy-source-range");
		unsigned first, last;

		if (!range)
			continue;
		pieces++;
		cr_assert_eq(sscanf(range, "bytes=%u-%u", &first, &last), 2);
		cr_expect_eq(first % 11, 0, "%s", range);
		cr_expect_eq(last - first, 10, "%s", range);
	}
	cr_expect_gt(pieces, 0);
	cr_expect_eq(fault_server_count(s, "DELETE", "uploadId=u"), 1);
	s3_client_free(client);
	fault_server_free(s);
}

Test(s3, what_is_not_there_is_not_removed)
{
	static const struct fault_rule rules[] = {
		S3_SCRIPTED_PROBE,
		{ .method = "HEAD", .answer = { .status = 404 } },
	};
	struct fault_server *s = s3_scripted_serve(rules, ARRAY_SIZE(rules));
	struct backend *b = s3_scripted_open(s);

	cr_expect_eq(backend_remove(b, "k"), -ENOENT);
	cr_expect_eq(fault_server_count(s, "DELETE", NULL), 0);
	backend_close(b);
	fault_server_free(s);
}
