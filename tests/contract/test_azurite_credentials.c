/* Every way to sign in, at a real server.
 * servers: azurite */
#include "backends/azure.h"
#include "backends/digest.h"
#include "backends/sharedkey.h"
#include "lib/capture.h"
#include "lib/fault_server.h"
#include "lib/servers.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>
#include <time.h>

#define ODD "a b/\xc3\xbc+%&?#'().npz"

static const char text[] = "what is written is read";

/* ---- Using a store ------------------------------------------------------ */

static int write_object(struct backend *b, const char *name)
{
	struct object *o;
	int rc;

	rc = object_create(b, name, &o);
	if (rc)
		return rc;
	rc = object_append(o, text, sizeof(text));
	if (rc == 0)
		rc = object_commit(o, 0);
	object_close(o);
	return rc;
}

static int read_object(struct backend *b, const char *name)
{
	char got[sizeof(text)];
	struct object *o;
	ssize_t rc;

	rc = object_open(b, name, &o);
	if (rc)
		return (int)rc;
	rc = object_pread(o, got, sizeof(got), 0);
	object_close(o);
	if (rc < 0)
		return (int)rc;
	cr_expect_eq(rc, sizeof(text));
	cr_expect_arr_eq(got, text, sizeof(text));
	return 0;
}

static int count(void *n, const char *name, const struct object_info *info)
{
	(void)name;
	(void)info;
	++*(unsigned *)n;
	return 0;
}

/* All kinds of requests that a store makes. */
static void use(struct backend *b)
{
	unsigned n = 0;

	cr_expect_eq(write_object(b, ODD), 0);
	cr_expect_eq(read_object(b, ODD), 0);
	cr_expect_eq(backend_list(b, "", BACKEND_DEEP, count, &n), 0);
	cr_expect_eq(n, 1);
	cr_expect_eq(backend_rename(b, ODD, "renamed~"), 0);
	cr_expect_eq(read_object(b, "renamed~"), 0);
	cr_expect_eq(backend_remove(b, "renamed~"), 0);
}

static void expect_works(struct server *s, const struct remote_options *options)
{
	struct backend *b;
	void *state;

	b = servers_store(s, options, &state);
	use(b);
	backend_close(b);
	servers_drop(state);
}

static int try_open(const struct server *s,
		    const struct remote_options *options, struct backend **out)
{
	const struct backend_options o = { .mem_fd = -1, .remote = options };
	char uri[256];

	snprintf(uri, sizeof(uri), "az://%s/%s/none", s->user, s->bucket);
	return backend_open(&azure_ops, uri, &o, out);
}

/* Opening, or else the first request, says so; and the secret is not said. */
static void expect_refused(const struct server *s,
			   const struct remote_options *options,
			   const char *secret)
{
	struct backend *b = NULL;
	struct capture said;
	int rc;

	capture_start(&said);
	rc = try_open(s, options, &b);
	if (rc == 0)
		rc = write_object(b, "refused");
	backend_close(b);
	capture_stop(&said);
	cr_expect_eq(rc, -EACCES, "%d: %s", rc, said.text);
	cr_expect_null(strstr(said.text, secret), "%s", said.text);
}

static struct server *start(void)
{
	return servers_find("azurite", &azure_ops);
}

/* Without the key that servers_options() has. */
static struct remote_options without_key(const struct server *s, bool tls)
{
	struct remote_options o = servers_options(s, tls);

	o.account_key = NULL;
	return o;
}

/* ---- The account's key -------------------------------------------------- */

Test(azurite_credentials, with_the_accounts_key)
{
	for (int tls = 0; tls < 2; tls++) {
		struct server *s = start();
		struct remote_options o = servers_options(s, tls);

		expect_works(s, &o);
	}
}

Test(azurite_credentials, with_a_connection_string)
{
	struct server *s = start();
	struct remote_options o = without_key(s, false);
	char connection[1024];

	snprintf(connection, sizeof(connection),
		 "AccountName=%s;AccountKey=%s;BlobEndpoint=%s;", s->user,
		 s->secret, s->url);
	o.connection_string = connection;
	expect_works(s, &o);

	s = start();
	o = without_key(s, false);
	o.connection_string = connection;
	o.endpoint = NULL; /* it is in the string */
	expect_works(s, &o);
}

Test(azurite_credentials, but_not_with_another_key)
{
	struct server *s = start();
	struct remote_options o = servers_options(s, false);

	o.account_key = "bm90IHRoZSByaWdodCBrZXk=";
	o.attempts = 2;
	expect_refused(s, &o, o.account_key);
	free(s);
}

/* ---- Shared access signatures ------------------------------------------- */

static struct sharedkey_sas sas_of(const struct server *s)
{
	return (struct sharedkey_sas){
		.account = s->user,
		.key = s->secret,
		.permissions = "racwdl",
		.start = time(NULL) - 60,
		.expires = time(NULL) + 600,
	};
}

static void expect_sas_works(const char *container, bool https_only)
{
	struct server *s = start();
	struct remote_options o = without_key(s, https_only);
	struct sharedkey_sas sas = sas_of(s);
	AUTO_FREE char *query = NULL;

	sas.container = container ? s->bucket : NULL;
	sas.https_only = https_only;
	cr_assert_eq(sharedkey_sas(&sas, &query), 0);
	o.sas = query;
	expect_works(s, &o);
}

Test(azurite_credentials, with_an_accounts_sas)
{
	expect_sas_works(NULL, false);
	expect_sas_works(NULL, true);
}

Test(azurite_credentials, with_a_containers_sas)
{
	expect_sas_works("that", false);
	expect_sas_works("that", true);
}

static void expect_sas_refused(const struct server *s,
			       const struct sharedkey_sas *sas)
{
	struct remote_options o = without_key(s, false);
	AUTO_FREE char *query = NULL;

	cr_assert_eq(sharedkey_sas(sas, &query), 0);
	o.sas = query;
	o.attempts = 2;
	expect_refused(s, &o, strstr(query, "sig=") + 4);
}

Test(azurite_credentials, but_not_with_a_sas_that_does_not_allow_it)
{
	struct server *s = start();
	struct sharedkey_sas expired = sas_of(s), later = sas_of(s),
			     readonly = sas_of(s), other = sas_of(s);

	expired.start -= 1000;
	expired.expires = time(NULL) - 60;
	expect_sas_refused(s, &expired);
	later.start = time(NULL) + 500;
	expect_sas_refused(s, &later);
	readonly.permissions = "rl";
	expect_sas_refused(s, &readonly);
	other.key = "bm90IHRoZSByaWdodCBrZXk=";
	expect_sas_refused(s, &other);
	free(s);
}

/* ---- Tokens ------------------------------------------------------------- */

/* Base64 as tokens spell it (RFC 7515). */
static void put_part(char *token, size_t size, const char *json)
{
	size_t len = strlen(token);
	char part[1024];

	cr_assert_lt(strlen(json), sizeof(part) * 3 / 4 - 4);
	digest_base64(json, strlen(json), part);
	for (char *p = part; *p; p++)
		*p = (char)(*p == '+' ? '-' :
			    *p == '/' ? '_' :
			    *p == '=' ? '\0' :
					*p);
	snprintf(token + len, size - len, "%s.", part);
}

struct issuer {
	const char *audience;
	int64_t expires; /* from now on */
	unsigned bad;	 /* so many tokens are no good at first */
	_Atomic unsigned issued;
};

/* Azurite looks at everything in it but the signature. */
static void issue(void *arg, const struct fault_request *q,
		  struct fault_answer *a)
{
	struct issuer *i = arg;
	char claims[512], token[2048] = "";
	int64_t now = time(NULL);
	int64_t expires = i->issued < i->bad ? now - 60 : now + i->expires;

	(void)q;
	i->issued++;
	snprintf(claims, sizeof(claims),
		 "{\"aud\":\"%s\",\"iss\":\"https://sts.windows.net/"
		 "ab1f708d-50f6-404c-a006-d71b2ac7a606/\",\"iat\":%lld,"
		 "\"nbf\":%lld,\"exp\":%lld}",
		 i->audience, (long long)now - 90, (long long)now - 90,
		 (long long)expires);
	put_part(token, sizeof(token), "{\"alg\":\"RS256\",\"typ\":\"JWT\"}");
	put_part(token, sizeof(token), claims);
	fault_answer_print(a,
			   "{\"access_token\":\"%ssignature\","
			   "\"expires_in\":%lld}",
			   token, (long long)i->expires);
}

/* The metadata service of a pod, which gives out these tokens. */
static struct fault_server *start_issuer(struct issuer *i,
					 struct remote_options *o)
{
	static char host[256];
	static char *environment[] = { host, NULL };
	struct fault_server *server;

	cr_assert_eq(fault_server_new(
			     &(struct fault_server_options){ .handler = issue,
							     .arg = i },
			     &server),
		     0);
	snprintf(host, sizeof(host), "AZURE_POD_IDENTITY_AUTHORITY_HOST=%s",
		 fault_server_url(server));
	o->environment = environment;
	return server;
}

Test(azurite_credentials, with_a_token)
{
	struct issuer i = { "https://storage.azure.com", 3600, 0, 0 };
	struct server *s = start();
	struct remote_options o = without_key(s, true);
	struct fault_server *server = start_issuer(&i, &o);

	expect_works(s, &o);
	cr_expect_eq(i.issued, 1, "%u", i.issued);
	fault_server_free(server);
}

/* As when the clock of who gives them out is wrong, or a role was changed. */
Test(azurite_credentials, with_another_token_when_one_was_refused)
{
	struct issuer i = { "https://storage.azure.com", 3600, 1, 0 };
	struct server *s = start();
	struct remote_options o = without_key(s, true);
	struct fault_server *server = start_issuer(&i, &o);

	expect_works(s, &o);
	cr_expect_eq(i.issued, 2, "%u", i.issued);
	fault_server_free(server);
}

Test(azurite_credentials, but_not_with_a_token_for_something_else)
{
	struct issuer i = { "https://vault.azure.net", 3600, 0, 0 };
	struct server *s = start();
	struct remote_options o = without_key(s, true);
	struct fault_server *server = start_issuer(&i, &o);

	expect_refused(s, &o, "eyJ");
	cr_expect_leq(i.issued, 2, "%u", i.issued);
	fault_server_free(server);
	free(s);
}
