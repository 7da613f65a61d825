#include "config/scalar.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

struct word {
	const char *text;
	enum node_kind kind;
	double value; /* of booleans and numbers */
};

static double value_of(const struct scalar *s)
{
	switch (s->kind) {
	case NODE_BOOL:
		return s->boolean;
	case NODE_INT:
		return (double)s->integer;
	case NODE_FLOAT:
		return s->number;
	default:
		return 0;
	}
}

static void check(const struct word *words, size_t n,
		  void (*resolve)(const char *, struct scalar *))
{
	for (size_t i = 0; i < n; i++) {
		const struct word *w = &words[i];
		struct scalar s;

		resolve(w->text, &s);
		cr_expect_eq(s.kind, w->kind, "'%s' is of kind %d", w->text,
			     s.kind);
		if (s.kind == w->kind && isnan(w->value))
			cr_expect(isnan(value_of(&s)), "'%s'", w->text);
		else if (s.kind == w->kind)
			cr_expect_eq(value_of(&s), w->value, "'%s' is %.17g",
				     w->text, value_of(&s));
	}
}

/* Each row was tried on OmegaConf 2.2.2 with PyYAML 6.0. */
Test(scalar, in_files_is_what_omegaconf_takes_it_for)
{
	static const struct word words[] = {
		{ "", NODE_NULL, 0 },
		{ "~", NODE_NULL, 0 },
		{ "null", NODE_NULL, 0 },
		{ "Null", NODE_NULL, 0 },
		{ "nULL", NODE_STRING, 0 },
		{ "None", NODE_STRING, 0 },
		{ "none", NODE_STRING, 0 },
		{ "off", NODE_BOOL, 0 },
		{ "Off", NODE_BOOL, 0 },
		{ "no", NODE_BOOL, 0 },
		{ "NO", NODE_BOOL, 0 },
		{ "False", NODE_BOOL, 0 },
		{ "on", NODE_BOOL, 1 },
		{ "yes", NODE_BOOL, 1 },
		{ "TRUE", NODE_BOOL, 1 },
		{ "tRUE", NODE_STRING, 0 },
		{ "y", NODE_STRING, 0 },
		{ "n", NODE_STRING, 0 },
		{ "0", NODE_INT, 0 },
		{ "-0", NODE_INT, 0 },
		{ "7", NODE_INT, 7 },
		{ "+7", NODE_INT, 7 },
		{ "-7", NODE_INT, -7 },
		{ "1_000", NODE_INT, 1000 },
		{ "_1", NODE_STRING, 0 },
		{ "010", NODE_INT, 8 },
		{ "-010", NODE_INT, -8 },
		{ "08", NODE_STRING, 0 },
		{ "0_", NODE_INT, 0 },
		{ "0o10", NODE_STRING, 0 },
		{ "0x10", NODE_INT, 16 },
		{ "0xAf", NODE_INT, 175 },
		{ "0X10", NODE_STRING, 0 },
		{ "0x", NODE_STRING, 0 },
		{ "0x_", NODE_STRING, 0 },
		{ "0b101", NODE_INT, 5 },
		{ "0b2", NODE_STRING, 0 },
		{ "12:30", NODE_INT, 750 },
		{ "1:2:3", NODE_INT, 3723 },
		{ "-12:30", NODE_INT, -750 },
		{ "12:60", NODE_STRING, 0 },
		{ "12:5:", NODE_STRING, 0 },
		{ "0:30", NODE_STRING, 0 },
		{ "12:30.5", NODE_FLOAT, 750.5 },
		{ "0:30.", NODE_FLOAT, 30 },
		{ "1e3", NODE_FLOAT, 1000 },
		{ "1E3", NODE_FLOAT, 1000 },
		{ "1e-3", NODE_FLOAT, 0.001 },
		{ "1e+3", NODE_FLOAT, 1000 },
		{ "1e", NODE_STRING, 0 },
		{ "e3", NODE_STRING, 0 },
		{ "1.5", NODE_FLOAT, 1.5 },
		{ "1.", NODE_FLOAT, 1 },
		{ "1.e2", NODE_FLOAT, 100 },
		{ "1_0.5_0", NODE_FLOAT, 10.5 },
		{ ".5", NODE_FLOAT, 0.5 },
		{ "-.5", NODE_STRING, 0 },
		{ ".5e3", NODE_STRING, 0 },
		{ ".5e+3", NODE_FLOAT, 500 },
		{ ".", NODE_STRING, 0 },
		{ "-", NODE_STRING, 0 },
		{ "1.5.2", NODE_STRING, 0 },
		{ ".inf", NODE_FLOAT, INFINITY },
		{ "-.Inf", NODE_FLOAT, -INFINITY },
		{ "inf", NODE_STRING, 0 },
		{ ".nan", NODE_FLOAT, NAN },
		{ "nan", NODE_STRING, 0 },
		{ "2026-11-22", NODE_STRING, 0 },
		{ "9223372036854775807", NODE_INT, 9223372036854775807.0 },
		{ "9223372036854775808", NODE_FLOAT, 9223372036854775808.0 },
		{ "unet3d", NODE_STRING, 0 },
	};

	check(words, ARRAY_SIZE(words), scalar_from_yaml);
}

/* Each row was tried on Hydra 1.3.2. */
Test(scalar, in_overrides_is_what_hydra_takes_it_for)
{
	static const struct word words[] = {
		{ "null", NODE_NULL, 0 },
		{ "NuLL", NODE_NULL, 0 },
		{ "None", NODE_STRING, 0 },
		{ "~", NODE_STRING, 0 },
		{ "true", NODE_BOOL, 1 },
		{ "FaLsE", NODE_BOOL, 0 },
		{ "yes", NODE_STRING, 0 },
		{ "off", NODE_STRING, 0 },
		{ "5", NODE_INT, 5 },
		{ "-5", NODE_INT, -5 },
		{ "+5", NODE_INT, 5 },
		{ "0", NODE_INT, 0 },
		{ "007", NODE_STRING, 0 },
		{ "0x10", NODE_STRING, 0 },
		{ "1_000", NODE_INT, 1000 },
		{ "1__0", NODE_STRING, 0 },
		{ "1_", NODE_STRING, 0 },
		{ "12:30", NODE_STRING, 0 },
		{ "1e3", NODE_FLOAT, 1000 },
		{ "-1E-3", NODE_FLOAT, -0.001 },
		{ ".5", NODE_FLOAT, 0.5 },
		{ "-.5", NODE_FLOAT, -0.5 },
		{ ".5e3", NODE_FLOAT, 500 },
		{ "1.", NODE_FLOAT, 1 },
		{ "01.5", NODE_STRING, 0 },
		{ ".", NODE_STRING, 0 },
		{ "1e", NODE_STRING, 0 },
		{ "inf", NODE_FLOAT, INFINITY },
		{ "-INF", NODE_FLOAT, -INFINITY },
		{ "nan", NODE_FLOAT, NAN },
		{ ".inf", NODE_STRING, 0 },
		{ "unet3d", NODE_STRING, 0 },
	};

	check(words, ARRAY_SIZE(words), scalar_from_override);
}

Test(scalar, too_long_for_a_number_is_text)
{
	char text[2000];
	struct scalar s;

	memset(text, '1', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	scalar_from_yaml(text, &s);
	cr_expect_eq(s.kind, NODE_STRING);
	scalar_from_override(text, &s);
	cr_expect_eq(s.kind, NODE_STRING);
}

Test(scalar, switches_are_words_and_digits)
{
	static const struct {
		const char *text;
		int want; /* -1: none */
	} cases[] = {
		{ "on", 1 },  { "Yes", 1 }, { "TRUE", 1 },   { "1", 1 },
		{ "off", 0 }, { "no", 0 },  { "false", 0 },  { "0", 0 },
		{ "2", -1 },  { "", -1 },   { "maybe", -1 }, { "None", -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool b = false, is = scalar_switch(cases[i].text, &b);

		cr_expect_eq(is ? b : -1, cases[i].want, "'%s'", cases[i].text);
	}
}
