#include "train/state.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *name;
	unsigned size;
} types[STATE_TYPES] = {
	[STATE_FP16] = { "fp16", 2 }, [STATE_BF16] = { "bf16", 2 },
	[STATE_FP32] = { "fp32", 4 }, [STATE_FP64] = { "fp64", 8 },
	[STATE_INT8] = { "int8", 1 }, [STATE_UINT8] = { "uint8", 1 },
};

int state_parse_type(const char *name, enum state_type *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(name, types[i].name)) {
			*out = (enum state_type)i;
			return 0;
		}
	return -EINVAL;
}

unsigned state_type_size(enum state_type type)
{
	return types[type].size;
}

static void add(struct state *s, const struct state_item *item)
{
	struct state_item *grown;
	size_t room = s->room;

	if (s->failed)
		return;
	if (s->items == room) {
		room = room ? 2 * room : 8;
		grown = reallocarray(s->item, room, sizeof(*s->item));
		if (!grown) {
			state_clear(s);
			s->failed = true;
			return;
		}
		s->item = grown;
		s->room = room;
	}
	s->item[s->items++] = *item;
}

static struct state_item make(enum state_kind kind, const char *key)
{
	struct state_item item = { .kind = kind };

	snprintf(item.key, sizeof(item.key), "%s", key);
	return item;
}

void state_tensor(struct state *s, const char *key, enum state_type type,
		  uint64_t elements)
{
	struct state_item item = make(STATE_TENSOR, key);

	item.type = type;
	item.n = elements;
	add(s, &item);
}

/* While a dict is open, so many tensors follow it. */
#define OPEN UINT64_MAX

void state_dict_begin(struct state *s, const char *key)
{
	struct state_item item = make(STATE_DICT, key);

	item.n = OPEN;
	add(s, &item);
}

void state_dict_end(struct state *s)
{
	size_t i = s->items;

	while (i-- > 0)
		if (s->item[i].kind == STATE_DICT && s->item[i].n == OPEN) {
			s->item[i].n = s->items - i - 1;
			return;
		}
}

void state_same(struct state *s, const char *key, size_t of)
{
	struct state_item item = make(STATE_SAME, key);

	item.n = of;
	add(s, &item);
}

void state_clear(struct state *s)
{
	free(s->item);
	*s = (struct state){ 0 };
}

uint64_t state_tensor_bytes(const struct state_item *tensor)
{
	return tensor->n * types[tensor->type].size;
}

uint64_t state_bytes(const struct state *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->items; i++)
		if (s->item[i].kind == STATE_TENSOR)
			sum += state_tensor_bytes(&s->item[i]);
	return sum;
}
