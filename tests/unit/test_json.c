#include "base/json.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

struct text {
	FILE *stream;
	char *text;
	size_t len;
	struct json *json;
};

static struct json *begin(struct text *t, int indent)
{
	memset(t, 0, sizeof(*t));
	t->stream = open_memstream(&t->text, &t->len);
	cr_assert_eq(json_new(t->stream, indent, &t->json), 0);
	return t->json;
}

static void expect(struct text *t, int rc, const char *want)
{
	cr_expect_eq(json_free(t->json), rc, "%s", want);
	fclose(t->stream);
	if (rc == 0)
		cr_expect_str_eq(t->text, want);
	free(t->text);
}

static void write_everything(struct json *j)
{
	json_object(j, NULL);
	json_string(j, "name", "unet3d");
	json_string(j, "nothing", NULL);
	json_array(j, "au");
	json_number(j, NULL, 94.9);
	json_int(j, NULL, INT64_MIN);
	json_uint(j, NULL, UINT64_MAX);
	json_end(j);
	json_object(j, "epochs");
	json_object(j, "1");
	json_bool(j, "done", true);
	json_bool(j, "failed", false);
	json_end(j);
	json_null(j, "2");
	json_end(j);
	json_array(j, "none");
	json_end(j);
	json_object(j, "empty");
	json_end(j);
	json_end(j);
}

/* As json.dumps(…, indent=4, ensure_ascii=False). */
Test(json, indented_text_is_laid_out_as_pythons)
{
	struct text t;

	write_everything(begin(&t, 4));
	expect(&t, 0,
	       "{\n"
	       "    \"name\": \"unet3d\",\n"
	       "    \"nothing\": null,\n"
	       "    \"au\": [\n"
	       "        94.9,\n"
	       "        -9223372036854775808,\n"
	       "        18446744073709551615\n"
	       "    ],\n"
	       "    \"epochs\": {\n"
	       "        \"1\": {\n"
	       "            \"done\": true,\n"
	       "            \"failed\": false\n"
	       "        },\n"
	       "        \"2\": null\n"
	       "    },\n"
	       "    \"none\": [],\n"
	       "    \"empty\": {}\n"
	       "}\n");
}

Test(json, without_indentation_all_is_on_one_line)
{
	struct text t;

	write_everything(begin(&t, 0));
	expect(&t, 0,
	       "{\"name\": \"unet3d\", \"nothing\": null, \"au\": [94.9, "
	       "-9223372036854775808, 18446744073709551615], \"epochs\": "
	       "{\"1\": {\"done\": true, \"failed\": false}, \"2\": null}, "
	       "\"none\": [], \"empty\": {}}\n");
}

Test(json, strings_are_escaped_and_always_utf8)
{
	static const struct {
		const char *string, *want;
	} cases[] = {
		{ "", "\"\"\n" },
		{ "a/b \x7f", "\"a/b \x7f\"\n" },
		{ "say \"\\\"", "\"say \\\"\\\\\\\"\"\n" },
		{ "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"\n" },
		{ "\x01\x1f", "\"\\u0001\\u001f\"\n" },
		{ "µs → 𝄞", "\"µs → 𝄞\"\n" },
		/* The edges of each row of the Unicode table. */
		{ "\xc2\x80\xdf\xbf", "\"\xc2\x80\xdf\xbf\"\n" },
		{ "\xe0\xa0\x80\xed\x9f\xbf",
		  "\"\xe0\xa0\x80\xed\x9f\xbf\"\n" },
		{ "\xee\x80\x80\xef\xbf\xbf",
		  "\"\xee\x80\x80\xef\xbf\xbf\"\n" },
		{ "\xf0\x90\x80\x80", "\"\xf0\x90\x80\x80\"\n" },
		{ "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"\n" },
		/* Not UTF-8: alone, overlong, surrogate, too large, cut off. */
		{ "\x80", "\"\\ufffd\"\n" },
		{ "a\xffz", "\"a\\ufffdz\"\n" },
		{ "\xc1\xbf", "\"\\ufffd\\ufffd\"\n" },
		{ "\xe0\x9f\xbf", "\"\\ufffd\\ufffd\\ufffd\"\n" },
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"\n" },
		{ "\xf0\x8f\xbf\xbf", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"\n" },
		{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"\n" },
		{ "\xf5\x80", "\"\\ufffd\\ufffd\"\n" },
		{ "\xc3", "\"\\ufffd\"\n" },
		{ "\xe2\x82", "\"\\ufffd\\ufffd\"\n" },
		{ "\xe2\x82z", "\"\\ufffd\\ufffdz\"\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text t;

		json_string(begin(&t, 4), NULL, cases[i].string);
		expect(&t, 0, cases[i].want);
	}
}

Test(json, keys_are_strings_too)
{
	struct text t;
	struct json *j = begin(&t, 0);

	json_object(j, NULL);
	json_int(j, "\"\n", 1);
	json_end(j);
	expect(&t, 0, "{\"\\\"\\n\": 1}\n");
}

Test(json, what_is_no_number_is_null)
{
	struct text t;
	struct json *j = begin(&t, 0);

	json_array(j, NULL);
	json_number(j, NULL, (double)NAN);
	json_number(j, NULL, (double)INFINITY);
	json_number(j, NULL, -(double)INFINITY);
	json_end(j);
	expect(&t, 0, "[null, null, null]\n");
}

/* What repr() of Python 3.11 gives. */
static const struct {
	double value;
	const char *want;
} doubles[] = {
	{ 0.0, "0.0" },
	{ -0.0, "-0.0" },
	{ 1.0, "1.0" },
	{ -1.0, "-1.0" },
	{ 0.1, "0.1" },
	{ 0.2, "0.2" },
	{ 0.30000000000000004, "0.30000000000000004" },
	{ 0.5, "0.5" },
	{ 100000.0, "100000.0" },
	{ 123456.789, "123456.789" },
	{ 94.9, "94.9" },
	{ 33.333333333333336, "33.333333333333336" },
	{ 0.3333333333333333, "0.3333333333333333" },
	{ 1000000000000000.0, "1000000000000000.0" },
	{ 999999999999999.9, "999999999999999.9" },
	{ 9999999999999998.0, "9999999999999998.0" },
	{ 1e+16, "1e+16" },
	{ 1.2345678901234568e+16, "1.2345678901234568e+16" },
	{ 1.2345678901234568e+17, "1.2345678901234568e+17" },
	{ 1e+17, "1e+17" },
	{ 1e+22, "1e+22" },
	{ 1e+23, "1e+23" },
	{ 1e+100, "1e+100" },
	{ 0.001, "0.001" },
	{ 0.0001, "0.0001" },
	{ 0.00012345, "0.00012345" },
	{ 1e-05, "1e-05" },
	{ 9.999e-05, "9.999e-05" },
	{ 1.5e-07, "1.5e-07" },
	{ 1e-100, "1e-100" },
	{ 9007199254740992.0, "9007199254740992.0" },
	{ 9007199254740991.0, "9007199254740991.0" },
	{ 5.960464477539063e-08, "5.960464477539063e-08" },
	{ 5.684341886080802e-14, "5.684341886080802e-14" },
	{ 6.189700196426902e+26, "6.189700196426902e+26" },
	{ 6.386688990511104e+293, "6.386688990511104e+293" },
	{ -5.960464477539063e-08, "-5.960464477539063e-08" },
	{ 5e-324, "5e-324" },
	{ 1e-323, "1e-323" },
	{ 2.2250738585072014e-308, "2.2250738585072014e-308" },
	{ 2.225073858507201e-308, "2.225073858507201e-308" },
	{ 1.7976931348623157e+308, "1.7976931348623157e+308" },
	{ 3.141592653589793, "3.141592653589793" },
	{ -2.718281828459045, "-2.718281828459045" },
	{ 1700000000.123456, "1700000000.123456" },
	{ 4503599627370496.0, "4503599627370496.0" },
	{ 8.5, "8.5" },
	{ 12345678.9, "12345678.9" },
	{ 0.7999999999999999, "0.7999999999999999" },
	{ 5e-05, "5e-05" },
	{ 299792458.0, "299792458.0" },
};

Test(json, doubles_are_spelt_as_pythons_repr)
{
	for (size_t i = 0; i < ARRAY_SIZE(doubles); i++) {
		char text[JSON_DOUBLE_SIZE];

		json_double(doubles[i].value, text);
		cr_expect_str_eq(text, doubles[i].want);
		cr_expect_eq(strtod(text, NULL), doubles[i].value, "%s", text);
	}
}

Test(json, doubles_that_are_no_numbers_have_pythons_names)
{
	char text[JSON_DOUBLE_SIZE];

	json_double((double)INFINITY, text);
	cr_expect_str_eq(text, "inf");
	json_double(-(double)INFINITY, text);
	cr_expect_str_eq(text, "-inf");
	json_double(copysign((double)NAN, -1), text);
	cr_expect_str_eq(text, "nan");
}

Test(json, any_double_reads_back_to_the_same_bits)
{
	uint64_t bits = 1;

	for (int i = 0; i < 100000; i++) {
		char text[JSON_DOUBLE_SIZE];
		double value, back;

		bits = bits * 6364136223846793005u + 1442695040888963407u;
		memcpy(&value, &bits, sizeof(value));
		if (!isfinite(value))
			continue;
		json_double(value, text);
		cr_assert_lt(strlen(text), 26, "%s", text);
		back = strtod(text, NULL);
		cr_assert(memcmp(&back, &value, sizeof(back)) == 0, "%s", text);
	}
}

static void nothing_ended(struct json *j)
{
	json_array(j, NULL);
}

static void too_much_ended(struct json *j)
{
	json_array(j, NULL);
	json_end(j);
	json_end(j);
}

static void two_texts(struct json *j)
{
	json_int(j, NULL, 1);
	json_int(j, NULL, 2);
}

static void key_at_the_top(struct json *j)
{
	json_int(j, "one", 1);
}

static void key_in_an_array(struct json *j)
{
	json_array(j, NULL);
	json_int(j, "one", 1);
	json_end(j);
}

static void no_key_in_an_object(struct json *j)
{
	json_object(j, NULL);
	json_object(j, NULL);
	json_end(j);
}

static void too_deep(struct json *j)
{
	for (int i = 0; i < JSON_DEPTH + 1; i++)
		json_array(j, NULL);
	for (int i = 0; i < JSON_DEPTH + 1; i++)
		json_end(j);
}

static void just_deep_enough(struct json *j)
{
	for (int i = 0; i < JSON_DEPTH; i++)
		json_array(j, NULL);
	for (int i = 0; i < JSON_DEPTH; i++)
		json_end(j);
}

Test(json, values_out_of_place_are_errors)
{
	static const struct {
		void (*write)(struct json *j);
		int rc;
	} cases[] = {
		{ nothing_ended, -EINVAL },   { too_much_ended, -EINVAL },
		{ two_texts, -EINVAL },	      { key_at_the_top, -EINVAL },
		{ key_in_an_array, -EINVAL }, { no_key_in_an_object, -EINVAL },
		{ too_deep, -EOVERFLOW },     { just_deep_enough, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text t;

		cases[i].write(begin(&t, 0));
		cr_expect_eq(json_free(t.json), cases[i].rc, "%zu", i);
		fclose(t.stream);
		free(t.text);
	}
}

Test(json, a_write_error_comes_out_at_the_end)
{
	FILE *full = fopen("/dev/full", "w");
	struct json *j;

	cr_assert_eq(json_new(full, 4, &j), 0);
	json_int(j, NULL, 1);
	cr_expect_eq(json_free(j), -ENOSPC);

	setvbuf(full, NULL, _IONBF, 0);
	cr_assert_eq(json_new(full, 4, &j), 0);
	json_int(j, NULL, 1);
	cr_expect_lt(json_free(j), 0);
	fclose(full);
	cr_expect_eq(json_free(NULL), 0);
}
