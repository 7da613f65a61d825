/* Protocol buffers, as much as TensorFlow's checkpoints take: fields are
 * written to a stream, and read from memory.
 * https://protobuf.dev/programming-guides/encoding.  Pure. */
#ifndef TRAIN_PROTO_H
#define TRAIN_PROTO_H

#include "base/util.h"

void proto_varint(FILE *out, uint64_t v);

/* A message being written to memory. */
struct proto_out {
	FILE *stream;
	char *text;
	size_t len;
	bool failed; /* no memory */
};

void proto_open(struct proto_out *out);

/* The caller frees *text.  -ENOMEM: of all that was written. */
int proto_close(struct proto_out *out, uint8_t **text, size_t *len) MUST_USE;

/* A number that is 0 is not written, as proto3 has it. */
void proto_uint(struct proto_out *out, unsigned field, uint64_t v);
void proto_fixed32(struct proto_out *out, unsigned field, uint32_t v);
void proto_bytes(struct proto_out *out, unsigned field, const void *data,
		 size_t len);
void proto_text(struct proto_out *out, unsigned field, const char *text);

/* A message in it: what write() writes. */
void proto_message(struct proto_out *out, unsigned field,
		   void (*write)(struct proto_out *out, const void *arg),
		   const void *arg);

/* What is left to read.  Whatever is wrong shows as bad, once and for all. */
struct proto_in {
	const uint8_t *at, *end;
	bool bad;
};

uint64_t proto_take_varint(struct proto_in *in);

/* The next field; false: there is none, or it is bad.  value: of a number. */
struct proto_field {
	unsigned number;
	uint64_t value;
	const uint8_t *data; /* of bytes */
	size_t len;
};
bool proto_take_field(struct proto_in *in, struct proto_field *out);

#endif
