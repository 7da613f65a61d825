/* Amazon's vectors for Signature Version 4, stage by stage. */
#include "backends/sigv4.h"

#include "backends/canon.h"
#include "backends/digest.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <jansson.h>
#include <string.h>

#define VECTORS DLIOFS_SHARED_DIR "/vectors/"

/* ---- Files -------------------------------------------------------------- */

/* Of a vector's folder, without the ends of lines after it. */
static char *read_text(const char *folder, const char *name)
{
	char path[512], *text = NULL;
	size_t size = 0, len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	cr_assert(getdelim(&text, &size, '\0', f) > 0, "%s", path);
	fclose(f);
	len = strlen(text);
	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	return text;
}

static json_t *read_json(const char *folder, const char *name)
{
	char *text = read_text(folder, name);
	json_t *j = json_loads(text, 0, NULL);

	cr_assert_not_null(j, "%s/%s", folder, name);
	free(text);
	return j;
}

static const char *text_of(const json_t *j, const char *name)
{
	return json_string_value(json_object_get(j, name));
}

/* ---- A request and how it is signed ------------------------------------- */

struct vector {
	const char *folder;
	char *text; /* of the request; what follows points into it */
	const char *headers[32];
	size_t n_headers;
	char added[2][512]; /* headers */
	char hash[2 * DIGEST_SHA256 + 1], hash_header[128];
	json_t *context;
	struct sigv4_request request;
	struct sigv4_key key;
	struct sigv4_scope scope;
	bool sign_body, late_token;
	unsigned seconds;
};

/* Cut the line off; the rest of the text, or NULL. */
static char *cut_line(char *line)
{
	char *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*end = '\0';
	return end + 1;
}

/* A line that begins with a blank goes on with the header before. */
static char *cut_header(char *line)
{
	char *end = line;

	while ((end = strchr(end, '\n')) && (end[1] == ' ' || end[1] == '\t'))
		end++;
	if (!end)
		return NULL;
	*end = '\0';
	return end + 1;
}

/* "GET /a b?c=d HTTP/1.1": there may be blanks in the middle. */
static void parse_first_line(struct vector *v, char *line)
{
	char *version = strstr(line, " HTTP/1.1"), *path, *query;

	*version = '\0';
	path = strchr(line, ' ');
	*path++ = '\0';
	query = strchr(path, '?');
	if (query)
		*query++ = '\0';
	v->request.method = line;
	v->request.path = path;
	v->request.query = query;
}

static void parse_request(struct vector *v)
{
	char *line = v->text, *next = cut_line(line);
	const char *body = "";
	struct digest_piece piece;

	parse_first_line(v, line);
	for (line = next; line; line = next) {
		if (*line == '\n') {
			body = line + 1;
			break;
		}
		next = cut_header(line);
		v->headers[v->n_headers++] = line;
	}
	piece = (struct digest_piece){ body, strlen(body) };
	digest_sha256_hex(&piece, 1, v->hash);
	v->request.headers = v->headers;
	v->request.payload_hash = v->hash;
}

static void parse_context(struct vector *v)
{
	const json_t *c = v->context, *who = json_object_get(c, "credentials");

	cr_assert_str_eq(text_of(c, "timestamp"), "2015-08-30T12:36:00Z");
	v->scope.time = 1440938160;
	v->scope.region = text_of(c, "region");
	v->scope.service = text_of(c, "service");
	v->key.id = text_of(who, "access_key_id");
	v->key.secret = text_of(who, "secret_access_key");
	v->key.token = text_of(who, "token");
	v->request.normalize = json_is_true(json_object_get(c, "normalize"));
	v->sign_body = json_is_true(json_object_get(c, "sign_body"));
	v->late_token = json_is_true(json_object_get(c, "omit_session_token"));
	v->seconds = (unsigned)json_integer_value(
		json_object_get(c, "expiration_in_seconds"));
}

static void vector_open(struct vector *v, const char *folder)
{
	*v = (struct vector){ .folder = folder };
	v->text = read_text(folder, "request.txt");
	v->context = read_json(folder, "context.json");
	parse_request(v);
	parse_context(v);
	if (v->late_token)
		v->key.token = NULL; /* it is not signed */
}

static void vector_close(struct vector *v)
{
	json_decref(v->context);
	free(v->text);
}

static void expect_file(const struct vector *v, const char *got,
			const char *name)
{
	char *want = read_text(v->folder, name);

	cr_expect_str_eq(got, want, "%s/%s", v->folder, name);
	free(want);
}

/* The line of a file that begins like this, without that. */
static char *line_of(const struct vector *v, const char *name,
		     const char *begin)
{
	char *text = read_text(v->folder, name), *at = strstr(text, begin);
	char *line;

	cr_assert_not_null(at, "%s/%s", v->folder, name);
	at += strlen(begin);
	line = strndup(at, strcspn(at, "\n"));
	free(text);
	return line;
}

/* ---- Signed by header --------------------------------------------------- */

static void add_signed_headers(struct vector *v)
{
	v->headers[v->n_headers++] = "X-Amz-Date:20150830T123600Z";
	if (v->key.token) {
		snprintf(v->added[0], sizeof(v->added[0]),
			 "X-Amz-Security-Token:%s", v->key.token);
		v->headers[v->n_headers++] = v->added[0];
	}
	if (v->sign_body) {
		snprintf(v->hash_header, sizeof(v->hash_header),
			 "X-Amz-Content-Sha256:%s", v->hash);
		v->headers[v->n_headers++] = v->hash_header;
	}
}

static void expect_header_stages(struct vector *v)
{
	char *canonical, *text, *authorization, *want;
	char signature[SIGV4_HEX_SIZE];

	add_signed_headers(v);
	cr_assert_eq(sigv4_canonical(&v->request, &canonical), 0);
	expect_file(v, canonical, "header-canonical-request.txt");
	cr_assert_eq(sigv4_string_to_sign(&v->scope, canonical, &text), 0);
	expect_file(v, text, "header-string-to-sign.txt");
	cr_assert_eq(sigv4_signature(&v->key, &v->scope, text, signature), 0);
	expect_file(v, signature, "header-signature.txt");
	cr_assert_eq(sigv4_authorization(&v->key, &v->scope, &v->request,
					 &authorization),
		     0);
	want = line_of(v, "header-signed-request.txt", "\nAuthorization:");
	cr_expect_str_eq(authorization, want, "%s", v->folder);
	free(want);
	free(authorization);
	free(text);
	free(canonical);
}

static size_t for_every_vector(void (*check)(struct vector *v))
{
	struct vector v;
	glob_t found;
	size_t n;

	cr_assert_eq(glob(VECTORS "sigv4/*/context.json", 0, NULL, &found), 0);
	n = found.gl_pathc;
	for (size_t i = 0; i < n; i++) {
		*strrchr(found.gl_pathv[i], '/') = '\0';
		vector_open(&v, found.gl_pathv[i]);
		check(&v);
		vector_close(&v);
	}
	globfree(&found);
	return n;
}

Test(sigv4_vectors, are_signed_by_header)
{
	cr_expect_geq(for_every_vector(expect_header_stages), 26);
}

/* ---- Signed by query ---------------------------------------------------- */

/* The same parameters, in whatever order. */
static void expect_same_query(const struct vector *v, const char *got,
			      const char *want)
{
	struct canon_pair a[CANON_MAX], b[CANON_MAX];
	int n = canon_query(got, a), m = canon_query(want, b);

	cr_assert_eq(n, m, "%s: '%s' and '%s'", v->folder, got, want);
	canon_sort(a, (size_t)n);
	canon_sort(b, (size_t)n);
	for (int i = 0; i < n; i++) {
		cr_expect_eq(a[i].name_len, b[i].name_len, "%s", v->folder);
		cr_expect_arr_eq(a[i].name, b[i].name, a[i].name_len);
		cr_expect_eq(a[i].value_len, b[i].value_len, "%s", v->folder);
		cr_expect_arr_eq(a[i].value, b[i].value, a[i].value_len, "%s",
				 v->folder);
	}
}

/* What was presigned, without its signature, is what the stages are given. */
static void expect_query_stages(struct vector *v, const char *presigned)
{
	char *query = strdup(presigned), *canonical, *text;
	char *at = strstr(query, "&X-Amz-Signature=");
	char signature[SIGV4_HEX_SIZE];
	struct sigv4_request r = v->request;

	cr_assert_not_null(at);
	*at = '\0';
	r.query = query;
	cr_assert_eq(sigv4_canonical(&r, &canonical), 0);
	expect_file(v, canonical, "query-canonical-request.txt");
	cr_assert_eq(sigv4_string_to_sign(&v->scope, canonical, &text), 0);
	expect_file(v, text, "query-string-to-sign.txt");
	cr_assert_eq(sigv4_signature(&v->key, &v->scope, text, signature), 0);
	expect_file(v, signature, "query-signature.txt");
	cr_expect_str_eq(at + strlen("&X-Amz-Signature="), signature);
	free(text);
	free(canonical);
	free(query);
}

/* A token that is not signed is added behind. */
static char *with_late_token(const struct vector *v, const char *query)
{
	const char *token =
		text_of(json_object_get(v->context, "credentials"), "token");
	struct strbuf b = { 0 };
	char *out;

	strbuf_puts(&b, query);
	if (v->late_token) {
		strbuf_puts(&b, "&X-Amz-Security-Token=");
		strbuf_uri(&b, token, false);
	}
	cr_assert_eq(strbuf_take(&b, &out), 0);
	return out;
}

static void expect_presigned(struct vector *v)
{
	char *got, *sent, *want;

	cr_assert_eq(sigv4_presign(&v->key, &v->scope, &v->request, v->seconds,
				   &got),
		     0);
	expect_query_stages(v, got);
	sent = with_late_token(v, got);
	want = line_of(v, "query-signed-request.txt", "?");
	*strrchr(want, ' ') = '\0'; /* HTTP/1.1 */
	expect_same_query(v, sent, want);
	free(want);
	free(sent);
	free(got);
}

Test(sigv4_vectors, are_signed_by_query)
{
	cr_expect_geq(for_every_vector(expect_presigned), 26);
}
