#include "train/proto.h"

#include "base/le.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

void proto_varint(FILE *out, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		fputc((int)(v & 0x7f) | 0x80, out);
	fputc((int)v, out);
}

void proto_open(struct proto_out *out)
{
	*out = (struct proto_out){ 0 };
	out->stream = open_memstream(&out->text, &out->len);
	out->failed = !out->stream;
}

int proto_close(struct proto_out *out, uint8_t **text, size_t *len)
{
	*text = NULL;
	*len = 0;
	if (out->stream && fclose(out->stream))
		out->failed = true;
	if (out->failed) {
		free(out->text);
		return -ENOMEM;
	}
	*text = (uint8_t *)out->text;
	*len = out->len;
	return 0;
}

static void put(struct proto_out *out, const void *data, size_t len)
{
	if (out->failed)
		return;
	fwrite(data, 1, len, out->stream);
	out->failed |= ferror(out->stream) != 0;
}

static void varint(struct proto_out *out, uint64_t v)
{
	if (!out->failed)
		proto_varint(out->stream, v);
}

static void tag(struct proto_out *out, unsigned field, enum wire wire)
{
	varint(out, field << 3 | wire);
}

void proto_uint(struct proto_out *out, unsigned field, uint64_t v)
{
	if (!v)
		return;
	tag(out, field, WIRE_VARINT);
	varint(out, v);
}

void proto_fixed32(struct proto_out *out, unsigned field, uint32_t v)
{
	uint32_t le = htole32(v);

	if (!v)
		return;
	tag(out, field, WIRE_32);
	put(out, &le, sizeof(le));
}

void proto_bytes(struct proto_out *out, unsigned field, const void *data,
		 size_t len)
{
	tag(out, field, WIRE_BYTES);
	varint(out, len);
	put(out, data, len);
}

void proto_text(struct proto_out *out, unsigned field, const char *text)
{
	proto_bytes(out, field, text, strlen(text));
}

void proto_message(struct proto_out *out, unsigned field,
		   void (*write)(struct proto_out *out, const void *arg),
		   const void *arg)
{
	AUTO_FREE uint8_t *text = NULL;
	struct proto_out inner;
	size_t len;

	proto_open(&inner);
	write(&inner, arg);
	if (proto_close(&inner, &text, &len))
		out->failed = true;
	else
		proto_bytes(out, field, text, len);
}

uint64_t proto_take_varint(struct proto_in *in)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7) {
		uint8_t byte = *in->at++;

		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
	in->bad = true;
	return 0;
}

static const uint8_t *take(struct proto_in *in, uint64_t len)
{
	const uint8_t *at = in->at;

	if (in->bad || len > (uint64_t)(in->end - at)) {
		in->bad = true;
		return NULL;
	}
	in->at += len;
	return at;
}

/* The bytes of a length that precedes them; NULL: bad. */
static const uint8_t *take_bytes(struct proto_in *in, size_t *len)
{
	uint64_t n = proto_take_varint(in);

	*len = (size_t)n;
	return take(in, n);
}

bool proto_take_field(struct proto_in *in, struct proto_field *out)
{
	uint64_t key;

	*out = (struct proto_field){ 0 };
	if (in->bad || in->at == in->end)
		return false;
	key = proto_take_varint(in);
	out->number = (unsigned)(key >> 3);
	switch (key & 7) {
	case WIRE_VARINT:
		out->value = proto_take_varint(in);
		break;
	case WIRE_BYTES:
		out->data = take_bytes(in, &out->len);
		break;
	case WIRE_32:
		out->data = take(in, 4);
		out->len = 4;
		if (!out->data)
			break;
		out->value = le_get32(out->data);
		break;
	case WIRE_64:
		out->data = take(in, 8);
		out->len = 8;
		break;
	default:
		in->bad = true;
	}
	return !in->bad;
}
