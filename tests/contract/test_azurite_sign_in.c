/* The ways to sign in to Azure, with a server that looks at them.
 * servers: azurite */
#include "backends/azure.h"

#include "backends/digest.h"
#include "backends/sharedkey.h"
#include "lib/capture.h"
#include "lib/fault_server.h"
#include "lib/servers.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

struct signing {
	struct server *server;
	struct backend *store; /* by the account's key: prepares and checks */
	void *state;
	struct remote_options options; /* with nothing to sign in with */
	char *environment[8];
	size_t n;
};

static void begin(struct signing *s, bool tls)
{
	*s = (struct signing){
		.server = servers_find("azurite", &azure_ops),
	};
	s->store = servers_store(s->server, tls, &s->state);
	s->options = servers_options(s->server, tls);
	s->options.account_key = NULL;
	s->options.environment = s->environment;
}

static void end(struct signing *s)
{
	backend_close(s->store);
	servers_drop(s->state);
	for (size_t i = 0; i < s->n; i++)
		free(s->environment[i]);
}

PRINTF(2, 3)
static void set_variable(struct signing *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	cr_assert_gt(vasprintf(&s->environment[s->n++], fmt, args), 0);
	va_end(args);
}

/* All that a store does. */
static void expect_all_works(struct signing *s)
{
	struct backend *b = servers_again(s->state, &s->options);
	AUTO_FREE char *names = NULL;

	contract_put(b, "a/small", 1, 1000);
	contract_put(b, "a/large", 2, 9 * MIB); /* in two blocks */
	contract_expect(b, "a/small", 1, 1000);
	cr_expect_eq(backend_rename(b, "a/small", "b c"), 0);
	contract_expect(b, "b c", 1, 1000);
	contract_expect(b, "a/large", 2, 9 * MIB);
	names = contract_names(b, "", BACKEND_DEEP);
	cr_expect_str_eq(names, "a/large b c");
	cr_expect_eq(backend_remove(b, "a/large"), 0);
	cr_expect_eq(backend_remove(b, "b c"), 0);
	backend_close(b);
}

/* Opening says why not, and no secret. */
static void expect_closed(struct signing *s, int want, const char *secret)
{
	const struct backend_options options = { .mem_fd = -1,
						 .remote = &s->options };
	struct backend *b = NULL;
	struct capture c;
	char uri[256];
	int rc;

	snprintf(uri, sizeof(uri), "az://%s/%s", s->server->user,
		 s->server->bucket);
	capture_start(&c);
	rc = backend_open(&azure_ops, uri, &options, &b);
	capture_stop(&c);
	cr_expect_eq(rc, want, "%d", rc);
	cr_expect(strstr(c.text, uri), "%s", c.text);
	if (secret)
		cr_expect(!strstr(c.text, secret), "%s", c.text);
	backend_close(b);
}

/* ---- Keys --------------------------------------------------------------- */

Test(azurite_sign_in, by_a_key_in_the_settings)
{
	struct signing s;

	begin(&s, false);
	s.options.account_key = s.server->secret;
	expect_all_works(&s);
	end(&s);
}

Test(azurite_sign_in, by_a_key_in_the_environment)
{
	static const char *const names[] = { "AZURE_STORAGE_KEY",
					     "AZURE_STORAGE_ACCOUNT_KEY" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct signing s;

		begin(&s, false);
		set_variable(&s, "%s=%s", names[i], s.server->secret);
		expect_all_works(&s);
		end(&s);
	}
}

static char *connection_string(const struct server *server, const char *url)
{
	char *text;

	cr_assert_gt(asprintf(&text,
			      "DefaultEndpointsProtocol=http;AccountName=%s;"
			      "AccountKey=%s;BlobEndpoint=%s;",
			      server->user, server->secret, url),
		     0);
	return text;
}

/* It says where the server is, too. */
Test(azurite_sign_in, by_a_connection_string)
{
	for (int tls = 0; tls < 2; tls++)
		for (int settings = 0; settings < 2; settings++) {
			AUTO_FREE char *text = NULL;
			struct signing s;

			begin(&s, tls);
			text = connection_string(s.server, s.options.endpoint);
			s.options.endpoint = NULL;
			if (settings)
				s.options.connection_string = text;
			else
				set_variable(&s,
					     "AZURE_STORAGE_CONNECTION_STRING"
					     "=%s",
					     text);
			expect_all_works(&s);
			end(&s);
		}
}

Test(azurite_sign_in, not_by_a_wrong_key)
{
	static const char wrong[] = "d3Jvbmcgd3Jvbmcgd3Jvbmcgd3Jvbmc=";
	struct signing s;

	begin(&s, false);
	s.options.account_key = wrong;
	expect_closed(&s, -EACCES, wrong);
	end(&s);
}

/* ---- Shared access signatures ------------------------------------------- */

static char *make_sas(const struct server *server, const char *permissions,
		      int64_t lives)
{
	const struct sharedkey_sas sas = {
		.account = server->user,
		.key = server->secret,
		.container = server->bucket,
		.permissions = permissions,
		.expires = time(NULL) + lives,
	};
	char *text;

	cr_assert_eq(sharedkey_sas(&sas, &text), 0);
	return text;
}

Test(azurite_sign_in, by_a_shared_access_signature)
{
	for (int settings = 0; settings < 2; settings++) {
		AUTO_FREE char *sas = NULL;
		struct signing s;

		begin(&s, settings);
		sas = make_sas(s.server, "racwdl", 3600);
		if (settings)
			s.options.sas = sas;
		else
			set_variable(&s, "AZURE_STORAGE_SAS_TOKEN=?%s", sas);
		expect_all_works(&s);
		end(&s);
	}
}

Test(azurite_sign_in, by_a_signature_of_the_whole_account)
{
	for (int tls = 0; tls < 2; tls++) {
		AUTO_FREE char *query = NULL;
		struct sharedkey_sas sas = { .permissions = "racwdl",
					     .start = time(NULL) - 60,
					     .expires = time(NULL) + 3600,
					     .https_only = tls };
		struct signing s;

		begin(&s, tls);
		sas.account = s.server->user;
		sas.key = s.server->secret;
		cr_assert_eq(sharedkey_sas(&sas, &query), 0);
		s.options.sas = query;
		expect_all_works(&s);
		end(&s);
	}
}

Test(azurite_sign_in, not_by_a_signature_that_is_over_or_allows_too_little)
{
	static const struct {
		const char *permissions;
		int64_t lives;
	} cases[] = { { "racwdl", -60 }, { "rcw", 3600 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *sas = NULL;
		struct signing s;

		begin(&s, false);
		sas = make_sas(s.server, cases[i].permissions, cases[i].lives);
		s.options.sas = sas;
		expect_closed(&s, -EACCES, strstr(sas, "sig="));
		end(&s);
	}
}

Test(azurite_sign_in, to_do_what_the_signature_allows_and_no_more)
{
	AUTO_FREE char *sas = NULL;
	struct capture c;
	struct backend *b;
	struct object *o;
	struct signing s;

	begin(&s, false);
	contract_put(s.store, "there", 1, 1000);
	sas = make_sas(s.server, "rl", 3600);
	s.options.sas = sas;
	b = servers_again(s.state, &s.options);
	contract_expect(b, "there", 1, 1000);
	capture_start(&c);
	cr_assert_eq(object_create(b, "new", &o), 0);
	cr_expect_eq(object_append(o, "x", 1), 0);
	cr_expect_eq(object_commit(o, 0), -EACCES);
	object_close(o);
	cr_expect_eq(backend_remove(b, "there"), -EACCES);
	capture_stop(&c);
	cr_expect(strstr(c.text, "new"), "%s", c.text);
	cr_expect(!strstr(c.text, "sig="), "%s", c.text);
	backend_close(b);
	contract_expect(s.store, "there", 1, 1000);
	end(&s);
}

/* ---- Tokens ------------------------------------------------------------- */

/* RFC 7515 section 2: base64url without padding. */
static void base64url(const char *text, char *out)
{
	digest_base64(text, strlen(text), out);
	out[strcspn(out, "=")] = '\0';
	for (; *out; out++)
		*out = *out == '+' ? '-' : *out == '/' ? '_' : *out;
}

/* A token that nobody signed; Azurite only reads what it says. */
static void make_token(const char *audience, int64_t lives, char out[2048])
{
	char says[512], first[128], second[768];
	long now = (long)time(NULL);

	snprintf(says, sizeof(says),
		 "{\"aud\":\"%s\",\"iss\":\"https://sts.windows.net/t/\","
		 "\"iat\":%ld,\"nbf\":%ld,\"exp\":%ld}",
		 audience, now - 100, now - 100, now + (long)lives);
	base64url("{\"alg\":\"none\",\"typ\":\"JWT\"}", first);
	base64url(says, second);
	snprintf(out, 2048, "%s.%s.bm9uZQ", first, second);
}

/* Plays the identity service: the first tokens may be good for nothing. */
struct identity {
	const char *audience;
	int64_t lives;
	unsigned bad;
};

static void give_token(void *arg, const struct fault_request *q,
		       struct fault_answer *a)
{
	const struct identity *i = arg;
	char token[2048];

	make_token(i->audience, q->number < i->bad ? -50 : i->lives, token);
	fault_answer_print(a,
			   "{\"access_token\":\"%s\",\"expires_in\":\"86000\","
			   "\"expires_on\":\"%ld\",\"token_type\":\"Bearer\"}",
			   token, (long)time(NULL) + 86000);
}

static struct fault_server *play_identity(struct signing *s, struct identity *i)
{
	const struct fault_server_options o = { .handler = give_token,
						.arg = i };
	struct fault_server *f;

	cr_assert_eq(fault_server_new(&o, &f), 0);
	set_variable(s, "IDENTITY_ENDPOINT=%s/msi/token", fault_server_url(f));
	set_variable(s, "IDENTITY_HEADER=hush");
	return f;
}

#define STORAGE "https://storage.azure.com"

Test(azurite_sign_in, by_the_token_of_a_managed_identity)
{
	struct identity i = { .audience = STORAGE, .lives = 3600 };
	struct fault_server *f;
	struct signing s;

	begin(&s, true);
	f = play_identity(&s, &i);
	expect_all_works(&s);
	cr_expect_eq(fault_server_seen(f), 1);
	fault_server_free(f);
	end(&s);
}

Test(azurite_sign_in, by_another_token_when_the_first_is_refused)
{
	struct identity i = { .audience = STORAGE, .lives = 3600, .bad = 1 };
	struct fault_server *f;
	struct signing s;

	begin(&s, true);
	f = play_identity(&s, &i);
	expect_all_works(&s);
	cr_expect_eq(fault_server_seen(f), 2);
	fault_server_free(f);
	end(&s);
}

Test(azurite_sign_in, not_by_a_token_for_something_else)
{
	struct identity i = { .audience = "https://vault.azure.net",
			      .lives = 3600 };
	struct fault_server *f;
	struct signing s;

	begin(&s, true);
	f = play_identity(&s, &i);
	expect_closed(&s, -EACCES, "eyJ");
	fault_server_free(f);
	end(&s);
}
