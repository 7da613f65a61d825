/* The expected bytes were written by Python 3.11's zipfile for numpy.savez() of
 * arrays of these sizes, into a file that keeps only the headers. */
#include "data/zipout.h"

#include <criterion/criterion.h>

#include <string.h>

#define CRC 0x12345678
#define AT_LIMIT 2147483647ULL /* zipfile's last size without ZIP64 */

static void expect_hex(const unsigned char *got, size_t len, const char *hex,
		       const char *what)
{
	char text[512] = "";

	cr_assert_lt(2 * len, sizeof(text));
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", got[i]);
	cr_expect_str_eq(text, hex, "%s", what);
}

Test(zipout, local_header_is_zipfiles)
{
	static const struct {
		struct zipout_member m;
		const char *hex;
	} cases[] = {
		{ { "x.npy", 4224, CRC, 0 },
		  "504b03041400000000000000210078563412801000008010000005001400"
		  "782e6e7079"
		  "0100100080100000000000008010000000000000" },
		{ { "x.npy", AT_LIMIT, CRC, 0 },
		  "504b03041400000000000000210078563412ffffff7fffffff7f05001400"
		  "782e6e7079"
		  "01001000ffffff7f00000000ffffff7f00000000" },
		{ { "x.npy", AT_LIMIT + 1, CRC, 0 },
		  "504b03042d00000000000000210078563412ffffffffffffffff05001400"
		  "782e6e7079"
		  "0100100000000080000000000000008000000000" },
		{ { "x.npy", 4294967424, CRC, 0 },
		  "504b03042d00000000000000210078563412ffffffffffffffff05001400"
		  "782e6e7079"
		  "0100100080000000010000008000000001000000" },
		/* Where it is does not matter to a local header. */
		{ { "y.npy", 136, CRC, 4294967479 },
		  "504b03041400000000000000210078563412880000008800000005001400"
		  "792e6e7079"
		  "0100100088000000000000008800000000000000" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char buf[256];
		size_t len = zipout_local_header(&cases[i].m, buf);

		cr_expect_eq(zipout_local_header(&cases[i].m, NULL), len);
		expect_hex(buf, len, cases[i].hex, "local header");
	}
}

Test(zipout, central_header_is_zipfiles)
{
	static const struct {
		struct zipout_member m;
		const char *hex;
	} cases[] = {
		{ { "x.npy", 4224, CRC, 0 },
		  "504b01021403140000000000000021007856341280100000801000000500"
		  "00000000000000000000800100000000"
		  "782e6e7079" },
		{ { "y.npy", 136, CRC, 4279 },
		  "504b01021403140000000000000021007856341288000000880000000500"
		  "000000000000000000008001b7100000"
		  "792e6e7079" },
		{ { "x.npy", AT_LIMIT, CRC, 0 },
		  "504b010214031400000000000000210078563412ffffff7fffffff7f0500"
		  "00000000000000000000800100000000"
		  "782e6e7079" },
		{ { "x.npy", AT_LIMIT + 1, CRC, 0 },
		  "504b01022d032d00000000000000210078563412ffffffffffffffff0500"
		  "14000000000000000000800100000000"
		  "782e6e7079"
		  "0100100000000080000000000000008000000000" },
		{ { "y.npy", 136, CRC, 2147483703 },
		  "504b01022d032d0000000000000021007856341288000000880000000500"
		  "0c0000000000000000008001ffffffff"
		  "792e6e7079"
		  "010008003700008000000000" },
		{ { "y.npy", 136, CRC, 4294967479 },
		  "504b01022d032d0000000000000021007856341288000000880000000500"
		  "0c0000000000000000008001ffffffff"
		  "792e6e7079"
		  "01000800b700000001000000" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char buf[256];
		size_t len = zipout_central_header(&cases[i].m, buf);

		cr_expect_eq(zipout_central_header(&cases[i].m, NULL), len);
		expect_hex(buf, len, cases[i].hex, "central header");
	}
}

Test(zipout, end_is_zipfiles)
{
	static const struct {
		uint64_t offset, len;
		const char *hex;
	} cases[] = {
		{ 4470, 102, "504b0506000000000200020066000000761100000000" },
		{ 2147483893, 114,
		  "504b06062c000000000000002d002d000000000000000000020000000000"
		  "0000020000000000000072000000"
		  "00000000f500008000000000"
		  "504b060700000000670100800000000001000000"
		  "504b0506000000000200020072000000f50000800000" },
		{ 4294967670, 134,
		  "504b06062c000000000000002d002d000000000000000000020000000000"
		  "0000020000000000000086000000000000007601000001000000"
		  "504b060700000000fc0100000100000001000000"
		  "504b0506000000000200020086000000ffffffff0000" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char buf[256];
		size_t len = zipout_end(2, cases[i].offset, cases[i].len, buf);

		cr_expect_eq(zipout_end(2, cases[i].offset, cases[i].len, NULL),
			     len);
		expect_hex(buf, len, cases[i].hex, "end");
	}
}
