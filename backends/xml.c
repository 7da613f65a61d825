#include "backends/xml.h"

#include <errno.h>
#include <expat.h>
#include <limits.h>
#include <string.h>

struct xml {
	XML_Parser parser;
	const struct xml_handler *handler;
	void *arg;
	uint64_t left; /* bytes that may still come */
	int error;     /* the first; everything ends with it */

	unsigned depth;
	bool leaf; /* nothing has ended in the element that is open */
	size_t path_len, text_len;
	char path[XML_PATH + 1];
	char text[XML_TEXT + 1];
};

static void stop(struct xml *x, int error)
{
	if (!x->error)
		x->error = error;
	XML_StopParser(x->parser, XML_FALSE);
}

static void tell_begin(struct xml *x)
{
	int rc;

	if (!x->handler->begin)
		return;
	rc = x->handler->begin(x->arg, x->path);
	if (rc)
		stop(x, rc);
}

static void tell_attributes(struct xml *x, const XML_Char **attributes)
{
	int rc = 0;

	if (!x->handler->attribute)
		return;
	for (; rc == 0 && !x->error && attributes[0]; attributes += 2)
		rc = x->handler->attribute(x->arg, x->path, attributes[0],
					   attributes[1]);
	if (rc)
		stop(x, rc);
}

static void tell_end(struct xml *x)
{
	size_t len = x->leaf ? x->text_len : 0;
	int rc;

	if (!x->handler->end)
		return;
	x->text[len] = '\0';
	rc = x->handler->end(x->arg, x->path, x->text, len);
	if (rc)
		stop(x, rc);
}

/* Expat may call once more after it has been stopped: for the end of <a/>. */
static void XMLCALL on_begin(void *arg, const XML_Char *name,
			     const XML_Char **attributes)
{
	struct xml *x = arg;
	const char *colon = strchr(name, ':');
	size_t len;

	if (x->error)
		return;
	if (colon)
		name = colon + 1;
	len = strlen(name);
	if (x->depth == XML_DEPTH || x->path_len + 1 + len > XML_PATH) {
		stop(x, -EMSGSIZE);
		return;
	}
	if (x->depth++ > 0)
		x->path[x->path_len++] = '/';
	memcpy(x->path + x->path_len, name, len + 1);
	x->path_len += len;
	x->text_len = 0;
	x->leaf = true;
	tell_begin(x);
	tell_attributes(x, attributes);
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
	struct xml *x = arg;
	const char *slash;

	(void)name;
	if (x->error)
		return;
	tell_end(x);
	slash = strrchr(x->path, '/');
	x->path_len = slash ? (size_t)(slash - x->path) : 0;
	x->path[x->path_len] = '\0';
	x->depth--;
	x->leaf = false;
}

static void XMLCALL on_text(void *arg, const XML_Char *text, int len)
{
	struct xml *x = arg;

	if (x->error || !x->leaf)
		return;
	if ((size_t)len > XML_TEXT - x->text_len) {
		stop(x, -EMSGSIZE);
		return;
	}
	memcpy(x->text + x->text_len, text, (size_t)len);
	x->text_len += (size_t)len;
}

/* Entities can only be declared in one of these. */
static void XMLCALL on_doctype(void *arg, const XML_Char *name,
			       const XML_Char *system, const XML_Char *public,
			       int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	stop(arg, -EBADMSG);
}

int xml_new(const struct xml_handler *handler, void *arg, uint64_t max_bytes,
	    struct xml **out)
{
	AUTO_FREE struct xml *x = calloc(1, sizeof(*x));

	if (!x)
		return -ENOMEM;
	x->parser = XML_ParserCreate(NULL);
	if (!x->parser)
		return -ENOMEM;
	x->handler = handler;
	x->arg = arg;
	x->left = max_bytes;
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_begin, on_end);
	XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
	*out = TAKE(x);
	return 0;
}

void xml_free(struct xml *x)
{
	if (!x)
		return;
	XML_ParserFree(x->parser);
	explicit_bzero(x, sizeof(*x)); /* texts may be keys */
	free(x);
}

static int parse(struct xml *x, const char *data, int len, bool last)
{
	if (x->error)
		return x->error;
	if (XML_Parse(x->parser, data, len, last) == XML_STATUS_ERROR &&
	    !x->error)
		x->error = XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY ?
				   -ENOMEM :
				   -EBADMSG;
	return x->error;
}

int xml_feed(struct xml *x, const void *data, size_t len)
{
	const char *at = data;
	int rc = x->error;

	if (len > x->left && !rc)
		rc = x->error = -EMSGSIZE;
	while (rc == 0 && len > 0) {
		int piece = (int)MIN(len, (size_t)INT_MAX);

		rc = parse(x, at, piece, false);
		at += piece;
		len -= (size_t)piece;
		x->left -= (uint64_t)piece;
	}
	return rc;
}

int xml_end(struct xml *x)
{
	return parse(x, "", 0, true);
}
