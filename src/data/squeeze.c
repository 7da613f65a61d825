#include "data/squeeze.h"

#include <bzlib.h>
#include <errno.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define OUT_BYTES (64 * KIB)

/* All libraries want a place to read, a place to write, and a state. */
struct squeeze {
	const struct method *method;
	enum squeeze_way way;
	squeeze_fn *to;
	void *arg;
	const unsigned char *in;
	size_t in_left;
	unsigned char *out_at;
	size_t out_left;
	bool started, done;
	union {
		z_stream gzip;
		bz_stream bz2;
		lzma_stream xz;
		ZSTD_CCtx *pack;
		ZSTD_DCtx *expand;
	};
	unsigned char out[OUT_BYTES];
};

/* step() moves on; `last`: nothing comes after what is in.  1: this was the
 * end; 0; or an error. */
struct method {
	const char *name;
	unsigned char magic[6];
	size_t magic_len;
	int (*start)(struct squeeze *s);
	int (*step)(struct squeeze *s, bool last);
	void (*stop)(struct squeeze *s);
	bool followed; /* by what is not its business */
};

/* ---- gzip ---- */

#define GZIP_WINDOW (15 + 16) /* 16: gzip's header, not zlib's */
#define BARE_WINDOW -15	      /* neither */

static int zlib_start(struct squeeze *s, int window)
{
	int z = s->way == SQUEEZE_PACK ?
			deflateInit2(&s->gzip, 6, Z_DEFLATED, window, 8,
				     Z_DEFAULT_STRATEGY) :
			inflateInit2(&s->gzip, window);

	return z == Z_OK ? 0 : -ENOMEM;
}

static int gzip_start(struct squeeze *s)
{
	return zlib_start(s, GZIP_WINDOW);
}

static int deflate_start(struct squeeze *s)
{
	return zlib_start(s, BARE_WINDOW);
}

static int gzip_step(struct squeeze *s, bool last)
{
	size_t in = MIN(s->in_left, GIB), out = s->out_left;
	int z;

	s->gzip.next_in = (unsigned char *)s->in;
	s->gzip.avail_in = (uInt)in;
	s->gzip.next_out = s->out_at;
	s->gzip.avail_out = (uInt)out;
	if (s->way == SQUEEZE_PACK)
		z = deflate(&s->gzip,
			    last && in == s->in_left ? Z_FINISH : Z_NO_FLUSH);
	else
		z = inflate(&s->gzip, Z_NO_FLUSH);
	s->in += in - s->gzip.avail_in;
	s->in_left -= in - s->gzip.avail_in;
	s->out_at = s->gzip.next_out;
	s->out_left = s->gzip.avail_out;
	if (z == Z_STREAM_END)
		return 1;
	if (z == Z_OK || z == Z_BUF_ERROR)
		return 0;
	return z == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

static void gzip_stop(struct squeeze *s)
{
	if (s->way == SQUEEZE_PACK)
		deflateEnd(&s->gzip);
	else
		inflateEnd(&s->gzip);
}

/* ---- bz2 ---- */

static int bz2_start(struct squeeze *s)
{
	int z = s->way == SQUEEZE_PACK ? BZ2_bzCompressInit(&s->bz2, 9, 0, 0) :
					 BZ2_bzDecompressInit(&s->bz2, 0, 0);

	return z == BZ_OK ? 0 : -ENOMEM;
}

static int bz2_step(struct squeeze *s, bool last)
{
	size_t in = MIN(s->in_left, GIB);
	int z;

	s->bz2.next_in = (char *)s->in;
	s->bz2.avail_in = (unsigned)in;
	s->bz2.next_out = (char *)s->out_at;
	s->bz2.avail_out = (unsigned)s->out_left;
	if (s->way == SQUEEZE_EXPAND)
		z = BZ2_bzDecompress(&s->bz2);
	else if (in == 0 && !last)
		return 0;
	else
		z = BZ2_bzCompress(
			&s->bz2, last && in == s->in_left ? BZ_FINISH : BZ_RUN);
	s->in += in - s->bz2.avail_in;
	s->in_left -= in - s->bz2.avail_in;
	s->out_at = (unsigned char *)s->bz2.next_out;
	s->out_left = s->bz2.avail_out;
	if (z == BZ_STREAM_END)
		return 1;
	if (z == BZ_OK || z == BZ_RUN_OK || z == BZ_FINISH_OK)
		return 0;
	return z == BZ_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

static void bz2_stop(struct squeeze *s)
{
	if (s->way == SQUEEZE_PACK)
		BZ2_bzCompressEnd(&s->bz2);
	else
		BZ2_bzDecompressEnd(&s->bz2);
}

/* ---- xz ---- */

static int xz_start(struct squeeze *s)
{
	lzma_ret z;

	s->xz = (lzma_stream)LZMA_STREAM_INIT;
	z = s->way == SQUEEZE_PACK ?
		    lzma_easy_encoder(&s->xz, LZMA_PRESET_DEFAULT,
				      LZMA_CHECK_CRC64) :
		    lzma_stream_decoder(&s->xz, UINT64_MAX, 0);
	return z == LZMA_OK ? 0 : -ENOMEM;
}

static int xz_step(struct squeeze *s, bool last)
{
	lzma_ret z;

	s->xz.next_in = s->in;
	s->xz.avail_in = s->in_left;
	s->xz.next_out = s->out_at;
	s->xz.avail_out = s->out_left;
	z = lzma_code(&s->xz, last ? LZMA_FINISH : LZMA_RUN);
	s->in = s->xz.next_in;
	s->in_left = s->xz.avail_in;
	s->out_at = s->xz.next_out;
	s->out_left = s->xz.avail_out;
	if (z == LZMA_STREAM_END)
		return 1;
	if (z == LZMA_OK || z == LZMA_BUF_ERROR)
		return 0;
	return z == LZMA_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

static void xz_stop(struct squeeze *s)
{
	lzma_end(&s->xz);
}

/* ---- zstd ---- */

static int zstd_start(struct squeeze *s)
{
	if (s->way == SQUEEZE_PACK)
		s->pack = ZSTD_createCCtx();
	else
		s->expand = ZSTD_createDCtx();
	return s->pack ? 0 : -ENOMEM; /* a pointer either way */
}

static int zstd_step(struct squeeze *s, bool last)
{
	ZSTD_inBuffer in = { s->in, s->in_left, 0 };
	ZSTD_outBuffer out = { s->out_at, s->out_left, 0 };
	size_t z;

	if (s->way == SQUEEZE_PACK)
		z = ZSTD_compressStream2(s->pack, &out, &in,
					 last ? ZSTD_e_end : ZSTD_e_continue);
	else
		z = ZSTD_decompressStream(s->expand, &out, &in);
	if (ZSTD_isError(z))
		return -EBADMSG;
	s->in += in.pos;
	s->in_left -= in.pos;
	s->out_at += out.pos;
	s->out_left -= out.pos;
	return z == 0 && (s->way == SQUEEZE_EXPAND || last);
}

static void zstd_stop(struct squeeze *s)
{
	if (s->way == SQUEEZE_PACK)
		ZSTD_freeCCtx(s->pack);
	else
		ZSTD_freeDCtx(s->expand);
}

static const struct method methods[] = {
	{ "gzip", "\x1f\x8b\x08", 3, gzip_start, gzip_step, gzip_stop, false },
	{ "deflate", "", 0, deflate_start, gzip_step, gzip_stop, true },
	{ "bz2", "BZh", 3, bz2_start, bz2_step, bz2_stop, false },
	{ "xz",
	  "\xfd"
	  "7zXZ",
	  6, xz_start, xz_step, xz_stop, false },
	{ "zstd", "\x28\xb5\x2f\xfd", 4, zstd_start, zstd_step, zstd_stop,
	  false },
};

static const struct method *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (!strcmp(name, methods[i].name))
			return &methods[i];
	return NULL;
}

bool squeeze_knows(const char *method)
{
	return find(method);
}

const char *squeeze_of(const void *start, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (methods[i].magic_len && len >= methods[i].magic_len &&
		    !memcmp(start, methods[i].magic, methods[i].magic_len))
			return methods[i].name;
	return NULL;
}

/* ---- The rest ---- */

int squeeze_new(const char *method, enum squeeze_way way, squeeze_fn *to,
		void *arg, struct squeeze **out)
{
	AUTO_FREE struct squeeze *s = NULL;
	const struct method *m = find(method);
	int rc;

	*out = NULL;
	if (!m)
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->method = m;
	s->way = way;
	s->to = to;
	s->arg = arg;
	s->out_at = s->out;
	s->out_left = OUT_BYTES;
	rc = m->start(s);
	if (!rc)
		*out = TAKE(s);
	return rc;
}

void squeeze_free(struct squeeze *s)
{
	if (!s)
		return;
	s->method->stop(s);
	free(s);
}

static int give_out(struct squeeze *s)
{
	size_t len = OUT_BYTES - s->out_left;

	s->out_at = s->out;
	s->out_left = OUT_BYTES;
	return len ? s->to(s->arg, s->out, len) : 0;
}

/* Go on until all of the input is taken; to the end of the stream if it is the
 * last. */
static int run(struct squeeze *s, bool last)
{
	while (!s->done) {
		size_t in = s->in_left, out = s->out_left;
		int rc = s->method->step(s, last);
		bool moved = in != s->in_left || out != s->out_left;

		if (rc < 0)
			return rc;
		s->done = rc;
		/* Full: more may be waiting inside. */
		if (s->out_left == 0 || s->done)
			rc = give_out(s);
		else if (s->in_left == 0 && (!last || !moved))
			break;
		else
			rc = moved ? 0 : -EBADMSG;
		if (rc)
			return rc;
	}
	return s->in_left > 0 && !s->method->followed ? -EBADMSG : 0;
}

int squeeze_add(struct squeeze *s, const void *data, size_t len)
{
	s->in = data;
	s->in_left = len;
	return len ? run(s, false) : 0;
}

int squeeze_end(struct squeeze *s)
{
	int rc;

	s->in = s->out; /* of which nothing is read */
	s->in_left = 0;
	rc = run(s, s->way == SQUEEZE_PACK);
	if (!rc && !s->done)
		rc = -EBADMSG;
	return rc;
}
