/* Who we are for Azure Blob storage, in this order:
 *
 *	1. settings: connection string, account key or SAS of the options
 *	2. AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY (or
 *	   AZURE_STORAGE_ACCOUNT_KEY), AZURE_STORAGE_SAS_TOKEN; then a .env file
 *	3. service principal: AZURE_TENANT_ID, AZURE_CLIENT_ID,
 *	   AZURE_CLIENT_SECRET, or all three in .env; asked for at
 *	   AZURE_AUTHORITY_HOST
 *	4. workload identity: AZURE_FEDERATED_TOKEN_FILE with the first two
 *	5. managed identity: IDENTITY_ENDPOINT and IDENTITY_HEADER of App
 *	   Service, or the instance metadata service (at another place:
 *	   AZURE_POD_IDENTITY_AUTHORITY_HOST); AZURE_CLIENT_ID says which
 *	6. the Azure CLI: "az account get-access-token"
 *
 * The last four give bearer tokens, replaced five minutes before they expire by
 * one thread while others go on with the old; if that fails and the old one is
 * still good, it is used on.  Secrets are never logged; freed memory is cleared.
 * Any thread. */
#ifndef BACKENDS_AZURE_CREDENTIALS_H
#define BACKENDS_AZURE_CREDENTIALS_H

#include "base/util.h"

struct azure_credentials;
struct http;
struct rest_call;
struct rest_request;

struct azure_credentials_options {
	const char *account; /* NULL, "": the connection string shall say, or
			      * AZURE_STORAGE_ACCOUNT */
	const char *account_key, *connection_string, *sas;
	char *const *environment; /* ends with NULL, kept; NULL: ours */
	const char *dotenv;	  /* path; NULL: ".env" */
	struct http *http;	  /* to ask servers with; kept */
	uint32_t answer_ms;	  /* for each answer of a service; 0: as suits
				   * the service */
	int64_t (*now)(void);	  /* seconds since 1970; NULL: the clock */
	const _Atomic bool *stop; /* give up waiting: -ECANCELED; or NULL */
};

/* Finds out which source there is, and asks it for the first time.  -ENOENT,
 * after saying where it looked; -EINVAL, -EACCES and others, after saying what
 * is wrong with a source. */
int azure_credentials_new(const struct azure_credentials_options *options,
			  struct azure_credentials **out) MUST_USE;
void azure_credentials_free(struct azure_credentials *c); /* NULL is fine */

/* Make a call authentic: x-ms-date and Authorization by Shared Key or bearer
 * token, or the SAS in its query.  Other headers are there already.  Blocks when
 * a new token is needed.  -EACCES: none is to be had, which has been said. */
int azure_credentials_sign(struct azure_credentials *c,
			   const struct rest_call *call,
			   struct rest_request *request) MUST_USE;

/* A server says that the token is no good any more: the next call fetches
 * another, unless that has just happened.  Keys and SAS stay what they are. */
void azure_credentials_expire(struct azure_credentials *c);

/* "environment", "managed identity": for messages. */
const char *azure_credentials_source(const struct azure_credentials *c);

/* The account, whoever named it, and the blob endpoint of a connection string;
 * or NULL.  As long as c. */
const char *azure_credentials_account(const struct azure_credentials *c);
const char *azure_credentials_endpoint(const struct azure_credentials *c);

/* The shared access signature in use, without '?', or NULL: a source of Copy
 * Blob needs it too.  As long as c. */
const char *azure_credentials_sas(const struct azure_credentials *c);

#endif
