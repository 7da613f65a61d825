#include "data/numtext.h"

#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

static void expect(const char *dtype, const void *number, const char *want)
{
	char text[NUMTEXT_MAX + 1] = { 0 };
	size_t len = numtext_of(dtype_find(dtype))(number, text);

	cr_assert_leq(len, NUMTEXT_MAX);
	text[len] = '\0';
	cr_expect_str_eq(text, want, "%s: %s", dtype, text);
}

Test(numtext, writes_integers_in_decimal)
{
	expect("uint8", &(uint8_t){ 254 }, "254");
	expect("int8", &(int8_t){ -128 }, "-128");
	expect("uint16", &(uint16_t){ 65535 }, "65535");
	expect("int16", &(int16_t){ -1 }, "-1");
	expect("uint32", &(uint32_t){ 0 }, "0");
	expect("int32", &(int32_t){ INT32_MIN }, "-2147483648");
	expect("uint64", &(uint64_t){ UINT64_MAX }, "18446744073709551615");
	expect("int64", &(int64_t){ INT64_MIN }, "-9223372036854775808");
	expect("bool", &(uint8_t){ 1 }, "True");
	expect("bool", &(uint8_t){ 0 }, "False");
}

/* What pandas 1.5.3 with NumPy 1.24.2 wrote of a DataFrame of these. */
Test(numtext, writes_doubles_as_pandas_does)
{
	static const struct {
		double number;
		const char *text;
	} cases[] = {
		{ 0, "0.0" },
		{ -0.0, "-0.0" },
		{ 1, "1.0" },
		{ 0.5, "0.5" },
		{ 0.1, "0.1" },
		{ 0x1p-52, "2.220446049250313e-16" },
		{ 1 - 0x1p-52, "0.9999999999999998" },
		{ 0x1.8f17b8e4b6d5dp-1, "0.7794778613273753" },
		{ 0.07117610046923306, "0.07117610046923306" },
		{ 0.0001, "0.0001" },
		{ 1e-05, "1e-05" },
		{ 1.5e-07, "1.5e-07" },
		{ 123456.75, "123456.75" },
		{ 1e15, "1000000000000000.0" },
		{ 1e16, "1e+16" },
		{ 1e22, "1e+22" },
		{ 5e-324, "5e-324" },
		{ -1.7976931348623157e308, "-1.7976931348623157e+308" },
		{ INFINITY, "inf" },
		{ NAN, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect("float64", &cases[i].number, cases[i].text);
}

Test(numtext, writes_floats_by_their_own_neighbours)
{
	static const struct {
		float number;
		const char *text;
	} cases[] = {
		{ 0.1F, "0.1" },
		{ 0x1p-24F, "5.9604645e-08" },
		{ 1 - 0x1p-24F, "0.99999994" },
		{ 0.55139667F, "0.55139667" },
		{ 0.0001F, "1e-04" },
		{ 0.00012345678F, "0.00012345678" },
		{ 106913185792.F, "106913186000.0" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect("float32", &cases[i].number, cases[i].text);
}

Test(numtext, writes_halves_with_a_tie_to_even)
{
	static const struct {
		uint16_t bits;
		const char *text;
	} cases[] = {
		{ 0x2e66, "0.1" },     { 0x3480, "0.2812" },
		{ 0x0000, "0.0" },     { 0x0001, "6e-08" },
		{ 0x3bff, "0.9995" },  { 0x3c00, "1.0" },
		{ 0x7bff, "65500.0" }, { 0xfc00, "-inf" },
		{ 0x068e, "0.0001" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect("float16", &cases[i].bits, cases[i].text);
}

/* Payload takes the quick way, in integers; the C library judges. */
Test(numtext, tells_every_number_of_a_payload_from_its_neighbours)
{
	uint64_t k = 88172645463325252;

	for (int i = 0; i < 100000; i++) {
		char text[NUMTEXT_MAX + 1] = { 0 };
		double d;
		float f;

		k ^= k << 13, k ^= k >> 7, k ^= k << 17;
		d = ldexp((double)(k >> 12), -52);
		f = (float)ldexp((double)(k >> 40), -24);
		numtext_of(dtype_find("float64"))(&d, text);
		cr_assert_eq(strtod(text, NULL), d, "%.17g: %s", d, text);
		memset(text, 0, sizeof(text));
		numtext_of(dtype_find("float32"))(&f, text);
		cr_assert_eq(strtof(text, NULL), f, "%.9g: %s", (double)f,
			     text);
	}
}

Test(numtext, has_no_way_to_write_complex_numbers)
{
	cr_expect_null(numtext_of(dtype_find("complex64")));
}
