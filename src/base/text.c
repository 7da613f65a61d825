#include "base/text.h"

#include "base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define NS_PER_US ((uint64_t)1000)
#define TIB ((uint64_t)1 << 40)
#define PIB ((uint64_t)1 << 50)
#define EIB ((uint64_t)1 << 60)

struct unit {
	const char *name;
	uint64_t factor;
};

/* ---- Parsing --------------------------------------------------------------- */

static const struct unit size_units[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "K", KIB },
	{ "M", MIB },
	{ "G", GIB },
	{ "T", TIB },
	{ "P", PIB },
	{ "KiB", KIB },
	{ "MiB", MIB },
	{ "GiB", GIB },
	{ "TiB", TIB },
	{ "PiB", PIB },
	{ "KB", 1000 },
	{ "MB", 1000000 },
	{ "GB", 1000000000 },
	{ "TB", 1000000000000 },
	{ "PB", 1000000000000000 },
};

static const struct unit *find_unit(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(size_units); i++)
		if (strcasecmp(name, size_units[i].name) == 0)
			return &size_units[i];
	return NULL;
}

int text_take_uint(const char **text, uint64_t *out)
{
	uint64_t value = 0;

	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	for (; isdigit((unsigned char)**text); (*text)++) {
		unsigned digit = (unsigned)(**text - '0');

		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return -ERANGE;
	}
	*out = value;
	return 0;
}

/* ".ddd" or nothing.  15 digits count: of a PiB, the rest is about a byte. */
static int parse_fraction(const char **text, double *out)
{
	double digits = 0, scale = 1;

	*out = 0;
	if (**text != '.')
		return 0;
	(*text)++;
	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	for (; isdigit((unsigned char)**text); (*text)++) {
		if (scale >= 1e15)
			continue;
		digits = digits * 10 + (**text - '0');
		scale *= 10;
	}
	*out = digits / scale;
	return 0;
}

int text_parse_size(const char *text, uint64_t *bytes)
{
	const struct unit *unit;
	uint64_t whole, part;
	double fraction;
	int rc;

	rc = text_take_uint(&text, &whole);
	if (rc == 0)
		rc = parse_fraction(&text, &fraction);
	if (rc)
		return rc;
	unit = find_unit(text + strspn(text, " "));
	if (!unit)
		return -EINVAL;
	part = (uint64_t)(fraction * (double)unit->factor + 0.5);
	if (__builtin_mul_overflow(whole, unit->factor, &whole) ||
	    __builtin_add_overflow(whole, part, bytes))
		return -ERANGE;
	return 0;
}

/* ---- Printing -------------------------------------------------------------- */

/* The first unit in which the number stays below the next unit, also when it
 * has been rounded: 1023.7 KiB is 1 MiB, not 1024 KiB. */
static const struct unit *choose_unit(uint64_t value, const struct unit *units,
				      size_t n)
{
	size_t i = 0;

	while (i + 1 < n &&
	       (double)value >= (double)units[i + 1].factor -
					(double)units[i].factor / 2)
		i++;
	return &units[i];
}

/* Three digits, but none after the point in the smallest unit. */
static int decimals_for(double number, const struct unit *unit)
{
	if (unit->factor == 1 || number >= 99.95)
		return 0;
	return number >= 9.995 ? 1 : 2;
}

static void drop_zeros(char *number)
{
	char *end = number + strlen(number);

	if (!strchr(number, '.'))
		return;
	while (end[-1] == '0')
		end--;
	if (end[-1] == '.')
		end--;
	*end = '\0';
}

const char *text_size(char out[TEXT_SIZE], uint64_t bytes)
{
	static const struct unit units[] = {
		{ "B", 1 },	{ "KiB", KIB }, { "MiB", MIB }, { "GiB", GIB },
		{ "TiB", TIB }, { "PiB", PIB }, { "EiB", EIB },
	};
	const struct unit *unit = choose_unit(bytes, units, ARRAY_SIZE(units));
	double number = (double)bytes / (double)unit->factor;
	char digits[16];

	snprintf(digits, sizeof(digits), "%.*f", decimals_for(number, unit),
		 number);
	drop_zeros(digits);
	snprintf(out, TEXT_SIZE, "%s %s", digits, unit->name);
	return out;
}

static uint64_t divide_rounded(uint64_t n, uint64_t by)
{
	return n / by + (n % by >= by / 2);
}

/* From a minute on: two units. */
static void print_long_duration(char out[TEXT_SIZE], uint64_t ns)
{
	static const struct {
		uint64_t small_ns, per_big, end; /* end: in the small unit */
		const char *big, *small;
	} forms[] = {
		{ NS_PER_SEC, 60, 3600, "m", "s" },
		{ 60 * NS_PER_SEC, 60, 24 * 60, "h", "m" },
		{ 3600 * NS_PER_SEC, 24, UINT64_MAX, "d", "h" },
	};
	size_t i = 0;
	uint64_t n;

	while (i + 1 < ARRAY_SIZE(forms) &&
	       divide_rounded(ns, forms[i].small_ns) >= forms[i].end)
		i++;
	n = divide_rounded(ns, forms[i].small_ns);
	snprintf(out, TEXT_SIZE, "%" PRIu64 "%s %02" PRIu64 "%s",
		 n / forms[i].per_big, forms[i].big, n % forms[i].per_big,
		 forms[i].small);
}

const char *text_duration(char out[TEXT_SIZE], uint64_t ns)
{
	static const struct unit units[] = {
		{ "ns", 1 },
		{ "us", NS_PER_US },
		{ "ms", NS_PER_MS },
		{ "s", NS_PER_SEC },
	};
	const struct unit *unit = choose_unit(ns, units, ARRAY_SIZE(units));
	double number = (double)ns / (double)unit->factor;

	if (number >= 59.95 && unit->factor == NS_PER_SEC)
		print_long_duration(out, ns);
	else
		snprintf(out, TEXT_SIZE, "%.*f %s", decimals_for(number, unit),
			 number, unit->name);
	return out;
}

const char *text_count(char out[TEXT_SIZE], uint64_t count)
{
	char digits[TEXT_SIZE];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, count);
	size_t o = 0;

	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			out[o++] = ',';
		out[o++] = digits[i];
	}
	out[o] = '\0';
	return out;
}

/* ---- Suggestions ----------------------------------------------------------- */

#define LONGEST_WORD 63

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Mistakes between two words of at most LONGEST_WORD letters: Damerau's
 * distance as Levenshtein computes it, each pair of letters swapped at most
 * once ("optimal string alignment").  row[2][j] is that between the first i
 * letters of a and the first j of b; row[1] and row[0] are for i-1 and i-2. */
static size_t distance(const char *a, const char *b)
{
	size_t row[3][LONGEST_WORD + 1] = { 0 };
	size_t len_b = strlen(b);

	for (size_t j = 0; j <= len_b; j++)
		row[2][j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		memcpy(row[0], row[1], sizeof(row[0]));
		memcpy(row[1], row[2], sizeof(row[1]));
		row[2][0] = i;
		for (size_t j = 1; j <= len_b; j++) {
			size_t best = row[1][j - 1] + !same(a[i - 1], b[j - 1]);

			best = MIN(best, row[1][j] + 1);
			best = MIN(best, row[2][j - 1] + 1);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]))
				best = MIN(best, row[0][j - 2] + 1);
			row[2][j] = best;
		}
	}
	return row[2][len_b];
}

const char *text_suggest(const char *word, const char *const *candidates,
			 size_t n)
{
	size_t length = strlen(word);
	size_t bound = MIN(MAX(length / 3, 1) + 1, length);
	const char *nearest = NULL;

	if (length > LONGEST_WORD)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t mistakes;

		if (strlen(candidates[i]) > LONGEST_WORD)
			continue;
		mistakes = distance(word, candidates[i]);
		if (mistakes < bound) {
			bound = mistakes;
			nearest = candidates[i];
		}
	}
	return nearest;
}

uint64_t text_hash(const char *text)
{
	uint64_t hash = 14695981039346656037u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	return hash;
}
