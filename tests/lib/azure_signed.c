#include "lib/azure_signed.h"

#include "backends/rest.h"

#include <string.h>

int azure_signed_get(struct azure_credentials *c, char out[AZURE_SIGNED_SIZE])
{
	static const char name[] = "Authorization: ";
	const struct rest_call call = { .method = HTTP_GET, .path = "/ctr" };
	struct rest_request q = { .query = NULL };
	int rc = azure_credentials_sign(c, &call, &q);

	out[0] = '\0';
	for (size_t i = 0; q.headers[i]; i++)
		if (!strncmp(q.headers[i], name, strlen(name)))
			snprintf(out, AZURE_SIGNED_SIZE, "%s",
				 q.headers[i] + strlen(name));
	return rc;
}
