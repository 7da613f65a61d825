/* The real servers that CTest starts for the tests that ask for them, with a
 * comment (tests/CMakeLists.txt):
 *
 *	servers: radosgw swift
 *
 * Every store is below a prefix of its own. */
#ifndef TESTS_LIB_SERVERS_H
#define TESTS_LIB_SERVERS_H

#include "backends/remote.h"
#include "lib/contract.h"

struct server {
	const struct backend_ops *ops; /* what speaks to it */
	char dir[4096];		       /* where its env is */
	char url[256], tls_url[256], ca[4096];
	char user[64], secret[128], bucket[64];
};

/* Ends the test if it does not run. */
struct server *servers_find(const char *kind, const struct backend_ops *ops);

/* What a store needs to use it, and nothing from the environment; points into
 * *server. */
struct remote_options servers_options(const struct server *server, bool tls);

/* A new, empty store, and what servers_drop() needs.  Takes the server. */
struct backend *servers_store(struct server *server, bool tls, void **state);

/* The same store once more, in another way. */
struct backend *servers_again(void *state,
			      const struct remote_options *options);
int servers_try(void *state, const struct remote_options *options,
		struct backend **out); /* it may fail */

/* Remove all objects of a store that has been closed. */
void servers_drop(void *state);

/* What another's client says of what is below the store's prefix: "list" (name
 * and size) or "pending" (uploads), a line each; to be freed. */
char *servers_ask(void *state, const char *word);

#endif
