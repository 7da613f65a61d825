#include "train/tfgraph.h"

#include "train/proto.h"
#include "train/state.h"

#include <errno.h>

void tfgraph_name(const struct state_item *dict,
		  const struct state_item *tensor, char out[TFGRAPH_KEY_SIZE])
{
	snprintf(out, TFGRAPH_KEY_SIZE, "%s%s%s" TFGRAPH_ATTRIBUTE,
		 dict ? dict->key : "", dict ? "/" : "", tensor->key);
}

/* An object: number of the item, and whose child it is; what stands in for an
 * item is no object. */
struct graph {
	const struct state *s;
	uint32_t *node; /* by item; the counter's behind them */
};

/* Breadth first: the outermost dict is 0, its children follow in order, then
 * theirs. */
static void number_nodes(struct graph *g)
{
	const struct state *s = g->s;
	uint32_t next = 1;

	for (size_t i = 0; i < s->items; i++) {
		if (s->item[i].kind != STATE_SAME)
			g->node[i] = next++;
		if (s->item[i].kind == STATE_DICT)
			i += s->item[i].n;
	}
	g->node[s->items] = next++;
	for (size_t i = 0; i < s->items; i++)
		if (!g->node[i] && s->item[i].kind == STATE_TENSOR)
			g->node[i] = next++;
	for (size_t i = 0; i < s->items; i++)
		if (s->item[i].kind == STATE_SAME)
			g->node[i] = g->node[s->item[i].n];
}

struct child {
	uint32_t node;
	const char *name;
};

static void write_child(struct proto_out *out, const void *arg)
{
	const struct child *c = arg;

	proto_uint(out, 1, c->node);
	proto_text(out, 2, c->name);
}

static void put_child(struct proto_out *out, uint32_t node, const char *name)
{
	proto_message(out, 1, write_child, &(struct child){ node, name });
}

struct variable {
	const char *name, *key;
};

static void write_attribute(struct proto_out *out, const void *arg)
{
	const struct variable *v = arg;

	proto_text(out, 1, "VARIABLE_VALUE");
	proto_text(out, 2, v->name);
	proto_text(out, 3, v->key);
}

/* has_checkpoint_values {value: true} */
static void put_has_values(struct proto_out *out)
{
	proto_bytes(out, 5, "\10\1", 2);
}

static void write_variable(struct proto_out *out, const void *arg)
{
	proto_message(out, 2, write_attribute, arg);
	put_has_values(out);
}

static void put_variable(struct proto_out *out, const char *name,
			 const char *key)
{
	proto_message(out, 1, write_variable, &(struct variable){ name, key });
}

static void write_root(struct proto_out *out, const void *arg)
{
	const struct graph *g = arg;
	const struct state *s = g->s;

	for (size_t i = 0; i < s->items; i++) {
		put_child(out, g->node[i], s->item[i].key);
		if (s->item[i].kind == STATE_DICT)
			i += s->item[i].n;
	}
	put_child(out, g->node[s->items], TFGRAPH_COUNTER);
	put_has_values(out);
}

struct dict {
	const struct graph *g;
	size_t item;
};

static void write_dict(struct proto_out *out, const void *arg)
{
	const struct dict *d = arg;
	const struct state_item *item = &d->g->s->item[d->item];

	for (uint64_t i = 1; i <= item->n; i++)
		put_child(out, d->g->node[d->item + i], item[i].key);
	put_has_values(out);
}

static void put_tensor(struct proto_out *out, const struct state_item *dict,
		       const struct state_item *tensor)
{
	char key[TFGRAPH_KEY_SIZE];

	tfgraph_name(dict, tensor, key);
	put_variable(out, "Variable", key);
}

static void put_nodes(struct proto_out *out, const struct graph *g)
{
	const struct state *s = g->s;

	proto_message(out, 1, write_root, g);
	for (size_t i = 0; i < s->items; i++) {
		const struct state_item *item = &s->item[i];

		if (item->kind == STATE_DICT) {
			proto_message(out, 1, write_dict,
				      &(struct dict){ g, i });
			i += item->n;
		} else if (item->kind == STATE_TENSOR) {
			put_tensor(out, NULL, item);
		}
	}
	put_variable(out, TFGRAPH_COUNTER, TFGRAPH_COUNTER TFGRAPH_ATTRIBUTE);
	for (size_t i = 0; i < s->items; i++) {
		const struct state_item *dict = &s->item[i];

		if (dict->kind != STATE_DICT)
			continue;
		for (uint64_t k = 1; k <= dict->n; k++)
			put_tensor(out, dict, dict + k);
		i += dict->n;
	}
}

int tfgraph_make(const struct state *s, uint8_t **out, size_t *len)
{
	AUTO_FREE uint32_t *node = calloc(s->items + 1, sizeof(*node));
	struct graph g = { .s = s, .node = node };
	struct proto_out message;

	*out = NULL;
	if (!node)
		return -ENOMEM;
	number_nodes(&g);
	proto_open(&message);
	put_nodes(&message, &g);
	return proto_close(&message, out, len);
}
