/* What Microsoft's own SDK signs, and the example of its documentation. */
#include "backends/sharedkey.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#define VECTORS DLIOFS_SHARED_DIR "/vectors/azure-sharedkey-vectors.json"

static const char *text_of(const json_t *j, const char *name)
{
	return json_string_value(json_object_get(j, name));
}

static size_t headers_of(json_t *object, const char *out[32])
{
	const char *name;
	json_t *value;
	size_t n = 0;

	json_object_foreach(object, name, value)
	{
		char *line;

		cr_assert(asprintf(&line, "%s: %s", name,
				   json_string_value(value)) > 0);
		out[n++] = line;
	}
	out[n] = NULL;
	return n;
}

static uint64_t length_of(const json_t *headers)
{
	const char *length = text_of(headers, "Content-Length");

	return length ? strtoull(length, NULL, 10) : 0;
}

static void expect_signed(const json_t *j)
{
	const char *headers[32], *account = text_of(j, "account");
	json_t *h = json_object_get(j, "headers");
	size_t n = headers_of(h, headers);
	char *path = strdup(strchr(strstr(text_of(j, "url"), "//") + 2, '/'));
	char *query = strchr(path, '?');
	char signature[SHAREDKEY_SIGNATURE], authorization[256], *text;
	struct sharedkey_request r = {
		.method = text_of(j, "method"),
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
	cr_expect_str_eq(text, text_of(j, "string_to_sign"), "%s",
			 text_of(j, "name"));
	cr_assert_eq(sharedkey_signature(text_of(j, "key"), text, signature),
		     0);
	snprintf(authorization, sizeof(authorization), "SharedKey %s:%s",
		 account, signature);
	cr_expect_str_eq(authorization, text_of(j, "authorization"), "%s",
			 text_of(j, "name"));
	for (size_t i = 0; i < n; i++)
		free((char *)(uintptr_t)headers[i]);
	free(text);
	free(path);
}

Test(sharedkey_vectors, are_signed)
{
	json_t *all = json_load_file(VECTORS, 0, NULL);
	const json_t *vectors = json_object_get(all, "vectors");

	cr_expect_geq(json_array_size(vectors), 11);
	for (size_t i = 0; i < json_array_size(vectors); i++)
		expect_signed(json_array_get(vectors, i));
	json_decref(all);
}
