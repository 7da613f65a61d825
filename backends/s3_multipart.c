#include "backends/s3_multipart.h"

#include "backends/digest.h"
#include "backends/s3_head.h"
#include "backends/strbuf.h"

#include <errno.h>
#include <string.h>

/* ---- Parts -------------------------------------------------------------- */

void s3_multipart_init(struct s3_multipart *m, struct s3_client *c,
		       const char *name, const char *path)
{
	*m = (struct s3_multipart){ .client = c, .name = name, .path = path };
	pthread_mutex_init(&m->lock, NULL);
}

void s3_multipart_clear(struct s3_multipart *m)
{
	for (unsigned i = 0; i < m->room; i++)
		free(m->etags[i]);
	free(m->etags);
	free(m->id);
	pthread_mutex_destroy(&m->lock);
}

int s3_multipart_begin(struct s3_multipart *m)
{
	static const char *const headers[] = {
		"Content-Type: application/octet-stream", NULL
	};
	char id[1024];
	struct rest_call call = { .op = REC_CREATE,
				  .object = m->name,
				  .method = HTTP_POST,
				  .path = m->path,
				  .query = "uploads=",
				  .headers = headers,
				  .begins = true };
	AUTO_STRBUF struct strbuf b = { .text = NULL };
	int rc;

	rc = s3_client_call_for(
		m->client, &call,
		&(struct s3_text){ "InitiateMultipartUploadResult", "UploadId",
				   id, sizeof(id) });
	rc = s3_client_not_gone(m->client, &call, rc);
	if (rc == 0 && !*id)
		rc = -EBADMSG;
	if (rc)
		return rc;
	strbuf_uri(&b, id, false);
	free(TAKE(m->id)); /* of one that was aborted */
	return strbuf_take(&b, &m->id);
}

static int remember(struct s3_multipart *m, unsigned number, const char *etag)
{
	LOCKED(&m->lock);
	char **etags;

	if (number >= m->room) {
		unsigned room = MAX(2 * m->room, number + 64);

		etags = reallocarray(m->etags, room, sizeof(*etags));
		if (!etags)
			return -ENOMEM;
		memset(etags + m->room, 0, (room - m->room) * sizeof(*etags));
		m->etags = etags;
		m->room = room;
	}
	free(m->etags[number]);
	m->etags[number] = strdup(etag);
	return m->etags[number] ? 0 : -ENOMEM;
}

static int part_query(const struct s3_multipart *m, unsigned number, char **out)
{
	if (asprintf(out, "partNumber=%u&uploadId=%s", number + 1, m->id) >= 0)
		return 0;
	*out = NULL;
	return -ENOMEM;
}

int s3_multipart_put(struct s3_multipart *m, unsigned number, const void *data,
		     size_t len)
{
	const struct http_piece body = { data, len };
	AUTO_FREE char *query = NULL;
	struct http_exchange x;
	struct rest_call call = { .op = REC_WRITE,
				  .object = m->name,
				  .method = HTTP_PUT,
				  .path = m->path,
				  .body = &body,
				  .n_body = 1,
				  .exchange = &x };
	char etag[S3_ETAG_SIZE];
	int rc;

	rc = part_query(m, number, &query);
	if (rc)
		return rc;
	call.query = query;
	rc = s3_client_call(m->client, &call);
	rc = s3_client_not_gone(m->client, &call, rc);
	if (rc == 0)
		rc = s3_client_etag(&x, etag);
	if (rc)
		return rc;
	return *etag ? remember(m, number, etag) : -EBADMSG;
}

int s3_multipart_copy(struct s3_multipart *m, unsigned number,
		      const struct s3_multipart_source *from)
{
	AUTO_STRBUF struct strbuf source = { .text = NULL };
	AUTO_STRBUF struct strbuf match = { .text = NULL };
	AUTO_STRBUF struct strbuf range = { .text = NULL };
	AUTO_FREE char *query = NULL;
	char etag[S3_ETAG_SIZE];
	struct rest_call call = { .op = REC_WRITE,
				  .object = m->name,
				  .method = HTTP_PUT,
				  .path = m->path,
				  .patient = true };
	int rc;

	strbuf_printf(&source, "x-amz-copy-source: %s", from->path);
	strbuf_printf(&match, "x-amz-copy-source-if-match: %s", from->etag);
	strbuf_printf(&range, "x-amz-copy-source-range: bytes=%llu-%llu",
		      (unsigned long long)from->first,
		      (unsigned long long)from->last);
	rc = part_query(m, number, &query);
	if (rc == 0)
		rc = source.error | match.error | range.error;
	if (rc)
		return rc;
	call.query = query;
	call.headers = (const char *[]){ source.text, range.text,
					 *from->etag ? match.text : NULL,
					 NULL };
	rc = s3_client_call_for(m->client, &call,
				&(struct s3_text){ "CopyPartResult", "ETag",
						   etag, sizeof(etag) });
	if (rc == 0 && !*etag)
		rc = -EBADMSG;
	return rc ? rc : remember(m, number, etag);
}

/* ---- The end ------------------------------------------------------------ */

static int make_manifest(struct s3_multipart *m, unsigned n, char **out)
{
	AUTO_STRBUF struct strbuf b = { .text = NULL };
	LOCKED(&m->lock);

	strbuf_puts(&b, "<CompleteMultipartUpload xmlns="
			"\"http://s3.amazonaws.com/doc/2006-03-01/\">");
	for (unsigned i = 0; i < n; i++) {
		if (i >= m->room || !m->etags[i] || strpbrk(m->etags[i], "<&>"))
			return -EBADMSG;
		strbuf_printf(&b,
			      "<Part><PartNumber>%u</PartNumber>"
			      "<ETag>%s</ETag></Part>",
			      i + 1, m->etags[i]);
	}
	strbuf_puts(&b, "</CompleteMultipartUpload>");
	return strbuf_take(&b, out);
}

/* The MD5 that the ETag of a part is. */
static bool read_md5(const char *etag, uint8_t md5[DIGEST_MD5])
{
	static const char digits[] = "0123456789abcdef";
	const char *e = etag + (*etag == '"');

	if (strspn(e, digits) != 2 * DIGEST_MD5)
		return false;
	for (size_t i = 0; i < DIGEST_MD5; i++, e += 2)
		md5[i] = (uint8_t)((strchr(digits, e[0]) - digits) << 4 |
				   (strchr(digits, e[1]) - digits));
	return true;
}

/* The ETag that all servers make of parts whose ETags are MD5s: the MD5 of
 * those, "-", and how many.  False: they are none (SSE-KMS), or we may make
 * none. */
static bool expected_etag(struct s3_multipart *m, unsigned n,
			  char etag[S3_ETAG_SIZE])
{
	AUTO_FREE uint8_t *all = calloc(n, DIGEST_MD5);
	char hex[2 * DIGEST_MD5 + 1];
	uint8_t md5[DIGEST_MD5];
	LOCKED(&m->lock);

	if (!all)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (!read_md5(m->etags[i], all + (size_t)i * DIGEST_MD5))
			return false;
	if (digest_md5(all, (size_t)n * DIGEST_MD5, md5) != 0)
		return false;
	digest_hex(md5, sizeof(md5), hex);
	snprintf(etag, S3_ETAG_SIZE, "\"%s-%u\"", hex, n);
	return true;
}

static bool is_there(const struct s3_multipart *m, const char *etag)
{
	struct s3_head h;

	return s3_head(m->client, m->name, m->path, &h) == 0 &&
	       s3_client_same_etag(etag, h.etag);
}

/* radosgw does not say which ETag the object has got.  And the upload may be gone
 * because an attempt was heard whose answer was lost: then the object is there. */
int s3_multipart_complete(struct s3_multipart *m, unsigned n)
{
	AUTO_FREE char *query = NULL, *manifest = NULL;
	static const char *const headers[] = { "Content-Type: application/xml",
					       NULL };
	struct http_piece body;
	struct rest_call call = { .op = REC_COMMIT,
				  .object = m->name,
				  .method = HTTP_POST,
				  .path = m->path,
				  .headers = headers,
				  .body = &body,
				  .n_body = 1,
				  .patient = true };
	int rc;

	rc = make_manifest(m, n, &manifest);
	if (rc)
		return rc;
	if (asprintf(&query, "uploadId=%s", m->id) < 0) {
		query = NULL;
		return -ENOMEM;
	}
	call.query = query;
	body = (struct http_piece){ manifest, strlen(manifest) };
	rc = s3_client_call_for(
		m->client, &call,
		&(struct s3_text){ "CompleteMultipartUploadResult", "ETag",
				   m->etag, sizeof(m->etag) });
	if (!*m->etag && expected_etag(m, n, m->etag) && rc == -ENOENT &&
	    is_there(m, m->etag))
		return 0;
	return s3_client_not_gone(m->client, &call, rc);
}

void s3_multipart_abort(struct s3_multipart *m)
{
	AUTO_FREE char *query = NULL;
	struct rest_call call = { .op = REC_REMOVE,
				  .object = m->name,
				  .method = HTTP_DELETE,
				  .path = m->path,
				  .tidies = true };
	int rc;

	if (asprintf(&query, "uploadId=%s", m->id) < 0) {
		query = NULL;
		return;
	}
	call.query = query;
	rc = s3_client_call(m->client, &call);
	(void)rc; /* it has been said, and nothing more can be done */
}
