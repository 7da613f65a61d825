#include "data/parquetpages.h"

#include "base/crc.h"
#include "data/codec.h"
#include "data/format.h"
#include "data/parquet_in.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* A file that grows. */
struct file {
	struct format_sink sink;
	unsigned char *bytes;
	size_t len, room; /* room: before it is full */
};

static int take(struct format_sink *s, const void *data, size_t len)
{
	struct file *f = (struct file *)s;

	if (f->len + len > f->room)
		return -ENOSPC;
	f->bytes = realloc(f->bytes, f->len + len);
	cr_assert(f->bytes);
	memcpy(f->bytes + f->len, data, len);
	f->len += len;
	return 0;
}

static struct parquetpages_column column_of(const char *dtype, uint64_t size,
					    bool list)
{
	const struct parquet_type *type = parquet_type_find(dtype);
	struct parquetpages_column c = {
		.in_file = { "c", type, list },
		.size = size,
		.num = dtype_find(type->numbers),
	};

	payload_init(&c.payload, c.num, 1);
	return c;
}

static int write_chunk(struct file *f, const struct parquetpages_column *c,
		       uint64_t rows, struct parquet_chunk *chunk)
{
	const struct payload_span span = {
		.len = parquetpages_payload(c, rows),
	};
	struct parquetpages p = { .sink = &f->sink,
				  .codec = codec_find("none") };
	int rc;

	f->sink.take = take;
	rc = parquetpages_chunk(&p, c, &span, rows, chunk);
	if (!rc)
		cr_expect_eq(p.offset, f->len);
	parquetpages_clear(&p);
	return rc;
}

Test(parquetpages, cuts_columns_into_pages_with_checksums)
{
	static const struct {
		const char *dtype;
		uint64_t size;
		bool list;
		uint64_t rows;
		unsigned dictionaries, data;
	} cases[] = {
		{ "uint8", 1, false, 511, 0, 1 },
		{ "uint8", 1, false, 512, 1, 1 },
		{ "int8", 16, true, 32, 1, 1 },
		{ "float32", 1, false, 512, 0, 1 },
		{ "float64", 1, false, MIB / 8, 0, 1 },
		{ "float64", 1, false, MIB / 8 + 1, 0, 2 },
		{ "float32", MIB, true, 3, 0, 3 }, /* a row is not cut */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct parquetpages_column c =
			column_of(cases[i].dtype, cases[i].size, cases[i].list);
		struct file f = { .room = SIZE_MAX };
		unsigned dictionaries = 0, data = 0;
		struct parquet_chunk chunk;
		uint64_t values = 0;
		size_t at = 0;

		cr_assert_eq(write_chunk(&f, &c, cases[i].rows, &chunk), 0);
		while (at < f.len) {
			struct parquet_page page;
			size_t head = parquet_in_page(f.bytes + at, f.len - at,
						      &page);

			cr_assert(head);
			cr_assert(page.has_crc);
			cr_expect_eq(page.crc, crc_crc32(0, f.bytes + at + head,
							 page.packed));
			at += head + page.packed;
			if (page.type == PARQUET_DICTIONARY_PAGE) {
				cr_expect_eq(chunk.dictionary, at);
				dictionaries++;
			} else {
				values += page.values;
				data++;
			}
		}
		cr_expect_eq(at, f.len);
		cr_expect_eq(chunk.packed, f.len);
		cr_expect_eq(chunk.values, values);
		cr_expect_eq(values,
			     cases[i].rows *
				     (cases[i].list ? cases[i].size : 1));
		cr_expect_eq(dictionaries, cases[i].dictionaries, "case %zu",
			     i);
		cr_expect_eq(data, cases[i].data, "case %zu: %u", i, data);
		free(f.bytes);
	}
}

Test(parquetpages, passes_on_what_the_sink_says)
{
	struct parquetpages_column c = column_of("uint8", 1, false);
	static const size_t rooms[] = { 0, 20, 1100 };
	struct parquet_chunk chunk;

	for (size_t i = 0; i < ARRAY_SIZE(rooms); i++) {
		struct file f = { .room = rooms[i] };

		cr_expect_eq(write_chunk(&f, &c, 1000, &chunk), -ENOSPC,
			     "room for %zu", rooms[i]);
		free(f.bytes);
	}
}
