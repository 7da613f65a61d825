/* Writing to a server that answers as it is told: what is sent, what is made of
 * the answers, and what is left behind. */
#include "backends/digest.h"
#include "backends/s3.h"
#include "lib/capture.h"
#include "lib/contract.h"
#include "lib/s3_scripted.h"

#include <errno.h>
#include <string.h>

#define MD5 "0123456789abcdef0123456789abcdef"
#define BEGIN                                                                  \
	{                                                                      \
		.method = "POST", .target = "?uploads=", .answer = {           \
			.body = "<InitiateMultipartUploadResult><UploadId>"    \
				"u/1+</UploadId>"                              \
				"</InitiateMultipartUploadResult>"             \
		}                                                              \
	}
#define PART                                                                   \
	{                                                                      \
		.method = "PUT", .target = "partNumber=", .answer = {          \
			.headers = "ETag: \"" MD5 "\"\r\n"                     \
		}                                                              \
	}
#define PUT                                                                    \
	{                                                                      \
		.method = "PUT", .answer = {.headers = "ETag: \"e\"\r\n" }     \
	}
#define COMPLETED                                                              \
	"<CompleteMultipartUploadResult><ETag>\"e\"</ETag>"                    \
	"</CompleteMultipartUploadResult>"
#define COMPLETE                                                               \
	{                                                                      \
		.method = "POST", .target = "uploadId=", .answer = {           \
			.body = COMPLETED                                      \
		}                                                              \
	}
#define ABORT                                                                  \
	{                                                                      \
		.method = "DELETE", .target = "uploadId=", .answer = {         \
			.status = 204                                          \
		}                                                              \
	}
#define HEAD(size, etag)                                                       \
	{                                                                      \
		.method = "HEAD", .answer = {                                  \
			.headers = "ETag: \"" etag "\"\r\n",                   \
			.body = nothing,                                       \
			.len = (size)                                          \
		}                                                              \
	}

enum { SMALL = 100000, LARGE = 11 * MIB };
static const char nothing[LARGE + 1];

/* Write so many bytes to a server with these rules. */
struct written {
	struct fault_server *server;
	int rc;
	struct capture said;
};

static int write_and_close(struct backend *b, size_t size)
{
	struct object *o;
	int rc;

	cr_assert_eq(object_create(b, "k k", &o), 0);
	rc = size ? object_append(o, nothing, size) : 0;
	if (rc == 0)
		rc = object_commit(o, 0);
	object_close(o);
	return rc;
}

static struct written write_to(const struct fault_rule *rules, size_t n,
			       size_t size)
{
	struct written w = { .server = s3_scripted_serve(rules, n) };
	struct backend *b = s3_scripted_open(w.server);

	capture_start(&w.said);
	w.rc = write_and_close(b, size);
	capture_stop(&w.said);
	backend_close(b);
	return w;
}

#define WRITE(rules, size) write_to(rules, ARRAY_SIZE(rules), size)

Test(s3_upload, what_fits_in_a_part_is_one_put_and_a_head)
{
	static const size_t sizes[] = { 0, 1, SMALL, 5 * MIB };
	char hash[2 * DIGEST_SHA256 + 1];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const struct fault_rule rules[] = { S3_SCRIPTED_PROBE, PUT,
						    HEAD(sizes[i], "e") };
		struct written w = WRITE(rules, sizes[i]);
		const struct fault_request *q =
			fault_server_request(w.server, 1);

		cr_expect_eq(w.rc, 0, "%zu: %d %s", sizes[i], w.rc,
			     w.said.text);
		cr_expect_eq(fault_server_seen(w.server), 3);
		cr_expect_str_eq(q->target, "/bucket/pre/k%20k");
		cr_expect_eq(q->len, sizes[i]);
		digest_sha256_hex(&(struct digest_piece){ nothing, sizes[i] },
				  1, hash);
		cr_expect_str_eq(
			fault_request_header(q, "x-amz-content-sha256"), hash);
		cr_expect_not_null(fault_request_header(q, "Content-Length"));
		fault_server_free(w.server);
	}
}

static void expect_manifest(const struct fault_request *q)
{
	const char *at = q->body;

	for (int i = 1; i <= 3; i++) {
		char part[128];

		snprintf(part, sizeof(part),
			 "<Part><PartNumber>%d</PartNumber><ETag>\"" MD5
			 "\"</ETag></Part>",
			 i);
		at = strstr(at, part);
		cr_assert_not_null(at, "%s", (const char *)q->body);
	}
	cr_expect_null(strstr(at + 1, "<Part>"));
}

Test(s3_upload, what_is_larger_is_sent_in_parts)
{
	static const struct fault_rule rules[] = {
		S3_SCRIPTED_PROBE, BEGIN, PART, COMPLETE, HEAD(LARGE, "e"),
	};
	struct written w = WRITE(rules, LARGE);
	struct fault_server *s = w.server;

	cr_expect_eq(w.rc, 0, "%d %s", w.rc, w.said.text);
	cr_expect_eq(fault_server_count(s, "POST", "?uploads="), 1);
	for (int i = 1; i <= 3; i++) {
		char query[64];

		snprintf(query, sizeof(query), "partNumber=%d&uploadId=u%%2F1",
			 i);
		cr_expect_eq(fault_server_count(s, "PUT", query), 1);
	}
	cr_expect_eq(fault_server_count(s, "PUT", NULL), 3);
	cr_expect_eq(fault_server_count(s, "DELETE", NULL), 0);
	cr_expect_eq(fault_server_seen(s), 7);
	expect_manifest(fault_server_request(s, 5));
	fault_server_free(s);
}

/* One answer is not what it should be: what comes of it, and how often parts
 * were sent, completed and aborted. */
#define ONCE(m, t, a)                                                          \
	{                                                                      \
		.method = (m), .target = (t), .times = 1, .answer = a          \
	}
#define ALWAYS(m, t, a)                                                        \
	{                                                                      \
		.method = (m), .target = (t), .answer = a                      \
	}
#define A(...)                                                                 \
	{                                                                      \
		__VA_ARGS__                                                    \
	}
#define REFUSAL(number, code)                                                  \
	A(.status = (number), .body = S3_SCRIPTED_ERROR(code))
#define DENIED REFUSAL(403, "AccessDenied")

Test(s3_upload, parts_are_tried_again_completed_or_aborted)
{
	static const struct {
		const char *what;
		struct fault_rule rule;
		int rc;
		unsigned completes, aborts;
	} cases[] = {
		{ "part once ill",
		  ONCE("PUT", "partNumber=2", A(.status = 500)), 0, 1, 0 },
		{ "part reset",
		  ONCE("PUT", "partNumber=2", A(.fault = FAULT_RESET)), 0, 1,
		  0 },
		{ "part denied", ALWAYS("PUT", "partNumber=2", DENIED), -EACCES,
		  0, 1 },
		{ "last part denied", ALWAYS("PUT", "partNumber=3", DENIED),
		  -EACCES, 0, 1 },
		{ "part always ill",
		  ALWAYS("PUT", "partNumber=1", REFUSAL(500, "InternalError")),
		  -EIO, 0, 1 },
		{ "part without ETag",
		  ALWAYS("PUT", "partNumber=1", A(.status = 200)), -EBADMSG, 0,
		  1 },
		{ "upload gone",
		  ALWAYS("PUT", "partNumber=1", REFUSAL(404, "NoSuchUpload")),
		  -EIO, 0, 1 },
		{ "begin denied", ALWAYS("POST", "?uploads=", DENIED), -EACCES,
		  0, 0 },
		{ "begin without id",
		  ALWAYS("POST", "?uploads=",
			 A(.body = "<InitiateMultipartUploadResult/>")),
		  -EBADMSG, 0, 0 },
		{ "complete: 200 with an error, once",
		  ONCE("POST", "uploadId=",
		       A(.body = S3_SCRIPTED_ERROR("InternalError"))),
		  0, 2, 0 },
		{ "complete: 200 with an error, always",
		  ALWAYS("POST", "uploadId=",
			 A(.body = S3_SCRIPTED_ERROR("InternalError"))),
		  -EIO, 3, 1 },
		{ "complete: 200 with a refusal",
		  ALWAYS("POST", "uploadId=",
			 A(.body = "   " S3_SCRIPTED_ERROR("EntityTooLarge"))),
		  -EFBIG, 1, 1 },
		{ "complete: kept alive",
		  ALWAYS("POST", "uploadId=", A(.body = " \n  \n  " COMPLETED)),
		  0, 1, 0 },
		{ "complete: nothing",
		  ALWAYS("POST", "uploadId=", A(.body = "")), -EBADMSG, 3, 1 },
		{ "complete: gone",
		  ALWAYS("POST", "uploadId=", REFUSAL(404, "NoSuchUpload")),
		  -EIO, 1, 1 },
		{ "head: cut",
		  ALWAYS("HEAD", NULL,
			 A(.headers = "ETag: \"e\"\r\n", .body = nothing,
			   .len = LARGE - 1)),
		  -EIO, 1, 0 },
		{ "head: not there", ALWAYS("HEAD", NULL, A(.status = 404)),
		  -EIO, 1, 0 },
		{ "head: another's",
		  ALWAYS("HEAD", NULL,
			 A(.headers = "ETag: \"f\"\r\n", .body = nothing,
			   .len = 5)),
		  0, 1, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rules[] = {
			S3_SCRIPTED_PROBE, cases[i].rule,    BEGIN, PART,
			COMPLETE,	   HEAD(LARGE, "e"), ABORT,
		};
		struct written w = WRITE(rules, LARGE);

		cr_expect_eq(w.rc, cases[i].rc, "%s: %d", cases[i].what, w.rc);
		cr_expect_eq(fault_server_count(w.server, "POST", "uploadId="),
			     cases[i].completes, "%s", cases[i].what);
		cr_expect_eq(fault_server_count(w.server, "DELETE",
						"k%20k?uploadId=u%2F1%2B"),
			     cases[i].aborts, "%s", cases[i].what);
		cr_expect(w.rc == 0 || strstr(w.said.text, "k k") ||
				  w.rc == -EBADMSG,
			  "%s: %s", cases[i].what, w.said.text);
		fault_server_free(w.server);
	}
}

Test(s3_upload, one_put_is_tried_again_or_fails)
{
	static const struct {
		const char *what;
		struct fault_rule rule;
		int rc;
		unsigned puts;
	} cases[] = {
		{ "once ill", ONCE("PUT", NULL, A(.status = 503)), 0, 2 },
		{ "damaged on its way",
		  ONCE("PUT", NULL, REFUSAL(400, "XAmzContentSHA256Mismatch")),
		  0, 2 },
		{ "reset", ONCE("PUT", NULL, A(.fault = FAULT_RESET)), 0, 2 },
		{ "denied", ALWAYS("PUT", NULL, DENIED), -EACCES, 1 },
		{ "full", ALWAYS("PUT", NULL, REFUSAL(403, "QuotaExceeded")),
		  -EDQUOT, 1 },
		{ "no bucket",
		  ALWAYS("PUT", NULL, REFUSAL(404, "NoSuchBucket")), -EIO, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rules[] = { S3_SCRIPTED_PROBE,
						    cases[i].rule, PUT,
						    HEAD(SMALL, "e") };
		struct written w = WRITE(rules, SMALL);

		cr_expect_eq(w.rc, cases[i].rc, "%s: %d", cases[i].what, w.rc);
		cr_expect_eq(fault_server_count(w.server, "PUT", NULL),
			     cases[i].puts, "%s", cases[i].what);
		cr_expect_eq(fault_server_count(w.server, "DELETE", NULL), 0);
		cr_expect(w.rc == 0 || strstr(w.said.text, "k k"), "%s: %s",
			  cases[i].what, w.said.text);
		fault_server_free(w.server);
	}
}

/* The ETag that S3 makes of three parts with that MD5. */
static void etag_of_three(char *out, size_t size)
{
	static const uint8_t part[DIGEST_MD5] = {
		0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
		0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
	};
	uint8_t parts[3 * DIGEST_MD5], md5[DIGEST_MD5];
	char hex[2 * DIGEST_MD5 + 1];

	for (size_t i = 0; i < 3; i++)
		memcpy(parts + i * DIGEST_MD5, part, DIGEST_MD5);
	cr_assert_eq(digest_md5(parts, sizeof(parts), md5), 0);
	digest_hex(md5, sizeof(md5), hex);
	snprintf(out, size, "ETag: \"%s-3\"\r\n", hex);
}

Test(s3_upload, an_answer_that_was_lost_is_looked_up)
{
	char etag[80];

	etag_of_three(etag, sizeof(etag));
	for (int wrong = 0; wrong < 2; wrong++) {
		const struct fault_rule rules[] = {
			S3_SCRIPTED_PROBE,
			BEGIN,
			PART,
			ONCE("POST", "uploadId=", A(.fault = FAULT_RESET)),
			ALWAYS("POST",
			       "uploadId=", REFUSAL(404, "NoSuchUpload")),
			ALWAYS("HEAD", NULL,
			       A(.headers = wrong ? "ETag: \"x\"\r\n" : etag,
				 .body = nothing, .len = LARGE)),
			ABORT,
		};
		struct written w = WRITE(rules, LARGE);

		cr_expect_eq(w.rc, wrong ? -EIO : 0, "%d: %s", w.rc,
			     w.said.text);
		fault_server_free(w.server);
	}
}

Test(s3_upload, closing_without_commit_aborts)
{
	static const struct fault_rule rules[] = {
		S3_SCRIPTED_PROBE,
		BEGIN,
		PART,
		ONCE("DELETE", NULL, A(.status = 500)),
		ABORT,
	};
	struct fault_server *s = s3_scripted_serve(rules, ARRAY_SIZE(rules));
	struct backend *b = s3_scripted_open(s);
	struct object *o;

	cr_assert_eq(object_create(b, "k", &o), 0);
	cr_assert_eq(object_append(o, nothing, LARGE), 0);
	object_close(o);
	cr_expect_eq(fault_server_count(s, "DELETE", "uploadId="), 2);
	cr_expect_eq(fault_server_count(s, "POST", "uploadId="), 0);
	backend_close(b);
	fault_server_free(s);
}

Test(s3_upload, what_was_begun_is_aborted_even_when_all_shall_stop)
{
	static const struct fault_rule rules[] = { S3_SCRIPTED_PROBE, BEGIN,
						   PART, ABORT };
	struct fault_server *s = s3_scripted_serve(rules, ARRAY_SIZE(rules));
	struct remote_options remote = s3_scripted_options(s);
	const struct backend_options options = { .mem_fd = -1,
						 .remote = &remote };
	_Atomic bool stop = false;
	struct backend *b;
	struct object *o;

	remote.stop = &stop;
	cr_assert_eq(backend_open(&s3_ops, "s3://bucket/pre", &options, &b), 0);
	cr_assert_eq(object_create(b, "k", &o), 0);
	cr_assert_eq(object_append(o, nothing, LARGE), 0);
	stop = true;
	cr_expect_eq(object_commit(o, 0), -ECANCELED);
	object_close(o);
	cr_expect_eq(fault_server_count(s, "DELETE", "uploadId="), 1);
	backend_close(b);
	fault_server_free(s);
}
