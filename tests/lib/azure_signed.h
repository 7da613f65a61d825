/* What Azure credentials make of a request: for tests. */
#ifndef TESTS_LIB_AZURE_SIGNED_H
#define TESTS_LIB_AZURE_SIGNED_H

#include "backends/azure_credentials.h"

/* The value of Authorization of a GET that was signed, in *out, which has this
 * much room; or the error. */
#define AZURE_SIGNED_SIZE 512
int azure_signed_get(struct azure_credentials *c, char out[AZURE_SIGNED_SIZE]);

#endif
