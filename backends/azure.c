#include "backends/azure.h"

#include "backends/azure_blob.h"
#include "backends/azure_list.h"
#include "backends/azure_store.h"
#include "backends/azure_upload.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

struct azure_object {
	struct object base;
	struct azure_upload *upload; /* writing */

	char *path;		    /* reading */
	pthread_mutex_t lock;	    /* guards the ETag until it is known */
	char etag[AZURE_BLOB_ETAG]; /* "" until then */
	char name[];
};

static struct azure_object *object_of(struct object *o)
{
	return CONTAINER_OF(o, struct azure_object, base);
}

/* ---- The store ---------------------------------------------------------- */

static int azure_open(const char *location,
		      const struct backend_options *options,
		      struct backend **out)
{
	struct azure_store *s;
	int rc;

	rc = azure_store_open(location, options, &s);
	if (rc == 0)
		*out = &s->base;
	return rc;
}

static void azure_close(struct backend *b)
{
	azure_store_close(azure_store_of(b));
}

static int azure_stat(struct backend *b, const char *name,
		      struct object_info *out)
{
	struct azure_blob blob;
	int rc;

	rc = azure_blob_head(azure_store_of(b), REC_STAT, name, &blob);
	if (rc == 0)
		*out = blob.info;
	return rc;
}

static int azure_remove(struct backend *b, const char *name)
{
	return azure_blob_remove(azure_store_of(b), REC_REMOVE, name, NULL);
}

/* If the source is replaced after it was copied, the new one stays; if it is
 * gone, that is what we wanted. */
static int azure_rename(struct backend *b, const char *from, const char *to)
{
	struct azure_store *s = azure_store_of(b);
	struct azure_blob source;
	int rc;

	rc = azure_blob_check_name(s, to);
	if (rc)
		return rc;
	rc = azure_blob_head(s, REC_RENAME, from, &source);
	if (rc || !strcmp(from, to))
		return rc;
	rc = azure_blob_copy(s, from, source.etag, to);
	if (rc)
		return rc;
	rc = azure_blob_remove(s, REC_RENAME, from, source.etag);
	return rc == -ESTALE || rc == -ENOENT ? 0 : rc;
}

/* ---- Listing ------------------------------------------------------------ */

struct listing {
	struct azure_store *store;
	size_t cut; /* of every name: the store's prefix */
	backend_list_fn fn;
	void *arg;
};

/* Of what nobody can ask for, one is named. */
static void leave_out(struct listing *l, const char *name)
{
	if (!atomic_exchange(&l->store->left_out, true))
		log_warn("%s: blobs whose names cannot be those of files are "
			 "left out, such as '%.200s'",
			 l->store->base.uri, name);
}

/* An empty blob called "folder/" is what consoles show folders with. */
static bool is_marker(const struct azure_list_entry *e)
{
	size_t len = strlen(e->name);

	return !e->folder && e->info.size == 0 && len > 0 &&
	       e->name[len - 1] == '/';
}

static int check(const struct azure_list_entry *e, const char *name)
{
	return e->folder ? backend_check_prefix(name) :
			   backend_check_name(name);
}

static int tell(struct listing *l, const struct azure_list_entry *e)
{
	bool ours = !strncmp(e->name, l->store->address.prefix, l->cut);

	if (is_marker(e))
		return 0;
	if (ours && check(e, e->name + l->cut) == 0)
		return l->fn(l->arg, e->name + l->cut, &e->info);
	leave_out(l, e->name);
	return 0;
}

static int tell_page(struct listing *l, const struct azure_page *page,
		     struct azure_list *list)
{
	struct rest_call call = { 0 };
	struct azure_list_entry e;
	int rc;

	rc = azure_store_page(l->store, page, &call, list);
	while (rc == 0 && azure_list_next(list, &e))
		rc = tell(l, &e);
	return rc;
}

/* A marker that comes again would never end. */
static int list_pages(struct listing *l, const char *prefix,
		      enum backend_depth depth, struct azure_list *page)
{
	AUTO_FREE char *marker = strdup("");
	int rc;

	do {
		if (!marker)
			return -ENOMEM;
		rc = tell_page(l,
			       &(struct azure_page){ prefix, marker, depth, 0 },
			       page);
		if (rc)
			return rc;
		if (*marker && !strcmp(marker, azure_list_marker(page)))
			return log_fail(-EBADMSG,
					"%s: %s lists the same page again and "
					"again",
					l->store->base.uri,
					l->store->address.server);
		free(marker);
		marker = strdup(azure_list_marker(page));
	} while (!marker || *marker);
	return 0;
}

static int azure_list(struct backend *b, const char *prefix,
		      enum backend_depth depth, backend_list_fn fn, void *arg)
{
	struct azure_store *s = azure_store_of(b);
	struct listing l = { .store = s,
			     .cut = strlen(s->address.prefix),
			     .fn = fn,
			     .arg = arg };
	AUTO_FREE char *whole = NULL;
	struct azure_list *page;
	int rc;

	if (asprintf(&whole, "%s%s", s->address.prefix, prefix) < 0)
		return -ENOMEM;
	rc = azure_list_new(&page);
	if (rc)
		return rc;
	rc = list_pages(&l, whole, depth, page);
	azure_list_free(page);
	return rc;
}

/* ---- Objects ------------------------------------------------------------ */

static int new_object(const char *name, struct azure_object **out)
{
	size_t len = strlen(name);
	struct azure_object *o = calloc(1, sizeof(*o) + len + 1);

	if (!o)
		return -ENOMEM;
	pthread_mutex_init(&o->lock, NULL);
	memcpy(o->name, name, len + 1);
	*out = o;
	return 0;
}

static void azure_close_object(struct object *base)
{
	struct azure_object *o = object_of(base);

	azure_upload_free(o->upload);
	pthread_mutex_destroy(&o->lock);
	free(o->path);
	free(o);
}

/* Whoever does not know the size pays a request for it. */
static int learn_size(struct azure_store *s, struct azure_object *o,
		      const uint64_t *size)
{
	struct azure_blob blob;
	int rc;

	if (size) {
		o->base.size = *size;
		return 0;
	}
	rc = azure_blob_head(s, REC_OPEN, o->name, &blob);
	if (rc)
		return rc;
	o->base.size = blob.info.size;
	memcpy(o->etag, blob.etag, sizeof(o->etag));
	return 0;
}

static int azure_open_object(struct backend *b, const char *name,
			     const uint64_t *size, struct object **out)
{
	struct azure_store *s = azure_store_of(b);
	struct azure_object *o;
	int rc;

	rc = new_object(name, &o);
	if (rc)
		return rc;
	o->path = azure_address_path(&s->address, name);
	rc = o->path ? learn_size(s, o, size) : -ENOMEM;
	if (rc)
		azure_close_object(&o->base);
	else
		*out = &o->base;
	return rc;
}

/* ---- Reading ------------------------------------------------------------ */

static void copy_etag(struct azure_object *o, char out[AZURE_BLOB_ETAG])
{
	LOCKED(&o->lock);

	memcpy(out, o->etag, AZURE_BLOB_ETAG);
}

/* The first answer says which blob it is; all others must be of the same. */
static int check_etag(struct azure_object *o, const struct http_exchange *x)
{
	char etag[AZURE_BLOB_ETAG];

	azure_blob_etag(x, etag);
	LOCKED(&o->lock);
	if (!*o->etag)
		memcpy(o->etag, etag, sizeof(etag));
	return *etag && !strcmp(o->etag, etag) ? 0 : -ESTALE;
}

/* "bytes 100-199/4096": the range that was asked for, of the size we know. */
static int check_range(const struct azure_object *o,
		       const struct object_read *rd,
		       const struct http_exchange *x)
{
	uint64_t first, last, size;
	const char *at;
	size_t len;

	at = http_reply_header(x, "Content-Range", &len);
	if (!at || len < 6 || strncmp(at, "bytes ", 6) != 0)
		return -EPROTO;
	at += 6;
	if (text_take_uint(&at, &first) || *at++ != '-' ||
	    text_take_uint(&at, &last) || *at++ != '/' ||
	    text_take_uint(&at, &size) || first != rd->offset)
		return -EPROTO;
	return size == o->base.size ? 0 : -ESTALE;
}

static ssize_t get(struct azure_object *o, struct object_read *rd,
		   const char *etag, struct http_exchange *x)
{
	struct azure_store *s = azure_store_of(o->base.backend);
	char range[80], condition[AZURE_BLOB_ETAG + 16];
	const char *const headers[] = { range, *etag ? condition : NULL, NULL };
	struct rest_call call = { .op = REC_READ,
				  .object = o->name,
				  .path = o->path,
				  .headers = headers,
				  .into = rd->buf,
				  .into_size = rd->len,
				  .cancel = rd->cancel,
				  .background = rd->flags & OBJECT_READ_AHEAD,
				  .exchange = x };
	int rc;

	snprintf(range, sizeof(range), "x-ms-range: bytes=%" PRIu64 "-%" PRIu64,
		 rd->offset, rd->offset + rd->len - 1);
	snprintf(condition, sizeof(condition), "If-Match: %s", etag);
	rc = azure_store_call(s, &call);
	if (rc == 0)
		rc = check_range(o, rd, x);
	if (rc == 0)
		rc = check_etag(o, x);
	return rc ? rc : (ssize_t)x->got;
}

static ssize_t azure_read(struct object *base, struct object_read *rd)
{
	struct azure_object *o = object_of(base);
	char etag[AZURE_BLOB_ETAG];
	struct http_exchange x;
	ssize_t got;

	if (rd->flags & OBJECT_READ_NOWAIT)
		return -EAGAIN;
	copy_etag(o, etag);
	got = get(o, rd, etag, &x);
	if (got < 0)
		/* It was there when we learnt its ETag. */
		return got == -ENOENT && *etag ? -ESTALE : got;
	rd->first_byte_ns = x.first_byte_ns;
	copy_etag(o, etag);
	rd->version = text_hash(etag);
	return got;
}

/* ---- Writing ------------------------------------------------------------ */

static int azure_create_object(struct backend *b, const char *name,
			       struct object **out)
{
	struct azure_object *o;
	int rc;

	rc = new_object(name, &o);
	if (rc)
		return rc;
	rc = azure_upload_new(azure_store_of(b), name, &o->upload);
	if (rc)
		azure_close_object(&o->base);
	else
		*out = &o->base;
	return rc;
}

static int azure_append(struct object *o, const void *buf, size_t len)
{
	return azure_upload_append(object_of(o)->upload, buf, len);
}

/* What Azure has answered is stable: OBJECT_DURABLE takes nothing more. */
static int azure_commit(struct object *o, unsigned flags)
{
	(void)flags;
	return azure_upload_commit(object_of(o)->upload, o->size);
}

const struct backend_ops azure_ops = {
	.scheme = "az",
	.open = azure_open,
	.close = azure_close,
	.list = azure_list,
	.stat = azure_stat,
	.remove = azure_remove,
	.rename = azure_rename,
	.open_object = azure_open_object,
	.read = azure_read,
	.create_object = azure_create_object,
	.append = azure_append,
	.commit = azure_commit,
	.close_object = azure_close_object,
};
