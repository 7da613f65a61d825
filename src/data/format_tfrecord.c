/* TFRecord: a record for each sample, which is framed by its length and two
 * masked CRC-32Cs and holds a tf.train.Example of two features, image (the
 * sample's bytes) and size (how many).  Beside it, in index/train or
 * index/valid, the text that DALI wants, with offset and length of each record.
 *
 * https://www.tensorflow.org/tutorials/load_data/tfrecord for the framing,
 * tensorflow/core/example/{example,feature}.proto for what is in it, and
 * https://protobuf.dev/programming-guides/encoding/.  A map has no order of its
 * own; here it is image, size.
 *
 * The CRC behind a record is of all its bytes, which must be made for it: once
 * more than for themselves. */
#include "data/format.h"

#include "base/log.h"

#include <endian.h>
#include <inttypes.h>
#include <string.h>

enum { HEAD, IMAGE, TAIL, PIECES }; /* of the plan */

#define FRAME_HEAD 12 /* the length and its CRC */
#define FRAME_TAIL 4
#define MAX_HEAD 96
#define MAX_TAIL 32
#define SUMMED_AT_ONCE (16 * KIB)

/* No message of Protocol Buffers is larger, and no reader takes one. */
#define MAX_MESSAGE ((uint64_t)INT32_MAX)

/* Tags: the number of a field, and that its length follows. */
#define TAG(field) ((unsigned char)((field) << 3 | 2))
enum {
	EXAMPLE_FEATURES = TAG(1),
	FEATURES_ENTRY = TAG(1),
	ENTRY_KEY = TAG(1),
	ENTRY_VALUE = TAG(2),
	FEATURE_BYTES = TAG(1),
	FEATURE_INTS = TAG(3),
	LIST_VALUE = TAG(1),
};

/* Bytes that are written, or with no place for them, counted. */
struct out {
	unsigned char *at;
	size_t len;
};

static void put(struct out *o, const void *data, size_t len)
{
	if (o->at)
		memcpy(o->at + o->len, data, len);
	o->len += len;
}

static size_t varint_len(uint64_t n)
{
	size_t len = 1;

	while (n >>= 7)
		len++;
	return len;
}

static void put_varint(struct out *o, uint64_t n)
{
	for (;;) {
		unsigned char byte = n & 0x7f;

		n >>= 7;
		if (n)
			byte |= 0x80;
		put(o, &byte, 1);
		if (!n)
			return;
	}
}

/* What comes before a field of this length. */
static void put_field(struct out *o, unsigned char tag, uint64_t len)
{
	put(o, &tag, 1);
	put_varint(o, len);
}

static uint64_t field_len(uint64_t len)
{
	return 1 + varint_len(len) + len;
}

static uint64_t key_len(const char *key)
{
	return field_len(strlen(key));
}

static void put_key(struct out *o, const char *key)
{
	put_field(o, ENTRY_KEY, strlen(key));
	put(o, key, strlen(key));
}

/* ---- The message ---- */

#define KEY_IMAGE "image"
#define KEY_SIZE "size"

/* Lengths of what is inside of what, from the innermost. */
struct lengths {
	uint64_t bytes_list, feature, image_entry;
	uint64_t size_entry;
	uint64_t features, message;
};

/* An Int64List with one value, a Feature with that, an entry with that. */
static uint64_t ints_len(uint64_t n)
{
	return field_len(varint_len(n));
}

static struct lengths measure(uint64_t n)
{
	struct lengths l;

	l.bytes_list = field_len(n);
	l.feature = field_len(l.bytes_list);
	l.image_entry = key_len(KEY_IMAGE) + field_len(l.feature);
	l.size_entry = key_len(KEY_SIZE) + field_len(field_len(ints_len(n)));
	l.features = field_len(l.image_entry) + field_len(l.size_entry);
	l.message = field_len(l.features);
	return l;
}

static void put_before_image(struct out *o, uint64_t n)
{
	struct lengths l = measure(n);

	put_field(o, EXAMPLE_FEATURES, l.features);
	put_field(o, FEATURES_ENTRY, l.image_entry);
	put_key(o, KEY_IMAGE);
	put_field(o, ENTRY_VALUE, l.feature);
	put_field(o, FEATURE_BYTES, l.bytes_list);
	put_field(o, LIST_VALUE, n);
}

static void put_after_image(struct out *o, uint64_t n)
{
	put_field(o, FEATURES_ENTRY, measure(n).size_entry);
	put_key(o, KEY_SIZE);
	put_field(o, ENTRY_VALUE, field_len(ints_len(n)));
	put_field(o, FEATURE_INTS, ints_len(n));
	put_field(o, LIST_VALUE, varint_len(n));
	put_varint(o, n);
}

static uint64_t record_len(uint64_t n)
{
	return FRAME_HEAD + measure(n).message + FRAME_TAIL;
}

/* ---- The pieces ---- */

static int tfrecord_plan(const struct dataset_file *f, struct format_plan *out)
{
	struct out head = { 0 }, tail = { 0 };

	put_before_image(&head, f->record_bytes);
	put_after_image(&tail, f->record_bytes);
	*out = (struct format_plan){
		.copies = f->samples,
		.n = PIECES,
		.pieces = {
			[HEAD] = { FORMAT_LITERAL, FRAME_HEAD + head.len },
			[IMAGE] = { FORMAT_PAYLOAD, f->record_bytes },
			[TAIL] = { FORMAT_LITERAL, tail.len + FRAME_TAIL },
		},
	};
	return 0;
}

static void put_crc(struct out *o, uint32_t crc)
{
	uint32_t masked = htole32(crc_masked(crc));

	put(o, &masked, sizeof(masked));
}

static void put_head(struct out *o, uint64_t n)
{
	uint64_t len = htole64(measure(n).message);

	put(o, &len, sizeof(len));
	put_crc(o, crc_crc32c(0, &len, sizeof(len)));
	put_before_image(o, n);
}

static uint32_t image_crc(const struct dataset_file *f, uint64_t copy,
			  uint32_t crc)
{
	struct format_plan plan = { 0 };
	struct payload_span span;
	unsigned char bytes[SUMMED_AT_ONCE];

	tfrecord_plan(f, &plan);
	span = format_span(f, &plan, copy, IMAGE);
	for (uint64_t at = 0; at < span.len;) {
		size_t n = MIN(span.len - at, sizeof(bytes));

		payload_fill(f->payload, &span, at, bytes, n);
		crc = crc_crc32c(crc, bytes, n);
		at += n;
	}
	return crc;
}

static void put_tail(struct out *o, const struct dataset_file *f, uint64_t copy)
{
	unsigned char bytes[MAX_HEAD];
	struct out head = { .at = bytes };
	uint32_t crc;

	put_before_image(&head, f->record_bytes);
	put_after_image(o, f->record_bytes);
	crc = image_crc(f, copy, crc_crc32c(0, bytes, head.len));
	put_crc(o, crc_crc32c(crc, o->at, o->len));
}

static int tfrecord_literal(const struct dataset_file *f, uint64_t copy,
			    unsigned piece, unsigned char *buf)
{
	struct out o = { .at = buf };

	if (piece == HEAD)
		put_head(&o, f->record_bytes);
	else
		put_tail(&o, f, copy);
	return 0;
}

static int tfrecord_check(const struct dataset_file *f)
{
	if (f->record_bytes <= MAX_MESSAGE &&
	    measure(f->record_bytes).message <= MAX_MESSAGE)
		return 0;
	return log_invalid("dataset.format tfrecord: a sample of %" PRIu64
			   " bytes is larger than TensorFlow can read; samples "
			   "below 2 GiB can be",
			   f->record_bytes);
}

/* ---- The index ---- */

static int index_encode(const struct dataset_file *f, struct format_sink *out)
{
	uint64_t len = record_len(f->record_bytes);
	int rc = 0;

	for (uint64_t i = 0; i < f->samples && !rc; i++) {
		char line[64];
		int n = snprintf(line, sizeof(line),
				 "%" PRIu64 " %" PRIu64 "\n", i * len, len);

		rc = format_put(out, line, (size_t)n);
	}
	return rc;
}

static const struct format_side sides[] = {
	{ .suffix = ".idx", .in_index = true, .as = { .encode = index_encode } },
};

const struct format format_tfrecord = {
	.name = "tfrecord",
	.plan = tfrecord_plan,
	.literal = tfrecord_literal,
	.check = tfrecord_check,
	.slow_crc = true,
	.sides = sides,
	.n_sides = ARRAY_SIZE(sides),
};
