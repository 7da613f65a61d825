#include "backends/s3_list.h"

#include "backends/s3_client.h"
#include "backends/s3_document.h"
#include "backends/strbuf.h"
#include "backends/uri.h"
#include "backends/when.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#define PAGE_BYTES (16 * MIB) /* a thousand keys need a quarter */

/* An entry; its key is in the page's names. */
struct row {
	size_t at, len;
	bool folder;
	struct object_info info;
};

struct s3_page {
	struct s3_document document;
	struct strbuf names; /* each with a NUL */
	struct row *rows;
	size_t n, room;

	struct row row; /* that is being read */
	bool has_key, has_size;

	bool encoded, truncated;
	char *next;
};

/* ---- Reading a page ----------------------------------------------------- */

static void begin_row(struct s3_page *p)
{
	p->row = (struct row){ .at = 0 };
	p->has_key = p->has_size = false;
}

static int take_key(struct s3_page *p, const char *text, size_t len)
{
	p->row.at = p->names.len;
	p->row.len = len;
	p->has_key = true;
	strbuf_add(&p->names, text, len + 1);
	return p->names.error;
}

static int take_size(struct s3_page *p, const char *text, size_t len)
{
	const char *end = text;

	(void)len;
	p->has_size = text_take_uint(&end, &p->row.info.size) == 0 && !*end;
	return p->has_size && p->row.info.size <= INT64_MAX ? 0 : -EBADMSG;
}

/* To the second: that is all that the answer to a HEAD says. */
static int take_time(struct s3_page *p, const char *text, size_t len)
{
	int64_t s;

	if (when_rfc3339(text, len, &s) == 0)
		p->row.info.mtime_ns = when_ns(s);
	return 0;
}

static int add_row(struct s3_page *p)
{
	struct row *rows;

	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 1024;
		rows = realloc(p->rows, p->room * sizeof(*rows));
		if (!rows)
			return -ENOMEM;
		p->rows = rows;
	}
	p->rows[p->n++] = p->row;
	begin_row(p);
	return 0;
}

static int take_object(struct s3_page *p, const char *text, size_t len)
{
	(void)text;
	(void)len;
	return p->has_key && p->has_size ? add_row(p) : -EBADMSG;
}

static int take_folder(struct s3_page *p, const char *text, size_t len)
{
	int rc;

	p->row.folder = true;
	rc = take_key(p, text, len);
	return rc ? rc : add_row(p);
}

static int take_truncated(struct s3_page *p, const char *text, size_t len)
{
	(void)len;
	p->truncated = !strcmp(text, "true");
	return 0;
}

static int take_next(struct s3_page *p, const char *text, size_t len)
{
	(void)len;
	free(p->next);
	p->next = strdup(text);
	return p->next ? 0 : -ENOMEM;
}

static int take_encoding(struct s3_page *p, const char *text, size_t len)
{
	(void)len;
	p->encoded = !strcmp(text, "url");
	return 0;
}

static int on_element(void *arg, const char *path, const char *text, size_t len)
{
	static const struct {
		const char *path;
		int (*take)(struct s3_page *p, const char *text, size_t len);
	} elements[] = {
		{ "Contents/Key", take_key },
		{ "Contents/LastModified", take_time },
		{ "Contents/Size", take_size },
		{ "Contents", take_object },
		{ "CommonPrefixes/Prefix", take_folder },
		{ "IsTruncated", take_truncated },
		{ "NextContinuationToken", take_next },
		{ "EncodingType", take_encoding },
	};

	for (size_t i = 0; i < ARRAY_SIZE(elements); i++)
		if (!strcmp(elements[i].path, path))
			return elements[i].take(arg, text, len);
	return 0;
}

static void reset(void *arg)
{
	struct s3_page *p = arg;

	p->names.len = 0;
	p->n = 0;
	p->encoded = p->truncated = false;
	free(TAKE(p->next));
	begin_row(p);
}

int s3_list_page_new(struct s3_page **out)
{
	struct s3_page *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->document = (struct s3_document){ .root = "ListBucketResult",
					    .max_bytes = PAGE_BYTES,
					    .reset = reset,
					    .element = on_element,
					    .arg = p };
	*out = p;
	return 0;
}

void s3_list_page_free(struct s3_page *p)
{
	if (!p)
		return;
	s3_document_free(&p->document);
	strbuf_clear(&p->names);
	free(p->rows);
	free(p->next);
	free(p);
}

struct s3_document *s3_list_page_document(struct s3_page *p)
{
	return &p->document;
}

/* '+' is a blank, and a plus is %2B. */
size_t s3_list_decode(char *text)
{
	for (char *c = text; (c = strchr(c, '+')) != NULL; c++)
		*c = ' ';
	return uri_decode(text);
}

/* Whether the server did encode it says somewhere, before the keys or behind
 * them. */
int s3_list_page_finish(struct s3_page *p)
{
	if (p->truncated && (!p->next || !*p->next))
		return -EBADMSG;
	for (size_t i = 0; p->encoded && i < p->n; i++)
		p->rows[i].len = s3_list_decode(p->names.text + p->rows[i].at);
	return 0;
}

bool s3_list_page_entry(const struct s3_page *p, size_t i,
			struct s3_list_entry *out)
{
	const struct row *r;

	if (i >= p->n)
		return false;
	r = &p->rows[i];
	*out = (struct s3_list_entry){ .key = p->names.text + r->at,
				       .len = r->len,
				       .folder = r->folder,
				       .info = r->info };
	return true;
}

const char *s3_list_page_next(const struct s3_page *p)
{
	return p->truncated ? p->next : NULL;
}

/* ---- Telling ------------------------------------------------------------ */

/* What goes from page to page. */
struct walk {
	struct s3_client *client;
	const struct s3_listing *listing;
	char *next; /* of the page before */
	uint64_t odd;
	char *first_odd; /* encoded */
};

static int remember_odd(struct walk *w, const struct s3_list_entry *e)
{
	if (w->odd++ > 0)
		return 0;
	w->first_odd = malloc(3 * strlen(e->key) + 1);
	if (!w->first_odd)
		return -ENOMEM;
	uri_encode(e->key, true, w->first_odd);
	return 0;
}

static bool is_name(const struct s3_list_entry *e, const char *name)
{
	if (strlen(e->key) != e->len || !*name)
		return false;
	if (!e->folder)
		return backend_check_name(name) == 0;
	return name[strlen(name) - 1] == '/' && backend_check_prefix(name) == 0;
}

static bool stands_for_folder(const struct s3_list_entry *e)
{
	return !e->folder && e->info.size == 0 && e->len > 0 &&
	       e->key[e->len - 1] == '/';
}

static int tell(struct walk *w, const struct s3_list_entry *e)
{
	const char *prefix = w->client->address.prefix;
	size_t len = strlen(prefix);

	if (stands_for_folder(e))
		return 0;
	if (strncmp(e->key, prefix, len) != 0 || !is_name(e, e->key + len))
		return remember_odd(w, e);
	return w->listing->fn(w->listing->arg, e->key + len, &e->info);
}

static int tell_page(struct walk *w, const struct s3_page *p)
{
	struct s3_list_entry e;
	int rc = 0;

	for (size_t i = 0; rc == 0 && s3_list_page_entry(p, i, &e); i++)
		rc = tell(w, &e);
	return rc;
}

/* ---- Asking ------------------------------------------------------------- */

static int make_query(const struct walk *w, char **out)
{
	AUTO_STRBUF struct strbuf b = { .text = NULL };
	const struct s3_listing *l = w->listing;

	strbuf_puts(&b, "list-type=2&encoding-type=url");
	if (l->depth == BACKEND_SHALLOW)
		strbuf_puts(&b, "&delimiter=%2F");
	if (l->page)
		strbuf_printf(&b, "&max-keys=%u", l->page);
	strbuf_puts(&b, "&prefix=");
	strbuf_uri(&b, w->client->address.prefix, false);
	strbuf_uri(&b, l->prefix, false);
	if (w->next) {
		strbuf_puts(&b, "&continuation-token=");
		strbuf_uri(&b, w->next, false);
	}
	return strbuf_take(&b, out);
}

static int ask(struct walk *w, struct s3_page *p)
{
	AUTO_FREE char *query = NULL;
	struct rest_call call = { .op = REC_LIST,
				  .object = w->listing->prefix,
				  .begin = s3_document_begin,
				  .sink = s3_document_sink,
				  .sink_arg = &p->document };
	int rc;

	rc = make_query(w, &query);
	if (rc)
		return rc;
	call.query = query;
	return s3_client_call(w->client, &call);
}

static int go_on(struct walk *w, const struct s3_page *p)
{
	const char *next = s3_list_page_next(p);

	if (next && w->next && !strcmp(next, w->next))
		return log_fail(-EBADMSG,
				"%s: listing '%s': the server goes "
				"in a circle",
				w->client->uri, w->listing->prefix);
	free(TAKE(w->next));
	if (next)
		w->next = strdup(next);
	return next && !w->next ? -ENOMEM : 0;
}

static int tell_next_page(struct walk *w, struct s3_page *p)
{
	int rc;

	rc = ask(w, p);
	if (rc)
		return rc;
	rc = s3_list_page_finish(p);
	if (rc)
		return log_fail(rc,
				"%s: listing '%s': the server does not say "
				"how it goes on",
				w->client->uri, w->listing->prefix);
	rc = tell_page(w, p);
	return rc ? rc : go_on(w, p);
}

/* Once: a mount lists its folders again and again. */
static void say_left_out(const struct walk *w)
{
	bool one = w->odd == 1;

	if (w->odd == 0 || atomic_exchange(&w->client->left_out, true))
		return;
	log_warn("%s: %lu %s left out, as any other such will be: %s%s",
		 w->client->uri, (unsigned long)w->odd,
		 one ? "key that cannot be a file's name is" :
		       "keys that cannot be files' names are",
		 one ? "" : "the first is ", w->first_odd);
}

int s3_list(struct s3_client *c, const struct s3_listing *l)
{
	struct walk w = { .client = c, .listing = l };
	struct s3_page *p;
	int rc;

	rc = s3_list_page_new(&p);
	if (rc)
		return rc;
	do
		rc = tell_next_page(&w, p);
	while (rc == 0 && w.next);
	say_left_out(&w);
	free(w.next);
	free(w.first_odd);
	s3_list_page_free(p);
	return rc;
}
