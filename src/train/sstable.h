/* Sorted tables of LevelDB, in which TensorFlow keeps the index of a checkpoint:
 * blocks of keys that share their beginnings, an index of blocks, a footer.
 * LevelDB's doc/table_format.md; TensorFlow's core/lib/io/table has blocks of
 * 256 KiB, and keys as they are.  Pure. */
#ifndef TRAIN_SSTABLE_H
#define TRAIN_SSTABLE_H

#include "base/util.h"

struct sstable;

/* Write a table to a stream: keys in order, each once. */
int sstable_new(FILE *out, struct sstable **t) MUST_USE;
void sstable_free(struct sstable *t); /* NULL is fine */
void sstable_add(struct sstable *t, const char *key, const void *value,
		 size_t len);

/* -ENOMEM: of it all; the stream's own errors are the caller's to ask for. */
int sstable_end(struct sstable *t) MUST_USE;

/* ---- Reading: bytes come from the caller, who knows how they are read. ---- */

#define SSTABLE_FOOTER_SIZE 48u
#define SSTABLE_TRAILER_SIZE 5u /* after each block: type and CRC */

struct sstable_block {
	uint64_t offset, size; /* without the trailer */
};

/* The functions return what is wrong, or NULL. */
const char *sstable_parse_footer(const uint8_t footer[SSTABLE_FOOTER_SIZE],
				 struct sstable_block *index);
const char *sstable_parse_handle(const uint8_t *value, size_t len,
				 struct sstable_block *out);

/* Call take() for each entry of a block, which has its trailer behind it.  The
 * key is no string. */
typedef const char *sstable_take(void *arg, const char *key, size_t key_len,
				 const uint8_t *value, size_t value_len);
const char *sstable_each(const uint8_t *block, uint64_t size,
			 sstable_take *take, void *arg);

#endif
