/* Where an Azure container is: az://account/container/prefix and a server's URL,
 * taken apart.
 *
 * A server has the account in its host's name (https://ACCOUNT.blob.core...), or,
 * like Azurite, in its path: then its URL ends with it
 * (http://127.0.0.1:10000/devstoreaccount1).  Since an address in digits and
 * "localhost" can hold no account, it is added there if it is missing.
 *
 * What is wrong is said.  No state; any thread. */
#ifndef BACKENDS_AZURE_ADDRESS_H
#define BACKENDS_AZURE_ADDRESS_H

#include "backends/remote.h"

struct azure_address {
	char *account;
	char *container;
	char *prefix;	/* of all names in the container: "" or "train/" */
	char *server;	/* "https://acme.blob.core.windows.net" */
	const char *by; /* who named it: not a copy */
	char *root;	/* as it is sent: "/data", "/devstoreaccount1/data" */
};

/* What follows "az://".  Server and root are missing yet. */
int azure_address_split(const char *location,
			struct azure_address *out) MUST_USE;

/* Of several ways to say it, the first that says something counts; if none
 * does, it is Azure's own. */
int azure_address_locate(struct azure_address *a,
			 const struct remote_endpoint *endpoints,
			 size_t n) MUST_USE;

void azure_address_clear(struct azure_address *a);

/* The path of a blob, as it is sent, to be freed; NULL: no memory. */
char *azure_address_path(const struct azure_address *a, const char *name);

#endif
