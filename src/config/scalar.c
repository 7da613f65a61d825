#include "config/scalar.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#define DECIMAL "0123456789"

/* No number worth the name is longer. */
#define LONGEST 256

static bool one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(text, *words))
			return true;
	return false;
}

static const char *after_sign(const char *s)
{
	return *s == '-' || *s == '+' ? s + 1 : s;
}

/* Copy without underscores, which mean nothing once a number is one. */
static void squeeze(const char *text, char out[LONGEST])
{
	for (; *text; text++)
		if (*text != '_')
			*out++ = *text;
	*out = '\0';
}

/* digits: without sign and prefix. */
static void set_integer(const char *digits, int base, bool negative,
			struct scalar *out)
{
	unsigned long long n;

	errno = 0;
	n = strtoull(digits, NULL, base);
	if (errno || n > INT64_MAX) {
		/* Only the decimal ones keep their size; see the header. */
		out->kind = NODE_FLOAT;
		out->number = base == 10 ? strtod(digits, NULL) : (double)n;
		if (negative)
			out->number = -out->number;
		return;
	}
	out->kind = NODE_INT;
	out->integer = negative ? -(int64_t)n : (int64_t)n;
}

static void set_float(const char *text, struct scalar *out)
{
	out->kind = NODE_FLOAT;
	out->number = strtod(text, NULL);
}

/* [eE][-+]?[0-9]+ to the end; sign_needed as YAML 1.1 has it. */
static bool is_exponent(const char *s, bool sign_needed)
{
	if (*s != 'e' && *s != 'E')
		return false;
	s++;
	if (sign_needed && *s != '-' && *s != '+')
		return false;
	s = after_sign(s);
	return *s && !s[strspn(s, DECIMAL)];
}

/* (:[0-5]?[0-9])+ from s; gives what follows, or NULL. */
static const char *after_sixties(const char *s)
{
	if (*s != ':')
		return NULL;
	while (*s == ':') {
		size_t n = strspn(++s, DECIMAL);

		if (n == 0 || n > 2 || (n == 2 && *s > '5'))
			return NULL;
		s += n;
	}
	return s;
}

/* 12:30:45.5 as sixties, into a double: exact where it matters. */
static double sum_of_sixties(const char *s)
{
	double sum = 0;
	char *end;

	for (;;) {
		sum = sum * 60 + strtod(s, &end);
		if (*end != ':')
			return sum;
		s = end + 1;
	}
}

static bool yaml_integer(const char *text, struct scalar *out)
{
	static const struct {
		const char *prefix, *digits;
		int base;
	} forms[] = {
		{ "0b", "01_", 2 },
		{ "0x", DECIMAL "abcdefABCDEF_", 16 },
		{ "0", "01234567_", 8 },
	};
	bool negative = *text == '-';
	const char *s = after_sign(text);
	char plain[LONGEST];

	squeeze(s, plain);
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		size_t skip = strlen(forms[i].prefix);

		if (strncmp(s, forms[i].prefix, skip) || !s[skip] ||
		    s[skip + strspn(s + skip, forms[i].digits)])
			continue;
		if (!plain[skip] && forms[i].base != 8)
			continue; /* 0x_; but 0_ is 0 */
		set_integer(plain + skip, forms[i].base, negative, out);
		return true;
	}
	if (*s == '0' && !s[1]) {
		set_integer("0", 10, false, out);
		return true;
	}
	if (*s < '1' || *s > '9' || s[strspn(s, DECIMAL "_")])
		return false;
	set_integer(plain, 10, negative, out);
	return true;
}

static bool yaml_sexagesimal(const char *text, struct scalar *out)
{
	const char *s = after_sign(text), *end;
	char plain[LONGEST];
	bool whole;
	double sum;

	if (*s < '0' || *s > '9')
		return false;
	end = after_sixties(s + strspn(s, DECIMAL "_"));
	if (!end)
		return false;
	whole = !*end;
	if (whole && *s == '0')
		return false; /* YAML has no octal sixties */
	if (!whole && (*end != '.' || end[1 + strspn(end + 1, DECIMAL "_")]))
		return false;
	squeeze(s, plain);
	sum = sum_of_sixties(plain);
	if (*text == '-')
		sum = -sum;
	if (whole && fabs(sum) < 9007199254740992.0) {
		out->kind = NODE_INT;
		out->integer = (int64_t)sum;
		return true;
	}
	out->kind = NODE_FLOAT;
	out->number = sum;
	return true;
}

static bool yaml_float(const char *text, struct scalar *out)
{
	static const char *const inf[] = { ".inf", ".Inf", ".INF", NULL };
	static const char *const nan[] = { ".nan", ".NaN", ".NAN", NULL };
	const char *s = after_sign(text);
	char plain[LONGEST];
	size_t whole, part;

	if (one_of(s, inf)) {
		out->kind = NODE_FLOAT;
		out->number = *text == '-' ? -INFINITY : INFINITY;
		return true;
	}
	if (one_of(text, nan)) {
		out->kind = NODE_FLOAT;
		out->number = NAN;
		return true;
	}
	squeeze(text, plain);
	if (*s == '.') {
		/* PyYAML has no sign before, and wants one in the exponent. */
		part = strspn(s + 1, DECIMAL "_");
		if (s != text || !strpbrk(plain, DECIMAL) || !part ||
		    (s[1 + part] && !is_exponent(s + 1 + part, true)))
			return false;
		set_float(plain, out);
		return true;
	}
	if (*s < '0' || *s > '9')
		return false;
	whole = strspn(s, DECIMAL "_");
	part = s[whole] == '.' ? 1 + strspn(s + whole + 1, DECIMAL "_") : 0;
	s += whole + part;
	if (*s ? !is_exponent(s, false) : !part)
		return false;
	set_float(plain, out);
	return true;
}

void scalar_from_yaml(const char *text, struct scalar *out)
{
	static const char *const none[] = { "",	    "~",    "null",
					    "Null", "NULL", NULL };
	static const char *const yes[] = { "yes",  "Yes", "YES", "true", "True",
					   "TRUE", "on",  "On",	 "ON",	 NULL };
	static const char *const no[] = { "no",	   "No",    "NO",  "false",
					  "False", "FALSE", "off", "Off",
					  "OFF",   NULL };

	memset(out, 0, sizeof(*out));
	if (one_of(text, none)) {
		out->kind = NODE_NULL;
	} else if (one_of(text, yes) || one_of(text, no)) {
		out->kind = NODE_BOOL;
		out->boolean = one_of(text, yes);
	} else if (strlen(text) >= LONGEST ||
		   !(yaml_integer(text, out) || yaml_sexagesimal(text, out) ||
		     yaml_float(text, out))) {
		out->kind = NODE_STRING;
	}
}

/* DIGIT (_? DIGIT)*; gives what follows, or NULL. */
static const char *after_digits(const char *s)
{
	if (*s < '0' || *s > '9')
		return NULL;
	for (;;) {
		s += strspn(s, DECIMAL);
		if (s[0] != '_' || s[1] < '0' || s[1] > '9')
			return s;
		s++;
	}
}

/* Hydra's whole part: 0 alone, or digits that do not begin with it. */
static const char *after_whole(const char *s)
{
	return *s == '0' ? s + 1 : after_digits(s);
}

static bool override_integer(const char *text, struct scalar *out)
{
	const char *s = after_sign(text), *end = after_whole(s);
	char plain[LONGEST];

	if (!end || *end)
		return false;
	squeeze(s, plain);
	set_integer(plain, 10, *text == '-', out);
	return true;
}

static bool override_float(const char *text, struct scalar *out)
{
	const char *s = after_sign(text), *whole = after_whole(s);
	char plain[LONGEST];

	squeeze(text, plain);
	if (!strcasecmp(s, "inf") || !strcasecmp(s, "nan")) {
		set_float(plain, out);
		return true;
	}
	if (whole)
		s = whole;
	if (*s == '.') {
		const char *part = after_digits(s + 1);

		if (!part && !whole)
			return false;
		s = part ? part : s + 1;
	} else if (!whole) {
		return false;
	}
	if (*s) {
		if (*s != 'e' && *s != 'E')
			return false;
		s = after_digits(after_sign(s + 1));
		if (!s || *s)
			return false;
	}
	set_float(plain, out);
	return true;
}

void scalar_from_override(const char *text, struct scalar *out)
{
	memset(out, 0, sizeof(*out));
	if (!strcasecmp(text, "null")) {
		out->kind = NODE_NULL;
	} else if (!strcasecmp(text, "true") || !strcasecmp(text, "false")) {
		out->kind = NODE_BOOL;
		out->boolean = !strcasecmp(text, "true");
	} else if (strlen(text) >= LONGEST || !(override_integer(text, out) ||
						override_float(text, out))) {
		out->kind = NODE_STRING;
	}
}

bool scalar_switch(const char *text, bool *out)
{
	static const struct {
		const char *word;
		bool means;
	} words[] = {
		{ "true", true }, { "on", true },     { "yes", true },
		{ "1", true },	  { "false", false }, { "off", false },
		{ "no", false },  { "0", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcasecmp(text, words[i].word)) {
			*out = words[i].means;
			return true;
		}
	return false;
}
