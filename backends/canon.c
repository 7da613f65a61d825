#include "backends/canon.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* ---- Pairs -------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool take_header(const char *header, struct canon_pair *p)
{
	const char *colon = strchr(header, ':');

	if (!colon || colon == header)
		return false;
	p->name = header;
	p->name_len = (size_t)(colon - header);
	p->value = colon + 1;
	while (is_space(*p->value))
		p->value++;
	p->value_len = strlen(p->value);
	while (p->value_len && is_space(p->value[p->value_len - 1]))
		p->value_len--;
	return true;
}

static struct canon_pair pair_of(const char *text, size_t len)
{
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals ? (size_t)(equals - text) : len;

	return (struct canon_pair){
		.name = text,
		.name_len = name_len,
		.value = equals ? equals + 1 : text + len,
		.value_len = equals ? len - name_len - 1 : 0,
	};
}

int canon_query(const char *query, struct canon_pair out[CANON_MAX])
{
	int n = 0;

	for (const char *p = query; p && *p;) {
		size_t len = strcspn(p, "&");

		if (len && n == CANON_MAX)
			return -E2BIG;
		if (len)
			out[n++] = pair_of(p, len);
		p += len + (p[len] == '&');
	}
	return n;
}

bool canon_same_name(const struct canon_pair *a, const struct canon_pair *b)
{
	return a->name_len == b->name_len &&
	       !strncasecmp(a->name, b->name, a->name_len);
}

/* ---- Order -------------------------------------------------------------- */

typedef int compare_fn(const struct canon_pair *a, const struct canon_pair *b);

/* Stable; the lists are short, and mostly in order. */
static void sort(struct canon_pair *pairs, size_t n, compare_fn *compare)
{
	for (size_t i = 1; i < n; i++) {
		struct canon_pair p = pairs[i];
		size_t j = i;

		for (; j > 0 && compare(&pairs[j - 1], &p) > 0; j--)
			pairs[j] = pairs[j - 1];
		pairs[j] = p;
	}
}

static int compare_lengths(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_bytes(const char *a, size_t a_len, const char *b,
			 size_t b_len)
{
	int order = memcmp(a, b, MIN(a_len, b_len));

	return order ? order : compare_lengths(a_len, b_len);
}

static int by_lower_name(const struct canon_pair *a, const struct canon_pair *b)
{
	int order =
		strncasecmp(a->name, b->name, MIN(a->name_len, b->name_len));

	return order ? order : compare_lengths(a->name_len, b->name_len);
}

static int by_name_and_value(const struct canon_pair *a,
			     const struct canon_pair *b)
{
	int order = compare_bytes(a->name, a->name_len, b->name, b->name_len);

	return order ? order :
		       compare_bytes(a->value, a->value_len, b->value,
				     b->value_len);
}

void canon_sort(struct canon_pair *pairs, size_t n)
{
	sort(pairs, n, by_name_and_value);
}

int canon_headers(const char *const *headers, struct canon_pair out[CANON_MAX])
{
	size_t n = 0;

	for (; headers && headers[n]; n++) {
		if (n == CANON_MAX)
			return -E2BIG;
		if (!take_header(headers[n], &out[n]))
			return -EINVAL;
	}
	sort(out, n, by_lower_name);
	return (int)n;
}

/* ---- Writing ------------------------------------------------------------ */

void canon_put_lower(struct strbuf *b, const char *text, size_t len)
{
	size_t at = b->len;

	strbuf_add(b, text, len);
	for (; at < b->len; at++)
		if (b->text[at] >= 'A' && b->text[at] <= 'Z')
			b->text[at] |= 0x20;
}

void canon_put_value(struct strbuf *b, const struct canon_pair *p)
{
	const char *at = p->value, *end = at + p->value_len, *word;

	while (at < end) {
		for (word = at; at < end && !is_space(*at);)
			at++;
		strbuf_add(b, word, (size_t)(at - word));
		if (at < end) /* it ends with a word */
			strbuf_putc(b, ' ');
		while (at < end && is_space(*at))
			at++;
	}
}
