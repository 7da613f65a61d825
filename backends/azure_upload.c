#include "backends/azure_upload.h"

#include "backends/azure_blob.h"
#include "backends/digest.h"
#include "backends/strbuf.h"
#include "backends/upload.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#define MAX_BLOCKS 50000
#define MAX_BLOCK (4000 * MIB)
#define ID_BYTES 24 /* without '=' at the end of their base64 */
#define ID_SIZE (ID_BYTES / 3 * 4 + 1)
#define MD5_HEADER (sizeof("Content-MD5: ") + 4 * ((DIGEST_MD5 + 2) / 3))

struct azure_upload {
	struct azure_store *store;
	struct upload *upload;
	char *path;
	uint64_t draw; /* what the ids have that no other's have */
	char etag[AZURE_BLOB_ETAG];
	char name[];
};

/* ---- Requests ----------------------------------------------------------- */

static void spell_id(const struct azure_upload *u, unsigned number,
		     char out[ID_SIZE])
{
	char id[ID_BYTES + 1];

	snprintf(id, sizeof(id), "%016" PRIx64 "%08x", u->draw, number);
	digest_base64(id, ID_BYTES, out);
}

/* "" where MD5 is forbidden: then TCP's checksums, or TLS, must do. */
static void spell_md5(const void *data, size_t len, char out[MD5_HEADER])
{
	static const char name[] = "Content-MD5: ";
	uint8_t digest[DIGEST_MD5];

	out[0] = '\0';
	if (digest_md5(data, len, digest) != 0)
		return;
	digest_base64(digest, sizeof(digest), stpcpy(out, name));
}

/* PUT of these bytes.  x may be NULL. */
static int put_bytes(struct azure_upload *u, const char *query,
		     const char *header, const void *data, size_t len,
		     struct http_exchange *x)
{
	const struct http_piece body = { .data = data, .len = len };
	const char *headers[3] = { header };
	char md5[MD5_HEADER];
	struct rest_call call = { .op = REC_WRITE,
				  .object = u->name,
				  .method = HTTP_PUT,
				  .path = u->path,
				  .query = query,
				  .headers = headers,
				  .body = &body,
				  .n_body = len > 0,
				  .exchange = x };
	int rc;

	spell_md5(data, len, md5);
	if (*md5)
		headers[header != NULL] = md5;
	rc = azure_store_call(u->store, &call);
	if (rc != -ENOENT)
		return rc;
	/* The container has gone.  Nobody has said it: elsewhere it is an
	 * answer like others. */
	log_error("%s: %s: %s answered %s", u->store->base.uri, u->name,
		  u->store->address.server, *call.code ? call.code : "404");
	return -EIO;
}

static int put(void *self, const void *data, size_t len)
{
	struct azure_upload *u = self;
	struct http_exchange x;
	int rc;

	rc = put_bytes(u, NULL, "x-ms-blob-type: BlockBlob", data ? data : "",
		       len, &x);
	if (rc == 0)
		azure_blob_etag(&x, u->etag);
	return rc;
}

static int begin(void *self)
{
	struct azure_upload *u = self;

	if (getrandom(&u->draw, sizeof(u->draw), 0) != sizeof(u->draw))
		return -errno;
	return 0;
}

static int put_block(void *self, unsigned number, const void *data, size_t len)
{
	AUTO_STRBUF struct strbuf query = { 0 };
	AUTO_FREE char *text = NULL;
	char id[ID_SIZE];
	int rc;

	spell_id(self, number, id);
	strbuf_puts(&query, "comp=block&blockid=");
	strbuf_uri(&query, id, false);
	rc = strbuf_take(&query, &text);
	if (rc)
		return rc;
	return put_bytes(self, text, NULL, data, len, NULL);
}

/* "Latest", not "Uncommitted": once more is fine if the first answer is
 * lost. */
static int put_list(void *self, unsigned parts)
{
	struct azure_upload *u = self;
	AUTO_STRBUF struct strbuf list = { 0 };
	AUTO_FREE char *text = NULL;
	struct http_exchange x;
	char id[ID_SIZE];
	int rc;

	strbuf_puts(&list, "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
			   "<BlockList>");
	for (unsigned i = 0; i < parts; i++) {
		spell_id(u, i, id);
		strbuf_printf(&list, "<Latest>%s</Latest>", id);
	}
	strbuf_puts(&list, "</BlockList>");
	rc = strbuf_take(&list, &text);
	if (rc == 0)
		rc = put_bytes(u, "comp=blocklist", NULL, text, strlen(text),
			       &x);
	if (rc == 0)
		azure_blob_etag(&x, u->etag);
	return rc;
}

/* See the header. */
static void forget(void *self)
{
	(void)self;
}

static const struct upload_ops ops = {
	.put = put,
	.begin = begin,
	.part = put_block,
	.complete = put_list,
	.abort = forget,
	.max_parts = MAX_BLOCKS,
	.max_part = MAX_BLOCK,
};

/* ---- What the header promised ------------------------------------------- */

int azure_upload_new(struct azure_store *s, const char *name,
		     struct azure_upload **out)
{
	size_t len = strlen(name);
	struct azure_upload *u;
	int rc;

	rc = azure_blob_check_name(s, name);
	if (rc)
		return rc;
	u = calloc(1, sizeof(*u) + len + 1);
	if (!u)
		return -ENOMEM;
	u->store = s;
	memcpy(u->name, name, len + 1);
	u->path = azure_address_path(&s->address, name);
	rc = u->path ? upload_begin(s->uploads, &ops, u, &u->upload) : -ENOMEM;
	if (rc) {
		azure_upload_free(u);
		return rc;
	}
	*out = u;
	return 0;
}

int azure_upload_append(struct azure_upload *u, const void *data, size_t len)
{
	return upload_append(u->upload, data, len);
}

/* If it is another's by now, ours has been there. */
static int confirm(struct azure_upload *u, uint64_t size)
{
	struct azure_blob b;
	int rc;

	rc = azure_blob_head(u->store, REC_COMMIT, u->name, &b);
	if (rc == -ENOENT)
		return log_fail(-EIO, "%s/%s: was written, and is not there",
				u->store->base.uri, u->name);
	if (rc || strcmp(b.etag, u->etag) != 0 || b.info.size == size)
		return rc;
	return log_fail(-EIO,
			"%s/%s: %" PRIu64 " bytes were sent, and the server "
			"has %" PRIu64,
			u->store->base.uri, u->name, size, b.info.size);
}

int azure_upload_commit(struct azure_upload *u, uint64_t size)
{
	int rc;

	rc = upload_commit(u->upload);
	return rc ? rc : confirm(u, size);
}

void azure_upload_free(struct azure_upload *u)
{
	if (!u)
		return;
	upload_close(u->upload);
	free(u->path);
	free(u);
}
