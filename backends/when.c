#include "backends/when.h"

#include <errno.h>
#include <string.h>

#define DAY_SECONDS 86400
#define TIME_MIN (-INT64_C(62167219200)) /* 0000-01-01T00:00:00Z */
#define TIME_MAX INT64_C(253402300799)	 /* 9999-12-31T23:59:59Z */

struct civil {
	unsigned year, month, day, hour, minute, second;
	unsigned weekday; /* 0: Sunday */
};

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char weekdays[] = "SunMonTueWedThuFriSat";

/* ---- The calendar ------------------------------------------------------- */

/* Years begin in March here, so that the leap day is the last; 400 of them
 * (146097 days) more, lest the year be negative.  1970 began 719468 days after
 * March of the year 0. */
static int64_t days_since_1970(unsigned year, unsigned month, unsigned day)
{
	int64_t y = (int64_t)year + 400 - (month <= 2);
	unsigned march = (month + 9) % 12;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * march + 2) / 5 +
	       day - 1 - 719468 - 146097;
}

static bool leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_of_month(unsigned year, unsigned month)
{
	if (month == 2)
		return leap(year) ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static int civil_time(const struct civil *c, int64_t *out)
{
	if (c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > days_of_month(c->year, c->month) || c->hour > 23 ||
	    c->minute > 59 || c->second > 60)
		return -EINVAL;
	*out = days_since_1970(c->year, c->month, c->day) * DAY_SECONDS +
	       c->hour * 3600 + c->minute * 60 + c->second;
	return 0;
}

static struct civil civil_from_time(int64_t time)
{
	int64_t since_0 = MAX(TIME_MIN, MIN(time, TIME_MAX)) - TIME_MIN;
	int64_t days = since_0 / DAY_SECONDS; /* the first was a Saturday */
	unsigned second = (unsigned)(since_0 % DAY_SECONDS);
	struct civil c = {
		.year = (unsigned)(days / 366), /* if not later */
		.month = 1,
		.day = 1,
		.hour = second / 3600,
		.minute = second / 60 % 60,
		.second = second % 60,
		.weekday = (unsigned)((days + 6) % 7),
	};

	days -= days_since_1970(c.year, 1, 1) - days_since_1970(0, 1, 1);
	for (; days >= 365 + leap(c.year); c.year++)
		days -= 365 + leap(c.year);
	for (; days >= days_of_month(c.year, c.month); c.month++)
		days -= days_of_month(c.year, c.month);
	c.day += (unsigned)days;
	return c;
}

/* ---- Reading ------------------------------------------------------------ */

static bool take_digits(const char **p, const char *end, unsigned n,
			unsigned *out)
{
	*out = 0;
	for (; n > 0; n--, (*p)++) {
		if (*p == end || **p < '0' || **p > '9')
			return false;
		*out = *out * 10 + (unsigned)(**p - '0');
	}
	return true;
}

/* One of several names of three letters: its index. */
static bool take_name(const char **p, const char *end, const char *names,
		      unsigned *out)
{
	if (end - *p < 3)
		return false;
	for (unsigned i = 0; names[3 * i]; i++)
		if (!memcmp(*p, names + 3 * i, 3)) {
			*out = i;
			*p += 3;
			return true;
		}
	return false;
}

/* A day of one digit may have a space before it. */
static bool take_padded(const char **p, const char *end, unsigned *out)
{
	unsigned n = 2;

	if (*p < end && **p == ' ') {
		(*p)++;
		n = 1;
	}
	return take_digits(p, end, n, out);
}

/* The rest of a weekday's long name. */
static void skip_letters(const char **p, const char *end)
{
	while (*p < end && **p >= 'a' && **p <= 'z')
		(*p)++;
}

/* One field, named as by strftime(3). */
static bool take_field(const char **p, const char *end, char field,
		       struct civil *c)
{
	bool ok;

	switch (field) {
	case 'Y':
		return take_digits(p, end, 4, &c->year);
	case 'y':
		return take_digits(p, end, 2, &c->year);
	case 'm':
		return take_digits(p, end, 2, &c->month);
	case 'b':
		ok = take_name(p, end, months, &c->month);
		c->month++;
		return ok;
	case 'd':
		return take_digits(p, end, 2, &c->day);
	case 'e':
		return take_padded(p, end, &c->day);
	case 'H':
		return take_digits(p, end, 2, &c->hour);
	case 'M':
		return take_digits(p, end, 2, &c->minute);
	case 'S':
		return take_digits(p, end, 2, &c->second);
	case 'a':
		return take_name(p, end, weekdays, &c->weekday);
	case 'A':
		ok = take_name(p, end, weekdays, &c->weekday);
		skip_letters(p, end);
		return ok;
	default:
		return false;
	}
}

static bool take(const char **p, const char *end, const char *pattern,
		 struct civil *c)
{
	for (; *pattern; pattern++) {
		bool ok = *pattern == '%' ? take_field(p, end, *++pattern, c) :
					    *p < end && *(*p)++ == *pattern;

		if (!ok)
			return false;
	}
	return true;
}

static int whole(const char *text, size_t len, const char *pattern,
		 struct civil *c)
{
	const char *p = text, *end = text + len;

	return take(&p, end, pattern, c) && p == end ? 0 : -EINVAL;
}

/* "Z" or "+01:00": how many seconds the clock there is ahead. */
static bool take_offset(const char **p, const char *end, int64_t *ahead)
{
	struct civil c;
	char sign = *p < end ? *(*p)++ : '\0';

	*ahead = 0;
	if (sign == 'Z' || sign == 'z')
		return true;
	if ((sign != '+' && sign != '-') || !take(p, end, "%H:%M", &c) ||
	    c.hour > 23 || c.minute > 59)
		return false;
	*ahead = (int64_t)c.hour * 3600 + c.minute * 60;
	if (sign == '-')
		*ahead = -*ahead;
	return true;
}

static bool skip_fraction(const char **p, const char *end)
{
	const char *begin;

	if (*p == end || **p != '.')
		return true;
	begin = ++*p;
	while (*p < end && **p >= '0' && **p <= '9')
		(*p)++;
	return *p > begin;
}

int when_rfc3339(const char *text, size_t len, int64_t *out)
{
	const char *p = text, *end = text + len;
	struct civil c;
	int64_t ahead, there;

	if (!take(&p, end, "%Y-%m-%d", &c) || p == end ||
	    (*p != 'T' && *p != 't' && *p != ' '))
		return -EINVAL;
	p++;
	if (!take(&p, end, "%H:%M:%S", &c) || !skip_fraction(&p, end) ||
	    !take_offset(&p, end, &ahead) || p != end)
		return -EINVAL;
	if (civil_time(&c, &there))
		return -EINVAL;
	*out = there - ahead;
	return 0;
}

/* Fifty years on at most; else it is the century before (RFC 9110). */
static unsigned full_year(unsigned two_digits, int64_t now)
{
	unsigned this_year = civil_from_time(now).year;
	unsigned year = this_year / 100 * 100 + two_digits;

	if (year > this_year + 50)
		return year - 100;
	return year + 50 <= this_year ? year + 100 : year;
}

int when_http(const char *text, size_t len, int64_t now, int64_t *out)
{
	struct civil c;

	if (!whole(text, len, "%a, %d %b %Y %H:%M:%S GMT", &c))
		return civil_time(&c, out);
	if (!whole(text, len, "%a %b %e %H:%M:%S %Y", &c))
		return civil_time(&c, out);
	if (whole(text, len, "%A, %d-%b-%y %H:%M:%S GMT", &c))
		return -EINVAL;
	c.year = full_year(c.year, now);
	return civil_time(&c, out);
}

/* ---- Writing ------------------------------------------------------------ */

void when_print_http(int64_t time, char out[WHEN_HTTP_SIZE])
{
	struct civil c = civil_from_time(time);

	snprintf(out, WHEN_HTTP_SIZE, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
		 weekdays + 3 * c.weekday, c.day % 100,
		 months + 3 * (c.month - 1), c.year % 10000, c.hour % 100,
		 c.minute % 100, c.second % 100);
}

void when_print_basic(int64_t time, char out[WHEN_BASIC_SIZE])
{
	struct civil c = civil_from_time(time);

	snprintf(out, WHEN_BASIC_SIZE, "%04u%02u%02uT%02u%02u%02uZ",
		 c.year % 10000, c.month % 100, c.day % 100, c.hour % 100,
		 c.minute % 100, c.second % 100);
}

int64_t when_ns(int64_t time)
{
	const int64_t most = INT64_MAX / (int64_t)NS_PER_SEC;

	return MAX(MIN(time, most), -most) * (int64_t)NS_PER_SEC;
}
