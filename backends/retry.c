#include "backends/retry.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define NS_PER_MS (NS_PER_SEC / 1000)
#define AFTER_MAX_S ((int64_t)1 << 31) /* "never", and no overflow */

uint64_t retry_pause_ns(unsigned attempt, uint32_t base_ms, double random)
{
	unsigned doublings = MIN(attempt > 0 ? attempt - 1 : 0, 30u);
	uint64_t most_ms = MIN((uint64_t)base_ms << doublings,
			       (uint64_t)RETRY_PAUSE_MAX_MS);

	return (uint64_t)(random * (double)(most_ms * NS_PER_MS));
}

/* 0 … 11, or -1. */
static int month_of(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (!strncmp(name, names + 3 * (size_t)i, 3))
			return i;
	return -1;
}

/* Years of two digits: the one at most 50 years ahead. */
static int full_year(int year, int64_t now)
{
	int64_t this_year = 1970 + now / 31556952;
	int64_t full = this_year - this_year % 100 + year;

	return (int)(full > this_year + 50 ? full - 100 : full);
}

/* Days are not looked at: "Sun", "Sunday" and nonsense are the same. */
static int date(const char *text, int64_t now, int64_t *out)
{
	char month[4] = "";
	struct tm tm = { 0 };
	bool two_digits = false;
	int end = 0;

	if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n",
		   &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour, &tm.tm_min,
		   &tm.tm_sec, &end) != 6 ||
	    !end) {
		two_digits =
			sscanf(text,
			       "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d "
			       "GMT%n",
			       &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour,
			       &tm.tm_min, &tm.tm_sec, &end) == 6;
		if (!two_digits &&
		    sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n",
			   month, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
			   &tm.tm_sec, &tm.tm_year, &end) != 6)
			return -EINVAL;
	}
	if (!end || text[end])
		return -EINVAL;
	tm.tm_year = two_digits ? full_year(tm.tm_year, now) : tm.tm_year;
	tm.tm_year -= 1900;
	tm.tm_mon = month_of(month);
	if (tm.tm_mon < 0)
		return -EINVAL;
	*out = timegm(&tm);
	return 0;
}

static int seconds(const char *text, int64_t *out)
{
	char *end;
	unsigned long long value;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	value = strtoull(text, &end, 10);
	if (*end)
		return -EINVAL;
	*out = (int64_t)MIN(value, (unsigned long long)AFTER_MAX_S);
	return 0;
}

int retry_after_ns(const char *text, size_t len, int64_t now, uint64_t *ns)
{
	char copy[64];
	int64_t wait, when;

	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (seconds(copy, &wait)) {
		if (date(copy, now, &when))
			return -EINVAL;
		wait = MIN(MAX(when - now, 0), AFTER_MAX_S);
	}
	*ns = (uint64_t)wait * NS_PER_SEC;
	return 0;
}
