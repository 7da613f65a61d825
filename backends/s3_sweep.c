#include "backends/s3_sweep.h"

#include "backends/s3_client.h"
#include "backends/s3_document.h"
#include "backends/s3_list.h"
#include "backends/s3_multipart.h"
#include "backends/strbuf.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

#define PAGE_BYTES (16 * MIB) /* a thousand uploads need half a MiB */

/* Texts are places in the page's; 0 is the empty one. */
struct row {
	size_t key, id; /* of an upload */
};

struct page {
	struct s3_document document;
	struct strbuf texts; /* each with a NUL */
	struct row *rows;
	size_t n, room;

	struct row row; /* that is being read */
	size_t next_key, next_id, truncated, encoding;
};

/* ---- Reading a page ----------------------------------------------------- */

static int add_row(struct page *p)
{
	struct row *rows;

	if (!p->row.key || !p->row.id)
		return -EBADMSG;
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 64;
		rows = realloc(p->rows, p->room * sizeof(*rows));
		if (!rows)
			return -ENOMEM;
		p->rows = rows;
	}
	p->rows[p->n++] = p->row;
	p->row = (struct row){ 0 };
	return 0;
}

static int on_element(void *arg, const char *path, const char *text, size_t len)
{
	static const struct {
		const char *path;
		size_t place;
	} elements[] = {
#define PLACE(field) offsetof(struct page, field)
		{ "Upload/Key", PLACE(row.key) },
		{ "Upload/UploadId", PLACE(row.id) },
		{ "NextKeyMarker", PLACE(next_key) },
		{ "NextUploadIdMarker", PLACE(next_id) },
		{ "IsTruncated", PLACE(truncated) },
		{ "EncodingType", PLACE(encoding) },
#undef PLACE
	};
	struct page *p = arg;

	if (!strcmp(path, "Upload"))
		return add_row(p);
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++) {
		if (strcmp(elements[i].path, path) != 0)
			continue;
		*(size_t *)((char *)p + elements[i].place) = p->texts.len;
		strbuf_add(&p->texts, text, len + 1);
	}
	return p->texts.error;
}

static void reset(void *arg)
{
	struct page *p = arg;

	p->texts.len = 0;
	strbuf_add(&p->texts, "", 1);
	p->n = 0;
	p->row = (struct row){ 0 };
	p->next_key = p->next_id = p->truncated = p->encoding = 0;
}

static char *text_at(const struct page *p, size_t place)
{
	return p->texts.text + place;
}

static void clear(struct page *p)
{
	s3_document_free(&p->document);
	strbuf_clear(&p->texts);
	free(p->rows);
}

/* Keys come as forms encode, from servers that say so.  "": it has a NUL in it,
 * which no name has. */
static const char *decoded(const struct page *p, size_t place)
{
	char *key = text_at(p, place);

	if (!strcmp(text_at(p, p->encoding), "url") &&
	    s3_list_decode(key) != strlen(key))
		return "";
	return key;
}

/* ---- Aborting ----------------------------------------------------------- */

struct sweep {
	struct s3_client *client;
	const struct s3_sweep *sweep;
	char *next; /* what to ask for next, encoded */
	int64_t n;
};

static int abort_upload(struct sweep *s, const char *name, const char *id)
{
	AUTO_STRBUF struct strbuf b = { .text = NULL };
	AUTO_FREE char *path = NULL;
	struct s3_multipart m;
	int rc;

	rc = s3_address_path(&s->client->address, name, &path);
	if (rc)
		return rc;
	s3_multipart_init(&m, s->client, name, path);
	strbuf_uri(&b, id, false);
	rc = strbuf_take(&b, &m.id);
	if (rc == 0)
		s3_multipart_abort(&m);
	s3_multipart_clear(&m);
	s->n += rc == 0;
	return rc;
}

/* Whatever the server makes of a prefix. */
static bool is_wanted(const struct s3_sweep *w, const char *name)
{
	return !strncmp(name, w->prefix, strlen(w->prefix)) &&
	       backend_check_name(name) == 0 && w->wanted(w->arg, name);
}

static int abort_page(struct sweep *s, const struct page *p)
{
	const char *prefix = s->client->address.prefix;
	size_t len = strlen(prefix);
	int rc = 0;

	for (size_t i = 0; i < p->n && rc == 0; i++) {
		const char *key = decoded(p, p->rows[i].key);

		if (!strncmp(key, prefix, len) &&
		    is_wanted(s->sweep, key + len))
			rc = abort_upload(s, key + len,
					  text_at(p, p->rows[i].id));
	}
	return rc;
}

/* ---- Asking ------------------------------------------------------------- */

static int make_query(const struct sweep *s, char **out)
{
	AUTO_STRBUF struct strbuf b = { .text = NULL };

	strbuf_puts(&b, "uploads=&encoding-type=url");
	if (s->sweep->page)
		strbuf_printf(&b, "&max-uploads=%u", s->sweep->page);
	strbuf_puts(&b, "&prefix=");
	strbuf_uri(&b, s->client->address.prefix, false);
	strbuf_uri(&b, s->sweep->prefix, false);
	strbuf_puts(&b, s->next ? s->next : "");
	return strbuf_take(&b, out);
}

static int ask(struct sweep *s, struct page *p)
{
	AUTO_FREE char *query = NULL;
	struct rest_call call = { .op = REC_LIST,
				  .object = s->sweep->prefix,
				  .silent = true,
				  .begin = s3_document_begin,
				  .sink = s3_document_sink,
				  .sink_arg = &p->document };
	int rc;

	rc = make_query(s, &query);
	if (rc)
		return rc;
	call.query = query;
	return s3_client_call(s->client, &call);
}

static int go_on(struct sweep *s, const struct page *p)
{
	AUTO_STRBUF struct strbuf b = { .text = NULL };
	AUTO_FREE char *before = TAKE(s->next);
	int rc;

	if (strcmp(text_at(p, p->truncated), "true") != 0)
		return 0;
	strbuf_puts(&b, "&key-marker=");
	strbuf_uri(&b, decoded(p, p->next_key), false);
	strbuf_puts(&b, "&upload-id-marker=");
	strbuf_uri(&b, text_at(p, p->next_id), false);
	rc = strbuf_take(&b, &s->next);
	if (rc || (p->next_key && !(before && !strcmp(before, s->next))))
		return rc;
	return log_fail(-EBADMSG,
			"%s: uploads of '%s': the server does not say how the "
			"list goes on",
			s->client->uri, s->sweep->prefix);
}

int64_t s3_sweep(struct s3_client *c, const struct s3_sweep *wanted)
{
	struct sweep s = { .client = c, .sweep = wanted };
	struct page p = { .document = { .root = "ListMultipartUploadsResult",
					.max_bytes = PAGE_BYTES,
					.reset = reset,
					.element = on_element,
					.arg = &p } };
	int rc;

	do {
		rc = ask(&s, &p);
		if (rc == 0)
			rc = abort_page(&s, &p);
		if (rc == 0)
			rc = go_on(&s, &p);
	} while (rc == 0 && s.next);
	free(s.next);
	clear(&p);
	return rc ? rc : s.n;
}
