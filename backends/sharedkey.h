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
	uint64_t content_length;    /* 0 also if there is no body */
};

/* Of the version that the services have had since 2015.  A text is the caller's
 * to free.  -ENOMEM; -EINVAL: a header that is none; -E2BIG: more than 64
 * headers, or parameters in the query. */
int sharedkey_string_to_sign(const struct sharedkey_request *r,
			     char **out) MUST_USE;

/* key: base64.  out: base64.  -EINVAL: the key is not. */
#define SHAREDKEY_SIGNATURE 45
int sharedkey_signature(const char *key, const char *text,
			char out[SHAREDKEY_SIGNATURE]) MUST_USE;

/* Who has the URL may do what the permissions say, until it expires. */
struct sharedkey_sas {
	const char *account, *key;
	const char *container; /* NULL: all of the account's */
	const char *blob;      /* as it is called; NULL: all of the container */
	const char *permissions; /* "rwdl": letters in the order of the
				  * documentation, "racwdxyltmeop" */
	int64_t start, expires;	 /* seconds since 1970; start 0: at once */
	bool https_only;
};

/* The query of such a URL.  -EINVAL as above. */
int sharedkey_sas(const struct sharedkey_sas *s, char **query) MUST_USE;

#endif
