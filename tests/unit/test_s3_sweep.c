/* Looking for uploads that nobody completes, at a server that answers as it is
 * told. */
#include "backends/s3_sweep.h"

#include "lib/capture.h"
#include "lib/s3_scripted.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define LIST(inside)                                                           \
	"<ListMultipartUploadsResult>" inside "</ListMultipartUploadsResult>"
#define UPLOAD(key, id)                                                        \
	"<Upload><Initiator><ID>me</ID></Initiator><UploadId>" id              \
	"</UploadId><Key>" key "</Key></Upload>"
#define URL "<EncodingType>url</EncodingType>"
#define MORE(key, id)                                                          \
	"<IsTruncated>true</IsTruncated><NextKeyMarker>" key                   \
	"</NextKeyMarker><NextUploadIdMarker>" id "</NextUploadIdMarker>"
#define ABORT                                                                  \
	{                                                                      \
		.method = "DELETE", .target = "uploadId=", .answer = {         \
			.status = 204                                          \
		}                                                              \
	}

/* All but "x/kept". */
static bool wanted(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "x/kept") != 0;
}

static int64_t sweep(struct fault_server *s, const char *prefix)
{
	struct backend *b = s3_scripted_open(s);
	int64_t n = backend_sweep(b, prefix, wanted, NULL);

	backend_close(b);
	return n;
}

Test(s3_sweep, goes_from_page_to_page_and_aborts_what_is_wanted)
{
	static const struct fault_rule rules[] = {
		S3_SCRIPTED_PROBE,
		ABORT,
		{ .target = "&key-marker=pre%2Fx%2Fb%20b&upload-id-marker=2%2B",
		  .answer = { .body = LIST(UPLOAD("pre/x/c", "3")) } },
		{ .target = "?uploads=&encoding-type=url&prefix=pre%2Fx%2F",
		  .answer = { .body = LIST(
				      UPLOAD("pre%2Fx%2Fa%2B", "1/") UPLOAD(
					      "pre/x/kept",
					      "9") UPLOAD("pre/x/b+b", "2+")
					      URL MORE("pre/x/b+b", "2+")) } },
	};
	struct fault_server *s = s3_scripted_serve(rules, ARRAY_SIZE(rules));

	cr_expect_eq(sweep(s, "x/"), 3);
	cr_expect_eq(fault_server_count(s, "GET", "?uploads="), 2);
	cr_expect_eq(fault_server_count(s, "DELETE", ""), 3);
	cr_expect_eq(fault_server_count(s, "DELETE",
					"/bucket/pre/x/a%2B?uploadId=1%2F"),
		     1);
	cr_expect_eq(fault_server_count(s, "DELETE",
					"/bucket/pre/x/b%20b?uploadId=2%2B"),
		     1);
	cr_expect_eq(fault_server_count(s, "DELETE",
					"/bucket/pre/x/c?uploadId=3"),
		     1);
	fault_server_free(s);
}

Test(s3_sweep, touches_nothing_outside_whatever_the_server_lists)
{
	static const struct fault_rule rules[] = {
		S3_SCRIPTED_PROBE,
		ABORT,
		{ .answer = { .body = LIST(UPLOAD("pre/xy", "1") UPLOAD(
				      "x/a", "2") UPLOAD("pre/x/../y", "3")
						   UPLOAD("pre/x/", "4") UPLOAD(
							   "other/x/a", "5")
							   UPLOAD("pre/x/"
								  "a%00b",
								  "6") URL) } },
	};
	struct fault_server *s = s3_scripted_serve(rules, ARRAY_SIZE(rules));

	cr_expect_eq(sweep(s, "x/"), 0);
	cr_expect_eq(fault_server_count(s, "DELETE", ""), 0);
	cr_expect_eq(sweep(s, "../"), -EINVAL);
	fault_server_free(s);
}

Test(s3_sweep, a_list_that_is_no_list_aborts_nothing)
{
	static const struct {
		const char *body;
		int rc;
	} cases[] = {
		{ LIST("<Upload><Key>pre/x/a</Key></Upload>"), -EBADMSG },
		{ LIST("<Upload><UploadId>1</UploadId></Upload>"), -EBADMSG },
		{ LIST(UPLOAD("pre/x/a",
			      "1") "<Upload><Key>pre/x/b</Key></Upload>"),
		  -EBADMSG },
		{ "<ListMultipartUploadsResult>" UPLOAD("pre/x/a", "1"),
		  -EBADMSG },
		{ "<ListBucketResult/>", -EBADMSG },
		{ S3_SCRIPTED_ERROR("AccessDenied"), -EIO },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rules[] = {
			S3_SCRIPTED_PROBE,
			ABORT,
			{ .answer = { .body = cases[i].body } },
		};
		struct fault_server *s =
			s3_scripted_serve(rules, ARRAY_SIZE(rules));
		struct capture said;

		capture_start(&said);
		cr_expect_eq(sweep(s, "x/"), cases[i].rc, "%s", cases[i].body);
		capture_stop(&said);
		cr_expect_str_eq(said.text, "");
		cr_expect_eq(fault_server_count(s, "DELETE", ""), 0, "%s",
			     cases[i].body);
		fault_server_free(s);
	}
}

Test(s3_sweep, a_list_that_does_not_go_on_is_an_error)
{
	static const char *const bodies[] = {
		LIST("<IsTruncated>true</IsTruncated>"),
		LIST(MORE("pre/x/a", "1")), /* for ever */
	};

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		const struct fault_rule rules[] = {
			S3_SCRIPTED_PROBE,
			{ .answer = { .body = bodies[i] } },
		};
		struct fault_server *s =
			s3_scripted_serve(rules, ARRAY_SIZE(rules));
		struct capture said;

		capture_start(&said);
		cr_expect_eq(sweep(s, "x/"), -EBADMSG);
		capture_stop(&said);
		cr_expect(strstr(said.text, "does not say how the list"), "%s",
			  said.text);
		cr_expect_leq(fault_server_count(s, "GET", "?uploads="), 2);
		fault_server_free(s);
	}
}

Test(s3_sweep, a_refusal_is_the_callers_to_say)
{
	static const struct fault_rule rules[] = {
		S3_SCRIPTED_PROBE,
		{ .answer = { .status = 403,
			      .body = S3_SCRIPTED_ERROR("AccessDenied") } },
	};
	struct fault_server *s = s3_scripted_serve(rules, ARRAY_SIZE(rules));
	struct capture said;

	capture_start(&said);
	cr_expect_eq(sweep(s, "x/"), -EACCES);
	capture_stop(&said);
	cr_expect_str_eq(said.text, "");
	fault_server_free(s);
}
