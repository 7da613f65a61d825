/* What a source of Azure credentials found: a key, a SAS, or a token; and what
 * a connection string says of the account.  Clears what it frees.  One thread
 * at a time. */
#ifndef BACKENDS_AZURE_FOUND_H
#define BACKENDS_AZURE_FOUND_H

#include "base/util.h"

struct azure_found {
	char *key;		  /* base64 */
	char *sas;		  /* without '?' */
	char *token;		  /* bearer */
	int64_t expires;	  /* of the token: seconds since 1970 */
	char *account, *endpoint; /* or NULL */
};

/* Copies of what may come from anybody.  -EBADMSG: there is nothing, or
 * something that no header and no URL can hold, or no base64; nothing is said.
 * -ENOMEM. */
int azure_found_key(struct azure_found *f, const char *key) MUST_USE;
int azure_found_sas(struct azure_found *f, const char *sas) MUST_USE;
int azure_found_token(struct azure_found *f, const char *token,
		      int64_t expires) MUST_USE;

void azure_found_clear(struct azure_found *f);

#endif
