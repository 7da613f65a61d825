/* Azure Storage's Shared Key ("Authorize with Shared Key", Azure Storage REST
 * API) and shared access signatures ("Create a service SAS", "Create an account
 * SAS"), as pure functions.  No state; any thread; nothing is logged. */
#ifndef BACKENDS_SHAREDKEY_H
#define BACKENDS_SHAREDKEY_H

#include "base/util.h"

struct sharedkey_request {
	const char *method;
	const char *account;
	const char *path;  /* as it is sent, encoded: "/container/a%20b";
			    * Azurite's has the account in front */
	const char *query; /* as it is sent; or NULL */
	const char *const *headers; /* "Name: value", ends with NULL */
	uint64_t content_length;
};

/* Texts are the caller's to free. */
int sharedkey_string_to_sign(const struct sharedkey_request *r,
			     char **out) MUST_USE;

/* key: base64.  out: base64.  -EINVAL: the key is not. */
#define SHAREDKEY_SIGNATURE 45
int sharedkey_signature(const char *key, const char *text,
			char out[SHAREDKEY_SIGNATURE]) MUST_USE;

#endif
