/* The graph of objects that a TensorFlow checkpoint holds beside its variables:
 * who is whose child under which name, and which variable is stored where.
 * core/protobuf/trackable_object_graph.proto: the outermost dict is node 0, then
 * come the others, breadth first, and the counter of saves is the last child.
 *
 * Pure. */
#ifndef TRAIN_TFGRAPH_H
#define TRAIN_TFGRAPH_H

#include "base/util.h"

struct state;
struct state_item;

#define TFGRAPH_ATTRIBUTE "/.ATTRIBUTES/VARIABLE_VALUE"
#define TFGRAPH_COUNTER "save_counter"
#define TFGRAPH_KEY_SIZE 96

/* A variable's name in the checkpoint: "0/a/.ATTRIBUTES/VARIABLE_VALUE".  dict:
 * that it is in; NULL: the outermost. */
void tfgraph_name(const struct state_item *dict,
		  const struct state_item *tensor, char out[TFGRAPH_KEY_SIZE]);

/* The message; the caller frees it.  -ENOMEM. */
int tfgraph_make(const struct state *s, uint8_t **out, size_t *len) MUST_USE;

#endif
