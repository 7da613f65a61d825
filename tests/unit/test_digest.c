#include "backends/digest.h"

#include "lib/fips.h"
#include "lib/scratch.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

static const char *hex_of(const uint8_t *sum, size_t len)
{
	static char hex[2 * DIGEST_SHA256 + 1];

	digest_hex(sum, len, hex);
	return hex;
}

/* FIPS 180-4's examples, and RFC 1321 A.5. */
Test(digest, has_the_published_sums)
{
	static const struct {
		const char *text, *sha256, *md5;
	} cases[] = {
		{ "",
		  "e3b0c44298fc1c149afbf4c8996fb924"
		  "27ae41e4649b934ca495991b7852b855",
		  "d41d8cd98f00b204e9800998ecf8427e" },
		{ "abc",
		  "ba7816bf8f01cfea414140de5dae2223"
		  "b00361a396177a9cb410ff61f20015ad",
		  "900150983cd24fb0d6963f7d28e17f72" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = cases[i].text;
		uint8_t sum[DIGEST_SHA256];

		digest_sha256(text, strlen(text), sum);
		cr_expect_str_eq(hex_of(sum, DIGEST_SHA256), cases[i].sha256);
		cr_expect_eq(digest_md5(text, strlen(text), sum), 0);
		cr_expect_str_eq(hex_of(sum, DIGEST_MD5), cases[i].md5);
	}
}

Test(digest, by_md5_may_be_forbidden)
{
	char *folder = scratch_new();
	uint8_t sum[DIGEST_MD5];

	fips_forbid_digests(folder);
	cr_expect_eq(digest_md5("abc", 3, sum), -EOPNOTSUPP);
	scratch_remove(folder);
}

Test(digest, of_pieces_is_that_of_the_whole)
{
	const struct digest_piece pieces[] = { { "a", 1 },
					       { NULL, 0 },
					       { "bc", 2 } };
	char hex[2 * DIGEST_SHA256 + 1];

	digest_sha256_hex(pieces, ARRAY_SIZE(pieces), hex);
	cr_expect_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223"
			      "b00361a396177a9cb410ff61f20015ad");
	digest_sha256_hex(NULL, 0, hex);
	cr_expect_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb924"
			      "27ae41e4649b934ca495991b7852b855");
}

/* RFC 4231: test cases 1, 2, and 6 (a key longer than a block); and, from
 * "openssl dgst -mac HMAC", a key of exactly one block. */
Test(digest, of_a_message_with_a_key_has_the_published_values)
{
	char twenty[21], longer[132], block[65];
	const struct {
		const char *key, *data, *hmac;
	} cases[] = {
		{ memset(twenty, 0x0b, 20), "Hi There",
		  "b0344c61d8db38535ca8afceaf0bf12b"
		  "881dc200c9833da726e9376c2e32cff7" },
		{ "Jefe", "what do ya want for nothing?",
		  "5bdcc146bf60754e6a042426089575c7"
		  "5a003f089d2739839dec58b964ec3843" },
		{ memset(longer, 0xaa, 131),
		  "Test Using Larger Than Block-Size Key - Hash Key First",
		  "60e431591ee0b67f0d8a26aacbf5b77f"
		  "8e0bc6213728c5140546040f0ee37f54" },
		{ memset(block, 'k', 64), "one block",
		  "c5959f82b3eddc9b5ca0eff7ef62f016"
		  "6be5222d4de9c7049c4f0149986dc1f1" },
	};

	twenty[20] = longer[131] = block[64] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t sum[DIGEST_SHA256];

		digest_hmac_sha256(cases[i].key, strlen(cases[i].key),
				   cases[i].data, strlen(cases[i].data), sum);
		cr_expect_str_eq(hex_of(sum, sizeof(sum)), cases[i].hmac,
				 "case %zu", i);
	}
}

/* RFC 4648, section 10. */
static const struct {
	const char *text, *base64;
} spelled[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xbf", "+/+/" },
};

Test(digest, spells_base64_as_published)
{
	for (size_t i = 0; i < ARRAY_SIZE(spelled); i++) {
		char out[16];

		digest_base64(spelled[i].text, strlen(spelled[i].text), out);
		cr_expect_str_eq(out, spelled[i].base64);
	}
}

Test(digest, reads_back_base64)
{
	for (size_t i = 0; i < ARRAY_SIZE(spelled); i++) {
		size_t len = strlen(spelled[i].text);
		uint8_t out[8];

		cr_expect_eq(digest_unbase64(spelled[i].base64, out, len),
			     (ssize_t)len, "'%s'", spelled[i].base64);
		cr_expect_arr_eq(out, spelled[i].text, len);
	}
}

Test(digest, refuses_what_is_no_base64)
{
	static const char *const wrong[] = {
		"Z",	"Zg",	    "Zg=",  "=",     "====",
		"Z===", "Zg==Zg==", "Zm9-", "Z g=",  "Zm9v\n",
		"Zh==", "Zm9=",	    "Zm=v", "Zm9v=", "\xc3\xbc\xc3\xbc",
	};
	uint8_t out[16];

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		cr_expect_eq(digest_unbase64(wrong[i], out, sizeof(out)),
			     -EINVAL, "'%s'", wrong[i]);
	cr_expect_eq(digest_unbase64("Zm9v", out, 2), -EINVAL, "no room");
	memset(out, 1, sizeof(out));
	cr_expect_eq(digest_unbase64("a2V5a2V5!", out, 8), -EINVAL);
	cr_expect_eq(digest_unbase64("a2V5a2V!", out, 8), -EINVAL);
	cr_expect_arr_eq(out, "\0\0\0\0\0\0\0\0\1", 9, "half a key stays");
}
