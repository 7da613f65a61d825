/* libcurl as it is, to see what the scripted server does. */
#ifndef TESTS_LIB_FAULT_CLIENT_H
#define TESTS_LIB_FAULT_CLIENT_H

#include "lib/fault_server.h"

#include <curl/curl.h>

/* What a request came to. */
struct fault_seen {
	CURLcode rc;
	long status;
	size_t len;
	char body[512];
	char etag[64], retry_after[64], md5[64];
	double seconds;
};

/* It gives up after a minute. */
CURL *fault_client(const struct fault_server *s);

struct fault_seen fault_client_get(CURL *curl, const struct fault_server *s,
				   const char *path);

#endif
