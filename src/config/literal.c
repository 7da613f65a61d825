#include "config/literal.h"

#include "base/log.h"
#include "config/cast.h"
#include "config/scalar.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

struct parser {
	const char *text, *at;
	struct node_mark mark;
	struct literal_error *error;
	unsigned depth;
};

static int fail(struct parser *p, const char *what)
{
	p->error->what = what;
	p->error->at = (size_t)(p->at - p->text);
	return -EINVAL;
}

static void skip_blanks(struct parser *p)
{
	p->at += strspn(p->at, " \t");
}

static bool is_escape(const char *at)
{
	return at[0] == '\\' && at[1] && strchr("\\()[]{}:=, \t", at[1]);
}

/* What may stand in a bare word besides letters and digits. */
static bool is_bare(char c)
{
	return isalnum((unsigned char)c) ||
	       (c && strchr("_-/\\+.$%*@?|: \t", c));
}

/* The length of ${…}, or 0. */
static size_t interpolation(const char *at)
{
	size_t n;

	if (at[0] != '$' || at[1] != '{')
		return 0;
	n = strcspn(at + 2, "}");
	return n && at[2 + n] ? n + 3 : 0;
}

/* Backslashes count only before a quote: \\" is one of them and the end. */
static int quoted(struct parser *p, char *out)
{
	char quote = *p->at++;

	for (;;) {
		size_t slashes = strspn(p->at, "\\");

		if (p->at[slashes] != quote) {
			memcpy(out, p->at, slashes);
			out += slashes;
			p->at += slashes;
			if (!*p->at)
				return fail(p, "the closing quote is missing");
			*out++ = *p->at++;
			continue;
		}
		memcpy(out, p->at, slashes / 2);
		out += slashes / 2;
		p->at += slashes + 1;
		if (slashes % 2 == 0)
			break;
		*out++ = quote;
	}
	*out = '\0';
	return 0;
}

/* A bare word, up to what cannot be in one, without its outer blanks.  plain:
 * nothing in it was escaped, so it may be a number. */
static void bare(struct parser *p, bool is_key, char *out, bool *plain)
{
	char *end = out;

	*plain = true;
	for (;;) {
		size_t n = is_key ? 0 : interpolation(p->at);

		if (n) {
			memcpy(out, p->at, n);
			p->at += n;
			out += n;
			end = out;
		} else if (is_escape(p->at)) {
			*plain = false;
			*out++ = p->at[1];
			end = out;
			p->at += 2;
		} else if (is_bare(*p->at) && !(is_key && *p->at == ':')) {
			*out++ = *p->at++;
			if (out[-1] != ' ' && out[-1] != '\t')
				end = out;
		} else {
			break;
		}
	}
	*end = '\0';
}

static int element(struct parser *p, struct node **out);

/* What Hydra calls a function, from its '('.  Those that are not casts make
 * several runs, or an order nobody needs here. */
static int call(struct parser *p, const char *name, struct node **out)
{
	struct node *n = NULL;
	int rc;

	if (!cast_is_known(name))
		return fail(p, "the functions here are int, float, str and "
			       "bool: write the value itself, or put it in "
			       "quotes");
	if (p->depth == NODE_MAX_DEPTH)
		return fail(p, "nested too deeply");
	p->depth++;
	p->at++;
	rc = element(p, &n);
	p->depth--;
	if (!rc && *p->at != ')')
		rc = fail(p, "expected ')'");
	if (!rc && cast_apply(name, &n))
		rc = fail(p, "no such cast of this value");
	if (rc) {
		node_free(n);
		return rc;
	}
	p->at++;
	*out = n;
	return 0;
}

static int word(struct parser *p, struct node **out)
{
	AUTO_FREE char *text = malloc(strlen(p->at) + 1);
	struct scalar s = { .kind = NODE_STRING };
	const char *start = p->at;
	bool plain = false;
	int rc;

	if (!text)
		return log_fail(-ENOMEM, "configuration");
	if (*p->at == '\'' || *p->at == '"') {
		rc = quoted(p, text);
		if (rc)
			return rc;
	} else {
		bare(p, false, text, &plain);
		if (p->at == start)
			return fail(p, "a value is missing");
		if (*p->at == '(')
			return call(p, text, out);
	}
	if (plain)
		scalar_from_override(text, &s);
	return node_new_scalar(&s, text, p->mark, out);
}

static int list(struct parser *p, struct node *n)
{
	for (;;) {
		struct node *item;
		int rc = element(p, &item);

		if (!rc)
			rc = node_append(n, item);
		if (rc)
			return rc;
		if (*p->at != ',')
			return 0;
		p->at++;
	}
}

static int map(struct parser *p, struct node *n)
{
	for (;;) {
		AUTO_FREE char *key = NULL;
		struct node *value;
		bool plain;
		int rc;

		skip_blanks(p);
		key = malloc(strlen(p->at) + 1);
		if (!key)
			return log_fail(-ENOMEM, "configuration");
		bare(p, true, key, &plain);
		if (!*key)
			return fail(p, "a key is missing");
		if (*p->at != ':')
			return fail(p, "expected ':' after the key");
		p->at++;
		rc = element(p, &value);
		if (!rc)
			rc = node_put(n, key, value);
		if (rc)
			return rc;
		if (*p->at != ',')
			return 0;
		p->at++;
	}
}

/* From the opening to behind the closing bracket. */
static int container(struct parser *p, enum node_kind kind, struct node **out)
{
	char close = kind == NODE_LIST ? ']' : '}';
	struct node *n;
	int rc;

	if (p->depth == NODE_MAX_DEPTH)
		return fail(p, "nested too deeply");
	rc = node_new(kind, p->mark, &n);
	if (rc)
		return rc;
	p->depth++;
	p->at++;
	skip_blanks(p);
	if (*p->at != close)
		rc = kind == NODE_LIST ? list(p, n) : map(p, n);
	if (!rc && *p->at != close)
		rc = fail(p, kind == NODE_LIST ? "expected ',' or ']'" :
						 "expected ',' or '}'");
	p->depth--;
	if (rc) {
		node_free(n);
		return rc;
	}
	p->at++;
	*out = n;
	return 0;
}

/* One value and the blanks around it. */
static int element(struct parser *p, struct node **out)
{
	int rc;

	skip_blanks(p);
	if (*p->at == '[')
		rc = container(p, NODE_LIST, out);
	else if (*p->at == '{')
		rc = container(p, NODE_MAP, out);
	else
		rc = word(p, out);
	if (!rc)
		skip_blanks(p);
	return rc;
}

static int trailing(struct parser *p)
{
	p->error->several = *p->at == ',';
	if (p->error->several)
		return fail(p, "several values: there is one run; a list is "
			       "written [a,b], a comma \\,");
	if (*p->at == '=')
		return fail(p, "'=' in a value is written \\=, or in quotes");
	return fail(p, "unexpected character; put the value in quotes, or a "
		       "backslash before it");
}

int literal_parse(const char *text, struct node_mark mark, struct node **out,
		  struct literal_error *error)
{
	struct parser p = { text, text, mark, error, 0 };
	struct scalar empty = { .kind = NODE_STRING };
	struct node *n = NULL;
	int rc;

	skip_blanks(&p);
	if (!*p.at)
		return node_new_scalar(&empty, "", mark, out);
	rc = element(&p, &n);
	if (rc)
		return rc;
	if (*p.at) {
		node_free(n);
		return trailing(&p);
	}
	*out = n;
	return 0;
}
