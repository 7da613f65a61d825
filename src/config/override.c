#include "config/override.h"

#include "base/log.h"
#include "base/utf8.h"
#include "config/keys.h"
#include "config/literal.h"
#include "config/merge.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define ROOT "workload"

enum what { CHANGE, ADD, FORCE, DELETE };

struct override {
	enum what what;
	char *path;
	const char *source; /* for messages; never a secret */
	struct node *value; /* NULL: none was given */
};

static const char *skip_sign(const char *text, enum what *what)
{
	static const struct {
		const char *sign;
		enum what what;
	} signs[] = { { "++", FORCE }, { "+", ADD }, { "~", DELETE } };

	*what = CHANGE;
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		size_t n = strlen(signs[i].sign);

		if (strncmp(text, signs[i].sign, n))
			continue;
		*what = signs[i].what;
		return text + n;
	}
	return text;
}

/* "override: what", the text, and a mark under the place. */
static int broken(const struct override *o, const char *text, size_t at,
		  const char *what)
{
	if (o->source != text) /* it holds a secret */
		return log_invalid("override '%s': %s", o->source, what);
	return log_invalid("override: %s\n  %s\n  %*s^", what, text, (int)at,
			   "");
}

/* A dotted name: each part a word or a whole number.  Gives the length that is
 * one. */
static size_t path_length(const char *path)
{
	size_t n = 0;

	for (;;) {
		size_t start = n;

		while (isalnum((unsigned char)path[n]) || path[n] == '_' ||
		       path[n] == '$' || (n > start && path[n] == '-'))
			n++;
		if (n == start || path[n] != '.')
			return n;
		n++;
	}
}

static int parse_path(const char *text, const char *path, struct override *o)
{
	size_t n = path_length(path), skip = 0;
	const struct key *secret;

	o->source = text;
	if (path[n] == '/' || path[n] == '@')
		return broken(o, text, (size_t)(path + n - text),
			      "choosing from a group is not possible here");
	if (!n || path[n - 1] == '.' || (path[n] && path[n] != '='))
		return broken(
			o, text, (size_t)(path + n - text),
			"expected a setting's name, as reader.batch_size");
	if (n == strlen(ROOT) && !strncmp(path, ROOT, n))
		return broken(o, text, (size_t)(path - text),
			      "a workload is given as its file");
	if (!strncmp(path, ROOT ".", strlen(ROOT ".")))
		skip = strlen(ROOT ".");
	o->path = strndup(path + skip, n - skip);
	if (!o->path)
		return log_fail(-ENOMEM, "configuration");
	secret = keys_secret_in(o->path);
	if (secret)
		o->source = secret->path;
	return 0;
}

/* The offset of the first byte that is no UTF-8, or of the end. */
static size_t utf8_part(const char *text)
{
	size_t at = 0;

	while (text[at] && utf8_length(text + at))
		at += utf8_length(text + at);
	return at;
}

static int parse(const char *text, struct override *o)
{
	const char *path = skip_sign(text, &o->what), *equals;
	struct literal_error error = { 0 };
	int rc = parse_path(text, path, o);

	if (rc)
		return rc;
	if (text[utf8_part(text)])
		return broken(o, text, utf8_part(text), "not UTF-8");
	equals = strchr(path, '=');
	if (!equals && o->what == DELETE)
		return 0;
	if (!equals)
		return broken(o, text, strlen(text),
			      "expected '=' and a value");
	rc = literal_parse(equals + 1,
			   (struct node_mark){ .source = o->source }, &o->value,
			   &error);
	if (rc == -EINVAL)
		return broken(o, text, (size_t)(equals + 1 - text) + error.at,
			      error.what);
	return rc;
}

static bool goes_through_list(const struct node *root, const char *path)
{
	const struct node *n = root;

	while (n && n->kind == NODE_MAP) {
		size_t len = strcspn(path, ".");
		char key[256];

		if (!path[len] || len >= sizeof(key))
			return false;
		memcpy(key, path, len);
		key[len] = '\0';
		n = node_get(n, key);
		path += len + 1;
	}
	return n && n->kind == NODE_LIST;
}

static int put(struct node *root, struct override *o, struct node *old)
{
	if (goes_through_list(root, o->path))
		return log_invalid("override '%s': cannot change one value of "
				   "a list; give the whole list",
				   o->source);
	if (merge_can(old, o->value))
		return merge_over(old, o->value);
	return node_put_path(root, o->path, TAKE(o->value));
}

static int delete (struct node *root, const struct override *o,
		   const struct node *old)
{
	if (!old)
		return log_invalid("override '%s': could not delete: '%s' is "
				   "not in the file",
				   o->source, o->path);
	if (o->value && !node_equal(old, o->value))
		return log_invalid("override '%s': could not delete: '%s' has "
				   "another value",
				   o->source, o->path);
	node_free(node_take_path(root, o->path));
	return 0;
}

static int apply(struct node *root, struct override *o)
{
	struct node *old = node_find(root, o->path);

	if (o->what == DELETE)
		return delete (root, o, old);
	if (o->what == ADD && old)
		return log_invalid("override '%s': could not append: an item "
				   "is already at '%s'; use ++ to change it",
				   o->source, o->path);
	if (o->what == CHANGE && !old && !keys_is_known(o->path))
		return log_invalid("override '%s': could not override '%s': "
				   "unknown%s; to append it use '+%s'",
				   o->source, o->path, KEYS_HINT(o->path),
				   o->source);
	return put(root, o, old);
}

int override_apply(struct node *root, const char *text)
{
	struct override o = { 0 };
	int rc = parse(text, &o);

	if (!rc)
		rc = apply(root, &o);
	free(o.path);
	node_free(o.value);
	return rc;
}
