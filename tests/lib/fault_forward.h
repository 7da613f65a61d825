/* What a proxy does that breaks nothing. */
#ifndef TESTS_LIB_FAULT_FORWARD_H
#define TESTS_LIB_FAULT_FORWARD_H

#include "lib/fault_server.h"

#include <netinet/in.h>

/* "127.0.0.1:8080", or a URL, whose path does not matter. */
int fault_forward_parse(const char *text, struct sockaddr_in *to) MUST_USE;

/* Send it there, over the connection in *mine if there is one, and give the
 * answer.  The headers are in a->owned, the body is the caller's to free. */
int fault_forward(const struct sockaddr_in *to, const struct fault_request *q,
		  struct fault_answer *a, char **body) MUST_USE;

void fault_forward_close(void *mine);

#endif
