#include "config/yaml.h"

#include "base/log.h"
#include "config/anchors.h"
#include "config/merge.h"
#include "config/scalar.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	const char *name; /* of the file */
	const char *text;
	struct anchors anchors;
	size_t nodes; /* made so far */
	unsigned depth;
};

static struct node_mark mark_at(const struct reader *r, yaml_mark_t at)
{
	return (struct node_mark){ .source = r->name,
				   .line = (unsigned)at.line + 1,
				   .column = (unsigned)at.column + 1 };
}

/* Bad UTF-8 is reported by its offset only. */
static struct node_mark mark_of_offset(const struct reader *r, size_t offset)
{
	struct node_mark m = { .source = r->name, .line = 1, .column = 1 };

	for (size_t i = 0; i < offset; i++) {
		m.column++;
		if (r->text[i] == '\n') {
			m.line++;
			m.column = 1;
		}
	}
	return m;
}

static int fail(const struct reader *r, yaml_mark_t at, const char *what)
{
	return log_invalid("%s: %s", NODE_WHERE(mark_at(r, at)), what);
}

static int next_event(struct reader *r, yaml_event_t *event)
{
	const yaml_parser_t *p = &r->parser;

	if (yaml_parser_parse(&r->parser, event))
		return 0;
	if (p->error == YAML_MEMORY_ERROR)
		return log_fail(-ENOMEM, "%s", r->name);
	if (p->error == YAML_READER_ERROR)
		return log_invalid(
			"%s: %s",
			NODE_WHERE(mark_of_offset(r, p->problem_offset)),
			p->problem);
	return fail(r, p->problem_mark, p->problem);
}

static int count_nodes(struct reader *r, yaml_mark_t at, size_t n)
{
	if (n > YAML_MAX_NODES - r->nodes)
		return fail(r, at,
			    "too many values (aliases count with all they "
			    "stand for)");
	r->nodes += n;
	return 0;
}

static int add_anchor(struct reader *r, const char *name,
		      const struct node *node, yaml_mark_t at)
{
	int rc = count_nodes(r, at, node_count(node));

	return rc ? rc : anchors_add(&r->anchors, name, node);
}

static int expand_alias(struct reader *r, const yaml_event_t *event,
			struct node **out)
{
	const char *name = (const char *)event->data.alias.anchor;
	const struct node *node = anchors_find(&r->anchors, name);
	int rc;

	if (!node)
		return log_invalid("%s: no anchor '&%s' above this alias",
				   NODE_WHERE(mark_at(r, event->start_mark)),
				   name);
	rc = count_nodes(r, event->start_mark, node_count(node));
	return rc ? rc : node_copy(node, out);
}

/* NULL and "!" say nothing new. */
static bool says_nothing(const char *tag)
{
	return !tag || !strcmp(tag, "!");
}

static int refuse_tag(struct reader *r, yaml_mark_t at, const char *tag)
{
	return log_invalid("%s: unknown tag '%s'", NODE_WHERE(mark_at(r, at)),
			   tag);
}

/* An explicit tag: !!str 5. */
static int apply_tag(struct reader *r, const yaml_event_t *event,
		     struct scalar *s)
{
	static const struct {
		const char *tag;
		enum node_kind kind;
	} tags[] = {
		{ YAML_NULL_TAG, NODE_NULL },  { YAML_BOOL_TAG, NODE_BOOL },
		{ YAML_INT_TAG, NODE_INT },    { YAML_FLOAT_TAG, NODE_FLOAT },
		{ YAML_STR_TAG, NODE_STRING },
	};
	const char *tag = (const char *)event->data.scalar.tag;
	const char *text = (const char *)event->data.scalar.value;

	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		if (strcmp(tag, tags[i].tag))
			continue;
		scalar_from_yaml(text, s);
		if (tags[i].kind == NODE_STRING)
			s->kind = NODE_STRING;
		if (s->kind == NODE_INT && tags[i].kind == NODE_FLOAT)
			*s = (struct scalar){ .kind = NODE_FLOAT,
					      .number = (double)s->integer };
		if (s->kind == tags[i].kind)
			return 0;
		return fail(r, event->start_mark,
			    "the value is not of its tag");
	}
	return refuse_tag(r, event->start_mark, tag);
}

static int make_scalar(struct reader *r, const yaml_event_t *event,
		       struct node **out)
{
	const char *text = (const char *)event->data.scalar.value;
	const char *tag = (const char *)event->data.scalar.tag;
	struct scalar s = { .kind = NODE_STRING };

	if (strlen(text) != event->data.scalar.length)
		return fail(r, event->start_mark, "a zero byte in a text");
	if (!says_nothing(tag)) {
		int rc = apply_tag(r, event, &s);

		if (rc)
			return rc;
	} else if (event->data.scalar.plain_implicit) {
		scalar_from_yaml(text, &s);
	}
	return node_new_scalar(&s, text, mark_at(r, event->start_mark), out);
}

static int make_node(struct reader *r, const yaml_event_t *event,
		     struct node **out);

static int make_list(struct reader *r, struct node *list)
{
	for (;;) {
		yaml_event_t event;
		struct node *item;
		int rc = next_event(r, &event);

		if (rc)
			return rc;
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return 0;
		}
		rc = make_node(r, &event, &item);
		yaml_event_delete(&event);
		if (!rc)
			rc = node_append(list, item);
		if (rc)
			return rc;
	}
}

/* yaml.org/type/merge.html: a map, or a list of maps, the first one first. */
static int merge_key(struct node *map, struct node *from)
{
	if (from->kind == NODE_MAP)
		return merge_missing(map, from);
	for (size_t i = 0; i < from->n; i++)
		if (from->item[i]->kind != NODE_MAP)
			goto fail;
	if (from->kind != NODE_LIST)
		goto fail;
	for (size_t i = 0; i < from->n; i++) {
		int rc = merge_missing(map, from->item[i]);

		if (rc)
			return rc;
	}
	return 0;
fail:
	return log_invalid("%s: '<<' wants a map or a list of maps",
			   NODE_WHERE(from->mark));
}

static int check_key(struct reader *r, const struct node *map,
		     const yaml_event_t *event)
{
	const struct node *first;
	const char *tag, *key;

	if (event->type != YAML_SCALAR_EVENT)
		return fail(r, event->start_mark, "a key must be a plain word");
	tag = (const char *)event->data.scalar.tag;
	if (!says_nothing(tag) && strcmp(tag, YAML_STR_TAG) != 0)
		return refuse_tag(r, event->start_mark, tag);
	key = (const char *)event->data.scalar.value;
	if (strlen(key) != event->data.scalar.length)
		return fail(r, event->start_mark, "a zero byte in a key");
	first = node_get(map, key);
	if (!first)
		return 0;
	return log_invalid("%s: '%s' again, it is already at %s",
			   NODE_WHERE(mark_at(r, event->start_mark)), key,
			   NODE_WHERE(first->mark));
}

/* The value that belongs to the key in *event, put under it. */
static int make_pair(struct reader *r, const yaml_event_t *event,
		     struct node *map)
{
	yaml_event_t value;
	struct node *child;
	int rc = check_key(r, map, event);

	if (rc)
		return rc;
	rc = next_event(r, &value);
	if (rc)
		return rc;
	rc = make_node(r, &value, &child);
	yaml_event_delete(&value);
	if (rc)
		return rc;
	child->mark = mark_at(r, event->start_mark);
	return node_put(map, (const char *)event->data.scalar.value, child);
}

static int make_map(struct reader *r, struct node *map)
{
	struct node *from;
	int rc;

	for (;;) {
		yaml_event_t event;
		bool end;

		rc = next_event(r, &event);
		if (rc)
			return rc;
		end = event.type == YAML_MAPPING_END_EVENT;
		if (!end)
			rc = make_pair(r, &event, map);
		yaml_event_delete(&event);
		if (rc)
			return rc;
		if (end)
			break;
	}
	from = node_take(map, "<<");
	if (!from)
		return 0;
	rc = merge_key(map, from);
	node_free(from);
	return rc;
}

static int make_container(struct reader *r, const yaml_event_t *event,
			  struct node **out)
{
	bool list = event->type == YAML_SEQUENCE_START_EVENT;
	const char *tag = (const char *)(list ? event->data.sequence_start.tag :
						event->data.mapping_start.tag);
	struct node *n;
	int rc;

	if (!says_nothing(tag) &&
	    strcmp(tag, list ? YAML_SEQ_TAG : YAML_MAP_TAG) != 0)
		return refuse_tag(r, event->start_mark, tag);
	if (r->depth == NODE_MAX_DEPTH)
		return fail(r, event->start_mark, "nested too deeply");
	rc = node_new(list ? NODE_LIST : NODE_MAP,
		      mark_at(r, event->start_mark), &n);
	if (rc)
		return rc;
	r->depth++;
	rc = list ? make_list(r, n) : make_map(r, n);
	r->depth--;
	if (rc) {
		node_free(n);
		return rc;
	}
	*out = n;
	return 0;
}

static int make_node(struct reader *r, const yaml_event_t *event,
		     struct node **out)
{
	const yaml_char_t *anchor = NULL;
	struct node *n = NULL;
	int rc = count_nodes(r, event->start_mark, 1);

	if (rc)
		return rc;
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return expand_alias(r, event, out);
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		rc = make_scalar(r, event, &n);
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		rc = make_container(r, event, &n);
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		rc = make_container(r, event, &n);
		break;
	default:
		return fail(r, event->start_mark, "a value is missing");
	}
	if (!rc && anchor)
		rc = add_anchor(r, (const char *)anchor, n, event->start_mark);
	if (rc) {
		node_free(n);
		return rc;
	}
	*out = n;
	return 0;
}

/* The events around the one document that there may be. */
static int make_document(struct reader *r, struct node **out)
{
	struct node *root = NULL;
	bool end = false;
	int rc = 0;

	while (!rc && !end) {
		yaml_event_t event;

		rc = next_event(r, &event);
		if (rc)
			break;
		switch (event.type) {
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			break;
		case YAML_STREAM_END_EVENT:
			end = true;
			break;
		case YAML_DOCUMENT_START_EVENT:
			if (root)
				rc = fail(r, event.start_mark,
					  "a second document; a file has one");
			break;
		default:
			rc = make_node(r, &event, &root);
		}
		yaml_event_delete(&event);
	}
	if (!rc && !root)
		rc = node_new(NODE_MAP, (struct node_mark){ r->name, 1, 1 },
			      &root);
	if (rc)
		node_free(root);
	else
		*out = root;
	return rc;
}

int yaml_parse(const char *name, const char *text, size_t len,
	       struct node **out)
{
	struct reader r = { .name = name, .text = text };
	int rc;

	if (len > YAML_MAX_BYTES)
		return log_invalid("%s: larger than %llu bytes", name,
				   (unsigned long long)YAML_MAX_BYTES);
	if (!yaml_parser_initialize(&r.parser))
		return log_fail(-ENOMEM, "%s", name);
	yaml_parser_set_input_string(&r.parser, (const yaml_char_t *)text, len);
	rc = make_document(&r, out);
	yaml_parser_delete(&r.parser);
	anchors_free(&r.anchors);
	return rc;
}

int yaml_read_file(const char *path, char **text, size_t *len)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO_FREE char *buf = NULL;
	size_t have = 0;

	if (fd < 0)
		return log_fail(-errno, "open %s", path);
	/* One more than allowed shows that there is more. */
	buf = malloc(YAML_MAX_BYTES + 2);
	if (!buf)
		return log_fail(-ENOMEM, "%s", path);
	while (have <= YAML_MAX_BYTES) {
		ssize_t got = read(fd, buf + have, YAML_MAX_BYTES + 1 - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return log_fail(-errno, "read %s", path);
		if (!got)
			break;
		have += (size_t)got;
	}
	buf[have] = '\0';
	*len = have;
	*text = TAKE(buf);
	return 0;
}
