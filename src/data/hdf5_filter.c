#include "data/hdf5_filter.h"

#include "data/inflate.h"
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
	return gzip_room(len) + SZIP_HEADER;
}

/* Where no byte is likelier than others, a search for repetitions finds next to
 * none, and takes three quarters of the time: without it a file becomes no
 * larger, up to 1 % smaller.  (Tried with all kinds and levels.)  Of bools, which
 * repeat all the time, it would become up to 10 % larger. */
static int strategy(const struct dtype *t)
{
	return t->kind == DTYPE_BOOL ? Z_DEFAULT_STRATEGY : Z_RLE;
}

static ssize_t gzip_deflate(const struct hdf5_shape *s, const void *in,
			    size_t len, void *out)
{
	z_stream z = { .next_in = (unsigned char *)in,
		       .avail_in = (uInt)len,
		       .next_out = out,
		       .avail_out = (uInt)MIN(gzip_room(len), UINT32_MAX) };
	int rc;

	if (deflateInit2(&z, (int)s->level, Z_DEFLATED, 15, 8,
			 strategy(s->dtype)) != Z_OK)
		return -EIO;
	rc = deflate(&z, Z_FINISH);
	deflateEnd(&z);
	if (rc == Z_STREAM_END)
		return (ssize_t)z.total_out;
	return rc == Z_OK ? 0 : -EIO; /* Z_OK: there is no room for more */
}

#define SAMPLE ((size_t)16 * KIB)

/* Are all bytes about as frequent as any?  Chi-squared of 255 degrees of
 * freedom: 255 on average, of noise not above 400 in a million years. */
static bool is_noise(const unsigned char *in)
{
	uint32_t counts[256] = { 0 };
	uint64_t squares = 0;

	for (size_t i = 0; i < SAMPLE; i++)
		counts[in[i]]++;
	for (unsigned i = 0; i < ARRAY_SIZE(counts); i++)
		squares += (uint64_t)counts[i] * counts[i];
	return squares < SAMPLE * (SAMPLE + 400) / 256;
}

/* What zlib decides for a block of noise, after it tried all it can: to store
 * it.  Its blocks are of so many bytes. */
#define STORED 16383u

static ssize_t gzip_store(const unsigned char *in, size_t len,
			  unsigned char *out)
{
	unsigned char *to = out;
	uint32_t sum = htobe32(inflate_adler32(in, len));

	*to++ = 0x78; /* zlib's header: 32 KiB of window, fast */
	*to++ = 0x01;
	for (size_t n; len > 0; in += n, len -= n) {
		n = MIN(len, STORED);
		*to++ = n == len; /* the last */
		*to++ = (unsigned char)n;
		*to++ = (unsigned char)(n >> 8);
		*to++ = (unsigned char)~n;
		*to++ = (unsigned char)(~n >> 8);
		memcpy(to, in, n);
		to += n;
	}
	memcpy(to, &sum, sizeof(sum));
	return to + sizeof(sum) - out;
}

static ssize_t gzip_compress(const struct hdf5_shape *s, const void *in,
			     size_t len, void *out)
{
	return s->level > 0 && len >= SAMPLE && is_noise(in) ?
		       gzip_store(in, len, out) :
		       gzip_deflate(s, in, len, out);
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
		return inflate_zlib(in, n, out, len);
	case HDF5_LZF:
		return lzf_expand(in, n, out, len) == len ? 0 : -EBADMSG;
	case HDF5_SZIP:
		return szip_expand(s, in, n, out, len);
	}
	return -EBADMSG;
}
