/* indexed_binary and mmap_indexed_binary, which differ in how they are read:
 * samples back to back, and beside them two files with an unsigned 64-bit
 * little-endian number for each, where it starts and how long it is.
 *
 * DLIO starts the offsets again at 0 for every generation_buffer_size that it
 * writes, and with no more files than ranks writes whole GiB (dlio.md 5.9,
 * T26).  Here offsets are offsets, and files end with their last sample. */
#include "data/format.h"

#include <endian.h>
#include <string.h>

#define NUMBER_BYTES 8

static int data_plan(const struct dataset_file *f, struct format_plan *out)
{
	*out = (struct format_plan){
		.copies = 1,
		.n = 1,
		.pieces = { { FORMAT_PAYLOAD, f->record_bytes * f->samples } },
	};
	return 0;
}

static int index_plan(const struct dataset_file *f, struct format_plan *out)
{
	*out = (struct format_plan){
		.copies = f->samples,
		.n = 1,
		.pieces = { { FORMAT_LITERAL, NUMBER_BYTES } },
	};
	return 0;
}

static int put_number(unsigned char *buf, uint64_t number)
{
	number = htole64(number);
	memcpy(buf, &number, NUMBER_BYTES);
	return 0;
}

static int offset_literal(const struct dataset_file *f, uint64_t copy,
			  unsigned piece, unsigned char *buf)
{
	(void)piece; /* there is one */
	return put_number(buf, copy * f->record_bytes);
}

static int size_literal(const struct dataset_file *f, uint64_t copy,
			unsigned piece, unsigned char *buf)
{
	(void)copy, (void)piece; /* all are the same */
	return put_number(buf, f->record_bytes);
}

static const struct format_side sides[] = {
	{ .suffix = ".off.idx",
	  .as = { .plan = index_plan, .literal = offset_literal } },
	{ .suffix = ".sz.idx",
	  .as = { .plan = index_plan, .literal = size_literal } },
};

const struct format format_indexed_binary = {
	.name = "indexed_binary",
	.plan = data_plan,
	.sides = sides,
	.n_sides = ARRAY_SIZE(sides),
};

const struct format format_indexed_mmap = {
	.name = "mmap_indexed_binary",
	.plan = data_plan,
	.sides = sides,
	.n_sides = ARRAY_SIZE(sides),
};
