/* Who we are for Azure Blob storage, in this order:
 *
 *	1. settings: account key, connection string or SAS of the options
 *	2. AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY (or
 *	   AZURE_STORAGE_ACCOUNT_KEY), AZURE_STORAGE_SAS_TOKEN; then a .env file
 *	3. service principal: AZURE_TENANT_ID, AZURE_CLIENT_ID,
 *	   AZURE_CLIENT_SECRET
 *	4. workload identity: AZURE_FEDERATED_TOKEN_FILE with the first two
 *	5. managed identity: IDENTITY_ENDPOINT, or the instance metadata service
 *	6. the Azure CLI: "az account get-access-token"
 *
 * The last four give bearer tokens, replaced five minutes before they expire.
 * Secrets are never logged; freed memory is cleared.  Any thread. */
#ifndef BACKENDS_AZURE_CREDENTIALS_H
#define BACKENDS_AZURE_CREDENTIALS_H

#include "base/util.h"

struct azure_credentials;
struct http;
struct rest_call;
struct rest_request;

struct azure_credentials_options {
	const char *account; /* "" if the connection string shall say */
	const char *account_key, *connection_string, *sas;
	char *const *environment; /* ends with NULL; NULL: ours */
	const char *dotenv;	  /* path; NULL: ".env" */
	struct http *http;	  /* kept */
	int64_t (*now)(void);	  /* seconds since 1970; NULL: the clock */
};

int azure_credentials_new(const struct azure_credentials_options *options,
			  struct azure_credentials **out) MUST_USE;
void azure_credentials_free(struct azure_credentials *c); /* NULL is fine */

/* Make a call authentic: x-ms-date and Authorization by Shared Key or bearer
 * token, or the SAS in its query.  Other headers are there already.  Blocks when
 * a new token is needed. */
int azure_credentials_sign(struct azure_credentials *c,
			   const struct rest_call *call,
			   struct rest_request *request) MUST_USE;

/* A 401 or 403 says that the token is no good any more. */
void azure_credentials_expire(struct azure_credentials *c);

const char *azure_credentials_source(const struct azure_credentials *c);

/* The account and the blob endpoint that a connection string names, or NULL. */
const char *azure_credentials_account(const struct azure_credentials *c);
const char *azure_credentials_endpoint(const struct azure_credentials *c);

/* The shared access signature in use, without '?', or NULL: a source of Copy
 * Blob needs it too.  As long as c. */
const char *azure_credentials_sas(const struct azure_credentials *c);

#endif
