#include "data/codec.h"

#include "data/inflate.h"

#include <errno.h>
#include <snappy-c.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

struct codec {
	const char *name;
	int number; /* enum CompressionCodec of parquet.thrift */
	size_t (*bound)(size_t len);
	int (*pack)(const void *in, size_t len, void *out, size_t *out_len);
	int (*expand)(const void *in, size_t len, void *out, size_t out_len);
};

static size_t none_bound(size_t len)
{
	return len;
}

static int none_pack(const void *in, size_t len, void *out, size_t *out_len)
{
	if (len)
		memcpy(out, in, len);
	*out_len = len;
	return 0;
}

static int none_expand(const void *in, size_t len, void *out, size_t out_len)
{
	return len == out_len ? none_pack(in, len, out, &out_len) : -EBADMSG;
}

static size_t snappy_bound(size_t len)
{
	return snappy_max_compressed_length(len);
}

static int snappy_pack(const void *in, size_t len, void *out, size_t *out_len)
{
	return snappy_compress(in, len, out, out_len) == SNAPPY_OK ? 0 :
								     -ENOMEM;
}

static int snappy_expand(const void *in, size_t len, void *out, size_t out_len)
{
	size_t will;

	if (snappy_uncompressed_length(in, len, &will) != SNAPPY_OK ||
	    will != out_len)
		return -EBADMSG;
	return snappy_uncompress(in, len, out, &will) == SNAPPY_OK ? 0 :
								     -EBADMSG;
}

#define GZIP_WINDOW (15 + 16) /* 16: gzip's header, not zlib's */
#define GZIP_HEADER 32	      /* and its end: more than zlib's */

static size_t gzip_bound(size_t len)
{
	return compressBound(len) + GZIP_HEADER;
}

/* Pages have 31 bits of length: zlib's counters are enough. */
static int gzip_pack(const void *in, size_t len, void *out, size_t *out_len)
{
	z_stream z = { .next_in = (unsigned char *)in,
		       .avail_in = (uInt)len,
		       .next_out = out,
		       .avail_out = (uInt)*out_len };
	int rc;

	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	rc = deflate(&z, Z_FINISH);
	*out_len = z.total_out;
	deflateEnd(&z);
	return rc == Z_STREAM_END ? 0 : -ENOMEM;
}

static size_t zstd_bound(size_t len)
{
	return ZSTD_compressBound(len);
}

/* Arrow's level. */
#define ZSTD_LEVEL 1

static int zstd_pack(const void *in, size_t len, void *out, size_t *out_len)
{
	*out_len = ZSTD_compress(out, *out_len, in, len, ZSTD_LEVEL);
	return ZSTD_isError(*out_len) ? -ENOMEM : 0;
}

static int zstd_expand(const void *in, size_t len, void *out, size_t out_len)
{
	return ZSTD_decompress(out, out_len, in, len) == out_len ? 0 : -EBADMSG;
}

static const struct codec codecs[] = {
	{ "none", 0, none_bound, none_pack, none_expand },
	{ "snappy", 1, snappy_bound, snappy_pack, snappy_expand },
	{ "gzip", 2, gzip_bound, gzip_pack, inflate_gzip },
	{ "zstd", 6, zstd_bound, zstd_pack, zstd_expand },
};

const struct codec *codec_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++)
		if (!strcmp(name, codecs[i].name))
			return &codecs[i];
	return NULL;
}

const struct codec *codec_at(int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++)
		if (number == codecs[i].number)
			return &codecs[i];
	return NULL;
}

int codec_number(const struct codec *c)
{
	return c->number;
}

size_t codec_bound(const struct codec *c, size_t len)
{
	return c->bound(len);
}

int codec_pack(const struct codec *c, const void *in, size_t len, void *out,
	       size_t *out_len)
{
	return c->pack(in, len, out, out_len);
}

int codec_expand(const struct codec *c, const void *in, size_t len, void *out,
		 size_t out_len)
{
	return c->expand(in, len, out, out_len);
}
