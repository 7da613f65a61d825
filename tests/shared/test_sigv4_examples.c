/* The examples of the documentation of S3 ("Authenticating Requests"). */
#include "backends/sigv4.h"

#include "backends/strbuf.h"
#include "lib/vectors.h"

#include <criterion/criterion.h>
#include <string.h>

#define EXAMPLES DLIOFS_SHARED_DIR "/vectors/s3-sigv4-doc-vectors.json"

/* 24 May 2013 */
static const struct sigv4_scope scope = { 1369353600, "us-east-1", "s3" };

/* "a=b&c=d", encoded, of [["a", "b"], ["c", "d"]] */
static char *query_of(const json_t *list)
{
	struct strbuf b = { 0 };
	char *out;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *pair = json_array_get(list, i);

		strbuf_puts(&b, i ? "&" : "");
		strbuf_uri(&b, json_string_value(json_array_get(pair, 0)),
			   false);
		strbuf_putc(&b, '=');
		strbuf_uri(&b, json_string_value(json_array_get(pair, 1)),
			   false);
	}
	cr_assert_eq(strbuf_take(&b, &out), 0);
	return out;
}

static char *encoded(const char *path)
{
	struct strbuf b = { 0 };
	char *out;

	strbuf_uri(&b, path, true);
	cr_assert_eq(strbuf_take(&b, &out), 0);
	return out;
}

static void expect_example(const json_t *j, const struct sigv4_key *key)
{
	const char *headers[VECTORS_HEADERS], *name = vectors_text(j, "name");
	size_t n = vectors_headers(json_object_get(j, "headers"), headers);
	AUTO_FREE char *path = encoded(vectors_text(j, "path"));
	AUTO_FREE char *query = query_of(json_object_get(j, "query"));
	const struct sigv4_request r = {
		.method = vectors_text(j, "method"),
		.path = path,
		.query = query,
		.headers = headers,
		.payload_hash = vectors_text(j, "payload_hash"),
	};
	AUTO_FREE char *canonical = NULL;
	AUTO_FREE char *text = NULL;
	char signature[SIGV4_HEX_SIZE];

	cr_assert_eq(sigv4_canonical(&r, &canonical), 0);
	cr_expect_str_eq(canonical, vectors_text(j, "canonical_request"), "%s",
			 name);
	cr_assert_eq(sigv4_string_to_sign(&scope, canonical, &text), 0);
	cr_expect_str_eq(text, vectors_text(j, "string_to_sign"), "%s", name);
	cr_assert_eq(sigv4_signature(key, &scope, text, signature), 0);
	cr_expect_str_eq(signature, vectors_text(j, "signature"), "%s", name);
	vectors_free_headers(headers, n);
}

Test(sigv4_examples, are_signed)
{
	json_t *all = vectors_load(EXAMPLES);
	const json_t *vectors = json_object_get(all, "vectors");
	const struct sigv4_key key = {
		.id = vectors_text(all, "access_key"),
		.secret = vectors_text(all, "secret_key"),
	};

	cr_expect_geq(json_array_size(vectors), 6);
	for (size_t i = 0; i < json_array_size(vectors); i++)
		expect_example(json_array_get(vectors, i), &key);
	json_decref(all);
}

static const json_t *example_of(const json_t *all, const char *name)
{
	const json_t *vectors = json_object_get(all, "vectors");

	for (size_t i = 0; i < json_array_size(vectors); i++) {
		const json_t *j = json_array_get(vectors, i);

		if (!strcmp(vectors_text(j, "name"), name))
			return j;
	}
	return NULL;
}

Test(sigv4_examples, of_a_presigned_url_is_made)
{
	json_t *all = vectors_load(EXAMPLES);
	const struct sigv4_key key = {
		.id = vectors_text(all, "access_key"),
		.secret = vectors_text(all, "secret_key"),
	};
	const struct sigv4_request r = {
		.method = "GET",
		.path = "/test.txt",
		.headers =
			(const char *const[]){
				"Host: examplebucket.s3.amazonaws.com", NULL },
		.payload_hash = SIGV4_UNSIGNED,
	};
	char *got;

	cr_assert_eq(sigv4_presign(&key, &scope, &r, 86400, &got), 0);
	cr_expect_str_eq(strrchr(got, '=') + 1,
			 vectors_text(example_of(all, "presigned-get"),
				      "signature"));
	free(got);
	json_decref(all);
}
