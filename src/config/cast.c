#include "config/cast.h"

#include "base/json.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

/* From one scalar to another; -EINVAL: there is none. */
typedef int (*caster)(const struct node *n, struct scalar *out);

static int to_int(const struct node *n, struct scalar *out)
{
	const struct scalar *s = &n->scalar;
	char *end;

	out->kind = NODE_INT;
	switch (n->kind) {
	case NODE_BOOL:
		out->integer = s->boolean;
		return 0;
	case NODE_INT:
		out->integer = s->integer;
		return 0;
	case NODE_FLOAT:
		out->integer = fabs(s->number) < 0x1p63 ? (int64_t)s->number :
							  0;
		return fabs(s->number) < 0x1p63 ? 0 : -EINVAL;
	case NODE_STRING:
		errno = 0;
		out->integer = strtoll(n->text, &end, 10);
		return errno || end == n->text || *end ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

static int to_float(const struct node *n, struct scalar *out)
{
	const struct scalar *s = &n->scalar;
	char *end;

	out->kind = NODE_FLOAT;
	switch (n->kind) {
	case NODE_BOOL:
		out->number = s->boolean;
		return 0;
	case NODE_INT:
		out->number = (double)s->integer;
		return 0;
	case NODE_FLOAT:
		out->number = s->number;
		return 0;
	case NODE_STRING:
		out->number = strtod(n->text, &end);
		/* Python reads no hexadecimal ones. */
		return end == n->text || *end || strpbrk(n->text, "xX(") ?
			       -EINVAL :
			       0;
	default:
		return -EINVAL;
	}
}

static int to_bool(const struct node *n, struct scalar *out)
{
	const struct scalar *s = &n->scalar;

	out->kind = NODE_BOOL;
	switch (n->kind) {
	case NODE_NULL:
		out->boolean = false;
		return 0;
	case NODE_BOOL:
		out->boolean = s->boolean;
		return 0;
	case NODE_INT:
		out->boolean = s->integer != 0;
		return 0;
	case NODE_FLOAT:
		out->boolean = fpclassify(s->number) != FP_ZERO;
		return 0;
	default:
		out->boolean = !strcasecmp(n->text, "true");
		return out->boolean || !strcasecmp(n->text, "false") ? 0 :
								       -EINVAL;
	}
}

static int to_str(const struct node *n, struct scalar *out)
{
	out->kind = NODE_STRING;
	return n->kind == NODE_NULL ? -EINVAL : 0;
}

static const struct {
	const char *name;
	caster cast;
} casts[] = {
	{ "int", to_int },
	{ "float", to_float },
	{ "bool", to_bool },
	{ "str", to_str },
};

static caster find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(casts); i++)
		if (!strcmp(casts[i].name, name))
			return casts[i].cast;
	return NULL;
}

bool cast_is_known(const char *name)
{
	return find(name) != NULL;
}

/* Python's text of it; of a text, itself. */
static const char *text_of(const struct scalar *s, const char *text,
			   char out[JSON_DOUBLE_SIZE])
{
	if (s->kind == NODE_BOOL)
		return s->boolean ? "true" : "false";
	if (s->kind == NODE_INT)
		snprintf(out, JSON_DOUBLE_SIZE, "%" PRId64, s->integer);
	else if (s->kind == NODE_FLOAT)
		json_double(s->number, out);
	else
		return text;
	return out;
}

static int cast_scalar(caster cast, struct node **n)
{
	char number[JSON_DOUBLE_SIZE];
	struct scalar s = { 0 };
	struct node *made;
	bool to_text;
	int rc = cast(*n, &s);

	if (rc)
		return rc;
	to_text = s.kind == NODE_STRING;
	rc = node_new_scalar(
		&s, text_of(to_text ? &(*n)->scalar : &s, (*n)->text, number),
		(*n)->mark, &made);
	if (rc)
		return rc;
	made->key = TAKE((*n)->key);
	node_free(*n);
	*n = made;
	return 0;
}

static int cast_any(caster cast, struct node **n)
{
	int rc = 0;

	if ((*n)->kind < NODE_LIST)
		return cast_scalar(cast, n);
	for (size_t i = 0; i < (*n)->n && !rc; i++)
		rc = cast_any(cast, &(*n)->item[i]);
	return rc;
}

int cast_apply(const char *name, struct node **n)
{
	return cast_any(find(name), n);
}
