#include "backends/azure_list.h"

#include "backends/uri.h"
#include "backends/when.h"
#include "backends/xml.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* 5000 blobs of the longest names, with 8 KiB of metadata each. */
#define PAGE_MAX (64 * MIB)

/* In memory an entry is this and its name with the NUL, padded. */
struct packed {
	struct object_info info;
	uint32_t size; /* of all */
	bool folder;
	char name[];
};

struct azure_list {
	struct xml *xml;
	int error; /* the page's first */

	char *packed;
	size_t used, room, told;
	char marker[XML_TEXT + 1];
	bool whole; /* the page's root has ended */

	/* The blob that is being read. */
	char name[XML_TEXT + 1];
	struct object_info info;
	bool named, sized, encoded, folder;
};

/* ---- What is asked ------------------------------------------------------ */

static char *encoded(const char *text)
{
	char *out = malloc(3 * strlen(text) + 1);

	if (out)
		uri_encode(text, false, out);
	return out;
}

char *azure_list_query(const char *prefix, enum backend_depth depth,
		       const char *marker, unsigned most)
{
	AUTO_FREE char *in_prefix = encoded(prefix);
	AUTO_FREE char *in_marker = encoded(marker);
	char limit[32] = "", *out;

	if (!in_prefix || !in_marker)
		return NULL;
	if (most)
		snprintf(limit, sizeof(limit), "&maxresults=%u", most);
	if (asprintf(&out,
		     "restype=container&comp=list&include=metadata%s%s%s%s%s%s",
		     limit, depth == BACKEND_SHALLOW ? "&delimiter=%2F" : "",
		     *prefix ? "&prefix=" : "", in_prefix,
		     *marker ? "&marker=" : "", in_marker) < 0)
		return NULL;
	return out;
}

/* ---- Keeping ------------------------------------------------------------ */

static int make_room(struct azure_list *l, size_t size)
{
	size_t room = MAX(l->room, 64 * KIB);
	char *more;

	while (room - l->used < size)
		room *= 2;
	if (room == l->room)
		return 0;
	more = realloc(l->packed, room);
	if (!more)
		return -ENOMEM;
	l->packed = more;
	l->room = room;
	return 0;
}

static int keep(struct azure_list *l, bool folder)
{
	size_t name = strlen(l->name) + 1;
	size_t size =
		round_up(sizeof(struct packed) + name, _Alignof(struct packed));
	struct packed *p;
	int rc;

	rc = make_room(l, size);
	if (rc)
		return rc;
	p = (struct packed *)(l->packed + l->used);
	p->info = l->info;
	p->size = (uint32_t)size;
	p->folder = folder;
	memcpy(p->name, l->name, name);
	l->used += size;
	return 0;
}

bool azure_list_next(struct azure_list *l, struct azure_list_entry *out)
{
	const struct packed *p;

	if (l->told == l->used)
		return false;
	p = (const struct packed *)(l->packed + l->told);
	l->told += p->size;
	out->name = p->name;
	out->folder = p->folder;
	out->info = p->info;
	return true;
}

/* ---- What comes --------------------------------------------------------- */

#define BLOBS "EnumerationResults/Blobs/"

static int take_name(struct azure_list *l, const char *text, size_t len)
{
	memcpy(l->name, text, len + 1);
	/* A NUL cannot be in a name, but in what somebody calls one. */
	if (l->encoded && uri_decode(l->name) != strlen(l->name))
		return -EBADMSG;
	l->named = true;
	return 0;
}

static int take_size(struct azure_list *l, const char *text, size_t len)
{
	const char *end = text;

	(void)len;
	if (text_take_uint(&end, &l->info.size) || *end ||
	    l->info.size > INT64_MAX)
		return -EBADMSG;
	l->sized = true;
	return 0;
}

/* A date that nobody can read is as good as none. */
static int take_date(struct azure_list *l, const char *text, size_t len)
{
	int64_t seconds;

	if (when_http(text, len, 0, &seconds) == 0 && seconds > 0)
		l->info.mtime_ns = when_ns(seconds);
	return 0;
}

static int take_type(struct azure_list *l, const char *text, size_t len)
{
	(void)len;
	l->folder |= !strcasecmp(text, "directory");
	return 0;
}

static int take_mark(struct azure_list *l, const char *text, size_t len)
{
	(void)len;
	l->folder |= !strcasecmp(text, "true");
	return 0;
}

static int take_marker(struct azure_list *l, const char *text, size_t len)
{
	memcpy(l->marker, text, len + 1);
	return 0;
}

static int end_blob(struct azure_list *l, const char *text, size_t len)
{
	(void)text;
	(void)len;
	if (!l->named || !l->sized)
		return -EBADMSG;
	return l->folder && l->info.size == 0 ? 0 : keep(l, false);
}

static int end_folder(struct azure_list *l, const char *text, size_t len)
{
	size_t name = strlen(l->name);

	(void)text;
	(void)len;
	if (!l->named || name == 0 || l->name[name - 1] != '/')
		return -EBADMSG;
	l->info = (struct object_info){ 0 };
	return keep(l, true);
}

static int end_page(struct azure_list *l, const char *text, size_t len)
{
	(void)text;
	(void)len;
	l->whole = true;
	return 0;
}

/* Names of metadata keep the case they were written with: no name is looked at
 * so closely. */
static const struct {
	const char *path;
	int (*take)(struct azure_list *l, const char *text, size_t len);
} elements[] = {
	{ BLOBS "Blob/Name", take_name },
	{ BLOBS "Blob/Properties/Content-Length", take_size },
	{ BLOBS "Blob/Properties/Last-Modified", take_date },
	{ BLOBS "Blob/Properties/ResourceType", take_type },
	{ BLOBS "Blob/Metadata/hdi_isfolder", take_mark },
	{ BLOBS "Blob", end_blob },
	{ BLOBS "BlobPrefix/Name", take_name },
	{ BLOBS "BlobPrefix", end_folder },
	{ "EnumerationResults/NextMarker", take_marker },
	{ "EnumerationResults", end_page },
};

static int on_begin(void *arg, const char *path)
{
	struct azure_list *l = arg;

	if (!strcasecmp(path, BLOBS "Blob") ||
	    !strcasecmp(path, BLOBS "BlobPrefix")) {
		l->named = l->sized = l->encoded = l->folder = false;
		l->info = (struct object_info){ 0 };
	}
	return 0;
}

/* <Name Encoded="true">: there are characters in it that XML cannot hold. */
static int on_attribute(void *arg, const char *path, const char *name,
			const char *value)
{
	struct azure_list *l = arg;

	(void)path;
	if (!strcmp(name, "Encoded"))
		l->encoded = !strcasecmp(value, "true");
	return 0;
}

static int on_end(void *arg, const char *path, const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++)
		if (!strcasecmp(path, elements[i].path))
			return elements[i].take(arg, text, len);
	return 0;
}

static const struct xml_handler handler = {
	.begin = on_begin,
	.attribute = on_attribute,
	.end = on_end,
};

/* ---- What the header promised ------------------------------------------- */

int azure_list_new(struct azure_list **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -ENOMEM;
}

void azure_list_free(struct azure_list *l)
{
	if (!l)
		return;
	xml_free(l->xml);
	free(l->packed);
	free(l);
}

void azure_list_begin(struct azure_list *l)
{
	xml_free(l->xml);
	l->xml = NULL;
	l->used = l->told = 0;
	l->marker[0] = '\0';
	l->whole = false;
	l->error = xml_new(&handler, l, PAGE_MAX, &l->xml);
}

int azure_list_feed(struct azure_list *l, const void *data, size_t len)
{
	if (l->error == 0)
		l->error = xml_feed(l->xml, data, len);
	return l->error;
}

int azure_list_end(struct azure_list *l)
{
	if (l->error == 0)
		l->error = xml_end(l->xml);
	if (l->error == 0 && !l->whole)
		l->error = -EBADMSG;
	if (l->error)
		l->used = 0; /* half a page is none */
	return l->error;
}

const char *azure_list_marker(const struct azure_list *l)
{
	return l->marker;
}
