#include "backends/strbuf.h"

#include "backends/uri.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* Room for len more bytes and a NUL.  No realloc(): it would leave a copy
 * behind. */
static bool make_room(struct strbuf *b, size_t len)
{
	size_t need, size;
	char *text;

	if (b->error)
		return false;
	if (b->size - b->len > len)
		return true;
	if (len >= SIZE_MAX / 4 || b->len >= SIZE_MAX / 4) {
		b->error = -ENOMEM;
		return false;
	}
	need = b->len + len + 1;
	size = MAX(need, MAX(2 * b->size, (size_t)512));
	text = malloc(size);
	if (!text) {
		b->error = -ENOMEM;
		return false;
	}
	if (b->len)
		memcpy(text, b->text, b->len);
	text[b->len] = '\0';
	if (b->text)
		explicit_bzero(b->text, b->size);
	free(b->text);
	b->text = text;
	b->size = size;
	return true;
}

void strbuf_add(struct strbuf *b, const void *data, size_t len)
{
	if (!make_room(b, len))
		return;
	if (len)
		memcpy(b->text + b->len, data, len);
	b->len += len;
	b->text[b->len] = '\0';
}

void strbuf_puts(struct strbuf *b, const char *text)
{
	strbuf_add(b, text, strlen(text));
}

void strbuf_putc(struct strbuf *b, char c)
{
	strbuf_add(b, &c, 1);
}

void strbuf_printf(struct strbuf *b, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0)
		b->error = b->error ? b->error : -EINVAL;
	if (len < 0 || !make_room(b, (size_t)len))
		return;
	va_start(args, fmt);
	vsnprintf(b->text + b->len, (size_t)len + 1, fmt, args);
	va_end(args);
	b->len += (size_t)len;
}

void strbuf_uri(struct strbuf *b, const char *text, bool keep_slash)
{
	if (make_room(b, 3 * strlen(text)))
		b->len += uri_encode(text, keep_slash, b->text + b->len);
}

int strbuf_take(struct strbuf *b, char **out)
{
	int rc;

	make_room(b, 0); /* an empty text is one, too */
	rc = b->error;
	if (rc == 0)
		*out = TAKE(b->text);
	strbuf_clear(b);
	return rc;
}

void strbuf_clear(struct strbuf *b)
{
	if (b->text)
		explicit_bzero(b->text, b->size);
	free(b->text);
	*b = (struct strbuf){ 0 };
}

void strbuf_wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}
