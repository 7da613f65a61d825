/* What a store on the network may be told: plain values, so that configuration
 * can fill them in.  NULL and zero mean the standard, which the comment names.
 * Strings are the caller's and are copied. */
#ifndef BACKENDS_REMOTE_H
#define BACKENDS_REMOTE_H

#include "base/util.h"

struct recorder;

enum remote_addressing {
	REMOTE_ADDRESSING_AUTO, /* path style when an endpoint is given */
	REMOTE_ADDRESSING_PATH,
	REMOTE_ADDRESSING_VIRTUAL,
};

/* A server, and who says that it is the one: "AWS_ENDPOINT_URL".  url NULL or
 * "": nobody does. */
struct remote_endpoint {
	const char *url, *by;
};

struct remote_options {
	/* S3 */
	const char *endpoint; /* "https://host:9000"; AWS_ENDPOINT_URL_S3 ... */
	const char *region;   /* AWS_REGION ..., "us-east-1" */
	const char *key_id, *secret, *token; /* see aws_credentials.h */
	const char *profile;
	bool anonymous; /* do not sign */
	enum remote_addressing addressing;

	/* Azure; see azure_credentials.h */
	const char *account_key, *connection_string, *sas;

	/* Both */
	unsigned concurrency;	/* requests at a time; 16 */
	uint64_t part_bytes;	/* of an upload; 8 MiB */
	uint64_t upload_memory; /* all uploads of a store; 16 parts */
	unsigned attempts;	/* per call; 10 */
	uint32_t connect_ms, first_byte_ms, stall_ms; /* see http.h */
	uint64_t deadline_ms;	   /* of a call, retries and all; 120 s */
	const char *ca_file;	   /* see http.h */
	struct recorder *recorder; /* level REC_REQUEST; NULL: none */
	const _Atomic bool *stop;  /* true: whatever waits ends with -ECANCELED;
				   * lives longer than the store */
	char *const *environment;  /* ends with NULL; NULL: the process's */
};

#endif
