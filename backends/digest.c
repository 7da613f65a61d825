#include "backends/digest.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

/* ---- Digests ------------------------------------------------------------ */

/* SHA-256 fails for want of memory, and is forbidden nowhere; nothing can be
 * signed then, and no caller could do better. */
static void insist(int ok)
{
	if (!ok)
		abort();
}

static EVP_MD_CTX *start(const EVP_MD *md)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	insist(ctx && EVP_DigestInit_ex(ctx, md, NULL));
	return ctx;
}

static void add(EVP_MD_CTX *ctx, const void *data, size_t len)
{
	insist(EVP_DigestUpdate(ctx, data, len));
}

static void end(EVP_MD_CTX *ctx, uint8_t *out)
{
	insist(EVP_DigestFinal_ex(ctx, out, NULL));
}

void digest_sha256(const void *data, size_t len, uint8_t out[DIGEST_SHA256])
{
	insist(EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL));
}

int digest_md5(const void *data, size_t len, uint8_t out[DIGEST_MD5])
{
	if (EVP_Digest(data, len, out, NULL, EVP_md5(), NULL))
		return 0;
	ERR_clear_error(); /* or TLS would find it, and take it for its own */
	return -EOPNOTSUPP;
}

void digest_sha256_hex(const struct digest_piece *pieces, size_t n,
		       char out[2 * DIGEST_SHA256 + 1])
{
	EVP_MD_CTX *ctx = start(EVP_sha256());
	uint8_t sum[DIGEST_SHA256];

	for (size_t i = 0; i < n; i++)
		add(ctx, pieces[i].data, pieces[i].len);
	end(ctx, sum);
	EVP_MD_CTX_free(ctx);
	digest_hex(sum, sizeof(sum), out);
}

/* RFC 2104, with one context for both passes: a signature needs five of these,
 * and OpenSSL 3's own HMAC() takes twice as long to look up its algorithm. */
void digest_hmac_sha256(const void *key, size_t key_len, const void *data,
			size_t len, uint8_t out[DIGEST_SHA256])
{
	EVP_MD_CTX *ctx = start(EVP_sha256());
	uint8_t pad[64] = { 0 };

	if (key_len > sizeof(pad))
		digest_sha256(key, key_len, pad);
	else if (key_len)
		memcpy(pad, key, key_len);

	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	add(ctx, pad, sizeof(pad));
	add(ctx, data, len);
	end(ctx, out);

	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	insist(EVP_DigestInit_ex(ctx, NULL, NULL));
	add(ctx, pad, sizeof(pad));
	add(ctx, out, DIGEST_SHA256);
	end(ctx, out);

	EVP_MD_CTX_free(ctx);
	explicit_bzero(pad, sizeof(pad));
}

/* ---- How they are spelled ----------------------------------------------- */

void digest_hex(const uint8_t *data, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++) {
		*out++ = "0123456789abcdef"[data[i] >> 4];
		*out++ = "0123456789abcdef"[data[i] & 15];
	}
	*out = '\0';
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/";

void digest_base64(const void *data, size_t len, char *out)
{
	const uint8_t *in = data;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t bits = (uint32_t)in[i] << 16;

		if (i + 1 < len)
			bits |= (uint32_t)in[i + 1] << 8;
		if (i + 2 < len)
			bits |= in[i + 2];
		*out++ = base64[bits >> 18];
		*out++ = base64[bits >> 12 & 63];
		*out++ = i + 1 < len ? base64[bits >> 6 & 63] : '=';
		*out++ = i + 2 < len ? base64[bits & 63] : '=';
	}
	*out = '\0';
}

/* Four letters to at most three bytes: how many, or -EINVAL.  '=' may stand for
 * the last two, and the bits that are then left over are 0. */
static int unbase64_group(const char *in, uint8_t out[3])
{
	int letters = in[3] != '=' ? 4 : in[2] != '=' ? 3 : 2;
	uint32_t bits = 0;

	for (int i = 0; i < letters; i++) {
		const char *at = strchr(base64, in[i]);

		if (!at || !*at)
			return -EINVAL;
		bits |= (uint32_t)(at - base64) << (18 - 6 * i);
	}
	out[0] = (uint8_t)(bits >> 16);
	out[1] = (uint8_t)(bits >> 8);
	out[2] = (uint8_t)bits;
	if ((letters < 4 && out[2]) || (letters < 3 && out[1]))
		return -EINVAL;
	return letters - 1;
}

static ssize_t unbase64(const char *text, size_t len, uint8_t bytes[3],
			uint8_t *out, size_t size)
{
	size_t got = 0;

	for (size_t i = 0; i < len; i += 4) {
		int n = unbase64_group(text + i, bytes);

		if (n < 0 || (n < 3 && i + 4 < len) || (size_t)n > size - got)
			return -EINVAL;
		memcpy(out + got, bytes, (size_t)n);
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/* What is decoded may be a key: nothing of it stays behind. */
ssize_t digest_unbase64(const char *text, uint8_t *out, size_t size)
{
	size_t len = strlen(text);
	uint8_t bytes[3];
	ssize_t got;

	got = len % 4 ? -EINVAL : unbase64(text, len, bytes, out, size);
	explicit_bzero(bytes, sizeof(bytes));
	if (got < 0)
		explicit_bzero(out, size);
	return got;
}
