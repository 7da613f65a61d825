/* What Microsoft's own SDK signs, and the example of its documentation. */
#include "backends/sharedkey.h"
#include "lib/vectors.h"

#include <criterion/criterion.h>
#include <string.h>

#define VECTORS DLIOFS_SHARED_DIR "/vectors/azure-sharedkey-vectors.json"

static uint64_t length_of(const json_t *headers)
{
	const char *length = vectors_text(headers, "Content-Length");

	return length ? strtoull(length, NULL, 10) : 0;
}

static void expect_signed(const json_t *j)
{
	const char *headers[VECTORS_HEADERS],
		*account = vectors_text(j, "account");
	json_t *h = json_object_get(j, "headers");
	size_t n = vectors_headers(h, headers);
	char *path =
		strdup(strchr(strstr(vectors_text(j, "url"), "//") + 2, '/'));
	char *query = strchr(path, '?');
	char signature[SHAREDKEY_SIGNATURE], authorization[256], *text;
	struct sharedkey_request r = {
		.method = vectors_text(j, "method"),
		.account = account,
		.path = path,
		.headers = headers,
		.content_length = length_of(h),
	};

	if (query) {
		*query = '\0';
		r.query = query + 1;
	}
	cr_assert_eq(sharedkey_string_to_sign(&r, &text), 0);
	cr_expect_str_eq(text, vectors_text(j, "string_to_sign"), "%s",
			 vectors_text(j, "name"));
	cr_assert_eq(sharedkey_signature(vectors_text(j, "key"), text,
					 signature),
		     0);
	snprintf(authorization, sizeof(authorization), "SharedKey %s:%s",
		 account, signature);
	cr_expect_str_eq(authorization, vectors_text(j, "authorization"), "%s",
			 vectors_text(j, "name"));
	vectors_free_headers(headers, n);
	free(text);
	free(path);
}

Test(sharedkey_vectors, are_signed)
{
	json_t *all = vectors_load(VECTORS);
	const json_t *vectors = json_object_get(all, "vectors");

	cr_expect_geq(json_array_size(vectors), 11);
	for (size_t i = 0; i < json_array_size(vectors); i++)
		expect_signed(json_array_get(vectors, i));
	json_decref(all);
}
