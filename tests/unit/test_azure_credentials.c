#include "backends/azure_credentials.h"

#include "backends/rest.h"
#include "lib/capture.h"
#include "lib/scratch.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

/* String literals are const, environments are not. */
#define ENVIRONMENT(...)                                                       \
	((char *const *)(uintptr_t)(const char *const[]){ __VA_ARGS__, NULL })

#define KEY "bXkgb3duIGtleSBpcyBub3QgQXp1cml0ZSdzLCBpdCBpcyBhIGxvbmcgb25l"
#define CONNECTION                                                             \
	"AccountName=acct;AccountKey=" KEY ";BlobEndpoint=http://10.0.0.1/acct"

static int64_t leap_day(void)
{
	return 1709251198; /* Thu, 29 Feb 2024 23:59:58 GMT */
}

/* Nothing of this machine: no .env, no environment. */
static int make(struct azure_credentials_options o,
		struct azure_credentials **out)
{
	static char *const nothing[] = { NULL };

	if (!o.environment)
		o.environment = nothing;
	if (!o.dotenv)
		o.dotenv = "/nonexistent/.env";
	o.now = leap_day;
	return azure_credentials_new(&o, out);
}

static const char *header_of(const struct rest_request *q, const char *name)
{
	for (size_t i = 0; q->headers[i]; i++)
		if (!strncmp(q->headers[i], name, strlen(name)))
			return q->headers[i] + strlen(name);
	return NULL;
}

/* ---- Signing ------------------------------------------------------------ */

/* The signatures are those of test_sharedkey.c. */
Test(azure_credentials, sign_with_a_key)
{
	struct azure_credentials *c;
	const struct http_piece body[] = { { "hello ", 6 }, { "world\n", 6 } };
	struct rest_call put = { .method = HTTP_PUT,
				 .path = "/ctr/a%20b%2Bc",
				 .body = body,
				 .n_body = 2 };
	struct rest_call list = { .method = HTTP_GET, .path = "/ctr" };
	struct rest_request q = {
		.headers = { "x-ms-version: 2021-12-02",
			     "x-ms-blob-type: BlockBlob",
			     "Content-Type: text/plain",
			     "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==",
			     "If-None-Match: *" },
	};

	cr_assert_eq(
		make((struct azure_credentials_options){ .account = "acct",
							 .account_key = KEY },
		     &c),
		0);
	cr_assert_eq(azure_credentials_sign(c, &put, &q), 0);
	cr_expect_str_eq(header_of(&q, "x-ms-date: "),
			 "Thu, 29 Feb 2024 23:59:58 GMT");
	cr_expect_str_eq(header_of(&q, "Authorization: "),
			 "SharedKey acct:"
			 "WUpoYqbNqA3r10wsUXSGJZC02kpxFVPSznK9qfGDamI=");
	cr_expect_null(q.query);

	q = (struct rest_request){
		.headers = { "x-ms-version: 2021-12-02" },
		.query = "restype=container&comp=list&"
			 "prefix=a%2Fb%20%C3%BC&delimiter=%2F",
	};
	cr_assert_eq(azure_credentials_sign(c, &list, &q), 0);
	cr_expect_str_eq(
		header_of(&q, "Authorization: "),
		"SharedKey acct:VmMSHizoxQLJ7o5hCUw0KkOPMBbS3NsPs632DxUfVz0=");
	cr_expect_null(azure_credentials_sas(c));
	azure_credentials_free(c);
}

Test(azure_credentials, add_a_shared_access_signature_to_the_query)
{
	static const struct {
		const char *sas, *query, *want;
	} cases[] = {
		{ "?sv=1&sig=a%2B", NULL, "sv=1&sig=a%2B" },
		{ "sv=1&sig=a%2B", "", "sv=1&sig=a%2B" },
		{ "sv=1&sig=a%2B", "comp=list", "comp=list&sv=1&sig=a%2B" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rest_call call = { .method = HTTP_GET, .path = "/ctr" };
		struct rest_request q = { .query = cases[i].query };
		struct azure_credentials *c;

		cr_assert_eq(make(
				     (struct azure_credentials_options){
					     .account = "acct",
					     .sas = cases[i].sas },
				     &c),
			     0);
		cr_assert_eq(azure_credentials_sign(c, &call, &q), 0);
		cr_expect_str_eq(q.query, cases[i].want);
		cr_expect_null(header_of(&q, "Authorization: "));
		cr_expect_str_eq(azure_credentials_sas(c), "sv=1&sig=a%2B");
		azure_credentials_expire(c);
		cr_expect_eq(azure_credentials_sign(c, &call, &q), 0);
		azure_credentials_free(c);
	}
}

Test(azure_credentials, say_that_a_request_has_no_room)
{
	static struct rest_request q;
	struct rest_call call = { .method = HTTP_GET, .path = "/ctr" };
	const struct azure_credentials_options options[] = {
		{ .account = "acct", .account_key = KEY },
		{ .account = "acct", .sas = "sv=1&sig=a%2B" },
	};
	struct azure_credentials *c;
	struct capture said;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		cr_assert_eq(make(options[i], &c), 0);
		q = (struct rest_request){ .used = sizeof(q.strings) - 6 };
		capture_start(&said);
		cr_expect_eq(azure_credentials_sign(c, &call, &q), -EMSGSIZE);
		capture_stop(&said);
		cr_expect_not_null(strstr(said.text, "too long"), "%s",
				   said.text);
		azure_credentials_free(c);
	}
}

/* ---- Where they come from ----------------------------------------------- */

static void expect_source(const struct azure_credentials_options *o,
			  const char *source, const char *account,
			  const char *endpoint)
{
	const char *got_account, *got_endpoint;
	struct azure_credentials *c;

	cr_assert_eq(make(*o, &c), 0);
	got_account = azure_credentials_account(c);
	got_endpoint = azure_credentials_endpoint(c);
	cr_expect_str_eq(azure_credentials_source(c), source);
	cr_expect(!got_account == !account);
	if (account)
		cr_expect_str_eq(got_account, account);
	cr_expect(!got_endpoint == !endpoint);
	if (endpoint)
		cr_expect_str_eq(got_endpoint, endpoint);
	azure_credentials_free(c);
}

Test(azure_credentials, come_from_settings_before_the_environment)
{
	char *const *environment = ENVIRONMENT(
		"AZURE_STORAGE_CONNECTION_STRING=" CONNECTION,
		"AZURE_STORAGE_KEY=" KEY, "AZURE_STORAGE_SAS_TOKEN=sig=x",
		"AZURE_STORAGE_ACCOUNT=other");
	const struct azure_credentials_options cases[] = {
		{ .account = "mine", .account_key = KEY },
		{ .account = "mine", .sas = "sig=x" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct azure_credentials_options o = cases[i];

		o.environment = environment;
		expect_source(&o, "settings", "mine", NULL);
	}
	expect_source(
		&(struct azure_credentials_options){
			.connection_string = CONNECTION,
			.environment = environment },
		"settings", "acct", "http://10.0.0.1/acct");
}

Test(azure_credentials, come_from_the_environment)
{
	static const struct {
		const char *variable, *account, *endpoint;
	} cases[] = {
		{ "AZURE_STORAGE_CONNECTION_STRING=" CONNECTION, "acct",
		  "http://10.0.0.1/acct" },
		{ "AZURE_STORAGE_KEY=" KEY, "named", NULL },
		{ "AZURE_STORAGE_ACCOUNT_KEY=" KEY, "named", NULL },
		{ "AZURE_STORAGE_SAS_TOKEN=?sig=x", "named", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect_source(
			&(struct azure_credentials_options){
				.account = "",
				.environment = ENVIRONMENT(
					"AZURE_STORAGE_ACCOUNT=named",
					cases[i].variable) },
			"environment", cases[i].account, cases[i].endpoint);
}

Test(azure_credentials, come_from_a_file_named_dotenv)
{
	char *folder = scratch_new(), path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/.env", folder);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	fputs("AZURE_STORAGE_ACCOUNT=named\n"
	      "AZURE_STORAGE_KEY=\"" KEY "\"\n",
	      f);
	fclose(f);
	expect_source(&(struct azure_credentials_options){ .dotenv = path },
		      ".env", "named", NULL);
	expect_source(&(struct azure_credentials_options){ .account = "mine",
							   .dotenv = path },
		      ".env", "mine", NULL);
	scratch_remove(folder);
}

Test(azure_credentials, that_make_no_sense_are_refused_without_being_repeated)
{
	static const struct {
		struct azure_credentials_options options;
		const char *variable, *says;
	} cases[] = {
		{ { .account = "a", .account_key = "hush." }, "A=", "base64" },
		{ { .account_key = KEY }, "A=", "needs an account" },
		{ { .account = "a", .sas = "hu sh" }, "A=", "none" },
		{ { .connection_string = "hush" }, "A=", "settings" },
		{ { .connection_string = "AccountName=a;AccountKey=hush." },
		  "A=",
		  "base64" },
		{ { .account = "other", .connection_string = CONNECTION },
		  "A=",
		  "for the account acct, not other" },
		{ { .account = "a" },
		  "AZURE_STORAGE_CONNECTION_STRING=hush",
		  "environment" },
		{ { .account = "a" }, "AZURE_STORAGE_KEY=hush.", "base64" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct azure_credentials_options o = cases[i].options;
		struct azure_credentials *c = NULL;
		struct capture said;

		o.environment = ENVIRONMENT(cases[i].variable);
		capture_start(&said);
		cr_expect_eq(make(o, &c), -EINVAL, "case %zu", i);
		capture_stop(&said);
		cr_expect_null(c);
		cr_expect_not_null(strstr(said.text, cases[i].says), "%zu: %s",
				   i, said.text);
		cr_expect_null(strstr(said.text, "hush"), "%s", said.text);
		cr_expect_null(strstr(said.text, KEY), "%s", said.text);
	}
}
