#include "train/sstable.h"

#include "base/crc.h"
#include "base/le.h"
#include "train/proto.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define BLOCK_SIZE (256 * KIB)
#define RESTART_EVERY 16u
#define KEY_SIZE 256u
#define MAGIC 0xdb4775248b80fb57u

/* A block being made: entries, and where whole keys are. */
struct block {
	FILE *out;
	char *data;
	size_t len;
	uint32_t *restart;
	size_t restarts, room;
	unsigned every, since; /* a restart */
	char last[KEY_SIZE];
	bool failed;
};

struct sstable {
	FILE *out;
	uint64_t offset;
	struct block data, index;
};

static void put32(FILE *out, uint32_t v)
{
	uint32_t le = htole32(v);

	fwrite(&le, 1, sizeof(le), out);
}

static int block_open(struct block *b, unsigned every)
{
	b->every = every;
	b->out = open_memstream(&b->data, &b->len);
	return b->out ? 0 : -ENOMEM;
}

static void block_close(struct block *b)
{
	if (b->out)
		fclose(b->out);
	free(b->data);
	free(b->restart);
	*b = (struct block){ 0 };
}

static void note_restart(struct block *b)
{
	if (b->restarts == b->room) {
		size_t room = b->room ? 2 * b->room : 16;
		uint32_t *grown =
			reallocarray(b->restart, room, sizeof(*grown));

		if (!grown) {
			b->failed = true;
			return;
		}
		b->restart = grown;
		b->room = room;
	}
	b->restart[b->restarts++] = (uint32_t)ftell(b->out);
	b->since = 0;
}

static size_t shared(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

static void block_add(struct block *b, const char *key, const void *value,
		      size_t len)
{
	size_t same = 0;

	if (!b->restarts || b->since == b->every)
		note_restart(b);
	else
		same = shared(b->last, key);
	proto_varint(b->out, same);
	proto_varint(b->out, strlen(key) - same);
	proto_varint(b->out, len);
	fputs(key + same, b->out);
	fwrite(value, 1, len, b->out);
	snprintf(b->last, sizeof(b->last), "%s", key);
	b->since++;
}

/* Write it out, with its trailer. */
static struct sstable_block block_end(struct sstable *t, struct block *b)
{
	struct sstable_block at = { .offset = t->offset };
	uint32_t crc;

	if (!b->restarts)
		note_restart(b);
	for (size_t i = 0; i < b->restarts; i++)
		put32(b->out, b->restart[i]);
	put32(b->out, (uint32_t)b->restarts);
	fputc(0, b->out); /* not compressed */
	if (b->failed || fflush(b->out) || ferror(b->out)) {
		b->failed = true;
		return at;
	}
	at.size = b->len - 1;
	crc = crc_crc32c(0, b->data, b->len);
	fwrite(b->data, 1, b->len, t->out);
	put32(t->out, crc_masked(crc));
	t->offset += b->len + 4;
	return at;
}

int sstable_new(FILE *out, struct sstable **t)
{
	struct sstable *s = calloc(1, sizeof(*s));

	*t = NULL;
	if (!s)
		return -ENOMEM;
	s->out = out;
	if (block_open(&s->data, RESTART_EVERY) || block_open(&s->index, 1)) {
		sstable_free(s);
		return -ENOMEM;
	}
	*t = s;
	return 0;
}

void sstable_free(struct sstable *t)
{
	if (!t)
		return;
	block_close(&t->data);
	block_close(&t->index);
	free(t);
}

static size_t put_handle(const struct sstable_block *b, char **out)
{
	size_t len = 0;
	FILE *f = open_memstream(out, &len);

	if (!f)
		return 0;
	proto_varint(f, b->offset);
	proto_varint(f, b->size);
	return fclose(f) ? 0 : len;
}

/* The block's keys are at most this one, and the next block's are more: as
 * short as can be. */
static void shorten(char *last, const char *next)
{
	size_t i = next ? shared(last, next) : 0;

	if (!last[i] || (next && !next[i]) || (uint8_t)last[i] == 0xff)
		return;
	if (next && (uint8_t)(last[i] + 1) >= (uint8_t)next[i])
		return;
	last[i]++;
	last[i + 1] = '\0';
}

/* next: the key after it, NULL at the end. */
static void end_data(struct sstable *t, const char *next)
{
	struct sstable_block at = block_end(t, &t->data);
	char key[KEY_SIZE];
	char *handle = NULL;
	size_t len = put_handle(&at, &handle);

	snprintf(key, sizeof(key), "%s", t->data.last);
	shorten(key, next);
	if (len)
		block_add(&t->index, key, handle, len);
	t->index.failed |= !len || t->data.failed;
	free(handle);
	block_close(&t->data);
}

void sstable_add(struct sstable *t, const char *key, const void *value,
		 size_t len)
{
	/* With the entry that made it full, as LevelDB. */
	if (t->data.out &&
	    (uint64_t)ftell(t->data.out) + 4 * (t->data.restarts + 1) >=
		    BLOCK_SIZE) {
		end_data(t, key);
		if (block_open(&t->data, RESTART_EVERY))
			t->index.failed = true;
	}
	if (t->data.out)
		block_add(&t->data, key, value, len);
}

int sstable_end(struct sstable *t)
{
	struct block meta = { 0 };
	struct sstable_block handle[2];
	char footer[SSTABLE_FOOTER_SIZE] = "";
	size_t at = 0;
	uint64_t magic = htole64(MAGIC);

	if (t->data.out)
		end_data(t, NULL);
	if (block_open(&meta, 1))
		return -ENOMEM;
	handle[0] = block_end(t, &meta);
	block_close(&meta);
	handle[1] = block_end(t, &t->index);
	if (t->index.failed)
		return -ENOMEM;
	for (int i = 0; i < 2; i++) {
		char *text = NULL;
		size_t len = put_handle(&handle[i], &text);

		if (!len)
			return -ENOMEM;
		memcpy(footer + at, text, len);
		at += len;
		free(text);
	}
	memcpy(footer + SSTABLE_FOOTER_SIZE - 8, &magic, 8);
	fwrite(footer, 1, sizeof(footer), t->out);
	return 0;
}

/* ---- Reading ------------------------------------------------------------- */

const char *sstable_parse_handle(const uint8_t *value, size_t len,
				 struct sstable_block *out)
{
	struct proto_in in = { value, value + len, false };

	out->offset = proto_take_varint(&in);
	out->size = proto_take_varint(&in);
	return in.bad ? "has a damaged index" : NULL;
}

const char *sstable_parse_footer(const uint8_t footer[SSTABLE_FOOTER_SIZE],
				 struct sstable_block *index)
{
	struct proto_in in = { footer, footer + SSTABLE_FOOTER_SIZE - 8,
			       false };

	if (le_get64(footer + SSTABLE_FOOTER_SIZE - 8) != MAGIC)
		return "is no index of a checkpoint";
	proto_take_varint(&in);
	proto_take_varint(&in);
	index->offset = proto_take_varint(&in);
	index->size = proto_take_varint(&in);
	return in.bad ? "has a damaged footer" : NULL;
}

/* One entry; key is that of the one before, and becomes its own. */
static const char *take_entry(struct proto_in *in, char key[KEY_SIZE],
			      size_t *key_len, sstable_take *take, void *arg)
{
	uint64_t same = proto_take_varint(in);
	uint64_t other = proto_take_varint(in);
	uint64_t len = proto_take_varint(in);
	uint64_t left = (uint64_t)(in->end - in->at);

	if (in->bad || same > *key_len || other > KEY_SIZE - same ||
	    other > left || len > left - other)
		return "has a damaged block";
	memcpy(key + same, in->at, other);
	*key_len = same + other;
	in->at += other + len;
	return take(arg, key, *key_len, in->at - len, len);
}

const char *sstable_each(const uint8_t *block, uint64_t size,
			 sstable_take *take, void *arg)
{
	struct proto_in in = { block, block, false };
	char key[KEY_SIZE];
	size_t key_len = 0;
	const char *wrong = NULL;
	uint64_t restarts;

	if (block[size] != 0)
		return "has a compressed block";
	if (le_get32(block + size + 1) !=
	    crc_masked(crc_crc32c(0, block, size + 1)))
		return "is damaged: the CRC-32C of a block is wrong";
	restarts = size < 4 ? size : 4 * (uint64_t)le_get32(block + size - 4);
	if (size < 4 || restarts > size - 4)
		return "has a damaged block";
	in.end = block + size - 4 - restarts;
	while (!wrong && in.at < in.end)
		wrong = take_entry(&in, key, &key_len, take, arg);
	return wrong;
}
