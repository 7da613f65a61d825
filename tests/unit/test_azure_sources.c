/* Where bearer tokens come from, each played by a server, or a program, of our
 * own. */
#include "backends/azure_credentials.h"

#include "backends/http.h"
#include "lib/azure_signed.h"
#include "lib/capture.h"
#include "lib/fault_server.h"
#include "lib/scratch.h"
#include "lib/surroundings.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#define TOKEN "{\"access_token\":\"%s\",\"expires_in\":3600}"

static struct fault_server *server;
static struct http *http;
static char *folder;
static struct surroundings around;

static void start(bool tls,
		  void (*handler)(void *arg, const struct fault_request *q,
				  struct fault_answer *a))
{
	struct http_options options = { 0 };

	setenv("no_proxy", "*", 1);
	cr_assert_eq(fault_server_new(
			     &(struct fault_server_options){
				     .tls = tls, .handler = handler },
			     &server),
		     0);
	options.ca_file = tls ? fault_server_ca(server) : NULL;
	cr_assert_eq(http_new(&options, &http), 0);
	folder = scratch_new();
	memset(&around, 0, sizeof(around));
}

static void stop(void)
{
	http_free(http);
	fault_server_free(server);
	scratch_remove(folder);
}

static int make(struct azure_credentials **out)
{
	const struct azure_credentials_options options = {
		.account = "acct",
		.environment = around.environment,
		.dotenv = "/nonexistent/.env",
		.http = http,
		.answer_ms = 60000,
	};

	return azure_credentials_new(&options, out);
}

static void expect_bearer(struct azure_credentials *c, const char *want)
{
	char got[AZURE_SIGNED_SIZE];

	cr_assert_eq(azure_signed_get(c, got), 0);
	cr_expect_str_eq(got, want);
}

/* "token0" for the first request, "token1" for the second. */
static void give_tokens(void *arg, const struct fault_request *q,
			struct fault_answer *a)
{
	char token[32];

	(void)arg;
	snprintf(token, sizeof(token), "token%u", q->number);
	fault_answer_print(a, TOKEN, token);
}

static void expect_request(unsigned i, const char *method, const char *target,
			   const char *body)
{
	const struct fault_request *q = fault_server_request(server, i);

	cr_expect_str_eq(q->method, method);
	cr_expect_str_eq(q->target, target);
	cr_expect_str_eq((const char *)q->body, body);
}

static void expect_header(unsigned i, const char *name, const char *want)
{
	const char *got =
		fault_request_header(fault_server_request(server, i), name);

	cr_assert_not_null(got, "%s", name);
	cr_expect_str_eq(got, want);
}

/* ---- Service principal -------------------------------------------------- */

static void set_login(void)
{
	surroundings_set(&around, "AZURE_AUTHORITY_HOST=%s/",
			 fault_server_url(server));
	surroundings_set(&around, "AZURE_TENANT_ID=ten ant");
	surroundings_set(&around, "AZURE_CLIENT_ID=client/1");
}

Test(azure_sources, a_service_principal_shows_its_secret)
{
	struct azure_credentials *c;

	start(true, give_tokens);
	set_login();
	surroundings_set(&around, "AZURE_CLIENT_SECRET=~s3cret&more=");
	cr_assert_eq(make(&c), 0);
	cr_expect_str_eq(azure_credentials_source(c), "service principal");
	expect_bearer(c, "Bearer token0");
	expect_bearer(c, "Bearer token0");
	cr_expect_eq(fault_server_seen(server), 1);
	expect_request(0, "POST", "/ten%20ant/oauth2/v2.0/token",
		       "grant_type=client_credentials&client_id=client%2F1&"
		       "scope=https%3A%2F%2Fstorage.azure.com%2F.default&"
		       "client_secret=~s3cret%26more%3D");
	expect_header(0, "Content-Type", "application/x-www-form-urlencoded");
	azure_credentials_free(c);
	stop();
}

Test(azure_sources, a_service_principal_may_be_in_dotenv)
{
	struct azure_credentials_options o = { .account = "acct" };
	struct azure_credentials *c;
	char path[512];

	start(true, give_tokens);
	surroundings_set(&around, "AZURE_AUTHORITY_HOST=%s",
			 fault_server_url(server));
	surroundings_set(&around, "AZURE_TENANT_ID=of the environment");
	surroundings_write(folder, ".env",
			   "AZURE_TENANT_ID=tenant\nAZURE_CLIENT_ID=client\n"
			   "AZURE_CLIENT_SECRET=secret\n",
			   0600);
	snprintf(path, sizeof(path), "%s/.env", folder);
	o.environment = around.environment;
	o.dotenv = path;
	o.http = http;
	o.answer_ms = 60000;
	cr_assert_eq(azure_credentials_new(&o, &c), 0);
	expect_bearer(c, "Bearer token0");
	expect_request(0, "POST", "/tenant/oauth2/v2.0/token",
		       "grant_type=client_credentials&client_id=client&"
		       "scope=https%3A%2F%2Fstorage.azure.com%2F.default&"
		       "client_secret=secret");
	azure_credentials_free(c);
	stop();
}

Test(azure_sources, a_wrong_secret_is_told_by_its_number)
{
	static const struct fault_rule refuse[] = {
		{ .answer = { .status = 401,
			      .body = "{\"error\":\"invalid_client\","
				      "\"error_description\":\"AADSTS7000215: "
				      "hush is no client secret\"}" } },
	};
	struct azure_credentials *c;
	struct capture said;

	start(true, NULL);
	fault_server_rules(server, refuse, ARRAY_SIZE(refuse));
	set_login();
	surroundings_set(&around, "AZURE_CLIENT_SECRET=hush");
	capture_start(&said);
	cr_expect_eq(make(&c), -EACCES);
	capture_stop(&said);
	cr_expect_not_null(strstr(said.text, "status 401, AADSTS7000215"), "%s",
			   said.text);
	cr_expect_null(strstr(said.text, "hush"), "%s", said.text);
	cr_expect_eq(fault_server_seen(server), 1);
	stop();
}

Test(azure_sources, secrets_are_sent_over_tls_only)
{
	struct azure_credentials *c;
	struct capture said;

	start(false, give_tokens);
	set_login();
	surroundings_set(&around, "AZURE_CLIENT_SECRET=hush");
	capture_start(&said);
	cr_expect_eq(make(&c), -EINVAL);
	capture_stop(&said);
	cr_expect_eq(fault_server_seen(server), 0);
	stop();
}

/* ---- Workload identity -------------------------------------------------- */

Test(azure_sources, a_workload_shows_what_is_in_its_file_now)
{
	static const char form[] =
		"grant_type=client_credentials&client_id=client%%2F1&"
		"scope=https%%3A%%2F%%2Fstorage.azure.com%%2F.default&"
		"client_assertion_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3A"
		"client-assertion-type%%3Ajwt-bearer&client_assertion=%s";
	struct azure_credentials *c;
	char body[512];

	start(true, give_tokens);
	set_login();
	surroundings_set(&around, "AZURE_FEDERATED_TOKEN_FILE=%s/jwt", folder);
	surroundings_write(folder, "jwt", "first.jwt\n", 0600);
	cr_assert_eq(make(&c), 0);
	cr_expect_str_eq(azure_credentials_source(c), "workload identity");
	expect_bearer(c, "Bearer token0");
	snprintf(body, sizeof(body), form, "first.jwt");
	expect_request(0, "POST", "/ten%20ant/oauth2/v2.0/token", body);

	surroundings_write(folder, "jwt", "second.jwt", 0600);
	azure_credentials_expire(c);
	expect_bearer(c, "Bearer token1");
	snprintf(body, sizeof(body), form, "second.jwt");
	expect_request(1, "POST", "/ten%20ant/oauth2/v2.0/token", body);
	azure_credentials_free(c);
	stop();
}

/* ---- Managed identity --------------------------------------------------- */

Test(azure_sources, app_service_is_asked_with_its_header)
{
	struct azure_credentials *c;

	start(false, give_tokens);
	surroundings_set(&around, "IDENTITY_ENDPOINT=%s/msi/token",
			 fault_server_url(server));
	surroundings_set(&around, "IDENTITY_HEADER=h3ader");
	surroundings_set(&around, "AZURE_CLIENT_ID=client/1");
	cr_assert_eq(make(&c), 0);
	cr_expect_str_eq(azure_credentials_source(c), "managed identity");
	expect_bearer(c, "Bearer token0");
	expect_request(0, "GET",
		       "/msi/token?api-version=2019-08-01&"
		       "resource=https%3A%2F%2Fstorage.azure.com%2F&"
		       "client_id=client%2F1",
		       "");
	expect_header(0, "X-IDENTITY-HEADER", "h3ader");
	azure_credentials_free(c);
	stop();
}

Test(azure_sources, the_metadata_service_of_a_pod_is_asked)
{
	struct azure_credentials *c;

	start(false, give_tokens);
	surroundings_set(&around, "AZURE_POD_IDENTITY_AUTHORITY_HOST=%s/",
			 fault_server_url(server));
	cr_assert_eq(make(&c), 0);
	cr_expect_str_eq(azure_credentials_source(c), "managed identity");
	expect_bearer(c, "Bearer token0");
	cr_expect_eq(fault_server_seen(server), 1);
	expect_request(0, "GET",
		       "/metadata/identity/oauth2/token?api-version=2018-02-01&"
		       "resource=https%3A%2F%2Fstorage.azure.com%2F",
		       "");
	expect_header(0, "Metadata", "true");
	azure_credentials_free(c);
	stop();
}

Test(azure_sources, a_metadata_service_that_is_not_ready_is_asked_again)
{
	static const struct fault_rule late[] = {
		{ .times = 1, .answer = { .status = 404 } },
		{ .first = 2, .times = 1, .answer = { .status = 410 } },
	};
	struct azure_credentials *c;

	start(false, give_tokens);
	fault_server_rules(server, late, ARRAY_SIZE(late));
	surroundings_set(&around, "AZURE_POD_IDENTITY_AUTHORITY_HOST=%s",
			 fault_server_url(server));
	cr_assert_eq(make(&c), 0);
	expect_bearer(c, "Bearer token2");
	azure_credentials_free(c);
	stop();
}

/* ---- Command line ------------------------------------------------------- */

/* Azure's tool, as far as we know it. */
static void put_az(const char *script)
{
	static char path[2048];
	const char *old = getenv("PATH");

	surroundings_write(folder, "az", script, 0755);
	snprintf(path, sizeof(path), "%s:%s", folder, old);
	setenv("PATH", path, 1);
	surroundings_set(&around, "PATH=%s", path);
	surroundings_set(&around, "FOLDER=%s", folder);
}

static void expect_file(const char *name, const char *want)
{
	char path[512], got[1024] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	cr_assert_not_null(fgets(got, sizeof(got), f));
	fclose(f);
	cr_expect_str_eq(got, want);
}

Test(azure_sources, the_command_line_tool_is_run)
{
	struct azure_credentials *c;

	start(false, give_tokens);
	put_az("#!/bin/sh\n"
	       "echo \"$#\" \"$@\" >$FOLDER/said\n"
	       "echo '{\"accessToken\": \"fromaz\", "
	       "\"expires_on\": 4102444800, \"tokenType\": \"Bearer\"}'\n");
	surroundings_set(&around, "AZURE_TENANT_ID=ten ant");
	cr_assert_eq(make(&c), 0);
	cr_expect_str_eq(azure_credentials_source(c), "Azure CLI");
	expect_bearer(c, "Bearer fromaz");
	expect_file("said", "8 account get-access-token --resource "
			    "https://storage.azure.com/ --output json "
			    "--tenant ten ant\n");
	azure_credentials_free(c);
	stop();
}

Test(azure_sources, a_command_line_tool_that_fails_is_told)
{
	static const struct {
		const char *script, *says;
		int rc;
	} cases[] = {
		{ "#!/bin/sh\necho hush; echo hush >&2; exit 3\n",
		  "ended with status 3; try \"az login\"", -EACCES },
		{ "#!/bin/sh\necho hush\n", "what az account", -EBADMSG },
		{ "#!/bin/sh\necho '{\"accessToken\": \"hush\", "
		  "\"expires_on\": 1}'\n",
		  "(Azure CLI): Key has expired", -EKEYEXPIRED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct azure_credentials *c;
		struct capture said;

		start(false, give_tokens);
		put_az(cases[i].script);
		capture_start(&said);
		cr_expect_eq(make(&c), cases[i].rc, "%s", cases[i].script);
		capture_stop(&said);
		cr_expect_not_null(strstr(said.text, cases[i].says), "%s",
				   said.text);
		cr_expect_null(strstr(said.text, "hush"), "%s", said.text);
		stop();
	}
}

/* ---- What is missing ---------------------------------------------------- */

Test(azure_sources, that_lack_something_say_what)
{
	static const struct {
		const char *set[3];
		const char *says;
		int rc;
	} cases[] = {
		{ { "AZURE_CLIENT_SECRET=hush", "AZURE_CLIENT_ID=c" },
		  "AZURE_CLIENT_SECRET needs AZURE_TENANT_ID",
		  -EINVAL },
		{ { "AZURE_FEDERATED_TOKEN_FILE=/nonexistent/jwt",
		    "AZURE_TENANT_ID=t" },
		  "needs AZURE_TENANT_ID and AZURE_CLIENT_ID",
		  -EINVAL },
		{ { "AZURE_FEDERATED_TOKEN_FILE=/nonexistent/jwt",
		    "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c" },
		  "read /nonexistent/jwt: No such file",
		  -EACCES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct azure_credentials *c;
		struct capture said;

		start(false, give_tokens);
		for (size_t j = 0; j < 3 && cases[i].set[j]; j++)
			surroundings_set(&around, "%s", cases[i].set[j]);
		capture_start(&said);
		cr_expect_eq(make(&c), cases[i].rc);
		capture_stop(&said);
		cr_expect_not_null(strstr(said.text, cases[i].says), "%s",
				   said.text);
		cr_expect_null(strstr(said.text, "hush"), "%s", said.text);
		stop();
	}
}
