/* Whatever a source of Azure credentials meets, and however much is logged: no
 * secret is ever shown.  The server repeats what it is sent, and what it should
 * give out, in every kind of answer that is of no use. */
#include "backends/azure_credentials.h"

#include "backends/http.h"
#include "base/log.h"
#include "lib/azure_signed.h"
#include "lib/capture.h"
#include "lib/fault_server.h"
#include "lib/scratch.h"
#include "lib/surroundings.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

/* All secrets have this in them. */
#define SECRET "c1Rd"
#define KEY "aaaac1Rdaaaa"

enum { STATUS_BROKEN = 1, STATUS_GARBAGE, STATUS_NO_TOKEN, STATUS_ODD_TOKEN };

static _Atomic int status;

static void repeat(const struct fault_request *q, struct fault_answer *a)
{
	char *all;
	size_t len;
	FILE *f = open_memstream(&all, &len);

	cr_assert_not_null(f);
	fprintf(f, "{\"error\":\"%s\",\"error_description\":\"AADSTS50034: ",
		SECRET);
	for (size_t i = 0; i < q->n_headers; i++)
		fprintf(f, "%s: %s ", q->headers[i].name, q->headers[i].value);
	fprintf(f, "%s\"}", (const char *)q->body);
	fclose(f);
	a->body = a->owned = all;
}

/* A row of answers, each of no use: refusals, and then successes. */
static void answer(void *arg, const struct fault_request *q,
		   struct fault_answer *a)
{
	static const char *const useless[] = {
		[STATUS_GARBAGE] = "secret " SECRET,
		[STATUS_NO_TOKEN] = "{\"access_token\":\"" SECRET "\"}",
		[STATUS_ODD_TOKEN] = "{\"access_token\":\"" SECRET " x\","
				     "\"expires_in\":3600}",
	};

	(void)arg;
	if (status >= 100) {
		a->status = status;
		repeat(q, a);
	} else if (status == STATUS_BROKEN) {
		a->body = "{\"access_token\":\"" SECRET "\",";
		a->fault = FAULT_RESET_BODY;
		a->at = 10;
	} else if (status) {
		a->body = useless[status];
	} else {
		a->body = "{\"access_token\":\"" SECRET "\","
			  "\"expires_in\":3600}";
	}
}

/* ---- The sources -------------------------------------------------------- */

static struct surroundings around;
static char *folder;

static void set_login(const char *url)
{
	surroundings_set(&around, "AZURE_AUTHORITY_HOST=%s", url);
	surroundings_set(&around, "AZURE_TENANT_ID=tenant");
	surroundings_set(&around, "AZURE_CLIENT_ID=client");
}

static void with_principal(const char *url)
{
	set_login(url);
	surroundings_set(&around, "AZURE_CLIENT_SECRET=" SECRET);
}

static void with_workload(const char *url)
{
	set_login(url);
	surroundings_write(folder, "jwt", SECRET, 0600);
	surroundings_set(&around, "AZURE_FEDERATED_TOKEN_FILE=%s/jwt", folder);
}

static void with_app_service(const char *url)
{
	surroundings_set(&around, "IDENTITY_ENDPOINT=%s/x?y=" SECRET, url);
	surroundings_set(&around, "IDENTITY_HEADER=" SECRET);
}

static void with_pod(const char *url)
{
	surroundings_set(&around, "AZURE_POD_IDENTITY_AUTHORITY_HOST=%s", url);
}

static void with_key(const char *url)
{
	(void)url;
	surroundings_set(&around, "AZURE_STORAGE_KEY=" KEY);
}

static void with_connection(const char *url)
{
	(void)url;
	surroundings_set(
		&around,
		"AZURE_STORAGE_CONNECTION_STRING=AccountName=acct;AccountKey=" KEY);
}

static void with_sas(const char *url)
{
	(void)url;
	surroundings_set(&around, "AZURE_STORAGE_SAS_TOKEN=sv=1&sig=" SECRET);
}

static void with_wrong_connection(const char *url)
{
	(void)url;
	surroundings_set(&around,
			 "AZURE_STORAGE_CONNECTION_STRING=AccountKey=" KEY);
}

static void with_wrong_key(const char *url)
{
	(void)url;
	surroundings_set(&around, "AZURE_STORAGE_KEY=" SECRET ".");
}

static void with_wrong_sas(const char *url)
{
	(void)url;
	surroundings_set(&around, "AZURE_STORAGE_SAS_TOKEN=" SECRET " x");
}

static void with_cli(const char *url)
{
	char path[2048];

	(void)url;
	surroundings_write(folder, "az",
			   "#!/bin/sh\necho '{\"accessToken\": \"" SECRET
			   "\"'\n"
			   "echo " SECRET " >&2\nexit 1\n",
			   0755);
	snprintf(path, sizeof(path), "%s:%s", folder, getenv("PATH"));
	setenv("PATH", path, 1);
	surroundings_set(&around, "PATH=%s", path);
}

static const struct {
	const char *name;
	bool tls, asks;
	void (*set)(const char *url);
} sources[] = {
	{ "service principal", true, true, with_principal },
	{ "workload identity", true, true, with_workload },
	{ "App Service", false, true, with_app_service },
	{ "metadata service", false, true, with_pod },
	{ "key", false, false, with_key },
	{ "connection string", false, false, with_connection },
	{ "shared access signature", false, false, with_sas },
	{ "wrong key", false, false, with_wrong_key },
	{ "wrong connection string", false, false, with_wrong_connection },
	{ "wrong shared access signature", false, false, with_wrong_sas },
	{ "Azure CLI", false, false, with_cli },
};

/* ---- All of it ---------------------------------------------------------- */

static void use(struct http *http)
{
	const struct azure_credentials_options o = {
		.account = "acct",
		.environment = around.environment,
		.dotenv = "/nonexistent/.env",
		.http = http,
		.answer_ms = 60000,
	};
	struct azure_credentials *c = NULL;
	char got[AZURE_SIGNED_SIZE];

	if (azure_credentials_new(&o, &c) == 0) {
		status = 401;
		azure_credentials_expire(c);
		if (azure_signed_get(c, got) == 0)
			azure_credentials_expire(c);
	}
	azure_credentials_free(c);
}

static void expect_silence(size_t source, int with_status)
{
	struct fault_server *server;
	struct http_options options = { 0 };
	struct capture said;
	struct http *http;

	memset(&around, 0, sizeof(around));
	folder = scratch_new();
	cr_assert_eq(
		fault_server_new(
			&(struct fault_server_options){
				.tls = sources[source].tls, .handler = answer },
			&server),
		0);
	options.ca_file = sources[source].tls ? fault_server_ca(server) : NULL;
	cr_assert_eq(http_new(&options, &http), 0);
	sources[source].set(fault_server_url(server));
	status = with_status;
	capture_start(&said);
	use(http);
	capture_stop(&said);
	cr_expect_null(strstr(said.text, SECRET), "%s, %d: %s",
		       sources[source].name, with_status, said.text);
	cr_expect_eq(fault_server_seen(server) > 0, sources[source].asks, "%s",
		     sources[source].name);
	if (with_status)
		cr_expect(!sources[source].asks || *said.text);
	http_free(http);
	fault_server_free(server);
	scratch_remove(folder);
}

Test(azure_secrets, are_never_shown, .timeout = 120)
{
	static const int statuses[] = {
		0,
		STATUS_BROKEN,
		STATUS_GARBAGE,
		STATUS_NO_TOKEN,
		STATUS_ODD_TOKEN,
		400,
		401,
		403,
		404,
		500,
	};

	setenv("no_proxy", "*", 1);
	log_set_level(LOG_LEVEL_DEBUG);
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		for (size_t j = 0; j < ARRAY_SIZE(statuses); j++)
			if (j == 0 || sources[i].asks)
				expect_silence(i, statuses[j]);
}
