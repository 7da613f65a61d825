#include "base/crc.h"
#include "data/npy.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#define MAX32                                                                  \
	UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,            \
		UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,    \
		UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,    \
		UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,    \
		UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,    \
		UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,    \
		UINT64_MAX, UINT64_MAX

/* Length and CRC-32 of what NumPy 1.24.2 writes. */
static const struct {
	struct npy a;
	size_t len;
	uint32_t crc;
} written[] = {
	{ { "|u1", false, 3, { 64, 64, 1 } }, 128, 0xe4aa4259 },
	{ { "<i8", false, 1, { 1 } }, 128, 0x45267198 },
	{ { "<f4", false, 0, { 0 } }, 128, 0xadd37f75 },
	{ { "<f8", false, 3, { 1, 1, 1 } }, 128, 0xaad5a37f },
	{ { "<c16", false, 3, { 12345, 67890, 3 } }, 128, 0x7b026396 },
	{ { "|u1", false, 3, { 15865, 14125, 1 } }, 128, 0x68f0f0e9 },
	{ { "|u1", true, 2, { 3, 4 } }, 128, 0x321fb1cb },
	{ { "|u1", false, 10, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 } },
	  128,
	  0x9b2b7a9a },
	{ { "|u1", false, 10, { 1, 1, 1, 1, 1, 1, 1, 1, 1111111111, 7 } },
	  128,
	  0xbb896908 },
	/* Ends on the border, so gets 64 more. */
	{ { "|u1", false, 10, { 1, 1, 1, 1, 1, 1, 1, 1, 111111111111111, 7 } },
	  192,
	  0x9f9233d4 },
	{ { "|u1", false, 32, { MAX32 } }, 832, 0x3f071891 },
};

Test(npy, header_is_numpys_to_the_byte)
{
	for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
		char buf[NPY_MAX_HEADER];
		size_t len = npy_write(&written[i].a, buf);

		cr_expect_eq(len, written[i].len, "case %zu: %zu", i, len);
		cr_expect_eq(crc_crc32(0, buf, len), written[i].crc,
			     "case %zu: %.*s", i, (int)len - 10, buf + 10);
	}
}

Test(npy, header_can_be_read_back)
{
	for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
		char buf[NPY_MAX_HEADER];
		size_t len = npy_write(&written[i].a, buf);
		struct npy a;

		cr_assert_eq(npy_parse(buf, len, &a), (ssize_t)len, "%zu", i);
		cr_expect_eq(memcmp(&a, &written[i].a, sizeof(a)), 0, "%zu", i);
	}
}

Test(npy, header_asks_for_more_until_it_is_whole)
{
	AUTO_FREE char *exact = NULL;
	char buf[NPY_MAX_HEADER];
	size_t len = npy_write(&written[0].a, buf);
	struct npy a;

	for (size_t n = 0; n < len; n++) {
		free(exact);
		exact = malloc(n + !n);
		memcpy(exact, buf, n);
		cr_expect_eq(npy_parse(exact, n, &a), 0, "%zu bytes", n);
	}
}

/* A header of the given version around a text. */
static size_t wrap(unsigned version, const char *text, char *buf)
{
	size_t len = strlen(text), prefix = version == 1 ? 10 : 12;

	memcpy(buf, "\x93NUMPY", 6);
	buf[6] = (char)version;
	buf[7] = 0;
	for (size_t i = 8; i < prefix; i++)
		buf[i] = (char)(len >> 8 * (i - 8) & 0xff);
	memcpy(buf + prefix, text, len);
	return prefix + len;
}

Test(npy, header_of_other_writers_is_understood)
{
	static const struct {
		unsigned version;
		const char *text;
		struct npy want;
	} cases[] = {
		{ 1,
		  "{'shape': (3, 4), 'fortran_order': True, 'descr': '<f4'}\n",
		  { "<f4", true, 2, { 3, 4 } } },
		{ 2,
		  "{\"descr\":\"|u1\",\"fortran_order\":False,\"shape\":(7,)}",
		  { "|u1", false, 1, { 7 } } },
		{ 3,
		  " { 'descr' : '>i2' , 'fortran_order' : False , 'shape' : "
		  "( 7L , 8L , ) , } \n",
		  { ">i2", false, 2, { 7, 8 } } },
		{ 1,
		  "{'descr': '<M8[ns]', 'fortran_order': False, 'shape': ()}",
		  { "<M8[ns]", false, 0, { 0 } } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char buf[256];
		size_t len = wrap(cases[i].version, cases[i].text, buf);
		struct npy a;

		cr_assert_eq(npy_parse(buf, len, &a), (ssize_t)len, "%zu", i);
		cr_expect_eq(memcmp(&a, &cases[i].want, sizeof(a)), 0, "%s",
			     cases[i].text);
	}
}

Test(npy, header_that_makes_no_sense_is_refused)
{
#define REST "'fortran_order': False, 'shape': (1,)}"
	static const struct {
		const char *text;
		int want;
	} cases[] = {
		{ "", -EINVAL },
		{ "{}", -EINVAL },
		{ "{'descr': '|u1', 'shape': (1,)}", -EINVAL },
		{ "{'descr': '|u1', 'descr': '|u1', " REST, -EINVAL },
		{ "{'descr': '|u1', " REST " and more", -EINVAL },
		{ "{'descr': '|u1' " REST, -EINVAL },
		{ "{'descr': '|u1', 'color': 'red', " REST, -EINVAL },
		{ "{'descr': |u1, " REST, -EINVAL },
		{ "{'descr': '|u1, " REST, -EINVAL },
		{ "{'descr': 'a descr that is too long', " REST, -EINVAL },
		{ "{'descr': [('a', '<i4')], " REST, -ENOTSUP },
		{ "{'descr': '|u1', 'fortran_order': 0, 'shape': (1,)}",
		  -EINVAL },
		{ "{'descr': '|u1', 'fortran_order': False, 'shape': (1)}",
		  -EINVAL },
		{ "{'descr': '|u1', 'fortran_order': False, 'shape': (1 2)}",
		  -EINVAL },
		{ "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}",
		  -EINVAL },
		{ "{'descr': '|u1', 'fortran_order': False, 'shape': (,)}",
		  -EINVAL },
		{ "{'descr': '|u1', 'fortran_order': False, 'shape': (1,",
		  -EINVAL },
		{ "{'descr': '|u1', 'fortran_order': False, 'shape': "
		  "(18446744073709551616,)}",
		  -EINVAL },
		{ "{'descr': '|u1', 'fortran_order': False, 'shape': "
		  "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
		  "1,1,1,1,1,1)}",
		  -ENOTSUP },
	};
	char buf[512];
	struct npy a;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = wrap(1, cases[i].text, buf);

		memset(buf + len, ' ', sizeof(buf) - len);
		cr_expect_eq(npy_parse(buf, sizeof(buf), &a), cases[i].want,
			     "%s", cases[i].text);
	}
	cr_expect_eq(npy_parse("PK\x03\x04", 4, &a), -EINVAL);
	cr_expect_eq(npy_parse("\x93NUMPY\x04\x00\x01\x00\x00\x00", 12, &a),
		     -EINVAL);
}
