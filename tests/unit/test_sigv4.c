/* What the signatures must be was computed by botocore 1.43, another's
 * implementation, for requests of our own.  The vectors that Amazon publishes
 * are gone through in tests/shared. */
#include "backends/sigv4.h"

#include "backends/strbuf.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#define EMPTY                                                                  \
	"e3b0c44298fc1c149afbf4c8996fb924"                                     \
	"27ae41e4649b934ca495991b7852b855"

static const struct {
	const char *what;
	struct sigv4_request request;
	struct sigv4_key key;
	struct sigv4_scope scope;
	const char *canonical, *hash, *names, *signature;
} cases[] = {
	{
		"a range, with a session token and an odd path",
		{ .method = "GET",
		  .path = "/dir/a%20b%2Bc//..%C3%BC",
		  .headers =
			  (const char *const[]){
				  "Host: bkt.s3.eu-west-3.amazonaws.com",
				  "X-Amz-Date: 20261122T220934Z",
				  "X-Amz-Security-Token: to/ken+==",
				  "X-Amz-Content-Sha256: " EMPTY,
				  "Range: bytes=7-", "If-Match: \"e-2\"", NULL },
		  .payload_hash = EMPTY },
		{ "AKDLIOFS", "not/a+secret", "to/ken+==" },
		{ 1795385374, "eu-west-3", "s3" },
		"GET\n/dir/a%20b%2Bc//..%C3%BC\n\n"
		"host:bkt.s3.eu-west-3.amazonaws.com\nif-match:\"e-2\"\n"
		"range:bytes=7-\nx-amz-content-sha256:" EMPTY "\n"
		"x-amz-date:20261122T220934Z\n"
		"x-amz-security-token:to/ken+==\n\n"
		"host;if-match;range;x-amz-content-sha256;x-amz-date;"
		"x-amz-security-token\n" EMPTY,
		"90a96b5855af05a8e20f4b85d50a7335"
		"a0ac64003760deef4216039c173950a2",
		"host;if-match;range;x-amz-content-sha256;x-amz-date;"
		"x-amz-security-token",
		"cff58dd49866fe7b9b12acfe9828a02b"
		"6e74386a709581ff9553a8dca7f91962",
	},
	{
		"a listing, its query not in order",
		{ .method = "GET",
		  .path = "/bkt",
		  .query = "prefix=a%2Fb&list-type=2&delimiter=%2F&"
			   "encoding-type=url",
		  .headers =
			  (const char *const[]){ "Host: s3.local:9000",
						 "X-Amz-Content-Sha256: " EMPTY,
						 "X-Amz-Date: 20261122T220934Z",
						 NULL },
		  .payload_hash = EMPTY },
		{ "AKDLIOFS", "not/a+secret", NULL },
		{ 1795385374, "us-east-1", "s3" },
		"GET\n/bkt\ndelimiter=%2F&encoding-type=url&list-type=2&"
		"prefix=a%2Fb\nhost:s3.local:9000\n"
		"x-amz-content-sha256:" EMPTY "\nx-amz-date:20261122T220934Z\n"
		"\nhost;x-amz-content-sha256;x-amz-date\n" EMPTY,
		"c9e5844b86959be9df8661602a0241df"
		"4924daf50f6adb177bfdb127e5bf8a03",
		"host;x-amz-content-sha256;x-amz-date",
		"e69dcca29a8bf82e4331a2a6917289111"
		"892815a741706bbf979e061cd3af96c",
	},
	{
		"a parameter without a value",
		{ .method = "POST",
		  .path = "/bkt/k",
		  .query = "uploads",
		  .headers =
			  (const char *const[]){
				  "host:s3.local:9000",
				  "x-amz-content-sha256:  " EMPTY "\t",
				  "x-amz-date:20261122T220934Z", NULL },
		  .payload_hash = EMPTY },
		{ "AKDLIOFS", "not/a+secret", NULL },
		{ 1795385374, "us-east-1", "s3" },
		"POST\n/bkt/k\nuploads=\nhost:s3.local:9000\n"
		"x-amz-content-sha256:" EMPTY "\nx-amz-date:20261122T220934Z\n"
		"\nhost;x-amz-content-sha256;x-amz-date\n" EMPTY,
		"7772943201370447ce63d3d3e2734971"
		"afe7cf29f913d091f46ad11eedb67669",
		"host;x-amz-content-sha256;x-amz-date",
		"c19cfdc7a6708bda37fcc914a4b2c10a"
		"8c58d682fa868527df93ebfd5fae0e90",
	},
	{
		"another service: dots, slashes, and encoded twice",
		{ .method = "POST",
		  .path = "/a%20b/./c/../",
		  .headers =
			  (const char *const[]){
				  "Content-Type: application/"
				  "x-www-form-urlencoded; charset=utf-8",
				  "Host: sts.amazonaws.com",
				  "X-Amz-Date: 20261122T220934Z", NULL },
		  .payload_hash = "80f6421ec9448a0b058e65fbcf0dfe66"
				  "91d336e735056c375108a5444e43ed41",
		  .normalize = true },
		{ "AKDLIOFS", "not/a+secret", NULL },
		{ 1795385374, "us-east-1", "sts" },
		"POST\n/a%2520b/\n\ncontent-type:application/"
		"x-www-form-urlencoded; charset=utf-8\nhost:sts.amazonaws.com\n"
		"x-amz-date:20261122T220934Z\n\ncontent-type;host;x-amz-date\n"
		"80f6421ec9448a0b058e65fbcf0dfe66"
		"91d336e735056c375108a5444e43ed41",
		"89bf67710d54d6af8a1774b75415954c"
		"0f1fb9da2a29fd086ca5e69da4fa644d",
		"content-type;host;x-amz-date",
		"0885eb014aad61e679f56477e715c6c1"
		"870b07a0dfe8ad32e87269d95aa939e3",
	},
};

Test(sigv4, makes_the_canonical_request)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *got = NULL;

		cr_assert_eq(sigv4_canonical(&cases[i].request, &got), 0);
		cr_expect_str_eq(got, cases[i].canonical, "%s", cases[i].what);
	}
}

Test(sigv4, makes_the_string_to_sign_of_a_canonical_request)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct sigv4_scope *s = &cases[i].scope;
		AUTO_FREE char *got = NULL;
		char want[256];

		snprintf(want, sizeof(want),
			 "AWS4-HMAC-SHA256\n20261122T220934Z\n"
			 "20261122/%s/%s/aws4_request\n%s",
			 s->region, s->service, cases[i].hash);
		cr_assert_eq(sigv4_string_to_sign(s, cases[i].canonical, &got),
			     0);
		cr_expect_str_eq(got, want, "%s", cases[i].what);
	}
}

Test(sigv4, makes_the_authorization)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct sigv4_scope *s = &cases[i].scope;
		AUTO_FREE char *got = NULL;
		char want[512];

		snprintf(want, sizeof(want),
			 "AWS4-HMAC-SHA256 Credential=AKDLIOFS/20261122/%s/%s/"
			 "aws4_request, SignedHeaders=%s, Signature=%s",
			 s->region, s->service, cases[i].names,
			 cases[i].signature);
		cr_assert_eq(sigv4_authorization(&cases[i].key, s,
						 &cases[i].request, &got),
			     0);
		cr_expect_str_eq(got, want, "%s", cases[i].what);
	}
}

Test(sigv4, presigns)
{
	static const struct sigv4_key key = { "AKDLIOFS", "not/a+secret",
					      "to/ken+==" };
	static const struct sigv4_scope scope = { 1795385374, "us-east-1",
						  "s3" };
	struct sigv4_request r = {
		.method = "GET",
		.path = "/bkt/k",
		.query = "versionId=3%2F4",
		.headers = (const char *const[]){ "Host: s3.local:9000", NULL },
		.payload_hash = SIGV4_UNSIGNED,
	};
	AUTO_FREE char *got = NULL;

	cr_assert_eq(sigv4_presign(&key, &scope, &r, 900, &got), 0);
	cr_expect_str_eq(
		got, "versionId=3%2F4&X-Amz-Algorithm=AWS4-HMAC-SHA256&"
		     "X-Amz-Credential=AKDLIOFS%2F20261122%2Fus-east-1%2Fs3%2F"
		     "aws4_request&X-Amz-Date=20261122T220934Z&"
		     "X-Amz-Expires=900&X-Amz-Security-Token=to%2Fken%2B%3D%3D&"
		     "X-Amz-SignedHeaders=host&X-Amz-Signature="
		     "8478e84f0ecf72047ee60ca96ee6f630"
		     "6da12abda21d93094fe4e7768171431f");
}

/* The line of the canonical request, from 0. */
static char *canonical_line(const struct sigv4_request *r, int line)
{
	char *text, *p, *out;

	cr_assert_eq(sigv4_canonical(r, &text), 0);
	p = text;
	while (line-- > 0)
		p = strchr(p, '\n') + 1;
	out = strndup(p, strcspn(p, "\n"));
	free(text);
	return out;
}

/* '=' comes after '%', '-', '.' and the digits, so lines are not to be sorted,
 * but names. */
Test(sigv4, sorts_a_query_by_names_and_then_by_values)
{
	static const struct {
		const char *query, *want;
	} queries[] = {
		{ NULL, "" },
		{ "", "" },
		{ "a-b=1&a=2", "a=2&a-b=1" },
		{ "a1=1&a=2&a%20=3", "a=2&a%20=3&a1=1" },
		{ "a=2&a=10&a=", "a=&a=10&a=2" },
		{ "b&a", "a=&b=" },
		{ "a=b=c", "a=b=c" },
		{ "b=1&B=1&_=1", "B=1&_=1&b=1" },
		{ "&a=1&&b=2&", "a=1&b=2" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
		struct sigv4_request r = { .method = "GET",
					   .path = "/",
					   .query = queries[i].query,
					   .payload_hash = EMPTY };
		AUTO_FREE char *got = canonical_line(&r, 2);

		cr_expect_str_eq(got, queries[i].want, "'%s'",
				 queries[i].query);
	}
}

Test(sigv4, takes_paths_as_they_are_only_for_s3)
{
	static const struct {
		const char *path, *as_is, *normalized;
	} paths[] = {
		{ "", "/", "/" },
		{ "/", "/", "/" },
		{ "//", "//", "/" },
		{ "/a", "/a", "/a" },
		{ "/a/", "/a/", "/a/" },
		{ "/a//b/", "/a//b/", "/a/b/" },
		{ "/./a/.", "/./a/.", "/a/" },
		{ "/a/..", "/a/..", "/" },
		{ "/a/b/..", "/a/b/..", "/a/" },
		{ "/a/b/../../../c", "/a/b/../../../c", "/c" },
		{ "/..a/.b/c..", "/..a/.b/c..", "/..a/.b/c.." },
		{ "/a%2Fb", "/a%2Fb", "/a%252Fb" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct sigv4_request r = { .method = "GET",
					   .path = paths[i].path,
					   .payload_hash = EMPTY };
		AUTO_FREE char *as_is = canonical_line(&r, 1);
		AUTO_FREE char *normalized = NULL;

		r.normalize = true;
		normalized = canonical_line(&r, 1);
		cr_expect_str_eq(as_is, paths[i].as_is);
		cr_expect_str_eq(normalized, paths[i].normalized, "'%s'",
				 paths[i].path);
	}
}

Test(sigv4, joins_headers_of_one_name_and_runs_of_blanks)
{
	struct sigv4_request r = {
		.method = "GET",
		.path = "/",
		.headers =
			(const char *const[]){ "X-b: two  \t words\r\n  more ",
					       "Host:h", "x-B:2", "X-B:1",
					       "X-Bb:", NULL },
		.payload_hash = EMPTY,
	};
	AUTO_FREE char *got = NULL;

	cr_assert_eq(sigv4_canonical(&r, &got), 0);
	cr_expect_str_eq(got,
			 "GET\n/\n\nhost:h\nx-b:two words more,2,1\nx-bb:\n\n"
			 "host;x-b;x-bb\n" EMPTY);
}

Test(sigv4, refuses_what_it_cannot_sign)
{
	static const struct sigv4_key key = { "id", "secret", NULL };
	static const struct sigv4_scope scope = { 0, "r", "s" };
	static const char *const no_header[] = { "Host: h", "words", NULL };
	static const char *const no_name[] = { ": h", NULL };
	const char *many[67] = { NULL };
	char query[256] = "";
	struct sigv4_request r = { .method = "GET",
				   .path = "/",
				   .payload_hash = EMPTY };
	char *out = NULL;

	r.headers = no_header;
	cr_expect_eq(sigv4_canonical(&r, &out), -EINVAL);
	cr_expect_eq(sigv4_authorization(&key, &scope, &r, &out), -EINVAL);
	cr_expect_eq(sigv4_presign(&key, &scope, &r, 1, &out), -EINVAL);
	r.headers = no_name;
	cr_expect_eq(sigv4_canonical(&r, &out), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(many) - 1; i++)
		many[i] = "a: b";
	r.headers = many;
	cr_expect_eq(sigv4_canonical(&r, &out), -E2BIG);
	many[64] = NULL;
	cr_expect_eq(sigv4_canonical(&r, &out), 0);
	free(out);

	r.headers = NULL;
	for (size_t i = 0; i < 65; i++)
		memcpy(query + 2 * i, "a&", 3);
	r.query = query;
	cr_expect_eq(sigv4_canonical(&r, &out), -E2BIG);
	query[2 * 64] = '\0';
	cr_expect_eq(sigv4_canonical(&r, &out), 0);
	free(out);
}

Test(sigv4, signs_with_secrets_of_any_length)
{
	static const struct sigv4_scope scope = { 1795385374, "us-east-1",
						  "s3" };
	char secret[101] = "", out[SIGV4_HEX_SIZE];
	static const struct {
		size_t len;
		const char *want;
	} lengths[] = {
		{ 0, "cdddd91fe98397aaf37c73b5e99e7c33"
		     "55ad2688a2eb51c1112f8417eb60dc47" },
		{ 60, "5106e32da06f48f831262e317feaaa8d"
		      "f3fa62cb8425f5000dc3ac0c833ba54b" },
		{ 61, "ee07302486e242674c661249af5320d8"
		      "bd7c47228633545fdbc6b51add38a45c" },
		{ 100, "9a31ee09beb47d8aad202adb144f0888"
		       "6dca530e992269cc26f73b2d2ca734a1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		const struct sigv4_key key = { "id", secret, NULL };

		memset(secret, 's', lengths[i].len);
		cr_assert_eq(sigv4_signature(&key, &scope, "text", out), 0);
		cr_expect_str_eq(out, lengths[i].want);
	}
}

Test(sigv4, writes_times_of_any_year_it_can)
{
	static const struct {
		int64_t time;
		const char *want;
	} times[] = {
		{ 0, "19700101T000000Z" },
		{ 951868800, "20000301T000000Z" },
		{ 1709251198, "20240229T235958Z" },
		{ 253402300799, "99991231T235959Z" },
		{ INT64_MAX, "99991231T235959Z" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		char out[SIGV4_TIME_SIZE];

		sigv4_time(times[i].time, out);
		cr_expect_str_eq(out, times[i].want);
	}
}
