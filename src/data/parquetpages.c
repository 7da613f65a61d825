#include "data/parquetpages.h"

#include "data/codec.h"
#include "data/format.h"
#include "data/parquetvalues.h"
#include "data/rle.h"

#include <errno.h>

#define PAGE_BYTES MIB	      /* of values, unless a row has more */
#define DICTIONARY_VALUES 256 /* of one byte */

/* Fewer are smaller plain than with a dictionary of 4 bytes a value. */
#define LEAST_INDEXED 512

void parquetpages_clear(struct parquetpages *p)
{
	free(p->page);
	free(p->packed);
}

int parquetpages_put(struct parquetpages *p, const void *bytes, size_t len)
{
	p->offset += len;
	return format_put(p->sink, bytes, len);
}

static int grow(unsigned char **bytes, size_t *room, size_t want)
{
	unsigned char *more;

	if (want <= *room)
		return 0;
	more = realloc(*bytes, want);
	if (!more)
		return -ENOMEM;
	*bytes = more;
	*room = want;
	return 0;
}

/* ---- Levels ---- */

/* The first value of each row begins it. */
static size_t put_repetitions(unsigned char *out, uint64_t rows, uint64_t size)
{
	size_t len = 4;

	for (uint64_t i = 0; i < rows && size > 1; i++) {
		len += rle_put_run(out + len, 1, 0);
		len += rle_put_run(out + len, size - 1, 1);
	}
	if (size == 1)
		len += rle_put_run(out + len, rows, 0);
	parquetvalues_le32(out, (uint32_t)len - 4);
	return len;
}

/* Nothing is null. */
static size_t put_definitions(unsigned char *out, uint64_t values, bool list)
{
	size_t len =
		4 + rle_put_run(out + 4, values,
				list ? PARQUET_LIST_DEF : PARQUET_SCALAR_DEF);

	parquetvalues_le32(out, (uint32_t)len - 4);
	return len;
}

/* Bytes of levels, at most. */
static size_t levels_room(uint64_t rows)
{
	return (rows + 1) * 2 * (RLE_MAX_HEADER + 1) + 8;
}

/* ---- Pages ---- */

static int put_page(struct parquetpages *p, struct parquet_chunk *chunk,
		    struct parquet_page *page, size_t len)
{
	struct thrift_out header = { 0 };
	size_t packed = codec_bound(p->codec, len);
	uint64_t before = p->offset;
	int rc = grow(&p->packed, &p->packed_room, packed);

	if (!rc)
		rc = codec_pack(p->codec, p->page, len, p->packed, &packed);
	if (rc)
		return rc;
	page->unpacked = len;
	page->packed = packed;
	page->has_crc = true;
	page->crc = crc_crc32(0, p->packed, packed);
	parquet_put_page(&header, page);
	rc = header.failed ? -ENOMEM :
			     parquetpages_put(p, header.bytes, header.len);
	if (!rc)
		rc = parquetpages_put(p, p->packed, packed);
	chunk->unpacked += header.len + len;
	chunk->packed += p->offset - before;
	free(header.bytes);
	return rc;
}

static int put_dictionary(struct parquetpages *p,
			  const struct parquetpages_column *c,
			  struct parquet_chunk *chunk)
{
	struct parquet_page page = { .type = PARQUET_DICTIONARY_PAGE,
				     .encoding = PARQUET_PLAIN,
				     .values = DICTIONARY_VALUES };
	size_t len = DICTIONARY_VALUES * sizeof(uint32_t);
	int rc = grow(&p->page, &p->page_room, len);

	if (rc)
		return rc;
	for (uint32_t i = 0; i < DICTIONARY_VALUES; i++)
		parquetvalues_le32(
			p->page + 4 * i,
			c->in_file.type->is_signed ? (uint32_t)(int8_t)i : i);
	rc = put_page(p, chunk, &page, len);
	chunk->dictionary = chunk->packed;
	return rc;
}

static uint64_t values_of(const struct parquetpages_column *c, uint64_t rows)
{
	return c->in_file.list ? rows * c->size : rows;
}

static int put_rows(struct parquetpages *p, const struct parquetpages_column *c,
		    struct parquet_chunk *chunk, uint64_t rows)
{
	struct parquet_page page = { .type = PARQUET_DATA_PAGE };
	uint64_t values = values_of(c, rows);
	size_t len = 0;
	int rc =
		grow(&p->page, &p->page_room,
		     levels_room(rows) +
			     (values + 16) * parquetvalues_room(c->in_file.type,
								c->size));

	if (rc)
		return rc;
	page.encoding = chunk->dictionary ? PARQUET_DICTIONARY : PARQUET_PLAIN;
	page.values = values;
	if (c->in_file.list)
		len += put_repetitions(p->page, rows, c->size);
	len += put_definitions(p->page + len, values, c->in_file.list);
	len += chunk->dictionary ?
		       parquetvalues_indexed(&p->draw, values, p->page + len) :
		       parquetvalues_plain(&p->draw, c->in_file.type, c->size,
					   values, p->page + len);
	return put_page(p, chunk, &page, len);
}

uint64_t parquetpages_payload(const struct parquetpages_column *c,
			      uint64_t rows)
{
	if (c->in_file.type->physical == PARQUET_BYTES &&
	    c->in_file.type->converted < 0)
		return rows * c->size;
	return values_of(c, rows) * c->num->size;
}

int parquetpages_chunk(struct parquetpages *p,
		       const struct parquetpages_column *c,
		       const struct payload_span *span, uint64_t rows,
		       struct parquet_chunk *chunk)
{
	uint64_t value = parquetvalues_room(c->in_file.type, c->size);
	uint64_t row = c->in_file.list ? value * c->size : value;
	uint64_t at_once = MAX(PAGE_BYTES / row, 1);
	int rc = 0;

	draw_init(&p->draw, &c->payload, span);
	*chunk = (struct parquet_chunk){
		.offset = p->offset,
		.values = values_of(c, rows),
		.codec = codec_number(p->codec),
	};
	if (c->num->size == 1 && c->in_file.type->physical == PARQUET_INT32 &&
	    chunk->values >= LEAST_INDEXED)
		rc = put_dictionary(p, c, chunk);
	while (rows > 0 && !rc) {
		uint64_t n = MIN(rows, at_once);

		rc = put_rows(p, c, chunk, n);
		rows -= n;
	}
	return rc;
}
