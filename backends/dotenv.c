#include "backends/dotenv.h"

#include "backends/secret.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

/* ---- Looking up --------------------------------------------------------- */

const char *dotenv_get(char *const *environment, const char *name)
{
	size_t len = strlen(name);

	for (char *const *e = environment ? environment : environ; e && *e; e++)
		if (!strncmp(*e, name, len) && (*e)[len] == '=')
			return (*e)[len + 1] ? *e + len + 1 : NULL;
	return NULL;
}

/* ---- One line ----------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_name(char c, bool first)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       (!first && ((c >= '0' && c <= '9') || c == '.'));
}

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && is_space(*p))
		p++;
	return p;
}

static bool is_over(const char *p, const char *end)
{
	p = skip_space(p, end);
	return p == end || *p == '#';
}

static char unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

/* From behind the opening quote.  NULL: it is never closed. */
static char *take_quoted(const char *p, const char *end, char quote, char *to)
{
	for (; p < end && *p != quote; p++) {
		if (quote == '"' && *p == '\\' && p + 1 < end)
			*to++ = unescape(*++p);
		else
			*to++ = *p;
	}
	return p < end && is_over(p + 1, end) ? to : NULL;
}

static char *take_plain(const char *p, const char *end, char *to)
{
	const char *begin = p;

	while (p < end && !(*p == '#' && (p == begin || is_space(p[-1]))))
		p++;
	while (p > begin && is_space(p[-1]))
		p--;
	memcpy(to, begin, (size_t)(p - begin));
	return to + (p - begin);
}

static char *take_value(const char *p, const char *end, char *to)
{
	p = skip_space(p, end);
	if (p < end && (*p == '"' || *p == '\''))
		return take_quoted(p + 1, end, *p, to);
	return take_plain(p, end, to);
}

static const char *take_name(const char *p, const char *end)
{
	const char *begin = p;

	while (p < end && is_name(*p, p == begin))
		p++;
	return p;
}

/* "NAME=value" with its NUL, which is never longer than the line and its end.
 * The end of it, or NULL: there is no such thing in this line. */
static char *take_line(const char *p, const char *end, char *to)
{
	const char *name, *name_end;

	if (memchr(p, '\0', (size_t)(end - p)))
		return NULL;
	p = skip_space(p, end);
	if (end - p > 7 && !memcmp(p, "export", 6) && is_space(p[6]))
		p = skip_space(p + 6, end);
	name = p;
	name_end = take_name(p, end);
	p = skip_space(name_end, end);
	if (name == name_end || p == end || *p != '=')
		return NULL;
	memcpy(to, name, (size_t)(name_end - name));
	to += name_end - name;
	*to++ = '=';
	to = take_value(p + 1, end, to);
	if (to)
		*to++ = '\0';
	return to;
}

/* ---- A whole text ------------------------------------------------------- */

static size_t count_lines(const char *text, size_t len)
{
	size_t n = 1;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

/* The later of two counts, and who looks up takes the first: so the pointers
 * are filled in from behind.  Behind them are the texts, in one piece. */
int dotenv_parse(const char *text, size_t len, char ***out, size_t *bad_line)
{
	size_t lines = count_lines(text, len), first = lines, line = 0;
	const char *end = text + len, *next;
	char **list = calloc(1, (lines + 1) * sizeof(*list) + len + 1);
	char *to;

	if (!list)
		return -ENOMEM;
	to = (char *)(list + lines + 1);
	*bad_line = 0;
	for (const char *p = text; p < end; p = next + 1) {
		char *after;

		next = memchr(p, '\n', (size_t)(end - p));
		next = next ? next : end;
		line++;
		if (is_over(p, next))
			continue;
		after = take_line(p, next, to);
		if (!after && !*bad_line)
			*bad_line = line;
		if (!after)
			continue;
		list[--first] = to;
		to = after;
	}
	memmove(list, list + first, (lines - first + 1) * sizeof(*list));
	*out = list;
	return 0;
}

void dotenv_free(char **environment)
{
	for (char **e = environment; e && *e; e++)
		explicit_bzero(*e, strlen(*e));
	free(environment);
}

/* ---- A file ------------------------------------------------------------- */

int dotenv_read(const char *path, char ***out)
{
	size_t len, bad_line;
	char *text;
	int rc;

	rc = secret_read_bytes(path, DOTENV_MAX_FILE, &text, &len);
	if (rc == -ENOENT)
		/* NULL would mean the process's environment. */
		return dotenv_parse("", 0, out, &bad_line);
	if (rc)
		return log_fail(rc, "read %s", path);
	rc = dotenv_parse(text, len, out, &bad_line);
	explicit_bzero(text, len);
	free(text);
	if (rc == 0 && bad_line)
		log_warn("%s:%zu: neither NAME=value nor a comment: ignored",
			 path, bad_line);
	return rc;
}
