/* A configuration document as a tree, before anybody asks what it means.
 *
 * Maps keep their order and have no key twice; a node knows where it was
 * written, so that whoever finds fault with it can say where.  yaml.c makes
 * trees from files, override.c changes them, keys.c and read.c find settings
 * in them.  A tree belongs to one thread. */
#ifndef CONFIG_NODE_H
#define CONFIG_NODE_H

#include "base/util.h"

#define NODE_MAX_DEPTH 64

/* What a plain scalar turned out to be, or a container. */
enum node_kind {
	NODE_NULL,
	NODE_BOOL,
	NODE_INT,
	NODE_FLOAT,
	NODE_STRING,
	NODE_LIST,
	NODE_MAP,
};

/* A place: file, line and column from 1; or the text of an override, line 0.
 * source is kept as a pointer and must outlive the tree. */
struct node_mark {
	const char *source;
	unsigned line, column;
};

/* The value of a scalar. */
struct scalar {
	enum node_kind kind; /* up to NODE_STRING, whose text is the node's */
	union {
		bool boolean;
		int64_t integer;
		double number;
	};
};

struct node {
	enum node_kind kind;
	struct scalar scalar;  /* NODE_NULL … NODE_STRING */
	struct node_mark mark; /* of the key in a map, else of the value */
	char *key;	       /* in a map */
	char *text;	       /* a scalar as it was written, without quotes */
	struct node **item;    /* NODE_LIST, NODE_MAP */
	size_t n;
};

int node_new(enum node_kind kind, struct node_mark mark,
	     struct node **out) MUST_USE;

/* A scalar; text is copied. */
int node_new_scalar(const struct scalar *s, const char *text,
		    struct node_mark mark, struct node **out) MUST_USE;
void node_free(struct node *n); /* NULL is fine */

/* The copy has no key. */
int node_copy(const struct node *from, struct node **out) MUST_USE;

/* Nodes in the tree, itself included. */
size_t node_count(const struct node *n);

/* The value of a key, or NULL, also if this is not a map. */
struct node *node_get(const struct node *map, const char *key);

/* The same by a dotted path. */
struct node *node_find(const struct node *root, const char *path);

/* Put under a key, instead of what is there.  Both take child, also when they
 * fail. */
int node_put(struct node *map, const char *key, struct node *child) MUST_USE;
int node_append(struct node *list, struct node *child) MUST_USE;

/* Take out of its map; the caller's to free.  NULL if it is not there. */
struct node *node_take(struct node *map, const char *key);

/* The same by a dotted path; put makes the maps on the way, also in place of
 * what is not a map, with child's mark. */
int node_put_path(struct node *root, const char *path,
		  struct node *child) MUST_USE;
struct node *node_take_path(struct node *root, const char *path);

/* Equal in value, whatever the marks; 1 and 1.0 are equal. */
bool node_equal(const struct node *a, const struct node *b);

/* "w.yaml:3:5", or "override 'a.b=v'". */
#define NODE_WHERE_SIZE 512
const char *node_where(struct node_mark mark, char out[NODE_WHERE_SIZE]);
#define NODE_WHERE(mark) node_where(mark, (char[NODE_WHERE_SIZE]){ 0 })

/* What a person would call it: "a map", "the text 'abc'", "5". */
#define NODE_SAY_SIZE 96
const char *node_say(const struct node *n, char out[NODE_SAY_SIZE]);
#define NODE_SAY(n) node_say(n, (char[NODE_SAY_SIZE]){ 0 })

#endif
