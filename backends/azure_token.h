/* Bearer tokens for storage, as identity services hand them out: JSON with the
 * token and the time until it expires.  Any thread. */
#ifndef BACKENDS_AZURE_TOKEN_H
#define BACKENDS_AZURE_TOKEN_H

#include "backends/ask.h"
#include "backends/azure_found.h"
#include "backends/azure_setup.h"

#define AZURE_TOKEN_RESOURCE "https://storage.azure.com/"

/* A document with access_token and expires_in or expires_on, or the CLI's
 * accessToken and expires_on or expiresOn.  -EBADMSG, which is not said. */
int azure_token_read(const char *text, size_t len, int64_t now,
		     struct azure_found *out) MUST_USE;

/* What a service answers.  Errors are said. */
int azure_token_take(const struct azure_setup *s, const struct ask_question *q,
		     const struct ask_answer *a,
		     struct azure_found *out) MUST_USE;

/* Ask, and take it. */
int azure_token_ask(const struct azure_setup *s, const struct ask_question *q,
		    struct azure_found *out) MUST_USE;

#endif
