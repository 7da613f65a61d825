/* What S3's refusals mean ("Error responses", Amazon S3 API Reference), and
 * answers that say yes and mean no.  No state; any thread. */
#ifndef BACKENDS_S3_ERRORS_H
#define BACKENDS_S3_ERRORS_H

#include "backends/advice.h"
#include "backends/rest.h"

extern const struct rest_error s3_errors_table[]; /* ends with one for all */

/* As in rest.h. */
void s3_errors_explain(const struct http_exchange *x, char code[REST_CODE],
		       char message[256]);

/* The row for an error document that came with status 200. */
struct rest_error s3_errors_of_code(const char *code);

extern const struct advice_row s3_errors_advice[]; /* as in advice.h */

#endif
