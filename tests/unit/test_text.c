#include "base/text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

struct quantity {
	const char *text;
	int rc;
	uint64_t want;
};

Test(text, sizes_are_numbers_with_a_unit)
{
	static const struct quantity cases[] = {
		{ "0", 0, 0 },
		{ "4096", 0, 4096 },
		{ "1B", 0, 1 },
		{ "16KiB", 0, 16384 },
		{ "16 KiB", 0, 16384 },
		{ "16K", 0, 16384 },
		{ "16kib", 0, 16384 },
		{ "16KB", 0, 16000 },
		{ "1.5MiB", 0, 1572864 },
		{ "1.50000000000000000000MiB", 0, 1572864 },
		{ "2M", 0, 2097152 },
		{ "2MB", 0, 2000000 },
		{ "1GiB", 0, 1073741824 },
		{ "1g", 0, 1073741824 },
		{ "1GB", 0, 1000000000 },
		{ "3TiB", 0, 3298534883328 },
		{ "3T", 0, 3298534883328 },
		{ "1TB", 0, 1000000000000 },
		{ "1PiB", 0, 1125899906842624 },
		{ "1P", 0, 1125899906842624 },
		{ "1PB", 0, 1000000000000000 },
		/* Rounded to the nearest byte. */
		{ "0.3KiB", 0, 307 },
		{ "1.7", 0, 2 },
		{ "0.1TiB", 0, 109951162778 },
		{ "0.000000000000001PiB", 0, 1 },
		{ "16383PiB", 0, 18445618173802708992u },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "99999999999999999999", -ERANGE, 0 },
		{ "16384PiB", -ERANGE, 0 },
		{ "18446744073709551615.5", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "KiB", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ "1.", -EINVAL, 0 },
		{ "1.KiB", -EINVAL, 0 },
		{ ".5KiB", -EINVAL, 0 },
		{ "1,5KiB", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
		{ "1Ki", -EINVAL, 0 },
		{ "1KiBs", -EINVAL, 0 },
		{ "1 KiB ", -EINVAL, 0 },
		{ "1s", -EINVAL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t got = 0;
		int rc = text_parse_size(cases[i].text, &got);

		cr_expect_eq(rc, cases[i].rc, "'%s': %d", cases[i].text, rc);
		if (rc == 0)
			cr_expect_eq(got, cases[i].want, "'%s': %lu",
				     cases[i].text, got);
	}
}

Test(text, a_fraction_may_have_any_number_of_digits)
{
	char text[1000];
	uint64_t got = 0;

	snprintf(text, sizeof(text), "1.5%0900dKiB", 0);
	cr_expect_eq(text_parse_size(text, &got), 0);
	cr_expect_eq(got, 1536);
}

struct number {
	uint64_t value;
	const char *want;
};

Test(text, digits_are_taken_off_the_front_and_what_follows_is_left)
{
	static const struct {
		const char *text;
		int rc;
		uint64_t want;
		const char *rest;
	} cases[] = {
		{ "0", 0, 0, "" },
		{ "0045:7", 0, 45, ":7" },
		{ "12 kB", 0, 12, " kB" },
		{ "1.5", 0, 1, ".5" },
		{ "18446744073709551615\n", 0, UINT64_MAX, "\n" },
		{ "18446744073709551616", -ERANGE, 7, NULL },
		{ "184467440737095516150", -ERANGE, 7, NULL },
		{ "", -EINVAL, 7, "" },
		{ "+1", -EINVAL, 7, "+1" },
		{ "-1", -EINVAL, 7, "-1" },
		{ " 1", -EINVAL, 7, " 1" },
		{ "x1", -EINVAL, 7, "x1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *at = cases[i].text;
		uint64_t got = 7;

		cr_expect_eq(text_take_uint(&at, &got), cases[i].rc, "'%s'",
			     cases[i].text);
		cr_expect_eq(got, cases[i].want, "'%s'", cases[i].text);
		if (cases[i].rest)
			cr_expect_str_eq(at, cases[i].rest);
	}
}

Test(text, sizes_are_shown_with_three_digits)
{
	static const struct number cases[] = {
		{ 0, "0 B" },
		{ 1, "1 B" },
		{ 1023, "1023 B" },
		{ 1024, "1 KiB" },
		{ 1536, "1.5 KiB" },
		{ 1572864, "1.5 MiB" },
		{ 16384, "16 KiB" },
		{ 102400, "100 KiB" },
		{ 1029, "1 KiB" },
		{ 1030, "1.01 KiB" },
		{ 10234, "9.99 KiB" },
		{ 10235, "10 KiB" },
		{ 102348, "99.9 KiB" },
		{ 102349, "100 KiB" },
		{ 1048063, "1023 KiB" },
		{ 1048064, "1 MiB" }, /* 1023.5 KiB */
		{ 1048576, "1 MiB" },
		{ 1288490189, "1.2 GiB" },
		{ 1649267441664, "1.5 TiB" },
		{ 2251799813685248, "2 PiB" },
		{ UINT64_MAX, "16 EiB" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[TEXT_SIZE];

		cr_expect_str_eq(text_size(text, cases[i].value),
				 cases[i].want);
	}
}

Test(text, durations_are_shown_with_three_digits_or_two_units)
{
	static const struct number cases[] = {
		{ 0, "0 ns" },
		{ 85, "85 ns" },
		{ 999, "999 ns" },
		{ 1000, "1.00 us" },
		{ 9994, "9.99 us" },
		{ 9996, "10.0 us" },
		{ 12345, "12.3 us" },
		{ 99940, "99.9 us" },
		{ 99960, "100 us" },
		{ 999499, "999 us" },
		{ 999500, "1.00 ms" },
		{ 4560000, "4.56 ms" },
		{ 500000000, "500 ms" },
		{ 7000000000, "7.00 s" },
		{ 59949999999, "59.9 s" },
		{ 59950000000, "1m 00s" },
		{ 65000000000, "1m 05s" },
		{ 65499999999, "1m 05s" },
		{ 65500000000, "1m 06s" },
		{ 3599499999999, "59m 59s" },
		{ 3599500000000, "1h 00m" },
		{ 12000000000000, "3h 20m" },
		{ 86369999999999, "23h 59m" },
		{ 86370000000000, "1d 00h" },
		{ 176400000000000, "2d 01h" },
		{ UINT64_MAX, "213504d 00h" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[TEXT_SIZE];

		cr_expect_str_eq(text_duration(text, cases[i].value),
				 cases[i].want);
	}
}

/* Half a percent, and half of what the parser rounds to. */
static bool close_to(uint64_t shown, uint64_t value)
{
	return fabs((double)shown - (double)value) <=
	       (double)value * 0.005 + 0.5;
}

/* Of what is shown of less than a minute. */
static uint64_t ns_of(const char *text)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {
		{ " ns", 1 }, { " us", 1e3 }, { " ms", 1e6 }, { " s", 1e9 }
	};
	char *unit;
	double number = strtod(text, &unit);

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(unit, units[i].name))
			return (uint64_t)(number * units[i].ns + 0.5);
	cr_assert_fail("'%s'", text);
	return 0;
}

Test(text, what_is_shown_is_within_half_a_percent)
{
	uint64_t bits = 1;

	for (int i = 0; i < 100000; i++) {
		char text[TEXT_SIZE];
		uint64_t value, back;

		bits = bits * 6364136223846793005u + 1442695040888963407u;
		value = (bits >> 8) >> (bits % 56); /* below 64 PiB */
		cr_assert_eq(text_parse_size(text_size(text, value), &back), 0);
		cr_assert(close_to(back, value), "%lu: %s", value, text);

		value %= 59 * NS_PER_SEC;
		text_duration(text, value);
		back = ns_of(text);
		cr_assert(close_to(back, value), "%lu: %s", value, text);
	}
}

Test(text, counts_show_all_their_digits_in_threes)
{
	static const struct number cases[] = {
		{ 0, "0" },
		{ 999, "999" },
		{ 1000, "1,000" },
		{ 12345, "12,345" },
		{ 123456, "123,456" },
		{ 1234567, "1,234,567" },
		{ UINT64_MAX, "18,446,744,073,709,551,615" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[TEXT_SIZE];

		cr_expect_str_eq(text_count(text, cases[i].value),
				 cases[i].want);
	}
}

Test(text, a_mistyped_word_finds_the_one_that_was_meant)
{
	static const char *const keys[] = {
		"batch_size",	 "batch_size_eval",
		"read_threads",	 "computation_time",
		"prefetch_size", "shuffle_size",
		"file_shuffle",	 "sample_shuffle",
		"epochs",	 "s3",
		"npz",		 "npy",
	};
	static const struct {
		const char *word, *want;
	} cases[] = {
		{ "batch_szie", "batch_size" },	 /* swapped */
		{ "batchsize", "batch_size" },	 /* missing */
		{ "batch__size", "batch_size" }, /* too much */
		{ "batch-size", "batch_size" },	 /* wrong */
		{ "Batch_Size", "batch_size" },	 /* case */
		{ "batch_size", "batch_size" },	 /* right */
		{ "batch_size_evl", "batch_size_eval" },
		{ "read_thread", "read_threads" },
		{ "computaiton_tmie", "computation_time" }, /* two swaps */
		{ "epoch", "epochs" },
		{ "peohcs", "epochs" }, /* two swaps, of two allowed */
		{ "EPOCHS", "epochs" },
		{ "np", "npz" }, /* the first of two */
		{ "npx", "npz" },
		{ "npyy", "npy" },
		{ "s4", "s3" },
		{ "color", NULL },
		{ "x", NULL },
		{ "s", NULL }, /* all of its letters would do for anything */
		{ "", NULL },
		{ "shuffle", NULL },	/* 5 from both: too far to guess */
		{ "epxxhs", "epochs" }, /* 2 of 6 */
		{ "exxxhs", NULL },	/* 3 of 6 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got =
			text_suggest(cases[i].word, keys, ARRAY_SIZE(keys));

		cr_expect(got == cases[i].want ||
				  (got && cases[i].want &&
				   strcmp(got, cases[i].want) == 0),
			  "'%s': %s, not %s", cases[i].word, got ? got : "none",
			  cases[i].want ? cases[i].want : "none");
	}
	cr_expect_null(text_suggest("any", NULL, 0));
}

Test(text, very_long_words_are_not_guessed_at)
{
	char word[101], candidate[101];
	const char *candidates[] = { candidate };

	memset(word, 'x', 100);
	memset(candidate, 'x', 100);
	for (size_t length = 60; length <= 66; length++) {
		bool possible = length <= 63;

		word[length] = candidate[length] = '\0';
		cr_expect_eq(text_suggest(word, candidates, 1) != NULL,
			     possible, "%zu", length);
		word[length] = candidate[length] = 'x';
	}
	word[60] = '\0';
	candidate[100] = '\0';
	cr_expect_null(text_suggest(word, candidates, 1));
}
