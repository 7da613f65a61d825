/* Digests and their spelling.  The only user of OpenSSL.  No state; any
 * thread. */
#ifndef BACKENDS_DIGEST_H
#define BACKENDS_DIGEST_H

#include "base/util.h"

#define DIGEST_SHA256 32
#define DIGEST_MD5 16

void digest_sha256(const void *data, size_t len, uint8_t out[DIGEST_SHA256]);
void digest_hmac_sha256(const void *key, size_t key_len, const void *data,
			size_t len, uint8_t out[DIGEST_SHA256]);

/* -EOPNOTSUPP: this machine's policy (FIPS) forbids it. */
int digest_md5(const void *data, size_t len, uint8_t out[DIGEST_MD5]) MUST_USE;

/* SHA-256 of pieces, as lower-case hex with its NUL. */
struct digest_piece {
	const void *data;
	size_t len;
};
void digest_sha256_hex(const struct digest_piece *pieces, size_t n,
		       char out[2 * DIGEST_SHA256 + 1]);

void digest_hex(const uint8_t *data, size_t len, char *out); /* 2 len + 1 */

/* Base64 (RFC 4648 section 4).  Encoding needs 4 * ((len + 2) / 3) + 1 bytes.
 * Decoding gives the length, at most 3 * strlen / 4, or -EINVAL. */
void digest_base64(const void *data, size_t len, char *out);
ssize_t digest_unbase64(const char *text, uint8_t *out, size_t size) MUST_USE;

#endif
