#include "config/assign.h"

#include "base/log.h"
#include "base/utf8.h"
#include "config/keys.h"
#include "config/literal.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define ROOT "workload."

static const char *skip_sign(const char *text, enum assign_what *what)
{
	static const struct {
		const char *sign;
		enum assign_what what;
	} signs[] = { { "++", ASSIGN_FORCE },
		      { "+", ASSIGN_ADD },
		      { "~", ASSIGN_DELETE } };

	*what = ASSIGN_CHANGE;
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		size_t n = strlen(signs[i].sign);

		if (strncmp(text, signs[i].sign, n))
			continue;
		*what = signs[i].what;
		return text + n;
	}
	return text;
}

int assign_broken(const struct assign *a, size_t at, const char *what)
{
	if (a->source != a->text) /* it holds a secret */
		return log_invalid("override '%s': %s", a->source, what);
	if (strstr(a->text, "://")) /* and so may a URI */
		return log_invalid("override '%.*s': %s", (int)a->key_end,
				   a->text, what);
	return log_invalid("override: %s\n  %s\n  %*s^", what, a->text, (int)at,
			   "");
}

static bool in_word(char c, bool first)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' ||
	       (c == '-' && !first);
}

/* A word, or a whole number: of what begins with a digit, the digits. */
static size_t word_length(const char *name)
{
	size_t n = strspn(name, "0123456789");

	if (n == 0)
		while (in_word(name[n], n == 0))
			n++;
	return n;
}

/* Words with one kind of separator between them.  Gives the length that is one;
 * it may end in a separator. */
static size_t name_length(const char *name, char separator)
{
	size_t n = 0;

	for (;;) {
		size_t len = word_length(name + n);

		n += len;
		if (!len || name[n] != separator)
			return n;
		n++;
	}
}

static size_t key_length(const char *key)
{
	size_t n = name_length(key, '.');

	return key[n] == '/' ? name_length(key, '/') : n;
}

static int copy(const char *from, size_t n, char **out)
{
	*out = strndup(from, n);
	return *out ? 0 : log_fail(-ENOMEM, "configuration");
}

/* Where there is no name, or only the beginning of one. */
static bool is_cut(const char *name, size_t n)
{
	return !n || strchr("./", name[n - 1]);
}

static int expected_name(const struct assign *a, const char *at)
{
	return assign_broken(a, (size_t)(at - a->text),
			     "expected a setting's name, as reader.batch_size");
}

/* Gives what follows, or NULL. */
static const char *parse_key(const char *key, struct assign *a)
{
	size_t n = key_length(key);
	const char *at = key + n;
	const struct key *secret;
	const char *path;

	a->key_at = (size_t)(key - a->text);
	a->key_end = a->key_at + n;
	if (is_cut(key, n) || (*at && !strchr("=@", *at))) {
		expected_name(a, at);
		return NULL;
	}
	if (copy(key, n, &a->key))
		return NULL;
	path = a->key;
	if (!strncmp(path, ROOT, strlen(ROOT)))
		path += strlen(ROOT);
	secret = keys_secret_in(path);
	if (secret)
		a->source = secret->path;
	if (*at != '@')
		return at;
	n = name_length(++at, '.');
	if ((at[n] && at[n] != '=') || (n && is_cut(at, n))) {
		expected_name(a, at + n);
		return NULL;
	}
	return copy(at, n, &a->package) ? NULL : at + n;
}

/* The offset of the first byte that is no UTF-8, or of the end. */
static size_t utf8_part(const char *text)
{
	size_t at = 0;

	while (text[at] && utf8_length(text + at))
		at += utf8_length(text + at);
	return at;
}

static int parse_value(const char *value, struct assign *a)
{
	struct literal_error error = { 0 };
	int rc = literal_parse(value, (struct node_mark){ .source = a->source },
			       &a->value, &error);

	if (rc != -EINVAL)
		return rc;
	if (error.several && a->source == a->text)
		log_error("Ambiguous value for argument '%s'", a->text);
	return assign_broken(a, (size_t)(value - a->text) + error.at,
			     error.what);
}

static int parse(struct assign *a)
{
	const char *at = parse_key(skip_sign(a->text, &a->what), a);

	if (!at)
		return -EINVAL;
	if (a->text[utf8_part(a->text)])
		return assign_broken(a, utf8_part(a->text), "not UTF-8");
	if (*at)
		return parse_value(at + 1, a);
	return a->what == ASSIGN_DELETE ?
		       0 :
		       assign_broken(a, strlen(a->text),
				     "expected '=' and a value");
}

int assign_parse(const char *text, struct assign *out)
{
	struct assign a = { .text = text, .source = text };
	int rc = parse(&a);

	if (rc) {
		assign_free(&a);
		return rc;
	}
	*out = a;
	return 0;
}

void assign_free(struct assign *a)
{
	free(a->key);
	free(a->package);
	node_free(a->value);
	*a = (struct assign){ 0 };
}

bool assign_is_group(const struct assign *a)
{
	return a->package || strchr(a->key, '/');
}
