#include "config/interpolate.h"

#include "base/json.h"
#include "base/log.h"
#include "config/place.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* All a configuration can need, and little enough to fail at once. */
#define MAX_MADE 100000	    /* nodes */
#define MAX_TEXT (64 * KIB) /* of one value */
#define MAX_NESTED 32

struct work {
	const struct interpolate_env *env;
	size_t made;
	unsigned nested;
};

/* The constant lets the compiler see that the caller returns. */
static int no_memory(void)
{
	log_fail(-ENOMEM, "configuration");
	return -ENOMEM;
}

/* Values that are in the file have places, of others the word is said. */
static int wrong(const struct place *p, const char *what, const char *name)
{
	log_invalid("%s: %s '%s'", NODE_WHERE(place_node(p)->mark), what, name);
	return -EINVAL; /* for the compiler to see */
}

/* Of the setting; its text may hold a secret. */
static const char *name_of(const struct place *p)
{
	const char *key = place_node(p)->key;

	return key ? key : "";
}

/* ---- Values ---- */

static int evaluate(struct work *w, const struct place *p, struct node **out);

static int make_text(struct work *w, const struct place *p, const char *text,
		     struct node **out)
{
	const struct scalar s = { .kind = NODE_STRING };

	(void)w;
	return node_new_scalar(&s, text, place_node(p)->mark, out);
}

static int refer(struct work *w, const struct place *p, const char *path,
		 struct node **out)
{
	struct place to;

	if (!place_find(p, path, &to))
		return wrong(p, "Interpolation key not found:", path);
	return evaluate(w, &to, out);
}

static int from_environment(struct work *w, const struct place *p,
			    char *argument, struct node **out)
{
	char *comma = strchr(argument, ',');
	const char *value, *standard = NULL;

	if (comma) {
		*comma = '\0';
		standard = comma + 1 + strspn(comma + 1, " \t");
	}
	value = w->env->variable(argument);
	if (!value && !standard)
		return wrong(p, "Environment variable not found:", argument);
	if (!value && !strcmp(standard, "null"))
		return node_new_scalar(&(struct scalar){ .kind = NODE_NULL },
				       "null", place_node(p)->mark, out);
	return make_text(w, p, value ? value : standard, out);
}

/* The pattern is the user's. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static bool show_time(const struct tm *now, const char *pattern, char *out,
		      size_t size)
{
	out[0] = '\0';
	return !*pattern || strftime(out, size, pattern, now);
}
#pragma GCC diagnostic pop

static int from_clock(struct work *w, const struct place *p, char *argument,
		      struct node **out)
{
	char text[256];

	if (!show_time(&w->env->now, argument, text, sizeof(text)))
		return wrong(p, "no time by this pattern:", argument);
	return make_text(w, p, text, out);
}

static int from_hydra(struct work *w, const struct place *p, char *argument,
		      struct node **out)
{
	char path[256];

	if (snprintf(path, sizeof(path), "hydra.%s", argument) >=
	    (int)sizeof(path))
		return wrong(p, "Interpolation key not found:", argument);
	return refer(w, p, path, out);
}

/* What is between ${ and }, with nothing left to put in. */
static int resolve(struct work *w, const struct place *p, char *inner,
		   struct node **out)
{
	static const struct {
		const char *name;
		int (*from)(struct work *w, const struct place *p,
			    char *argument, struct node **out);
	} resolvers[] = {
		{ "oc.env", from_environment },
		{ "now", from_clock },
		{ "hydra", from_hydra },
	};
	char *colon = strchr(inner, ':');

	if (!colon)
		return refer(w, p, inner, out);
	*colon = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(resolvers); i++)
		if (!strcmp(inner, resolvers[i].name))
			return resolvers[i].from(w, p, colon + 1, out);
	return wrong(p, "Unsupported interpolation type", inner);
}

/* ---- Texts ---- */

/* The '}' of an interpolation that begins at text, or NULL. */
static const char *end_of(const char *text)
{
	unsigned depth = 0;

	for (; *text; text++) {
		if (text[0] == '$' && text[1] == '{') {
			depth++;
			text++;
		} else if (*text == '}' && !--depth) {
			return text;
		}
	}
	return NULL;
}

static int put_value(const struct place *p, const struct node *n, FILE *out)
{
	char number[JSON_DOUBLE_SIZE];

	switch (n->kind) {
	case NODE_NULL:
		fputs("None", out);
		return 0;
	case NODE_BOOL:
		fputs(n->scalar.boolean ? "True" : "False", out);
		return 0;
	case NODE_INT:
		fprintf(out, "%" PRId64, n->scalar.integer);
		return 0;
	case NODE_FLOAT:
		json_double(n->scalar.number, number);
		fputs(number, out);
		return 0;
	case NODE_STRING:
		fputs(n->text, out);
		return 0;
	default:
		return wrong(p, "a list or a map in the middle of the text of",
			     name_of(p));
	}
}

static int mix(struct work *w, const struct place *p, const char *text,
	       char **out);

/* The value of the interpolation from text to end. */
static int one(struct work *w, const struct place *p, const char *text,
	       const char *end, struct node **out)
{
	AUTO_FREE char *raw = strndup(text + 2, (size_t)(end - text - 2));
	AUTO_FREE char *inner = NULL;
	int rc;

	if (!raw)
		return no_memory();
	if (w->nested == MAX_NESTED)
		return wrong(p, "refers to itself, or too far:", raw);
	w->nested++;
	rc = mix(w, p, raw, &inner);
	if (!rc)
		rc = resolve(w, p, inner, out);
	w->nested--;
	return rc;
}

static int put_one(struct work *w, const struct place *p, const char *text,
		   const char *end, FILE *out)
{
	struct node *n = NULL;
	int rc = one(w, p, text, end, &n);

	if (!rc)
		rc = put_value(p, n, out);
	node_free(n);
	return rc;
}

static int put_text(struct work *w, const struct place *p, const char *text,
		    FILE *out)
{
	while (*text) {
		const char *end;
		int rc;

		if (!strncmp(text, "\\${", 3)) {
			fputs("${", out);
			text += 3;
		} else if (!strncmp(text, "${", 2)) {
			end = end_of(text);
			if (!end)
				return wrong(p, "'}' is missing in",
					     name_of(p));
			rc = put_one(w, p, text, end, out);
			if (rc)
				return rc;
			text = end + 1;
		} else {
			fputc(*text++, out);
		}
		if ((uint64_t)ftell(out) > MAX_TEXT)
			return wrong(p, "too long a value:", name_of(p));
	}
	return 0;
}

/* A text with everything put in. */
static int mix(struct work *w, const struct place *p, const char *text,
	       char **out)
{
	AUTO_FREE char *made = NULL;
	size_t size;
	FILE *stream = open_memstream(&made, &size);
	int rc;

	if (!stream)
		return no_memory();
	rc = put_text(w, p, text, stream);
	if (fclose(stream) && !rc)
		rc = no_memory();
	if (rc)
		return rc;
	*out = TAKE(made);
	return 0;
}

static int evaluate_text(struct work *w, const struct place *p,
			 struct node **out)
{
	const char *text = place_node(p)->text;
	const char *end = !strncmp(text, "${", 2) ? end_of(text) : NULL;
	AUTO_FREE char *made = NULL;
	int rc;

	if (end && !end[1])
		return one(w, p, text, end, out);
	rc = mix(w, p, text, &made);
	return rc ? rc : make_text(w, p, made, out);
}

/* ---- Trees ---- */

static int evaluate_items(struct work *w, const struct place *p,
			  struct node *into)
{
	const struct node *from = place_node(p);
	for (size_t i = 0; i < from->n; i++) {
		const char *key = from->item[i]->key;
		struct place child = *p;
		struct node *made = NULL;
		int rc;

		if (!place_enter(&child, from->item[i]))
			return wrong(p, "nested too deeply:", "");
		rc = evaluate(w, &child, &made);
		if (!rc)
			rc = key ? node_put(into, key, made) :
				   node_append(into, made);
		if (rc)
			return rc;
	}
	return 0;
}

static int evaluate_container(struct work *w, const struct place *p,
			      struct node **out)
{
	struct node *n;
	int rc = node_new(place_node(p)->kind, place_node(p)->mark, &n);

	if (rc)
		return rc;
	rc = evaluate_items(w, p, n);
	if (rc) {
		node_free(n);
		return rc;
	}
	*out = n;
	return 0;
}

static int evaluate(struct work *w, const struct place *p, struct node **out)
{
	const struct node *n = place_node(p);

	if (++w->made > MAX_MADE)
		return wrong(p, "too much refers to too much:", "");
	if (n->kind >= NODE_LIST)
		return evaluate_container(w, p, out);
	if (n->kind == NODE_STRING && strstr(n->text, "${"))
		return evaluate_text(w, p, out);
	return node_copy(n, out);
}

int interpolate_value(const struct interpolate_env *env,
		      const struct node *root, const char *path,
		      struct node **out)
{
	const struct place top = place_top(root);
	struct work w = { .env = env };
	struct place p;

	return place_find(&top, path, &p) ? evaluate(&w, &p, out) : -ENOENT;
}

static const char *variable_here(const char *name)
{
	return getenv(name);
}

struct interpolate_env interpolate_here(time_t now)
{
	struct interpolate_env env = { .variable = variable_here };

	localtime_r(&now, &env.now);
	return env;
}
