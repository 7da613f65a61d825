/* What Azure Storage answers when it does not do what it was asked ("Common REST
 * API error codes", "Blob service error codes"), as errno and advice.
 *
 * Not obvious:
 *  - 412 and 416 are -ESTALE: every read is conditional and lies inside what the
 *    blob was.
 *  - 403 AuthenticationFailed and 401 may be a token or signature that has
 *    expired: once more with new ones.  What a role forbids stays forbidden.
 *  - InvalidBlockList and InvalidBlobOrBlock are -EBUSY: somebody else has
 *    written, or is writing, a blob of this name; see azure_upload.h.
 *
 * No state; any thread. */
#ifndef BACKENDS_AZURE_ERRORS_H
#define BACKENDS_AZURE_ERRORS_H

#include "backends/advice.h"
#include "backends/rest.h"

extern const struct rest_error azure_errors_table[];

/* For advice.h. */
extern const struct advice_row azure_errors_advice[];

/* For rest_dialect. */
void azure_errors_explain(const struct http_exchange *x, char code[REST_CODE],
			  char message[256]);

#endif
