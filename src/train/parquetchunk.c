#include "train/parquetchunk.h"

#include "base/crc.h"
#include "base/le.h"
#include "data/codec.h"
#include "data/rle.h"

#include <errno.h>
#include <string.h>

static int wrong(struct parquetchunk *c, const char *what)
{
	c->wrong = what;
	return -EBADMSG;
}

/* ---- Plain values ---- */

/* Bytes of a value; 0: they differ. */
static size_t width_of(const struct parquet_in_leaf *leaf)
{
	static const size_t widths[] = {
		[PARQUET_INT32] = 4, [PARQUET_INT64] = 8,  [PARQUET_INT96] = 12,
		[PARQUET_FLOAT] = 4, [PARQUET_DOUBLE] = 8, [PARQUET_FIXED] = 0,
	};

	return leaf->physical == PARQUET_FIXED ? leaf->fixed :
						 widths[leaf->physical];
}

static uint64_t sum_bytes(const unsigned char *at, size_t len)
{
	uint64_t sum = 0, word;

	for (; len >= sizeof(word); at += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		sum += word;
	}
	while (len--)
		sum += *at++;
	return sum;
}

static bool walk_texts(const unsigned char *at, size_t len, uint64_t values,
		       uint64_t *sum)
{
	for (; values > 0; values--) {
		uint32_t text;

		if (len < sizeof(text))
			return false;
		text = le_get32(at);
		at += sizeof(text);
		len -= sizeof(text);
		if (text > len)
			return false;
		*sum += sum_bytes(at, text);
		at += text;
		len -= text;
	}
	return true;
}

static bool take_plain(struct parquetchunk *c, const unsigned char *at,
		       size_t len, uint64_t values)
{
	size_t width = width_of(c->leaf), bytes;

	if (c->leaf->physical == PARQUET_BYTES)
		return walk_texts(at, len, values, &c->sum);
	if (c->leaf->physical == PARQUET_BOOLEAN)
		bytes = (values + 7) / 8;
	else
		bytes = values * width; /* of 31 bits each */
	if (bytes > len)
		return false;
	c->sum += sum_bytes(at, bytes);
	return true;
}

/* ---- Dictionaries ---- */

static int keep_dictionary(struct parquetchunk *c, const unsigned char *bytes,
			   size_t len, uint64_t values)
{
	unsigned char *copy;

	if (c->leaf->physical == PARQUET_BOOLEAN ||
	    !take_plain(c, bytes, len, values))
		return wrong(c, "has a dictionary that is cut");
	copy = realloc(c->dictionary, MAX(len, 1));
	if (!copy)
		return -ENOMEM;
	if (len > 0)
		memcpy(copy, bytes, len);
	c->dictionary = copy;
	c->dictionary_values = values;
	return 0;
}

/* What the value of an index counts for. */
static uint64_t look_up(const struct parquetchunk *c, uint32_t index)
{
	size_t width = width_of(c->leaf);
	uint32_t value;

	if (width < sizeof(value))
		return index;
	memcpy(&value, c->dictionary + index * width, sizeof(value));
	return value;
}

static bool take_indexes(struct parquetchunk *c, const unsigned char *at,
			 size_t len, uint64_t values)
{
	uint32_t index[RLE_AT_ONCE];
	struct rle_in in;

	if (values == 0)
		return true;
	if (len < 1 || at[0] > 32)
		return false;
	rle_read(&in, at + 1, len - 1, at[0]);
	while (values > 0) {
		uint64_t times;
		size_t n = rle_some(&in, values, index, &times);

		if (n == 0)
			return false;
		for (size_t i = 0; i < n; i++) {
			if (index[i] >= c->dictionary_values)
				return false;
			c->sum += look_up(c, index[i]) * times;
		}
		values -= n * times;
	}
	return true;
}

/* ---- Levels ---- */

static unsigned bits_of(unsigned max)
{
	unsigned bits = 0;

	for (; max; max >>= 1)
		bits++;
	return bits;
}

/* How many of the levels are `wanted`; moves behind them. */
static bool count_levels(const unsigned char **at, size_t *len, unsigned max,
			 uint64_t values, uint32_t wanted, uint64_t *count)
{
	uint32_t level[RLE_AT_ONCE], bytes;
	struct rle_in in;

	if (*len < sizeof(bytes))
		return false;
	bytes = le_get32(*at);
	if (bytes > *len - sizeof(bytes))
		return false;
	rle_read(&in, *at + sizeof(bytes), bytes, bits_of(max));
	*at += sizeof(bytes) + bytes;
	*len -= sizeof(bytes) + bytes;
	*count = 0;
	while (values > 0) {
		uint64_t times;
		size_t n = rle_some(&in, values, level, &times);

		if (n == 0)
			return false;
		for (size_t i = 0; i < n; i++)
			*count += level[i] == wanted ? times : 0;
		values -= n * times;
	}
	return true;
}

/* ---- Pages ---- */

static int take_data(struct parquetchunk *c, const struct parquet_page *p,
		     const unsigned char *at, size_t len)
{
	uint64_t rows = p->values, there = rows;
	bool good;

	if ((c->leaf->max_rep &&
	     !count_levels(&at, &len, c->leaf->max_rep, p->values, 0, &rows)) ||
	    (c->leaf->max_def &&
	     !count_levels(&at, &len, c->leaf->max_def, p->values,
			   c->leaf->max_def, &there)))
		return wrong(c, "has a page whose levels are cut");
	if (p->encoding == PARQUET_PLAIN)
		good = take_plain(c, at, len, there);
	else if (p->encoding == PARQUET_DICTIONARY ||
		 p->encoding == PARQUET_OLD_DICTIONARY)
		good = take_indexes(c, at, len, there);
	else
		return wrong(c, "has a page in an encoding that is not read "
				"here");
	if (!good)
		return wrong(c, "has a page whose values are cut");
	c->rows += rows;
	c->values += p->values;
	return 0;
}

static int take_page(struct parquetchunk *c, const struct parquet_page *p,
		     const unsigned char *at, size_t len)
{
	switch (p->type) {
	case PARQUET_DATA_PAGE:
		return take_data(c, p, at, len);
	case PARQUET_DICTIONARY_PAGE:
		return keep_dictionary(c, at, len, p->values);
	case PARQUET_DATA_PAGE_2:
		break;
	}
	return wrong(c, "has a page of a kind that is not read here");
}

/* A page may not say that it becomes more than this many times larger. */
#define MAX_EXPANSION 4096

static int expand(struct parquetchunk *c, const struct parquet_page *p,
		  const struct codec *codec, const unsigned char *at)
{
	int rc;

	if (p->unpacked / MAX_EXPANSION > p->packed)
		return wrong(c, "has a page that cannot be that large");
	if (p->unpacked > c->page_room) {
		free(c->page);
		c->page = malloc(p->unpacked);
		c->page_room = c->page ? p->unpacked : 0;
		if (!c->page)
			return -ENOMEM;
	}
	rc = codec_expand(codec, at, p->packed, c->page, p->unpacked);
	return rc == -EBADMSG ? wrong(c, "has a page that does not expand") :
				rc;
}

static int next_page(struct parquetchunk *c, const struct codec *codec,
		     const unsigned char **at, size_t *left)
{
	struct parquet_page page;
	size_t head = parquet_in_page(*at, *left, &page);
	const unsigned char *body = *at + head;
	int rc = 0;

	if (head == 0 || page.packed > *left - head)
		return wrong(c, "has a page without a good header");
	*at = body + page.packed;
	*left -= head + page.packed;
	if (c->check && page.has_crc &&
	    crc_crc32(0, body, page.packed) != page.crc)
		return wrong(c, "is damaged: a page has not the CRC-32 in its "
				"header");
	/* What is not compressed is taken where it is. */
	if (codec_number(codec) == 0)
		return page.packed == page.unpacked ?
			       take_page(c, &page, body, page.packed) :
			       wrong(c, "has a page of two lengths");
	rc = expand(c, &page, codec, body);
	return rc ? rc : take_page(c, &page, c->page, page.unpacked);
}

int parquetchunk_decode(struct parquetchunk *c,
			const struct parquet_in_leaf *leaf,
			const struct parquet_chunk *chunk, uint64_t rows,
			const unsigned char *bytes, const char **what)
{
	const struct codec *codec = codec_at(chunk->codec);
	size_t left = chunk->packed;
	int rc = 0;

	c->leaf = leaf;
	c->rows = c->values = 0;
	c->dictionary_values = 0;
	*what = "has a column in a compression that is not read here";
	if (!codec)
		return -EBADMSG;
	while (left > 0 && c->values < chunk->values && !rc)
		rc = next_page(c, codec, &bytes, &left);
	if (!rc && (c->values != chunk->values || c->rows != rows))
		rc = wrong(c, "has a column without as many values as its "
			      "footer says");
	*what = c->wrong;
	return rc;
}

void parquetchunk_free(struct parquetchunk *c)
{
	free(c->dictionary);
	free(c->page);
}
