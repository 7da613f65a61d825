/* A text that grows while it is written.  The first failure is kept and comes
 * out at the end, so that nothing needs to be checked in between.  What it
 * leaves behind is cleared: there are keys and tokens in it.
 *
 *	AUTO_STRBUF struct strbuf b = { 0 };
 *
 *	strbuf_printf(&b, "%s\n", method);
 *	return strbuf_take(&b, out);
 *
 * One thread at a time. */
#ifndef BACKENDS_STRBUF_H
#define BACKENDS_STRBUF_H

#include "base/util.h"

struct strbuf {
	char *text; /* NULL, or ends with NUL */
	size_t len, size;
	int error;
};

void strbuf_add(struct strbuf *b, const void *data, size_t len);
void strbuf_puts(struct strbuf *b, const char *text);
void strbuf_putc(struct strbuf *b, char c);
void strbuf_printf(struct strbuf *b, const char *fmt, ...) PRINTF(2, 3);

/* Encoded, as by uri_encode(). */
void strbuf_uri(struct strbuf *b, const char *text, bool keep_slash);

/* The text, the caller's now, or the first error: -ENOMEM.  b is empty. */
int strbuf_take(struct strbuf *b, char **out) MUST_USE;

void strbuf_clear(struct strbuf *b); /* fine with an empty one */

/* Clear and free a text.  NULL is fine. */
void strbuf_wipe(char *text);

#define AUTO_STRBUF __attribute__((cleanup(strbuf_clear)))

static inline void strbuf_wipe_at(char **text)
{
	strbuf_wipe(*text);
}
#define AUTO_WIPE __attribute__((cleanup(strbuf_wipe_at)))

#endif
