/* The signatures were computed by Microsoft's SDK for Python (12.15), for
 * requests of our own.  More of them, and the documentation's, are gone through
 * in tests/shared. */
#include "backends/sharedkey.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#define KEY "bXkgb3duIGtleSBpcyBub3QgQXp1cml0ZSdzLCBpdCBpcyBhIGxvbmcgb25l"
#define DATE "x-ms-date: Thu, 29 Feb 2024 23:59:58 GMT"
#define DATE_LINE "x-ms-date:Thu, 29 Feb 2024 23:59:58 GMT\n"
#define VERSION_LINE "x-ms-version:2021-12-02\n"

static const struct {
	const char *what;
	struct sharedkey_request request;
	const char *text, *signature;
} cases[] = {
	{
		"a listing",
		{ .method = "GET",
		  .account = "acct",
		  .path = "/ctr",
		  .query = "restype=container&comp=list&"
			   "prefix=a%2Fb%20%C3%BC&delimiter=%2F",
		  .headers = (const char *const[]){ "x-ms-version: 2021-12-02",
						    DATE, NULL } },
		"GET\n\n\n\n\n\n\n\n\n\n\n\n" DATE_LINE VERSION_LINE
		"/acct/ctr\ncomp:list\ndelimiter:/\nprefix:a/b \xc3\xbc\n"
		"restype:container",
		"VmMSHizoxQLJ7o5hCUw0KkOPMBbS3NsPs632DxUfVz0=",
	},
	{
		"a blob with a body, and two dates",
		{ .method = "PUT",
		  .account = "acct",
		  .path = "/ctr/a%20b%2Bc",
		  .headers =
			  (const char *const[]){
				  DATE, "X-MS-Version:2021-12-02",
				  "Date: Fri, 01 Mar 2024 00:00:00 GMT",
				  "Host: acct.blob.core.windows.net",
				  "x-ms-blob-type: BlockBlob",
				  "content-type: text/plain",
				  "Content-Length: 12",
				  "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==",
				  "If-None-Match: *", NULL },
		  .content_length = 12 },
		"PUT\n\n\n12\n1B2M2Y8AsgTpgAmY7PhCfg==\ntext/plain\n\n\n\n*\n"
		"\n\nx-ms-blob-type:BlockBlob\n" DATE_LINE VERSION_LINE
		"/acct/ctr/a%20b%2Bc",
		"WUpoYqbNqA3r10wsUXSGJZC02kpxFVPSznK9qfGDamI=",
	},
	{
		"a range of a blob, the account twice in its path",
		{ .method = "GET",
		  .account = "acct",
		  .path = "/acct/ctr/k",
		  .headers =
			  (const char *const[]){
				  "If-Match: \"0x1\"", "x-ms-range: bytes=1-2",
				  DATE, "x-ms-version: 2021-12-02", NULL } },
		"GET\n\n\n\n\n\n\n\n\"0x1\"\n\n\n\n" DATE_LINE
		"x-ms-range:bytes=1-2\n" VERSION_LINE "/acct/acct/ctr/k",
		"Ih7TsGjxQ8AQF6LO4j6K2MK50S2VwobxmBP6lsw5rw8=",
	},
};

Test(sharedkey, makes_the_string_to_sign)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *got = NULL;

		cr_assert_eq(sharedkey_string_to_sign(&cases[i].request, &got),
			     0);
		cr_expect_str_eq(got, cases[i].text, "%s", cases[i].what);
	}
}

Test(sharedkey, signs_it)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char got[SHAREDKEY_SIGNATURE];

		cr_assert_eq(sharedkey_signature(KEY, cases[i].text, got), 0);
		cr_expect_str_eq(got, cases[i].signature, "%s", cases[i].what);
	}
}

static void expect_text(const struct sharedkey_request *r, const char *want)
{
	AUTO_FREE char *got = NULL;

	cr_assert_eq(sharedkey_string_to_sign(r, &got), 0);
	cr_expect_str_eq(got, want);
}

Test(sharedkey, gives_every_standard_header_a_line_of_its_own)
{
	struct sharedkey_request r = {
		.method = "PUT",
		.account = "a",
		.path = "",
		.headers =
			(const char *const[]){
				"Range: r", "If-Unmodified-Since: ius",
				"If-None-Match: inm", "If-Match: im",
				"If-Modified-Since: ims", "Date: d",
				"Content-Type: ct", "Content-MD5: m",
				"Content-Language: cl", "Content-Encoding: ce",
				"Accept: no", NULL },
		.content_length = UINT64_MAX,
	};

	expect_text(&r, "PUT\nce\ncl\n18446744073709551615\nm\nct\nd\nims\nim\n"
			"inm\nius\nr\n/a/");
}

Test(sharedkey, takes_the_length_from_the_body_and_none_for_an_empty_one)
{
	struct sharedkey_request r = {
		.method = "PUT",
		.account = "a",
		.path = "/",
		.headers = (const char *const[]){ "Content-Length: 0", NULL },
	};

	expect_text(&r, "PUT\n\n\n\n\n\n\n\n\n\n\n\n/a/");
}

Test(sharedkey, puts_its_own_headers_in_order_and_on_one_line_each)
{
	struct sharedkey_request r = {
		.method = "GET",
		.account = "a",
		.path = "/",
		.headers = (const char *const[]){ "x-ms-b: \t two \r\n words ",
						  "X-MS-B-A:2", "x-ms-A:",
						  "x-m:no", "x-ms:no", NULL },
	};

	expect_text(&r, "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-a:\nx-ms-b:two words\n"
			"x-ms-b-a:2\n/a/");
}

Test(sharedkey, decodes_and_sorts_the_query)
{
	static const struct {
		const char *query, *want;
	} queries[] = {
		{ NULL, "" },
		{ "", "" },
		{ "b=2&a=1", "\na:1\nb:2" },
		{ "Comp=LIST&aB=", "\nab:\ncomp:LIST" },
		{ "a=z&a=b", "\na:b,z" },
		{ "a=z&A=b%2Cc", "\na:b,c,z" },
		{ "uploads", "\nuploads:" },
		{ "p=%25%2b+%0a", "\np:%++\n" },
		{ "%41-=1&a=2", "\na:2\na-:1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
		struct sharedkey_request r = { .method = "GET",
					       .account = "a",
					       .path = "/c",
					       .query = queries[i].query };
		char want[128];

		snprintf(want, sizeof(want),
			 "GET\n\n\n\n\n\n\n\n\n\n\n\n/a/c%s", queries[i].want);
		expect_text(&r, want);
	}
}

Test(sharedkey, refuses_what_it_cannot_sign)
{
	static const char *const no_header[] = { "words", NULL };
	static const char *const no_key[] = { "", "no base64", "Zg=" };
	struct sharedkey_request r = { .method = "GET",
				       .account = "a",
				       .path = "/",
				       .headers = no_header };
	char signature[SHAREDKEY_SIGNATURE], query[256] = "", *text;
	char long_key[400];

	cr_expect_eq(sharedkey_string_to_sign(&r, &text), -EINVAL);
	r.headers = NULL;
	for (size_t i = 0; i < 65; i++)
		memcpy(query + 2 * i, "a&", 3);
	r.query = query;
	cr_expect_eq(sharedkey_string_to_sign(&r, &text), -E2BIG);
	for (size_t i = 0; i < ARRAY_SIZE(no_key); i++)
		cr_expect_eq(sharedkey_signature(no_key[i], "text", signature),
			     -EINVAL, "'%s'", no_key[i]);
	memset(long_key, 'A', sizeof(long_key));
	long_key[sizeof(long_key) - 4] = '\0';
	cr_expect_eq(sharedkey_signature(long_key, "text", signature), -EINVAL);
}

/* ---- Shared access signatures ------------------------------------------- */

Test(sharedkey, makes_shared_access_signatures)
{
	static const struct {
		struct sharedkey_sas sas;
		const char *want;
	} signatures[] = {
		{ { .container = "ctr",
		    .blob = "dir/a b+\xc3\xbc.npz",
		    .permissions = "r",
		    .expires = 1893553445,
		    .https_only = true },
		  "sv=2021-12-02&sr=b&sp=r&se=2030-01-02T03%3A04%3A05Z&"
		  "spr=https&"
		  "sig=54kG70wsWiX4M6bDmcAiWXlHDt%2FZR2TUIyEiDdC0ZrI%3D" },
		{ { .container = "ctr",
		    .permissions = "racwdl",
		    .start = 1709251198,
		    .expires = 1893553445 },
		  "sv=2021-12-02&sr=c&sp=racwdl&st=2024-02-29T23%3A59%3A58Z&"
		  "se=2030-01-02T03%3A04%3A05Z&spr=https%2Chttp&"
		  "sig=eMexNs4nRXm0vx7u8M0EcfAbqNnIvqEJMTGJ8rQscNk%3D" },
		{ { .permissions = "rwdlac",
		    .start = 1709251198,
		    .expires = 1893553445 },
		  "sv=2021-12-02&ss=b&srt=sco&sp=rwdlac&"
		  "st=2024-02-29T23%3A59%3A58Z&se=2030-01-02T03%3A04%3A05Z&"
		  "spr=https%2Chttp&"
		  "sig=TkutrBqwQ%2FxpW7dAV6SBQ905x0ibKCFugwKXUX4RSdc%3D" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(signatures); i++) {
		struct sharedkey_sas sas = signatures[i].sas;
		AUTO_FREE char *got = NULL;

		sas.account = "acct";
		sas.key = KEY;
		cr_assert_eq(sharedkey_sas(&sas, &got), 0);
		cr_expect_str_eq(got, signatures[i].want);
	}
}

Test(sharedkey, makes_none_without_a_key)
{
	const struct sharedkey_sas sas = { .account = "acct",
					   .key = "no base64",
					   .permissions = "r" };
	char *query;

	cr_expect_eq(sharedkey_sas(&sas, &query), -EINVAL);
}
