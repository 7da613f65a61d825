#include "backends/sigv4.h"

#include "backends/canon.h"
#include "backends/digest.h"
#include "backends/strbuf.h"
#include "backends/when.h"

#include <errno.h>
#include <string.h>

#define ALGORITHM "AWS4-HMAC-SHA256"
#define DAY_LEN 8 /* of "20150830T123600Z" */

void sigv4_time(int64_t time, char out[SIGV4_TIME_SIZE])
{
	when_print_basic(time, out);
}

/* ---- The path ----------------------------------------------------------- */

static bool is_segment(const char *p, size_t len, const char *what)
{
	return len == strlen(what) && !memcmp(p, what, len);
}

/* RFC 3986, section 5.2.4, and one slash for several.  out has room for the
 * path, a slash and a NUL. */
static void normalize(const char *path, char *out)
{
	size_t used = 0, len;
	bool folder = true;

	for (const char *p = path; *p; p += len) {
		p += strspn(p, "/");
		len = strcspn(p, "/");
		folder = len == 0 || is_segment(p, len, ".") ||
			 is_segment(p, len, "..");
		if (is_segment(p, len, ".."))
			while (used && out[--used] != '/')
				;
		if (folder)
			continue;
		out[used++] = '/';
		memcpy(out + used, p, len);
		used += len;
	}
	if (folder)
		out[used++] = '/';
	out[used] = '\0';
}

static void put_path(struct strbuf *b, const struct sigv4_request *r)
{
	AUTO_FREE char *path = NULL;

	if (!r->normalize) {
		strbuf_puts(b, *r->path ? r->path : "/");
		return;
	}
	path = malloc(strlen(r->path) + 2);
	if (!path) {
		b->error = -ENOMEM;
		return;
	}
	normalize(r->path, path);
	strbuf_uri(b, path, true);
}

/* ---- The canonical request ---------------------------------------------- */

static void put_query(struct strbuf *b, const char *query)
{
	struct canon_pair pairs[CANON_MAX];
	int n = canon_query(query, pairs);

	if (n < 0)
		b->error = n;
	else
		canon_sort(pairs, (size_t)n);
	for (int i = 0; i < n; i++) {
		if (i > 0)
			strbuf_putc(b, '&');
		strbuf_add(b, pairs[i].name, pairs[i].name_len);
		strbuf_putc(b, '=');
		strbuf_add(b, pairs[i].value, pairs[i].value_len);
	}
}

/* Is it the same header as the one before? */
static bool goes_on(const struct canon_pair *pairs, int i)
{
	return i > 0 && canon_same_name(&pairs[i - 1], &pairs[i]);
}

static void put_headers(struct strbuf *b, const struct canon_pair *pairs, int n)
{
	for (int i = 0; i < n; i++) {
		if (goes_on(pairs, i)) {
			strbuf_putc(b, ',');
		} else {
			strbuf_puts(b, i > 0 ? "\n" : "");
			canon_put_lower(b, pairs[i].name, pairs[i].name_len);
			strbuf_putc(b, ':');
		}
		canon_put_value(b, &pairs[i]);
	}
	strbuf_putc(b, '\n');
}

static void put_header_names(struct strbuf *b, const struct canon_pair *pairs,
			     int n)
{
	for (int i = 0; i < n; i++) {
		if (goes_on(pairs, i))
			continue;
		strbuf_puts(b, i > 0 ? ";" : "");
		canon_put_lower(b, pairs[i].name, pairs[i].name_len);
	}
}

int sigv4_canonical(const struct sigv4_request *r, char **out)
{
	AUTO_STRBUF struct strbuf b = { 0 };
	struct canon_pair pairs[CANON_MAX];
	int n = canon_headers(r->headers, pairs);

	if (n < 0)
		return n;
	strbuf_puts(&b, r->method);
	strbuf_putc(&b, '\n');
	put_path(&b, r);
	strbuf_putc(&b, '\n');
	put_query(&b, r->query);
	strbuf_putc(&b, '\n');
	put_headers(&b, pairs, n);
	strbuf_putc(&b, '\n');
	put_header_names(&b, pairs, n);
	strbuf_putc(&b, '\n');
	strbuf_puts(&b, r->payload_hash);
	return strbuf_take(&b, out);
}

static int header_names(const struct sigv4_request *r, char **out)
{
	AUTO_STRBUF struct strbuf b = { 0 };
	struct canon_pair pairs[CANON_MAX];
	int n = canon_headers(r->headers, pairs);

	if (n < 0)
		return n;
	put_header_names(&b, pairs, n);
	return strbuf_take(&b, out);
}

/* ---- The string to sign, and the signature ------------------------------ */

static void put_scope(struct strbuf *b, const struct sigv4_scope *s)
{
	char time[SIGV4_TIME_SIZE];

	sigv4_time(s->time, time);
	strbuf_printf(b, "%.*s/%s/%s/aws4_request", DAY_LEN, time, s->region,
		      s->service);
}

int sigv4_string_to_sign(const struct sigv4_scope *s, const char *canonical,
			 char **out)
{
	const struct digest_piece piece = { canonical, strlen(canonical) };
	char time[SIGV4_TIME_SIZE], hash[2 * DIGEST_SHA256 + 1];
	AUTO_STRBUF struct strbuf b = { 0 };

	sigv4_time(s->time, time);
	digest_sha256_hex(&piece, 1, hash);
	strbuf_printf(&b, ALGORITHM "\n%s\n", time);
	put_scope(&b, s);
	strbuf_printf(&b, "\n%s", hash);
	return strbuf_take(&b, out);
}

/* The key becomes the next one; what follows from it, too. */
static void derive(uint8_t key[DIGEST_SHA256], const char *text, size_t len)
{
	uint8_t next[DIGEST_SHA256];

	digest_hmac_sha256(key, DIGEST_SHA256, text, len, next);
	memcpy(key, next, sizeof(next));
	explicit_bzero(next, sizeof(next));
}

static int first_key(const char *secret, const char *day,
		     uint8_t out[DIGEST_SHA256])
{
	AUTO_STRBUF struct strbuf b = { 0 };

	strbuf_puts(&b, "AWS4");
	strbuf_puts(&b, secret);
	if (b.error == 0)
		digest_hmac_sha256(b.text, b.len, day, DAY_LEN, out);
	return b.error;
}

int sigv4_signature(const struct sigv4_key *k, const struct sigv4_scope *s,
		    const char *string_to_sign, char out[SIGV4_HEX_SIZE])
{
	uint8_t key[DIGEST_SHA256];
	char time[SIGV4_TIME_SIZE];
	int rc;

	sigv4_time(s->time, time);
	rc = first_key(k->secret, time, key);
	if (rc)
		return rc;
	derive(key, s->region, strlen(s->region));
	derive(key, s->service, strlen(s->service));
	derive(key, "aws4_request", strlen("aws4_request"));
	derive(key, string_to_sign, strlen(string_to_sign));
	digest_hex(key, sizeof(key), out);
	return 0;
}

/* All stages. */
static int sign(const struct sigv4_key *k, const struct sigv4_scope *s,
		const struct sigv4_request *r, char out[SIGV4_HEX_SIZE])
{
	AUTO_WIPE char *canonical = NULL;
	AUTO_WIPE char *text = NULL;
	int rc;

	rc = sigv4_canonical(r, &canonical);
	if (rc == 0)
		rc = sigv4_string_to_sign(s, canonical, &text);
	if (rc == 0)
		rc = sigv4_signature(k, s, text, out);
	return rc;
}

/* ---- Where it goes ------------------------------------------------------ */

int sigv4_authorization(const struct sigv4_key *k, const struct sigv4_scope *s,
			const struct sigv4_request *r, char **out)
{
	AUTO_STRBUF struct strbuf b = { 0 };
	char signature[SIGV4_HEX_SIZE];
	AUTO_FREE char *names = NULL;
	int rc;

	rc = sign(k, s, r, signature);
	if (rc == 0)
		rc = header_names(r, &names);
	if (rc)
		return rc;
	strbuf_printf(&b, ALGORITHM " Credential=%s/", k->id);
	put_scope(&b, s);
	strbuf_printf(&b, ", SignedHeaders=%s, Signature=%s", names, signature);
	return strbuf_take(&b, out);
}

static int credential(const struct sigv4_key *k, const struct sigv4_scope *s,
		      char **out)
{
	AUTO_STRBUF struct strbuf b = { 0 };

	strbuf_printf(&b, "%s/", k->id);
	put_scope(&b, s);
	return strbuf_take(&b, out);
}

static void put_parameter(struct strbuf *b, const char *name, const char *value)
{
	strbuf_printf(b, "%sX-Amz-%s=", b->len ? "&" : "", name);
	strbuf_uri(b, value, false);
}

/* All of the query but the signature. */
static int unsigned_query(const struct sigv4_key *k,
			  const struct sigv4_scope *s,
			  const struct sigv4_request *r, unsigned seconds,
			  char **out)
{
	AUTO_STRBUF struct strbuf b = { 0 };
	AUTO_FREE char *names = NULL, *who = NULL;
	char time[SIGV4_TIME_SIZE], text[16];
	int rc;

	rc = header_names(r, &names);
	if (rc == 0)
		rc = credential(k, s, &who);
	if (rc)
		return rc;
	sigv4_time(s->time, time);
	snprintf(text, sizeof(text), "%u", seconds);

	strbuf_puts(&b, r->query ? r->query : "");
	put_parameter(&b, "Algorithm", ALGORITHM);
	put_parameter(&b, "Credential", who);
	put_parameter(&b, "Date", time);
	put_parameter(&b, "Expires", text);
	if (k->token)
		put_parameter(&b, "Security-Token", k->token);
	put_parameter(&b, "SignedHeaders", names);
	return strbuf_take(&b, out);
}

int sigv4_presign(const struct sigv4_key *k, const struct sigv4_scope *s,
		  const struct sigv4_request *r, unsigned seconds, char **query)
{
	AUTO_STRBUF struct strbuf b = { 0 };
	AUTO_WIPE char *all = NULL;
	struct sigv4_request signing = *r;
	char signature[SIGV4_HEX_SIZE];
	int rc;

	rc = unsigned_query(k, s, r, seconds, &all);
	if (rc)
		return rc;
	signing.query = all;
	rc = sign(k, s, &signing, signature);
	if (rc)
		return rc;
	strbuf_puts(&b, all);
	put_parameter(&b, "Signature", signature);
	return strbuf_take(&b, query);
}
