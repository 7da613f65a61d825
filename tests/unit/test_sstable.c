#include "train/sstable.h"

#include "base/crc.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* A header, and n entries. */
static uint8_t *build(unsigned n, unsigned step, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	struct sstable *t;

	cr_assert(out);
	cr_assert_eq(sstable_new(out, &t), 0);
	sstable_add(t, "", "\10\1\32\2\10\1", 6);
	for (unsigned i = 0; i < n; i++) {
		char key[96], value[40];

		snprintf(key, sizeof(key), "%05u/%u/.ATTRIBUTES/VARIABLE_VALUE",
			 i * step, i % 7);
		memset(value, (int)('a' + i % 26), sizeof(value));
		sstable_add(t, key, value, i % 40);
	}
	cr_assert_eq(sstable_end(t), 0);
	sstable_free(t);
	fclose(out);
	return (uint8_t *)text;
}

static const struct {
	unsigned n, step;
	size_t len;
	uint32_t crc;
} tables[] = {
	/* Length and CRC-32 of what leveldb::TableBuilder 1.23 wrote, without
	 * compression, with blocks of 256 KiB. */
	{ 0, 1, 101, 0x9428236e },
	{ 1, 1, 139, 0x68c6fc87 },
	{ 33, 3, 1749, 0xe8f11f75 },
	{ 20000, 5, 1070977, 0xac82048d },
};

Test(sstable, is_byte_for_byte_what_leveldb_writes)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		size_t len;
		uint8_t *t = build(tables[i].n, tables[i].step, &len);

		cr_expect_eq(len, tables[i].len, "%u entries: %zu bytes",
			     tables[i].n, len);
		cr_expect_eq(crc_crc32(0, t, len), tables[i].crc, "%u entries",
			     tables[i].n);
		free(t);
	}
}

struct count {
	const uint8_t *file;
	size_t len;
	unsigned entries, blocks;
};

static const char *take_entry(void *arg, const char *key, size_t key_len,
			      const uint8_t *value, size_t len)
{
	struct count *c = arg;
	unsigned i = c->entries++;
	unsigned long number;

	(void)value;
	if (i == 0)
		return key_len || len != 6 ? "has no header" : NULL;
	number = strtoul(key, NULL, 10);
	return number != 5ul * (i - 1) || len != (i - 1) % 40 ? "differs" :
								NULL;
}

static const char *take_block(void *arg, const char *key, size_t key_len,
			      const uint8_t *value, size_t len)
{
	struct count *c = arg;
	struct sstable_block b;
	const char *wrong = sstable_parse_handle(value, len, &b);

	(void)key;
	(void)key_len;
	if (wrong || b.offset > c->len || b.size > c->len - b.offset ||
	    c->len - b.offset - b.size < SSTABLE_TRAILER_SIZE)
		return wrong ? wrong : "beyond the end";
	c->blocks++;
	return sstable_each(c->file + b.offset, b.size, take_entry, c);
}

static const char *read_all(struct count *c)
{
	struct sstable_block index;
	const char *wrong = sstable_parse_footer(
		c->file + c->len - SSTABLE_FOOTER_SIZE, &index);

	c->entries = c->blocks = 0;
	if (wrong || index.offset > c->len || index.size > c->len ||
	    c->len - SSTABLE_TRAILER_SIZE < index.size + index.offset)
		return wrong ? wrong : "beyond the end";
	return sstable_each(c->file + index.offset, index.size, take_block, c);
}

Test(sstable, is_read_back)
{
	struct count c = { 0 };
	uint8_t *t = build(20000, 5, &c.len);

	c.file = t;
	cr_expect_null(read_all(&c));
	cr_expect_eq(c.entries, 20001);
	cr_expect_gt(c.blocks, 2);
	free(t);
}

Test(sstable, shows_every_damaged_byte)
{
	struct count c = { 0 };
	uint8_t *t = build(33, 5, &c.len);
	unsigned missed = 0;

	c.file = t;
	/* But those of the block that has nothing, and the zeros before the
	 * footer's end. */
	for (size_t i = 0; i < c.len; i++) {
		t[i] ^= 0x41;
		missed += !read_all(&c);
		t[i] ^= 0x41;
	}
	cr_expect_leq(missed, 13 + 40, "%u", missed);
	cr_expect_null(read_all(&c));
	free(t);
}
