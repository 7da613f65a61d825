#include "fuse/hintlines.h"

#include "base/text.h"

#include <string.h>

/* "\t" and a number.  *at moves behind it. */
static bool take_number(const char **at, uint64_t *out)
{
	return *(*at)++ == '\t' && text_take_uint(at, out) == 0;
}

/* The line's end; what is no number is no range. */
static bool take_range(const char *at, uint64_t *offset, uint64_t *len)
{
	if (!*at)
		return true;
	return take_number(&at, offset) && take_number(&at, len) && !*at &&
	       *len > 0;
}

static bool take_line(struct hintlines *h)
{
	size_t path = strcspn(h->line, "\t");
	uint64_t offset = 0, len = 0;

	if (h->too_long || strlen(h->line) != h->len || path == 0 ||
	    path >= PATH_MAX || !take_range(h->line + path, &offset, &len))
		return false;
	h->line[path] = '\0';
	return h->take(h->arg, h->line, offset, len);
}

void hintlines_end(struct hintlines *h)
{
	h->line[h->len] = '\0';
	if (h->len == 0)
		return;
	if (take_line(h))
		h->taken++;
	else
		h->ignored++;
	h->len = 0;
	h->too_long = false;
}

static void add(struct hintlines *h, const char *text, size_t len)
{
	size_t room = HINTLINES_MOST - h->len;

	h->too_long |= len > room;
	len = MIN(len, room);
	memcpy(h->line + h->len, text, len);
	h->len += len;
}

void hintlines_write(struct hintlines *h, const char *text, size_t len)
{
	const char *end = text + len, *newline;

	while ((newline = memchr(text, '\n', (size_t)(end - text)))) {
		add(h, text, (size_t)(newline - text));
		hintlines_end(h);
		text = newline + 1;
	}
	add(h, text, (size_t)(end - text));
}
