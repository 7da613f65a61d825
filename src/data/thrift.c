#include "data/thrift.h"

#include <string.h>

/* ---- Writing ---- */

static void put(struct thrift_out *t, const void *bytes, size_t len)
{
	if (t->failed)
		return;
	if (len > t->room - t->len) {
		size_t room = MAX(2 * t->room, t->len + len + 256);
		unsigned char *more = realloc(t->bytes, room);

		t->failed = !more;
		if (!more)
			return;
		t->bytes = more;
		t->room = room;
	}
	if (len > 0)
		memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
}

static void put_byte(struct thrift_out *t, unsigned byte)
{
	unsigned char b = (unsigned char)byte;

	put(t, &b, 1);
}

static void put_varint(struct thrift_out *t, uint64_t n)
{
	for (; n > 0x7f; n >>= 7)
		put_byte(t, (n & 0x7f) | 0x80);
	put_byte(t, (unsigned)n);
}

static uint64_t zigzag(int64_t n)
{
	uint64_t twice = (uint64_t)n << 1;

	return n < 0 ? ~twice : twice;
}

/* Numbers of fields that follow each other closely are only told by how far. */
static void put_field(struct thrift_out *t, int field, enum thrift_type type)
{
	int *last = &t->last[t->depth];

	if (field > *last && field - *last <= 15) {
		put_byte(t, (unsigned)(field - *last) << 4 | type);
	} else {
		put_byte(t, type);
		put_varint(t, zigzag(field));
	}
	*last = field;
}

void thrift_put_int(struct thrift_out *t, int field, enum thrift_type type,
		    int64_t n)
{
	put_field(t, field, type);
	if (type == THRIFT_BYTE)
		put_byte(t, (unsigned char)n);
	else
		put_varint(t, zigzag(n));
}

void thrift_put_bool(struct thrift_out *t, int field, bool is)
{
	put_field(t, field, is ? THRIFT_TRUE : THRIFT_FALSE);
}

void thrift_put_text(struct thrift_out *t, int field, const char *text)
{
	put_field(t, field, THRIFT_BINARY);
	thrift_item_text(t, text);
}

void thrift_item_begin(struct thrift_out *t)
{
	if (t->depth + 1 == THRIFT_MAX_DEPTH) {
		t->failed = true;
		return;
	}
	t->last[++t->depth] = 0;
}

void thrift_begin(struct thrift_out *t, int field)
{
	put_field(t, field, THRIFT_STRUCT);
	thrift_item_begin(t);
}

void thrift_end(struct thrift_out *t)
{
	put_byte(t, THRIFT_STOP);
	if (t->depth > 0)
		t->depth--;
}

void thrift_put_list(struct thrift_out *t, int field, enum thrift_type of,
		     size_t n)
{
	put_field(t, field, THRIFT_LIST);
	if (n < 15) {
		put_byte(t, (unsigned)n << 4 | of);
	} else {
		put_byte(t, 0xf0 | of);
		put_varint(t, n);
	}
}

void thrift_item_int(struct thrift_out *t, int64_t n)
{
	put_varint(t, zigzag(n));
}

void thrift_item_text(struct thrift_out *t, const char *text)
{
	put_varint(t, strlen(text));
	put(t, text, strlen(text));
}

/* ---- Reading ---- */

void thrift_read(struct thrift_in *t, const void *bytes, size_t len)
{
	*t = (struct thrift_in){ .at = bytes, .end = bytes };
	t->end += len;
}

static void spoil(struct thrift_in *t)
{
	t->bad = true;
	t->at = t->end;
}

static unsigned get_byte(struct thrift_in *t)
{
	if (t->at == t->end) {
		spoil(t);
		return 0;
	}
	return *t->at++;
}

static uint64_t get_varint(struct thrift_in *t)
{
	uint64_t n = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		unsigned byte = get_byte(t);

		n |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return n;
	}
	spoil(t);
	return 0;
}

static int64_t unzigzag(uint64_t n)
{
	return (int64_t)(n >> 1) ^ -(int64_t)(n & 1);
}

bool thrift_next(struct thrift_in *t, struct thrift_field *f)
{
	unsigned byte = get_byte(t);
	int *last = &t->last[t->depth];

	f->type = byte & 15;
	f->id = 0;
	if (f->type == THRIFT_STOP || f->type > THRIFT_STRUCT) {
		if (byte != THRIFT_STOP)
			spoil(t);
		if (t->depth > 0)
			t->depth--;
		return false;
	}
	if (byte >> 4)
		f->id = *last + (int)(byte >> 4);
	else
		f->id = (int16_t)unzigzag(get_varint(t));
	if (f->id > INT16_MAX)
		spoil(t);
	*last = f->id;
	return !t->bad;
}

int64_t thrift_int(struct thrift_in *t, const struct thrift_field *f)
{
	switch (f->type) {
	case THRIFT_TRUE:
	case THRIFT_FALSE:
		return f->type == THRIFT_TRUE;
	case THRIFT_BYTE:
		return (int8_t)get_byte(t);
	case THRIFT_I16:
	case THRIFT_I32:
	case THRIFT_I64:
		return unzigzag(get_varint(t));
	default:
		spoil(t);
		return 0;
	}
}

const char *thrift_text(struct thrift_in *t, const struct thrift_field *f,
			size_t *len)
{
	const char *text;

	*len = f->type == THRIFT_BINARY ? get_varint(t) : SIZE_MAX;
	if (*len > (size_t)(t->end - t->at)) {
		spoil(t);
		*len = 0;
	}
	text = (const char *)t->at;
	t->at += *len;
	return text;
}

void thrift_open(struct thrift_in *t, const struct thrift_field *f)
{
	if (f->type != THRIFT_STRUCT || t->depth + 1 == THRIFT_MAX_DEPTH)
		spoil(t);
	else
		t->last[++t->depth] = 0;
}

size_t thrift_list(struct thrift_in *t, const struct thrift_field *f,
		   struct thrift_field *item)
{
	unsigned byte = get_byte(t);
	uint64_t n = byte >> 4;

	if (n == 15)
		n = get_varint(t);
	item->id = 0;
	item->type = byte & 15;
	/* Each item has a byte at least: no list is longer than what is left. */
	if ((f->type != THRIFT_LIST && f->type != THRIFT_SET) ||
	    n > (size_t)(t->end - t->at)) {
		spoil(t);
		return 0;
	}
	return n;
}

static void skip_bytes(struct thrift_in *t, uint64_t n)
{
	if (n > (size_t)(t->end - t->at))
		spoil(t);
	else
		t->at += n;
}

/* What is skipped may be as deep as a struct can be open, and no deeper: this
 * is where the recursion ends. */
static void skip_struct(struct thrift_in *t, const struct thrift_field *f)
{
	struct thrift_field inner;

	thrift_open(t, f);
	while (!t->bad && thrift_next(t, &inner))
		thrift_skip(t, &inner);
}

static void skip_list(struct thrift_in *t, const struct thrift_field *f)
{
	struct thrift_field item;
	size_t n = thrift_list(t, f, &item);

	if (item.type == THRIFT_LIST || item.type == THRIFT_SET)
		spoil(t); /* Parquet has no lists of lists */
	for (; n > 0 && !t->bad; n--) {
		/* Bools in lists are bytes. */
		if (item.type == THRIFT_TRUE || item.type == THRIFT_FALSE)
			get_byte(t);
		else
			thrift_skip(t, &item);
	}
}

void thrift_skip(struct thrift_in *t, const struct thrift_field *f)
{
	size_t len;

	switch (f->type) {
	case THRIFT_DOUBLE:
		skip_bytes(t, 8);
		break;
	case THRIFT_BINARY:
		thrift_text(t, f, &len);
		break;
	case THRIFT_LIST:
	case THRIFT_SET:
		skip_list(t, f);
		break;
	case THRIFT_STRUCT:
		skip_struct(t, f);
		break;
	case THRIFT_MAP: /* Parquet has none */
		spoil(t);
		break;
	default:
		thrift_int(t, f);
	}
}
