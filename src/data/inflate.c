#include "data/inflate.h"

#include <errno.h>
#include <libdeflate.h>

/* libdeflate_zlib_decompress() and its like. */
typedef enum libdeflate_result expand_fn(struct libdeflate_decompressor *,
					 const void *, size_t, void *, size_t,
					 size_t *);

static int expand(expand_fn *fn, const void *in, size_t len, void *out,
		  size_t out_len)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	unsigned char nothing;
	enum libdeflate_result z;

	if (!d)
		return -ENOMEM;
	/* NULL as the last argument: the whole of the room must be filled. */
	z = fn(d, in, len, out ? out : &nothing, out_len, NULL);
	libdeflate_free_decompressor(d);
	return z == LIBDEFLATE_SUCCESS ? 0 : -EBADMSG;
}

int inflate_zlib(const void *in, size_t len, void *out, size_t out_len)
{
	return expand(libdeflate_zlib_decompress, in, len, out, out_len);
}

int inflate_gzip(const void *in, size_t len, void *out, size_t out_len)
{
	return expand(libdeflate_gzip_decompress, in, len, out, out_len);
}

uint32_t inflate_adler32(const void *data, size_t len)
{
	return libdeflate_adler32(1, data, len);
}
