#include "backends/s3_document.h"

#include "backends/xml.h"

#include <errno.h>
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int on_begin(void *arg, const char *path)
{
	struct s3_document *d = arg;

	if (strchr(path, '/') || !strcmp(path, d->root))
		return 0;
	d->is_error = !strcmp(path, "Error");
	return d->is_error ? 0 : -EBADMSG;
}

static int on_end(void *arg, const char *path, const char *text, size_t len)
{
	struct s3_document *d = arg;
	const char *slash = strchr(path, '/');

	if (d->is_error && !strcmp(path, "Error/Code"))
		snprintf(d->code, sizeof(d->code), "%s", text);
	if (d->is_error || !slash)
		return 0;
	return d->element(d->arg, slash + 1, text, len);
}

void s3_document_begin(void *document)
{
	static const struct xml_handler handler = { .begin = on_begin,
						    .end = on_end };
	struct s3_document *d = document;

	xml_free(d->xml);
	d->xml = NULL;
	d->begun = d->is_error = false;
	d->code[0] = '\0';
	if (d->reset)
		d->reset(d->arg);
	d->rc = xml_new(&handler, d, d->max_bytes, &d->xml);
}

/* What is wrong is told at the end, so that the answer is judged as a whole;
 * only what is too large ends the transfer. */
int s3_document_sink(void *document, const void *data, size_t len)
{
	struct s3_document *d = document;
	const char *from = data;

	while (!d->begun && len > 0 && is_space(*from)) {
		from++;
		len--;
	}
	if (len == 0)
		return 0;
	d->begun = true;
	if (d->rc == 0)
		d->rc = xml_feed(d->xml, from, len);
	return d->rc == -EMSGSIZE || d->rc == -ENOMEM ? d->rc : 0;
}

int s3_document_end(struct s3_document *d)
{
	if (d->rc == 0)
		d->rc = xml_end(d->xml);
	if (d->rc == 0 && d->is_error)
		d->rc = -EREMOTEIO;
	return d->rc;
}

void s3_document_free(struct s3_document *d)
{
	xml_free(d->xml);
	d->xml = NULL;
}
