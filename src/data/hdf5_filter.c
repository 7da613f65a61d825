#include "data/hdf5_filter.h"

#include "data/lzf.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <szlib.h>
#include <zlib.h>

/* libhdf5 gives zlib a tenth of a percent and 12 bytes more than the chunk
 * has; numbers that do not get smaller need just a few. */
static size_t gzip_room(size_t len)
{
	return len + (len + 999) / 1000 + 12;
}

#define SZIP_HEADER 4 /* the length of the chunk */

size_t hdf5_filter_room(size_t len)
{
	return MAX(compressBound(len), gzip_room(len) + SZIP_HEADER);
}

static ssize_t gzip_compress(const struct hdf5_shape *s, const void *in,
			     size_t len, void *out)
{
	uLongf n = compressBound(len);

	if (compress2(out, &n, in, len, (int)s->level) != Z_OK)
		return -EIO;
	return n <= gzip_room(len) ? (ssize_t)n : 0;
}

static int gzip_expand(const void *in, size_t n, void *out, size_t len)
{
	uLongf got = len;

	return uncompress(out, &got, in, n) == Z_OK && got == len ? 0 :
								    -EBADMSG;
}

/* As libhdf5 sets them for a chunk: lines are rows, unless those are too short
 * or too long. */
#define SZIP_BLOCK 8u /* h5py's */
#define SZIP_MAX_LINE (SZIP_BLOCK * 128)

static SZ_com_t szip_settings(const struct hdf5_shape *s)
{
	uint64_t elements = hdf5_shape_bytes(s) / s->dtype->size;
	uint64_t line = s->chunk[s->ndims - 1];

	if (line < SZIP_BLOCK)
		line = elements;
	return (SZ_com_t){
		.options_mask = SZ_NN_OPTION_MASK | SZ_RAW_OPTION_MASK |
				SZ_LSB_OPTION_MASK,
		.bits_per_pixel = 8 * (int)s->dtype->size,
		.pixels_per_block = SZIP_BLOCK,
		.pixels_per_scanline = (int)MIN(line, SZIP_MAX_LINE),
	};
}

static ssize_t szip_compress(const struct hdf5_shape *s, const void *in,
			     size_t len, void *out)
{
	SZ_com_t settings = szip_settings(s);
	uint32_t header = htole32((uint32_t)len);
	size_t n = len;
	int rc;

	memcpy(out, &header, SZIP_HEADER);
	rc = SZ_BufftoBuffCompress((char *)out + SZIP_HEADER, &n, in, len,
				   &settings);
	if (rc == SZ_OUTBUFF_FULL)
		return 0;
	return rc == SZ_OK ? (ssize_t)(n + SZIP_HEADER) : -EIO;
}

static int szip_expand(const struct hdf5_shape *s, const void *in, size_t n,
		       void *out, size_t len)
{
	SZ_com_t settings = szip_settings(s);
	size_t got = len;
	uint32_t header;

	if (n < SZIP_HEADER)
		return -EBADMSG;
	memcpy(&header, in, SZIP_HEADER);
	if (le32toh(header) != len ||
	    SZ_BufftoBuffDecompress(out, &got, (const char *)in + SZIP_HEADER,
				    n - SZIP_HEADER, &settings) != SZ_OK)
		return -EBADMSG;
	return got == len ? 0 : -EBADMSG;
}

ssize_t hdf5_filter_compress(const struct hdf5_shape *s, const void *in,
			     size_t len, void *out)
{
	switch (s->filter) {
	case HDF5_NO_FILTER:
		return 0;
	case HDF5_GZIP:
		return gzip_compress(s, in, len, out);
	case HDF5_LZF:
		return (ssize_t)lzf_compress(in, len, out, len);
	case HDF5_SZIP:
		return szip_compress(s, in, len, out);
	}
	return -EIO;
}

int hdf5_filter_expand(const struct hdf5_shape *s, const void *in, size_t n,
		       void *out, size_t len)
{
	switch (s->filter) {
	case HDF5_NO_FILTER:
		break;
	case HDF5_GZIP:
		return gzip_expand(in, n, out, len);
	case HDF5_LZF:
		return lzf_expand(in, n, out, len) == len ? 0 : -EBADMSG;
	case HDF5_SZIP:
		return szip_expand(s, in, n, out, len);
	}
	return -EBADMSG;
}
