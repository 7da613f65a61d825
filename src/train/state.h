/* What one file of a checkpoint holds: Python's dict of tensors of one
 * dimension, or of dicts of such tensors.  Only names, types and lengths: values
 * are made when they are written.
 *
 * Items are in the order of the dict.  A dict comes before its tensors:
 *
 *	{'0': {'a': T, 'b': T}, 'c': T}		DICT 0 of 2, a, b, c
 *
 * Pure; want of memory is kept in the state, which is empty then. */
#ifndef TRAIN_STATE_H
#define TRAIN_STATE_H

#include "base/util.h"

#define STATE_KEY_SIZE 24

enum state_type {
	STATE_FP16,
	STATE_BF16,
	STATE_FP32,
	STATE_FP64,
	STATE_INT8,
	STATE_UINT8,
	STATE_TYPES
};

enum state_kind {
	STATE_TENSOR,
	STATE_DICT,
	STATE_SAME /* a dict that is the object of an earlier item */
};

struct state_item {
	enum state_kind kind;
	enum state_type type;
	uint64_t n; /* TENSOR: elements; DICT: so many tensors follow that are
		     * its; SAME: the number of the earlier item */
	char key[STATE_KEY_SIZE];
};

struct state {
	struct state_item *item;
	size_t items, room;
	bool failed; /* no memory */
};

/* Add to the dict that was begun last, or to the outermost after
 * state_dict_end() or before the first. */
void state_tensor(struct state *s, const char *key, enum state_type type,
		  uint64_t elements);
void state_dict_begin(struct state *s, const char *key);
void state_dict_end(struct state *s);

/* Under this key, the dict that item number `of` is, not a copy. */
void state_same(struct state *s, const char *key, size_t of);

void state_clear(struct state *s); /* zeroed is fine */

/* Of all tensors, without any container.  What is the same counts once. */
uint64_t state_bytes(const struct state *s);
uint64_t state_tensor_bytes(const struct state_item *tensor);

/* DLIO's names: "fp16", … */
int state_parse_type(const char *name, enum state_type *out) MUST_USE;
unsigned state_type_size(enum state_type type);

#endif
