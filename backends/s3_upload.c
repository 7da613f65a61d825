#include "backends/s3_upload.h"

#include "backends/s3_head.h"
#include "backends/s3_multipart.h"
#include "backends/upload.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

struct s3_upload {
	struct s3_client *client;
	struct upload *upload;
	char *name, *path;
	uint64_t size;
	char etag[S3_ETAG_SIZE]; /* of one PUT */
	struct s3_multipart parts;
};

/* ---- The operations of upload.h ----------------------------------------- */

static int put(void *self, const void *data, size_t len)
{
	static const char *const headers[] = {
		"Content-Type: application/octet-stream", NULL
	};
	struct s3_upload *u = self;
	const struct http_piece body = { data, len };
	struct http_exchange x;
	struct rest_call call = { .op = REC_COMMIT,
				  .object = u->name,
				  .method = HTTP_PUT,
				  .path = u->path,
				  .headers = headers,
				  .body = &body,
				  .n_body = len > 0,
				  .exchange = &x };
	int rc;

	rc = s3_client_call(u->client, &call);
	rc = s3_client_not_gone(u->client, &call, rc);
	return rc ? rc : s3_client_etag(&x, u->etag);
}

static int begin(void *self)
{
	return s3_multipart_begin(&((struct s3_upload *)self)->parts);
}

static int part(void *self, unsigned number, const void *data, size_t len)
{
	return s3_multipart_put(&((struct s3_upload *)self)->parts, number,
				data, len);
}

static int complete(void *self, unsigned parts)
{
	struct s3_upload *u = self;
	int rc;

	rc = s3_multipart_complete(&u->parts, parts);
	if (rc == 0)
		memcpy(u->etag, u->parts.etag, sizeof(u->etag));
	return rc;
}

static void abort_parts(void *self)
{
	s3_multipart_abort(&((struct s3_upload *)self)->parts);
}

static const struct upload_ops ops = {
	.put = put,
	.begin = begin,
	.part = part,
	.complete = complete,
	.abort = abort_parts,
	.max_parts = S3_UPLOAD_PARTS,
	.max_part = S3_UPLOAD_PART_MAX,
};

/* ---- What the header promised ------------------------------------------- */

int s3_upload_new(struct s3_client *c, struct uploads *all, const char *name,
		  struct s3_upload **out)
{
	struct s3_upload *u = calloc(1, sizeof(*u));
	int rc = -ENOMEM;

	if (!u)
		return rc;
	u->client = c;
	u->name = strdup(name);
	if (u->name)
		rc = s3_address_path(&c->address, name, &u->path);
	s3_multipart_init(&u->parts, c, u->name, u->path);
	if (rc == 0)
		rc = upload_begin(all, &ops, u, &u->upload);
	if (rc) {
		s3_upload_close(u);
		return rc;
	}
	*out = u;
	return 0;
}

int s3_upload_append(struct s3_upload *u, const void *data, size_t len)
{
	int rc;

	rc = upload_append(u->upload, data, len);
	if (rc == -EFBIG)
		return log_fail(rc,
				"%s: %s: an object has at most %u parts: "
				"write it in larger ones",
				u->client->uri, u->name, S3_UPLOAD_PARTS);
	u->size += len;
	return rc;
}

/* Swift, while one of several writers of a name replaces what another has just
 * written, has neither for a moment: ask again before believing it. */
static int find(const struct s3_upload *u, struct s3_head *h)
{
	int rc = -ENOENT;

	for (unsigned i = 0; rc == -ENOENT && i < 5; i++) {
		if (i > 0)
			clock_sleep_until(clock_ns() + (NS_PER_SEC / 20 << i));
		rc = s3_head(u->client, u->name, u->path, h);
	}
	return rc;
}

/* The server has it, and all of it.  One with another ETag is somebody else's,
 * who came after. */
static int confirm(const struct s3_upload *u)
{
	struct s3_head h;
	int rc;

	rc = find(u, &h);
	if (rc == -ENOENT)
		return log_fail(-EIO,
				"%s: %s: the server took it, and does "
				"not have it",
				u->client->uri, u->name);
	if (rc || h.info.size == u->size ||
	    (*u->etag && *h.etag && !s3_client_same_etag(u->etag, h.etag)))
		return rc;
	return log_fail(-EIO, "%s: %s: the server has %llu of %llu bytes",
			u->client->uri, u->name,
			(unsigned long long)h.info.size,
			(unsigned long long)u->size);
}

int s3_upload_commit(struct s3_upload *u)
{
	int rc;

	rc = upload_commit(u->upload);
	return rc ? rc : confirm(u);
}

void s3_upload_close(struct s3_upload *u)
{
	if (!u)
		return;
	upload_close(u->upload);
	s3_multipart_clear(&u->parts);
	free(u->path);
	free(u->name);
	free(u);
}
