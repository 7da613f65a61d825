#include "backends/azure_blob.h"

#include "backends/azure_credentials.h"
#include "backends/strbuf.h"
#include "backends/when.h"
#include "base/clock.h"
#include "base/flag.h"
#include "base/log.h"
#include "base/text.h"
#include "base/utf8.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_CHARACTERS 1024

/* ---- Names -------------------------------------------------------------- */

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static bool is_kept(const char *name)
{
	for (const char *c = name; *c;) {
		size_t len = utf8_length(c);

		if (len == 0 || (unsigned char)*c < ' ' || *c == 0x7f ||
		    *c == '\\')
			return false;
		if (*c == '.' && (c[1] == '/' || c[1] == '\0'))
			return false;
		/* U+0080 ... U+009F */
		if (len == 2 && (unsigned char)c[0] == 0xc2 &&
		    (unsigned char)c[1] < 0xa0)
			return false;
		c += len;
	}
	return true;
}

int azure_blob_check_name(const struct azure_store *s, const char *name)
{
	if (!is_kept(name))
		return -EINVAL;
	if (characters(s->address.prefix) + characters(name) >
	    NAME_MAX_CHARACTERS)
		return -ENAMETOOLONG;
	return 0;
}

/* ---- Headers ------------------------------------------------------------ */

/* "" if there is none, or it is too long. */
static void copy_header(const struct http_exchange *x, const char *name,
			char *out, size_t size)
{
	const char *value;
	size_t len;

	value = http_reply_header(x, name, &len);
	if (!value || len >= size)
		len = 0;
	if (len > 0)
		memcpy(out, value, len);
	out[len] = '\0';
}

void azure_blob_etag(const struct http_exchange *x, char out[AZURE_BLOB_ETAG])
{
	copy_header(x, "ETag", out, AZURE_BLOB_ETAG);
}

static bool says(const struct http_exchange *x, const char *name,
		 const char *word)
{
	const char *value;
	size_t len;

	value = http_reply_header(x, name, &len);
	return value && len == strlen(word) && !strncasecmp(value, word, len);
}

static bool is_directory(const struct http_exchange *x, uint64_t size)
{
	return size == 0 && (says(x, "x-ms-meta-hdi_isfolder", "true") ||
			     says(x, "x-ms-resource-type", "directory"));
}

static int read_headers(const struct http_exchange *x, struct azure_blob *out)
{
	char size[32], date[64];
	const char *end = size;
	int64_t seconds;

	*out = (struct azure_blob){ 0 };
	copy_header(x, "Content-Length", size, sizeof(size));
	copy_header(x, "Last-Modified", date, sizeof(date));
	copy_header(x, "x-ms-copy-status", out->copy, sizeof(out->copy));
	copy_header(x, "x-ms-copy-id", out->copy_id, sizeof(out->copy_id));
	azure_blob_etag(x, out->etag);
	if (text_take_uint(&end, &out->info.size) || *end ||
	    out->info.size > INT64_MAX || !*out->etag)
		return -EBADMSG;
	if (is_directory(x, out->info.size))
		return -ENOENT;
	if (when_http(date, strlen(date), 0, &seconds) == 0 && seconds > 0)
		out->info.mtime_ns = when_ns(seconds);
	return 0;
}

/* ---- One request each --------------------------------------------------- */

int azure_blob_head(struct azure_store *s, enum rec_op op, const char *name,
		    struct azure_blob *out)
{
	AUTO_FREE char *path = azure_address_path(&s->address, name);
	struct http_exchange x;
	struct rest_call call = { .op = op,
				  .object = name,
				  .method = HTTP_HEAD,
				  .path = path,
				  .exchange = &x };
	int rc;

	if (!path)
		return -ENOMEM;
	rc = azure_store_call(s, &call);
	if (rc == 0)
		rc = read_headers(&x, out);
	if (rc == -EBADMSG)
		return log_fail(rc,
				"%s/%s: %s answered without a size or an "
				"ETag",
				s->base.uri, name, s->address.server);
	return rc;
}

static int remove_blob(struct azure_store *s, enum rec_op op, const char *name,
		       const char *etag, bool tidies)
{
	AUTO_FREE char *path = azure_address_path(&s->address, name);
	char condition[AZURE_BLOB_ETAG + 16];
	const char *const headers[] = { etag ? condition : NULL, NULL };
	struct rest_call call = { .op = op,
				  .object = name,
				  .method = HTTP_DELETE,
				  .path = path,
				  .headers = headers,
				  .tidies = tidies };
	int rc;

	if (!path)
		return -ENOMEM;
	snprintf(condition, sizeof(condition), "If-Match: %s",
		 etag ? etag : "");
	rc = azure_store_call(s, &call);
	/* The first may have done it, and its answer got lost. */
	return rc == -ENOENT && call.sent > 1 ? 0 : rc;
}

int azure_blob_remove(struct azure_store *s, enum rec_op op, const char *name,
		      const char *etag)
{
	return remove_blob(s, op, name, etag, false);
}

/* ---- Copying ------------------------------------------------------------ */

/* The destination is there by now, and would be left empty. */
static void stop_copy(struct azure_store *s, const char *to, const char *path,
		      const char *id)
{
	static const char *const headers[] = { "x-ms-copy-action: abort",
					       NULL };
	AUTO_FREE char *query = NULL;
	struct rest_call call = { .op = REC_RENAME,
				  .object = to,
				  .method = HTTP_PUT,
				  .path = path,
				  .headers = headers,
				  .tidies = true };

	if (asprintf(&query, "comp=copy&copyid=%s", id) < 0)
		return;
	call.query = query;
	if (azure_store_call(s, &call) == 0)
		(void)!remove_blob(s, REC_RENAME, to, NULL, true);
}

/* Look after 20 ms, 40 ms ... a second. */
static int wait_for_copy(struct azure_store *s, const char *to,
			 struct azure_blob *b)
{
	uint64_t deadline = clock_ns() + s->deadline_ms * NS_PER_MS;
	uint64_t pause = 20 * NS_PER_MS;
	char id[sizeof(b->copy_id)];
	int rc = 0;

	memcpy(id, b->copy_id, sizeof(id));
	while (rc == 0 && !strcasecmp(b->copy, "pending")) {
		if (flag_is_set(s->stop))
			return -ECANCELED;
		if (clock_ns() >= deadline)
			return -ETIMEDOUT;
		clock_sleep_until(clock_ns() + pause);
		pause = MIN(2 * pause, NS_PER_SEC);
		rc = azure_blob_head(s, REC_RENAME, to, b);
	}
	if (rc == 0 && strcmp(id, b->copy_id) != 0)
		return 0; /* it was done, and somebody has written it since */
	if (rc == 0 && strcasecmp(b->copy, "success") != 0)
		rc = log_fail(-EIO, "%s/%s: the server's copy: %s", s->base.uri,
			      to, b->copy);
	return rc;
}

/* Who shows a SAS has to show it for the source, too. */
static int copy_source(struct azure_store *s, const char *from, char **out)
{
	AUTO_FREE char *path = azure_address_path(&s->address, from);
	const char *sas = azure_credentials_sas(s->credentials);

	if (!path ||
	    asprintf(out, "x-ms-copy-source: %s%s%s%s", s->address.server, path,
		     sas ? "?" : "", sas ? sas : "") < 0)
		return -ENOMEM;
	return 0;
}

int azure_blob_copy(struct azure_store *s, const char *from, const char *etag,
		    const char *to)
{
	AUTO_FREE char *path = azure_address_path(&s->address, to);
	AUTO_WIPE char *source = NULL;
	char condition[AZURE_BLOB_ETAG + 32];
	struct azure_blob b = { .copy = "" };
	struct http_exchange x;
	int rc;

	if (!path || copy_source(s, from, &source))
		return -ENOMEM;
	snprintf(condition, sizeof(condition), "x-ms-source-if-match: %s",
		 etag);

	const char *const headers[] = { source, condition, NULL };
	struct rest_call call = { .op = REC_RENAME,
				  .object = to,
				  .method = HTTP_PUT,
				  .path = path,
				  .headers = headers,
				  .exchange = &x };

	rc = azure_store_call(s, &call);
	if (rc)
		return rc;
	copy_header(&x, "x-ms-copy-status", b.copy, sizeof(b.copy));
	copy_header(&x, "x-ms-copy-id", b.copy_id, sizeof(b.copy_id));
	rc = wait_for_copy(s, to, &b);
	if (rc == -ETIMEDOUT || rc == -ECANCELED)
		stop_copy(s, to, path, b.copy_id);
	return rc;
}
