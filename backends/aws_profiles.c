#include "backends/aws_profiles.h"

#include "backends/secret.h"
#include "backends/strbuf.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define VALUE_MAX 65536 /* of more than one line */

/* A later kind comes before an earlier one. */
enum kind { IGNORED, SERVICES, DEFAULT, PROFILE, CREDENTIALS };

struct section {
	struct section *next;
	enum kind kind;
	char *name;
	struct property *last; /* the newest first: it counts */
};

struct property {
	struct property *earlier;
	char *group; /* the property that this one is indented under; or NULL */
	char *name, *value;
};

struct aws_profiles {
	struct section *sections; /* the newest first */
};

/* A part of a line. */
struct span {
	const char *begin, *end;
};

/* ---- Pieces of lines ---------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span s)
{
	while (s.begin < s.end && is_space(*s.begin))
		s.begin++;
	while (s.begin < s.end && is_space(s.end[-1]))
		s.end--;
	return s;
}

static char *copy(struct span s)
{
	return strndup(s.begin, (size_t)(s.end - s.begin));
}

static bool is_word(struct span s, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(s.end - s.begin) == len && !memcmp(s.begin, word, len);
}

static bool is_comment(char c)
{
	return c == '#' || c == ';';
}

static struct span without_comment(struct span s)
{
	for (const char *p = s.begin; p < s.end; p++)
		if (is_comment(*p) && (p == s.begin || is_space(p[-1])))
			s.end = p;
	return trim(s);
}

/* False: it is no "name = value". */
static bool split(struct span line, struct span *name, struct span *value)
{
	const char *p = line.begin;

	while (p < line.end && *p != '=' && *p != ':')
		p++;
	if (p == line.end)
		return false;
	*name = trim((struct span){ line.begin, p });
	*value = trim((struct span){ p + 1, line.end });
	if (!is_word(*name, "credential_process"))
		*value = without_comment(*value);
	return name->begin < name->end;
}

/* ---- What is built ------------------------------------------------------ */

static int add_section(struct aws_profiles *p, enum kind kind, struct span name)
{
	struct section *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->kind = kind;
	s->name = copy(name);
	s->next = p->sections;
	p->sections = s;
	return s->name ? 0 : -ENOMEM;
}

static int add_property(struct section *s, const char *group, struct span name,
			struct span value)
{
	struct property *y = calloc(1, sizeof(*y));

	if (!y)
		return -ENOMEM;
	y->earlier = s->last;
	s->last = y;
	y->group = group ? strdup(group) : NULL;
	y->name = copy(name);
	y->value = copy(value);
	return (!group || y->group) && y->name && y->value ? 0 : -ENOMEM;
}

/* The value goes on in this line. */
static int add_line(struct property *y, struct span more)
{
	size_t had = strlen(y->value), len = (size_t)(more.end - more.begin);
	char *value;

	if (had + len > VALUE_MAX)
		return -EINVAL;
	value = malloc(had + 1 + len + 1);
	if (!value)
		return -ENOMEM;
	memcpy(value, y->value, had);
	value[had] = '\n';
	memcpy(value + had + 1, more.begin, len);
	value[had + 1 + len] = '\0';
	strbuf_wipe(y->value);
	y->value = value;
	return 0;
}

/* ---- Lines -------------------------------------------------------------- */

struct parser {
	struct aws_profiles *p;
	enum aws_profiles_file file;
	struct section *section;   /* that we are in; or NULL */
	struct property *property; /* that a deeper line belongs to; or NULL */
	size_t depth;		   /* of it */
};

static struct span unquote(struct span s)
{
	if (s.end - s.begin >= 2 && (*s.begin == '"' || *s.begin == '\'') &&
	    s.end[-1] == *s.begin) {
		s.begin++;
		s.end--;
	}
	return s;
}

/* What [title] of a config file is; its name replaces *title. */
static enum kind kind_of(struct span *title)
{
	static const struct {
		const char *word;
		enum kind kind;
	} words[] = { { "profile", PROFILE }, { "services", SERVICES } };
	struct span first = *title;

	if (is_word(*title, "default"))
		return DEFAULT;
	for (first.end = first.begin;
	     first.end < title->end && !is_space(*first.end); first.end++)
		;
	title->begin = first.end;
	*title = unquote(trim(*title));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (title->begin < title->end && is_word(first, words[i].word))
			return words[i].kind;
	return IGNORED; /* [sso-session x], [plugins] */
}

static int take_title(struct parser *r, struct span line)
{
	const char *close =
		memchr(line.begin, ']', (size_t)(line.end - line.begin));
	struct span title;
	enum kind kind = CREDENTIALS;
	int rc;

	if (!close)
		return -EINVAL;
	title = trim((struct span){ line.begin + 1, close });
	if (title.begin == title.end)
		return -EINVAL;
	if (r->file == AWS_PROFILES_CONFIG)
		kind = kind_of(&title);
	rc = add_section(r->p, kind, title);
	r->section = r->p->sections;
	r->property = NULL;
	return rc;
}

static int take_property(struct parser *r, struct span line, size_t depth)
{
	struct span name, value;
	int rc;

	if (!r->section || !split(line, &name, &value))
		return -EINVAL;
	rc = add_property(r->section, NULL, name, value);
	r->property = r->section->last;
	r->depth = depth;
	return rc;
}

/* A line deeper than its property: one of its own properties, if it has no
 * value; else more of the value. */
static int take_deeper(struct parser *r, struct span line)
{
	struct span name, value;

	if (*r->property->value)
		return add_line(r->property, line);
	if (!split(line, &name, &value))
		return -EINVAL;
	return add_property(r->section, r->property->name, name, value);
}

static int take_line(struct parser *r, struct span line)
{
	struct span text = trim(line);
	size_t depth = (size_t)(text.begin - line.begin);

	if (text.begin == text.end || is_comment(*text.begin))
		return 0;
	if (memchr(text.begin, '\0', (size_t)(text.end - text.begin)))
		return -EINVAL;
	if (r->property && depth > r->depth)
		return take_deeper(r, text);
	if (*text.begin == '[')
		return take_title(r, text);
	return take_property(r, text, depth);
}

int aws_profiles_parse(struct aws_profiles *p, enum aws_profiles_file kind,
		       const char *text, size_t len, size_t *bad_line)
{
	struct parser r = { .p = p, .file = kind };
	const char *end = text + len, *next;
	int rc = 0;

	*bad_line = 0;
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		text += 3; /* a byte order mark */
	for (; text < end && rc == 0; text = next + 1) {
		next = memchr(text, '\n', (size_t)(end - text));
		next = next ? next : end;
		++*bad_line;
		rc = take_line(&r, (struct span){ text, next });
	}
	return rc;
}

/* ---- Files -------------------------------------------------------------- */

int aws_profiles_read(struct aws_profiles *p, enum aws_profiles_file kind,
		      const char *path)
{
	AUTO_WIPE char *text = NULL;
	size_t bad_line;
	int rc = secret_read(path, AWS_PROFILES_MAX_FILE, &text);

	if (rc == -ENOENT || rc == -ENOTDIR)
		return 0;
	if (rc)
		return log_fail(rc, "read %s", path);
	rc = aws_profiles_parse(p, kind, text, strlen(text), &bad_line);
	if (rc == -EINVAL)
		return log_invalid("%s:%zu: neither a [section], nor name = "
				   "value in one, nor a comment",
				   path, bad_line);
	return rc;
}

/* ---- Asking ------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool is_section(const struct section *s, enum kind kind,
		       const char *name)
{
	return s->kind == kind && !strcmp(s->name, name);
}

/* The newest in one kind of section; NULL if there is none. */
static const struct property *find_in(const struct aws_profiles *p,
				      enum kind kind, const char *section,
				      const char *group, const char *name)
{
	for (const struct section *s = p->sections; s; s = s->next) {
		if (!is_section(s, kind, section))
			continue;
		for (const struct property *y = s->last; y; y = y->earlier)
			if (!strcasecmp(y->name, name) && same(y->group, group))
				return y;
	}
	return NULL;
}

static const char *value_of(const struct property *y)
{
	return y && *y->value ? y->value : NULL;
}

bool aws_profiles_has(const struct aws_profiles *p, const char *profile)
{
	for (const struct section *s = p->sections; s; s = s->next)
		if (s->kind >= DEFAULT && !strcmp(s->name, profile))
			return true;
	return false;
}

const char *aws_profiles_get(const struct aws_profiles *p, const char *profile,
			     const char *name)
{
	static const enum kind order[] = { CREDENTIALS, PROFILE, DEFAULT };
	const struct property *y = NULL;

	for (size_t i = 0; !y && i < ARRAY_SIZE(order); i++)
		y = find_in(p, order[i], profile, NULL, name);
	return value_of(y);
}

const char *aws_profiles_get_service(const struct aws_profiles *p,
				     const char *profile, const char *service,
				     const char *name)
{
	const char *services = aws_profiles_get(p, profile, "services");

	if (!services)
		return NULL;
	return value_of(find_in(p, SERVICES, services, service, name));
}

/* ---- Making ------------------------------------------------------------- */

int aws_profiles_new(struct aws_profiles **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -ENOMEM;
}

static void free_properties(struct property *y)
{
	while (y) {
		struct property *earlier = y->earlier;

		free(y->group);
		free(y->name);
		strbuf_wipe(y->value);
		free(y);
		y = earlier;
	}
}

void aws_profiles_free(struct aws_profiles *p)
{
	while (p && p->sections) {
		struct section *s = p->sections;

		p->sections = s->next;
		free_properties(s->last);
		free(s->name);
		free(s);
	}
	free(p);
}
