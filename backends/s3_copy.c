#include "backends/s3_copy.h"

#include "backends/s3_head.h"
#include "backends/s3_multipart.h"
#include "backends/s3_upload.h"
#include "backends/strbuf.h"
#include "base/clock.h"
#include "base/pool.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#define SIDE_BY_SIDE 8

struct copying {
	struct s3_client *client;
	const struct s3_copy *copy;
	struct s3_head head; /* of the source */
	char *source, *path; /* the target's */
	struct s3_multipart parts;
	uint64_t piece;	   /* bytes */
	_Atomic int error; /* the first of a piece */
};

struct piece {
	struct pool_job job;
	struct copying *copying;
	unsigned number;
};

/* ---- At once ------------------------------------------------------------ */

static int copy_whole(struct copying *k)
{
	AUTO_STRBUF struct strbuf source = { .text = NULL };
	AUTO_STRBUF struct strbuf match = { .text = NULL };
	char etag[S3_ETAG_SIZE];
	struct rest_call call = { .op = REC_RENAME,
				  .object = k->copy->to,
				  .method = HTTP_PUT,
				  .path = k->path,
				  .patient = true };

	strbuf_printf(&source, "x-amz-copy-source: %s", k->source);
	strbuf_printf(&match, "x-amz-copy-source-if-match: %s", k->head.etag);
	if (source.error || match.error)
		return -ENOMEM;
	call.headers = (const char *[]){ source.text,
					 *k->head.etag ? match.text : NULL,
					 NULL };
	return s3_client_call_for(k->client, &call,
				  &(struct s3_text){ "CopyObjectResult", "ETag",
						     etag, sizeof(etag) });
}

/* ---- In pieces ---------------------------------------------------------- */

static void copy_piece(struct pool_job *job)
{
	struct piece *p = CONTAINER_OF(job, struct piece, job);
	struct copying *k = p->copying;
	uint64_t first = p->number * k->piece;
	const struct s3_multipart_source from = {
		.path = k->source,
		.etag = k->head.etag,
		.first = first,
		.last = MIN(first + k->piece, k->head.info.size) - 1,
	};
	int rc = atomic_load(&k->error), none = 0;

	if (rc == 0)
		rc = s3_multipart_copy(&k->parts, p->number, &from);
	if (rc)
		atomic_compare_exchange_strong(&k->error, &none, rc);
}

static int copy_pieces(struct copying *k, unsigned n)
{
	AUTO_FREE struct piece *pieces = calloc(n, sizeof(*pieces));
	struct pool *pool;
	int rc;

	if (!pieces)
		return -ENOMEM;
	rc = pool_new(MIN(n, (unsigned)SIDE_BY_SIDE), &pool);
	if (rc)
		return rc;
	for (unsigned i = 0; i < n; i++) {
		pieces[i] = (struct piece){ .job.run = copy_piece,
					    .copying = k,
					    .number = i };
		pool_submit(pool, &pieces[i].job);
	}
	pool_free(pool); /* when all have run */
	return atomic_load(&k->error);
}

static int copy_in_pieces(struct copying *k)
{
	uint64_t size = k->head.info.size;
	unsigned n;
	int rc;

	k->piece = MAX(k->copy->piece, (size - 1) / S3_UPLOAD_PARTS + 1);
	n = (unsigned)((size - 1) / k->piece + 1);
	rc = s3_multipart_begin(&k->parts);
	if (rc)
		return rc;
	rc = copy_pieces(k, n);
	if (rc == 0)
		rc = s3_multipart_complete(&k->parts, n);
	if (rc)
		s3_multipart_abort(&k->parts);
	return rc;
}

/* ---- What the header promised ------------------------------------------- */

static int look_at_source(struct copying *k)
{
	AUTO_FREE char *path = NULL;
	int rc;

	rc = s3_address_path(&k->client->address, k->copy->from, &path);
	if (rc == 0)
		rc = s3_head(k->client, k->copy->from, path, &k->head);
	return rc;
}

static int copy_all(struct copying *k)
{
	atomic_store(&k->error, 0);
	return k->head.info.size > k->copy->piece ? copy_in_pieces(k) :
						    copy_whole(k);
}

/* -ESTALE: the source is not the one any more that was seen first. */
static int look_again(struct copying *k, const struct s3_head *seen)
{
	int rc = look_at_source(k);

	if (rc)
		return rc;
	return strcmp(seen->etag, k->head.etag) != 0 ? -ESTALE : 0;
}

/* Swift finds that what was uploaded in parts never matches its own ETag.  If
 * it is still the one that we saw, ask no more, and see to it ourselves. */
static int copy_whatever_it_is(struct copying *k)
{
	const struct s3_head seen = k->head;
	int rc;

	rc = look_again(k, &seen);
	if (rc)
		return rc;
	k->head.etag[0] = '\0';
	rc = copy_all(k);
	return rc ? rc : look_again(k, &seen);
}

int s3_copy(struct s3_client *c, const struct s3_copy *copy)
{
	struct copying k = { .client = c, .copy = copy };
	int rc;

	rc = look_at_source(&k);
	if (rc == 0)
		rc = s3_address_source(&c->address, copy->from, &k.source);
	if (rc == 0)
		rc = s3_address_path(&c->address, copy->to, &k.path);
	s3_multipart_init(&k.parts, c, copy->to, k.path);
	if (rc == 0)
		rc = copy_all(&k);
	if (rc == -ESTALE && *k.head.etag)
		rc = copy_whatever_it_is(&k);
	s3_multipart_clear(&k.parts);
	free(k.source);
	free(k.path);
	return rc;
}
