#include "backends/s3.h"

#include "backends/aws_credentials.h"
#include "backends/remote.h"
#include "backends/s3_client.h"
#include "backends/s3_copy.h"
#include "backends/s3_errors.h"
#include "backends/s3_head.h"
#include "backends/s3_list.h"
#include "backends/s3_object.h"
#include "backends/s3_sweep.h"
#include "backends/s3_upload.h"
#include "backends/strbuf.h"
#include "backends/upload.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

#define PART_BYTES (8 * MIB)
#define MEMORY_PARTS 16
#define THREADS 16
#define COPY_PIECE (256 * MIB) /* seconds, where a server copies byte by byte */

struct s3_store {
	struct backend base;
	struct s3_client *client;
	struct uploads *uploads;
};

/* One of them is not NULL. */
struct s3_handle {
	struct object base;
	struct s3_object *reading;
	struct s3_upload *writing;
};

static struct s3_store *store_of(struct backend *b)
{
	return CONTAINER_OF(b, struct s3_store, base);
}

static struct s3_handle *handle_of(struct object *o)
{
	return CONTAINER_OF(o, struct s3_handle, base);
}

/* ---- The store ---------------------------------------------------------- */

static int make_uploads(const struct remote_options *o, struct uploads **out)
{
	uint64_t part = o->part_bytes ? o->part_bytes : PART_BYTES;
	uint64_t memory = o->upload_memory ? o->upload_memory :
					     MEMORY_PARTS * part;

	if (part < S3_UPLOAD_PART_MIN || part > S3_UPLOAD_PART_MAX)
		return log_invalid("S3 wants parts of 5 MiB to 5 GiB, not of "
				   "%llu bytes",
				   (unsigned long long)part);
	return uploads_new(o->concurrency ? o->concurrency : THREADS, part,
			   memory, out);
}

static void advise(const struct s3_client *c, const struct rest_call *call,
		   int rc)
{
	const struct advice a = {
		.uri = c->uri,
		.server = c->address.server,
		.by = c->address.by,
		.source = aws_credentials_source(c->credentials),
		.kind = ADVICE_S3,
		.rows = s3_errors_advice,
	};

	advice_say(&a, call->exchange, call->code, rc);
}

/* Whoever may list no more than a prefix asks for no more. */
static int make_query(const struct s3_client *c, char **out)
{
	AUTO_STRBUF struct strbuf b = { .text = NULL };

	strbuf_puts(&b, "list-type=2&max-keys=1&prefix=");
	strbuf_uri(&b, c->address.prefix, false);
	return strbuf_take(&b, out);
}

/* One cheap question, so that what is wrong with endpoint, bucket, region or
 * keys is said now and not of each object. */
static int probe(struct s3_client *c)
{
	AUTO_FREE char *query = NULL;
	char name[256];
	struct http_exchange x = { .status = 0 };
	struct rest_call call = { .op = REC_LIST, .exchange = &x };
	int rc;

	rc = make_query(c, &query);
	if (rc)
		return rc;
	call.query = query;
	rc = s3_client_call_for(c, &call,
				&(struct s3_text){ "ListBucketResult", "Name",
						   name, sizeof(name) });
	if (rc && rc != -ECANCELED)
		advise(c, &call, rc);
	return rc;
}

static void s3_close(struct backend *b)
{
	struct s3_store *s = store_of(b);

	uploads_free(s->uploads);
	s3_client_free(s->client);
	free(s);
}

static int s3_open(const char *location, const struct backend_options *options,
		   struct backend **out)
{
	static const struct remote_options standard;
	const struct remote_options *o = options->remote ? options->remote :
							   &standard;
	struct s3_store *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	rc = make_uploads(o, &s->uploads);
	if (rc == 0)
		rc = s3_client_new(location, o, &s->client);
	if (rc == 0)
		rc = probe(s->client);
	if (rc) {
		s3_close(&s->base);
		return rc;
	}
	*out = &s->base;
	return 0;
}

static int s3_list_objects(struct backend *b, const char *prefix,
			   enum backend_depth depth, backend_list_fn fn,
			   void *arg)
{
	const struct s3_listing l = {
		.prefix = prefix, .depth = depth, .fn = fn, .arg = arg
	};

	return s3_list(store_of(b)->client, &l);
}

static int s3_stat(struct backend *b, const char *name, struct object_info *out)
{
	struct s3_client *c = store_of(b)->client;
	AUTO_FREE char *path = NULL;
	struct s3_head h;
	int rc;

	rc = s3_address_path(&c->address, name, &path);
	if (rc == 0)
		rc = s3_head(c, name, path, &h);
	if (rc == 0)
		*out = h.info;
	return rc;
}

/* It was there a moment ago: if it is not now, that is what was wanted, and
 * perhaps our doing, by an attempt whose answer was lost. */
static int remove_key(struct s3_client *c, const char *name, const char *path)
{
	struct rest_call call = { .op = REC_REMOVE,
				  .object = name,
				  .method = HTTP_DELETE,
				  .path = path };
	int rc;

	rc = s3_client_call(c, &call);
	return rc == -ENOENT ? 0 : rc;
}

/* To remove what is not there is no error to S3, but it is to a file system:
 * ask first. */
static int s3_remove(struct backend *b, const char *name)
{
	struct s3_client *c = store_of(b)->client;
	AUTO_FREE char *path = NULL;
	struct s3_head h;
	int rc;

	rc = s3_address_path(&c->address, name, &path);
	if (rc == 0)
		rc = s3_head(c, name, path, &h);
	return rc ? rc : remove_key(c, name, path);
}

static int s3_rename(struct backend *b, const char *from, const char *to)
{
	const struct s3_copy copy = { from, to, COPY_PIECE };
	struct s3_client *c = store_of(b)->client;
	AUTO_FREE char *path = NULL;
	struct object_info info;
	int rc;

	if (!strcmp(from, to))
		return s3_stat(b, from, &info);
	rc = s3_copy(c, &copy);
	if (rc == 0)
		rc = s3_address_path(&c->address, from, &path);
	return rc ? rc : remove_key(c, from, path);
}

static int64_t s3_sweep_uploads(struct backend *b, const char *prefix,
				backend_sweep_fn wanted, void *arg)
{
	const struct s3_sweep s = { .prefix = prefix,
				    .wanted = wanted,
				    .arg = arg };

	return s3_sweep(store_of(b)->client, &s);
}

/* ---- Objects ------------------------------------------------------------ */

static int s3_open_object(struct backend *b, const char *name,
			  const uint64_t *size, struct object **out)
{
	AUTO_FREE struct s3_handle *h = calloc(1, sizeof(*h));
	int rc;

	if (!h)
		return -ENOMEM;
	rc = s3_object_open(store_of(b)->client, name, size, &h->reading);
	if (rc)
		return rc;
	h->base.size = s3_object_size(h->reading);
	*out = &TAKE(h)->base;
	return 0;
}

static ssize_t s3_read(struct object *o, struct object_read *rd)
{
	if (rd->flags & OBJECT_READ_NOWAIT)
		return -EAGAIN;
	return s3_object_read(handle_of(o)->reading, rd);
}

static int s3_create_object(struct backend *b, const char *name,
			    struct object **out)
{
	AUTO_FREE struct s3_handle *h = calloc(1, sizeof(*h));
	struct s3_store *s = store_of(b);
	int rc;

	if (!h)
		return -ENOMEM;
	rc = s3_upload_new(s->client, s->uploads, name, &h->writing);
	if (rc)
		return rc;
	*out = &TAKE(h)->base;
	return 0;
}

static int s3_append(struct object *o, const void *buf, size_t len)
{
	return s3_upload_append(handle_of(o)->writing, buf, len);
}

/* What is visible is on stable storage: nothing more to do for
 * OBJECT_DURABLE. */
static int s3_commit(struct object *o, unsigned flags)
{
	(void)flags;
	return s3_upload_commit(handle_of(o)->writing);
}

static void s3_close_object(struct object *o)
{
	struct s3_handle *h = handle_of(o);

	s3_object_close(h->reading);
	s3_upload_close(h->writing);
	free(h);
}

const struct backend_ops s3_ops = {
	.scheme = "s3",
	.open = s3_open,
	.close = s3_close,
	.list = s3_list_objects,
	.stat = s3_stat,
	.remove = s3_remove,
	.rename = s3_rename,
	.sweep = s3_sweep_uploads,
	.open_object = s3_open_object,
	.read = s3_read,
	.create_object = s3_create_object,
	.append = s3_append,
	.commit = s3_commit,
	.close_object = s3_close_object,
};
