#include "train/tfbundle.h"

#include "base/crc.h"
#include "train/proto.h"
#include "train/sstable.h"
#include "train/tfgraph.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define GRAPH "_CHECKPOINTABLE_OBJECT_GRAPH"

/* Of TensorFlow's core/framework/types.proto. */
enum { DT_STRING = 7, DT_INT64 = 9 };
static const unsigned dtypes[STATE_TYPES] = {
	[STATE_FP16] = 19, [STATE_BF16] = 14, [STATE_FP32] = 1,
	[STATE_FP64] = 2,  [STATE_INT8] = 6,  [STATE_UINT8] = 4,
};

/* ---- Entries ------------------------------------------------------------- */

/* A string in the data: its length, a CRC of that as four bytes, its text. */
static int add_graph(const struct state *s, struct tfbundle_entry *e)
{
	AUTO_FREE uint8_t *graph = NULL;
	uint32_t le, masked;
	char *text = NULL;
	size_t len;
	FILE *f;

	if (tfgraph_make(s, &graph, &len) ||
	    !(f = open_memstream(&text, &e->size)))
		return -ENOMEM;
	le = htole32((uint32_t)len);
	e->crc = crc_crc32c(0, &le, sizeof(le));
	masked = htole32(crc_masked(e->crc));
	e->crc = crc_crc32c(e->crc, &masked, sizeof(masked));
	e->crc = crc_crc32c(e->crc, graph, len);
	proto_varint(f, len);
	fwrite(&masked, 1, sizeof(masked), f);
	fwrite(graph, 1, len, f);
	if (fclose(f)) {
		free(text);
		return -ENOMEM;
	}
	e->text = (uint8_t *)text;
	e->string = true;
	snprintf(e->key, sizeof(e->key), GRAPH);
	return 0;
}

/* This was the first save. */
static int add_counter(struct tfbundle_entry *e)
{
	const uint64_t one = htole64(1);

	e->size = sizeof(one);
	e->text = malloc(e->size);
	if (!e->text)
		return -ENOMEM;
	memcpy(e->text, &one, e->size);
	e->crc = crc_crc32c(0, &one, sizeof(one));
	snprintf(e->key, sizeof(e->key), TFGRAPH_COUNTER TFGRAPH_ATTRIBUTE);
	return 0;
}

static void add_tensors(const struct state *s, struct tfbundle *b)
{
	const struct state_item *dict = NULL;
	size_t end = 0; /* of the dict */

	for (size_t i = 0; i < s->items; i++) {
		const struct state_item *item = &s->item[i];

		if (i >= end)
			dict = NULL;
		if (item->kind == STATE_DICT) {
			dict = item;
			end = i + 1 + item->n;
		} else if (item->kind == STATE_TENSOR) {
			struct tfbundle_entry *e = &b->entry[b->n++];

			e->tensor = item;
			e->size = state_tensor_bytes(item);
			tfgraph_name(dict, item, e->key);
		}
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct tfbundle_entry *)a)->key,
		      ((const struct tfbundle_entry *)b)->key);
}

int tfbundle_make(const struct state *s, struct tfbundle *out)
{
	*out = (struct tfbundle){ 0 };
	out->entry = calloc(s->items + 2, sizeof(*out->entry));
	if (!out->entry)
		return -ENOMEM;
	out->n = 2;
	if (s->failed || add_graph(s, &out->entry[0]) ||
	    add_counter(&out->entry[1]))
		goto fail;
	add_tensors(s, out);
	qsort(out->entry, out->n, sizeof(*out->entry), compare);
	for (size_t i = 0; i < out->n; i++) {
		out->entry[i].offset = out->bytes;
		out->bytes += out->entry[i].size;
	}
	return 0;
fail:
	tfbundle_clear(out);
	return -ENOMEM;
}

void tfbundle_clear(struct tfbundle *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->entry[i].text);
	free(b->entry);
	*b = (struct tfbundle){ 0 };
}

/* ---- The index ----------------------------------------------------------- */

static void write_dim(struct proto_out *out, const void *arg)
{
	proto_uint(out, 1, *(const uint64_t *)arg);
}

static void write_shape(struct proto_out *out, const void *arg)
{
	const struct tfbundle_entry *e = arg;

	if (e->tensor)
		proto_message(out, 2, write_dim, &e->tensor->n);
}

static unsigned dtype(const struct tfbundle_entry *e)
{
	if (e->tensor)
		return dtypes[e->tensor->type];
	return e->string ? DT_STRING : DT_INT64;
}

/* BundleEntryProto */
static int add_entry(struct sstable *t, const struct tfbundle_entry *e)
{
	AUTO_FREE uint8_t *text = NULL;
	struct proto_out out;
	size_t len;
	int rc;

	proto_open(&out);
	proto_uint(&out, 1, dtype(e));
	proto_message(&out, 2, write_shape, e);
	proto_uint(&out, 4, e->offset);
	proto_uint(&out, 5, e->size);
	proto_fixed32(&out, 6, crc_masked(e->crc));
	rc = proto_close(&out, &text, &len);
	if (!rc)
		sstable_add(t, e->key, text, len);
	return rc;
}

/* BundleHeaderProto {num_shards: 1, version {producer: 1}} */
#define HEADER "\10\1\32\2\10\1"

static int write_table(const struct tfbundle *b, FILE *out)
{
	struct sstable *t;
	int rc = sstable_new(out, &t);

	if (rc)
		return rc;
	sstable_add(t, "", HEADER, sizeof(HEADER) - 1);
	for (size_t i = 0; i < b->n && !rc; i++)
		rc = add_entry(t, &b->entry[i]);
	if (!rc)
		rc = sstable_end(t);
	sstable_free(t);
	return rc;
}

int tfbundle_index(const struct tfbundle *b, uint8_t **out, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);
	int rc;

	*out = NULL;
	if (!f)
		return -ENOMEM;
	rc = write_table(b, f);
	if (fclose(f) && !rc)
		rc = -ENOMEM;
	if (rc)
		free(text);
	else
		*out = (uint8_t *)text;
	return rc;
}

const char *tfbundle_parse(const uint8_t *value, size_t len,
			   struct tfbundle_place *out)
{
	struct proto_in in = { value, value + len, false };
	struct proto_field f;

	*out = (struct tfbundle_place){ 0 };
	while (proto_take_field(&in, &f))
		switch (f.number) {
		case 1:
			out->string = f.value == DT_STRING;
			break;
		case 4:
			out->offset = f.value;
			break;
		case 5:
			out->size = f.value;
			break;
		case 6:
			out->crc = (uint32_t)f.value;
			break;
		default:
			break;
		}
	return in.bad ? "has a damaged index" : NULL;
}
