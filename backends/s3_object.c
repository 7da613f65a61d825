#include "backends/s3_object.h"

#include "backends/s3_client.h"
#include "backends/s3_head.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

struct s3_object {
	struct s3_client *client;
	char *name, *path;
	uint64_t size;

	pthread_mutex_t lock;	 /* guards what follows */
	char etag[S3_ETAG_SIZE]; /* "": not known yet */
};

/* ---- The ETag ----------------------------------------------------------- */

static void get_etag(struct s3_object *o, char etag[S3_ETAG_SIZE])
{
	LOCKED(&o->lock);

	memcpy(etag, o->etag, S3_ETAG_SIZE);
}

/* The first one counts.  A server may have none, and then nobody can tell. */
static int check_etag(struct s3_object *o, const struct http_exchange *x)
{
	char etag[S3_ETAG_SIZE];
	LOCKED(&o->lock);
	int rc;

	rc = s3_client_etag(x, etag);
	if (rc || !*etag)
		return rc;
	if (!*o->etag)
		memcpy(o->etag, etag, sizeof(etag));
	return s3_client_same_etag(o->etag, etag) ? 0 : -ESTALE;
}

/* ---- The range ---------------------------------------------------------- */

/* "bytes 0-9/1234" (RFC 9110 section 14.4).  -EBADMSG: it is none; -ESTALE: of
 * an object of another size. */
static int check_content_range(const struct s3_object *o,
			       const struct object_read *rd,
			       const struct http_exchange *x)
{
	const char *at;
	uint64_t first, last, total;
	size_t len;

	at = http_reply_header(x, "Content-Range", &len);
	if (!at || strncasecmp(at, "bytes ", 6) != 0)
		return -EBADMSG;
	at += 6;
	if (text_take_uint(&at, &first) != 0 || *at++ != '-' ||
	    text_take_uint(&at, &last) != 0 || *at++ != '/')
		return -EBADMSG;
	if (*at != '*') {
		if (text_take_uint(&at, &total) != 0)
			return -EBADMSG;
		if (total != o->size)
			return -ESTALE;
	}
	return first == rd->offset ? 0 : -EBADMSG;
}

/* Are these the bytes that were asked for? */
static int check_bytes(const struct s3_object *o, const struct object_read *rd,
		       const struct http_exchange *x)
{
	bool whole = rd->offset == 0 && rd->len == o->size;
	int rc;

	if (x->status == 206) {
		rc = check_content_range(o, rd, x);
		if (rc)
			return rc;
	} else if (!whole) {
		return -EBADMSG; /* it does not know of ranges */
	}
	return x->got == rd->len ? 0 : -EIO;
}

/* ---- Reading ------------------------------------------------------------ */

static ssize_t judge(struct s3_object *o, struct object_read *rd,
		     const struct http_exchange *x)
{
	char etag[S3_ETAG_SIZE];
	int rc;

	rc = check_etag(o, x);
	if (rc == 0)
		rc = check_bytes(o, rd, x);
	if (rc < 0)
		return rc;
	get_etag(o, etag);
	rd->version = *etag ? text_hash(etag) : 0;
	return (ssize_t)x->got;
}

static int error_of(int rc, bool was_there)
{
	if (rc == -ENOENT && was_there)
		return -ESTALE;
	return rc == -EMSGSIZE ? -EIO : rc; /* more than the range */
}

ssize_t s3_object_read(struct s3_object *o, struct object_read *rd)
{
	char etag[S3_ETAG_SIZE], match[S3_ETAG_SIZE + 16], range[64];
	const char *headers[3] = { NULL };
	struct http_exchange x;
	struct rest_call call = { .op = REC_READ,
				  .object = o->name,
				  .path = o->path,
				  .headers = headers,
				  .into = rd->buf,
				  .into_size = rd->len,
				  .cancel = rd->cancel,
				  .background = rd->flags & OBJECT_READ_AHEAD,
				  .exchange = &x };
	size_t n = 0;
	int rc;

	x.first_byte_ns = 0; /* there may be no attempt */
	get_etag(o, etag);
	snprintf(match, sizeof(match), "If-Match: %s", etag);
	snprintf(range, sizeof(range), "Range: bytes=%llu-%llu",
		 (unsigned long long)rd->offset,
		 (unsigned long long)(rd->offset + rd->len - 1));
	if (*etag)
		headers[n++] = match;
	/* Only a range's answer says how large the object is, so that the first
	 * read always asks for one. */
	if (!*etag || rd->offset > 0 || rd->len < o->size)
		headers[n++] = range;

	rc = s3_client_call(o->client, &call);
	rd->first_byte_ns = x.first_byte_ns;
	return rc ? error_of(rc, *etag) : judge(o, rd, &x);
}

/* ---- Opening ------------------------------------------------------------ */

static int look(struct s3_object *o)
{
	struct s3_head h;
	int rc;

	rc = s3_head(o->client, o->name, o->path, &h);
	if (rc)
		return rc;
	o->size = h.info.size;
	memcpy(o->etag, h.etag, sizeof(o->etag));
	return 0;
}

int s3_object_open(struct s3_client *c, const char *name, const uint64_t *size,
		   struct s3_object **out)
{
	struct s3_object *o = calloc(1, sizeof(*o));
	int rc = -ENOMEM;

	if (!o)
		return rc;
	pthread_mutex_init(&o->lock, NULL);
	o->client = c;
	o->name = strdup(name);
	if (o->name)
		rc = s3_address_path(&c->address, name, &o->path);
	if (rc == 0 && size)
		o->size = *size;
	else if (rc == 0)
		rc = look(o);
	if (rc) {
		s3_object_close(o);
		return rc;
	}
	*out = o;
	return 0;
}

uint64_t s3_object_size(const struct s3_object *o)
{
	return o->size;
}

void s3_object_close(struct s3_object *o)
{
	if (!o)
		return;
	pthread_mutex_destroy(&o->lock);
	free(o->name);
	free(o->path);
	free(o);
}
