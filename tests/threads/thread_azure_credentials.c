/* Many threads sign with one token while it expires, or is refused, again and
 * again: each time it is fetched anew once. */
#include "backends/azure_credentials.h"

#include "backends/http.h"
#include "lib/azure_signed.h"
#include "lib/fault_server.h"

#include <stdatomic.h>
#include <string.h>

enum { THREADS = 8, ROUNDS = 30, EACH = 40, GOOD_FOR = 3600 };

struct shared {
	struct azure_credentials *credentials;
	pthread_barrier_t barrier;
	_Atomic unsigned wrong;
};

static _Atomic int64_t now = 1795385374;

static int64_t read_now(void)
{
	return now;
}

static void give_tokens(void *arg, const struct fault_request *q,
			struct fault_answer *a)
{
	(void)arg;
	fault_answer_print(a,
			   "{\"access_token\":\"token%u\",\"expires_in\":%d}",
			   q->number, GOOD_FOR);
}

static void *sign(void *arg)
{
	struct shared *s = arg;

	for (unsigned round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&s->barrier);
		for (unsigned i = 0; i < EACH; i++) {
			char got[AZURE_SIGNED_SIZE];

			if (azure_signed_get(s->credentials, got) ||
			    strncmp(got, "Bearer token", 12) != 0)
				s->wrong++;
			if (i == 0) /* all say it, one means it */
				azure_credentials_expire(s->credentials);
		}
		pthread_barrier_wait(&s->barrier);
	}
	return NULL;
}

/* The last of three rounds is quiet: in the others the token has expired, or
 * is refused by the threads alone. */
static bool rounds(struct shared *s, struct fault_server *server)
{
	static const int seconds[] = { GOOD_FOR, 60, 1 };
	unsigned seen = 1;

	for (unsigned round = 0; round < ROUNDS; round++) {
		bool expired = round % 3 == 0, refused = round % 3 == 1;

		now += seconds[round % 3];
		pthread_barrier_wait(&s->barrier);
		pthread_barrier_wait(&s->barrier);
		seen += expired ? 2 : refused ? 1 : 0;
		if (fault_server_seen(server) != seen) {
			fprintf(stderr, "round %u: %u requests, not %u\n",
				round, fault_server_seen(server), seen);
			return false;
		}
	}
	return true;
}

static bool run(struct shared *s, struct fault_server *server)
{
	pthread_t threads[THREADS];
	bool good;

	pthread_barrier_init(&s->barrier, NULL, THREADS + 1);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, sign, s);
	good = rounds(s, server);
	if (!good)
		_exit(1); /* they wait for us */
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&s->barrier);
	return s->wrong == 0;
}

int main(void)
{
	static struct shared s;
	char endpoint[128];
	const char *const environment[] = { endpoint, "IDENTITY_HEADER=h",
					    NULL };
	struct azure_credentials_options o = {
		.account = "acct",
		.environment = (char *const *)(uintptr_t)environment,
		.dotenv = "/nonexistent/.env",
		.answer_ms = 60000,
		.now = read_now,
	};
	const struct http_options options = { 0 };
	struct fault_server *server;
	bool good;

	if (fault_server_new(
		    &(struct fault_server_options){ .handler = give_tokens },
		    &server) < 0 ||
	    http_new(&options, &o.http) < 0)
		return 1;
	snprintf(endpoint, sizeof(endpoint), "IDENTITY_ENDPOINT=%s",
		 fault_server_url(server));
	if (azure_credentials_new(&o, &s.credentials) < 0)
		return 1;
	good = run(&s, server);
	azure_credentials_free(s.credentials);
	http_free(o.http);
	fault_server_free(server);
	return good ? 0 : 1;
}
