/* Connection strings of Azure Storage ("Configure Azure Storage connection
 * strings", Azure Storage documentation): Name=value;Name=value.
 *
 *	AccountName, AccountKey, SharedAccessSignature, BlobEndpoint,
 *	DefaultEndpointsProtocol (https), EndpointSuffix (core.windows.net)
 *	UseDevelopmentStorage=true, DevelopmentStorageProxyUri: Azurite
 *
 * The case of names does not matter; others, as of queues, are passed over.  No
 * state; any thread; nothing is logged. */
#ifndef BACKENDS_AZURE_CONNECTION_H
#define BACKENDS_AZURE_CONNECTION_H

#include "base/util.h"

struct azure_connection {
	char *account;	/* or NULL */
	char *key;	/* base64; or NULL */
	char *sas;	/* without '?'; or NULL */
	char *endpoint; /* "https://acme.blob.core.windows.net"; or NULL */
};

/* -EINVAL: *why says what is wrong, and repeats nothing of the text. */
int azure_connection_parse(const char *text, struct azure_connection *out,
			   const char **why) MUST_USE;
void azure_connection_clear(struct azure_connection *c); /* wipes */

#endif
