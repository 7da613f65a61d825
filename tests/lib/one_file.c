#include "lib/one_file.h"

#include "base/crc.h"

#include <criterion/criterion.h>

void one_file_open(struct one_file *o, struct reader_setup setup,
		   uint32_t blksize, uint8_t *bytes, size_t len)
{
	*o = (struct one_file){
		.fake = fake_source_new(blksize),
		.bytes = bytes,
		.len = len,
		.crc = crc_crc32(0, bytes, len),
		.file = { .name = "f", .size = len, .crc = &o->crc },
	};
	setup.source = fake_source(o->fake);
	setup.stop = &o->stop;
	cr_assert_eq(reader_new(&setup, &o->r), 0);
	fake_source_put(o->fake, "f", bytes, len);
}

void one_file_close(struct one_file *o)
{
	free(o->bytes);
	reader_free(o->r); /* it may keep files open */
	cr_expect_eq(fake_source_open_files(o->fake), 0);
	source_free(fake_source(o->fake));
}

int one_file_read(struct one_file *o)
{
	return reader_read(o->r, &o->file, &o->cost);
}

void one_file_put(struct one_file *o, const void *bytes, size_t len)
{
	fake_source_put(o->fake, "f", bytes, len);
	fake_source_forget(o->fake);
}
