/* A checkpoint of tf.train.Checkpoint(**state).save(): what is in its data file,
 * in which order, and its index.
 *
 * The data are the variables' bytes, sorted by name without gaps, and among them
 * the graph of objects and the counter of saves.  The index is a sorted table
 * (sstable.h) of protocol buffers: TensorFlow's core/util/tensor_bundle and
 * core/protobuf/tensor_bundle.proto.  There is no TensorFlow to compare with
 * here: this is by the documents.
 *
 * Pure. */
#ifndef TRAIN_TFBUNDLE_H
#define TRAIN_TFBUNDLE_H

#include "train/state.h"
#include "train/tfgraph.h"

struct tfbundle_entry {
	char key[TFGRAPH_KEY_SIZE];
	const struct state_item *tensor; /* NULL: small, its bytes in text */
	bool string;			 /* DT_STRING; else the counter */
	uint8_t *text;			 /* as they are in the file */
	uint64_t offset;		 /* in the data file */
	size_t size;
	uint32_t crc; /* CRC-32C, not masked; of a tensor: to be filled in */
};

struct tfbundle {
	struct tfbundle_entry *entry; /* as they are in the file */
	size_t n;
	uint64_t bytes;
};

/* The state outlives the bundle.  -ENOMEM. */
int tfbundle_make(const struct state *s, struct tfbundle *out) MUST_USE;
void tfbundle_clear(struct tfbundle *b); /* zeroed is fine */

/* The index file, when CRCs are known; the caller frees it. */
int tfbundle_index(const struct tfbundle *b, uint8_t **out,
		   size_t *len) MUST_USE;

/* An entry of an index that is being read.  What is wrong, or NULL. */
struct tfbundle_place {
	uint64_t offset, size;
	uint32_t crc; /* masked */
	bool string;
};
const char *tfbundle_parse(const uint8_t *value, size_t len,
			   struct tfbundle_place *out);

#endif
