/* Blocks of bytes compressed and expanded as a whole: what Parquet does with
 * its pages.
 *
 * Pure; any thread. */
#ifndef DATA_CODEC_H
#define DATA_CODEC_H

#include "base/util.h"

struct codec;

/* By name ("snappy", "gzip", "zstd"; "none"), or by Parquet's number.  NULL:
 * there is no such. */
const struct codec *codec_find(const char *name);
const struct codec *codec_at(int number);

int codec_number(const struct codec *c);

/* How many bytes len of them become, at most. */
size_t codec_bound(const struct codec *c, size_t len);

/* *out_len: room there, then the bytes written.  0; -ENOMEM; of expand also
 * -EBADMSG: this is not what becomes just so many bytes. */
int codec_pack(const struct codec *c, const void *in, size_t len, void *out,
	       size_t *out_len) MUST_USE;
int codec_expand(const struct codec *c, const void *in, size_t len, void *out,
		 size_t out_len) MUST_USE;

#endif
