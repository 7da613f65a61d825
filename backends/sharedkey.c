#include "backends/sharedkey.h"

#include "backends/canon.h"
#include "backends/digest.h"
#include "backends/uri.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define SAS_VERSION "2021-12-02"

/* ---- The headers -------------------------------------------------------- */

static bool is_named(const struct canon_pair *p, const char *name)
{
	return p->name_len == strlen(name) &&
	       !strncasecmp(p->name, name, p->name_len);
}

static const struct canon_pair *find(const struct canon_pair *pairs, int n,
				     const char *name)
{
	for (int i = 0; i < n; i++)
		if (is_named(&pairs[i], name))
			return &pairs[i];
	return NULL;
}

/* The lines of one header each, in their order.  The length of an empty body
 * counts as none, and x-ms-date makes Date one of no account. */
static void put_standard(struct strbuf *b, const struct sharedkey_request *r,
			 const struct canon_pair *pairs, int n)
{
	static const char length[] = "Content-Length", date[] = "Date";
	static const char *const names[] = {
		"Content-Encoding",
		"Content-Language",
		length,
		"Content-MD5",
		"Content-Type",
		date,
		"If-Modified-Since",
		"If-Match",
		"If-None-Match",
		"If-Unmodified-Since",
		"Range",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct canon_pair *p = find(pairs, n, names[i]);

		if (names[i] == length && r->content_length)
			strbuf_printf(b, "%" PRIu64, r->content_length);
		else if (names[i] == date && find(pairs, n, "x-ms-date"))
			p = NULL;
		if (p && names[i] != length)
			strbuf_add(b, p->value, p->value_len);
		strbuf_putc(b, '\n');
	}
}

static void put_ms_headers(struct strbuf *b, const struct canon_pair *pairs,
			   int n)
{
	for (int i = 0; i < n; i++) {
		const struct canon_pair *p = &pairs[i];

		if (p->name_len < 5 || strncasecmp(p->name, "x-ms-", 5) != 0)
			continue;
		canon_put_lower(b, p->name, p->name_len);
		strbuf_putc(b, ':');
		canon_put_value(b, p);
		strbuf_putc(b, '\n');
	}
}

/* ---- The resource ------------------------------------------------------- */

/* A decoded copy at *room, which moves behind it. */
static const char *decode(const char *text, size_t *len, char **room)
{
	char *copy = *room;

	memcpy(copy, text, *len);
	copy[*len] = '\0';
	*len = uri_decode(copy);
	*room = copy + *len + 1;
	return copy;
}

static void lower(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] |= 0x20;
}

static void put_decoded_query(struct strbuf *b, struct canon_pair *pairs, int n,
			      char *room)
{
	for (int i = 0; i < n; i++) {
		char *name = room;

		pairs[i].name =
			decode(pairs[i].name, &pairs[i].name_len, &room);
		lower(name, pairs[i].name_len);
		pairs[i].value =
			decode(pairs[i].value, &pairs[i].value_len, &room);
	}
	canon_sort(pairs, (size_t)n);
	for (int i = 0; i < n; i++) {
		if (i > 0 && canon_same_name(&pairs[i - 1], &pairs[i])) {
			strbuf_putc(b, ',');
		} else {
			strbuf_putc(b, '\n');
			strbuf_add(b, pairs[i].name, pairs[i].name_len);
			strbuf_putc(b, ':');
		}
		strbuf_add(b, pairs[i].value, pairs[i].value_len);
	}
}

static void put_query(struct strbuf *b, const char *query)
{
	AUTO_FREE char *room = NULL;
	struct canon_pair pairs[CANON_MAX];
	int n = canon_query(query, pairs);

	if (n > 0)
		room = malloc(strlen(query) + 2 * CANON_MAX);
	if (n > 0 && room)
		put_decoded_query(b, pairs, n, room);
	else if (n)
		b->error = n < 0 ? n : -ENOMEM;
}

int sharedkey_string_to_sign(const struct sharedkey_request *r, char **out)
{
	AUTO_STRBUF struct strbuf b = { 0 };
	struct canon_pair pairs[CANON_MAX];
	int n = canon_headers(r->headers, pairs);

	if (n < 0)
		return n;
	strbuf_printf(&b, "%s\n", r->method);
	put_standard(&b, r, pairs, n);
	put_ms_headers(&b, pairs, n);
	strbuf_printf(&b, "/%s%s", r->account, *r->path ? r->path : "/");
	put_query(&b, r->query);
	return strbuf_take(&b, out);
}

/* ---- The signature ------------------------------------------------------ */

int sharedkey_signature(const char *key, const char *text,
			char out[SHAREDKEY_SIGNATURE])
{
	uint8_t plain[256], sum[DIGEST_SHA256];
	ssize_t len = digest_unbase64(key, plain, sizeof(plain));

	if (len <= 0)
		return -EINVAL;
	digest_hmac_sha256(plain, (size_t)len, text, strlen(text), sum);
	digest_base64(sum, sizeof(sum), out);
	explicit_bzero(plain, sizeof(plain));
	return 0;
}

/* ---- Shared access signatures ------------------------------------------- */

#define TIME_SIZE 24

/* "" for 0. */
static void format_time(int64_t time, char out[TIME_SIZE])
{
	time_t t = (time_t)MIN(MAX(time, 0), INT64_C(253402300799));
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, TIME_SIZE, time ? "%Y-%m-%dT%H:%M:%SZ" : "", &tm);
	if (!time)
		out[0] = '\0';
}

struct fields {
	const char *resource, *protocol; /* "b", "https,http" */
	char start[TIME_SIZE], expires[TIME_SIZE];
};

/* Account, permissions, services, types, start, expiry, addresses, protocol,
 * version and encryption scope, each with the end of its line. */
static void put_account_lines(struct strbuf *b, const struct sharedkey_sas *s,
			      const struct fields *f)
{
	strbuf_printf(b, "%s\n%s\nb\nsco\n%s\n%s\n\n%s\n" SAS_VERSION "\n\n",
		      s->account, s->permissions, f->start, f->expires,
		      f->protocol);
}

/* Permissions, start, expiry, resource, policy, addresses, protocol, version,
 * kind of resource, snapshot, encryption scope and five headers of the reply;
 * the last without an end of line. */
static void put_service_lines(struct strbuf *b, const struct sharedkey_sas *s,
			      const struct fields *f)
{
	strbuf_printf(b, "%s\n%s\n%s\n/blob/%s/%s", s->permissions, f->start,
		      f->expires, s->account, s->container);
	if (s->blob)
		strbuf_printf(b, "/%s", s->blob);
	strbuf_printf(b, "\n\n\n%s\n" SAS_VERSION "\n%s\n\n\n\n\n\n\n",
		      f->protocol, f->resource);
}

static void put_parameter(struct strbuf *b, const char *name, const char *value)
{
	if (!*value)
		return;
	strbuf_printf(b, "%s%s=", b->len ? "&" : "", name);
	strbuf_uri(b, value, false);
}

static void put_sas_query(struct strbuf *b, const struct sharedkey_sas *s,
			  const struct fields *f, const char *signature)
{
	put_parameter(b, "sv", SAS_VERSION);
	put_parameter(b, "ss", s->container ? "" : "b");
	put_parameter(b, "srt", s->container ? "" : "sco");
	put_parameter(b, "sr", f->resource);
	put_parameter(b, "sp", s->permissions);
	put_parameter(b, "st", f->start);
	put_parameter(b, "se", f->expires);
	put_parameter(b, "spr", f->protocol);
	put_parameter(b, "sig", signature);
}

int sharedkey_sas(const struct sharedkey_sas *s, char **query)
{
	AUTO_STRBUF struct strbuf lines = { 0 }, b = { 0 };
	AUTO_FREE char *text = NULL;
	char signature[SHAREDKEY_SIGNATURE];
	struct fields f = {
		.resource = !s->container ? "" :
			    s->blob	  ? "b" :
					    "c",
		.protocol = s->https_only ? "https" : "https,http",
	};
	int rc;

	format_time(s->start, f.start);
	format_time(s->expires, f.expires);
	if (s->container)
		put_service_lines(&lines, s, &f);
	else
		put_account_lines(&lines, s, &f);
	rc = strbuf_take(&lines, &text);
	if (rc == 0)
		rc = sharedkey_signature(s->key, text, signature);
	if (rc)
		return rc;
	put_sas_query(&b, s, &f, signature);
	return strbuf_take(&b, query);
}
