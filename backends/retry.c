#include "backends/retry.h"

#include "backends/when.h"
#include "base/clock.h"

#include <errno.h>
#include <string.h>

#define AFTER_MAX_S ((int64_t)1 << 31) /* "never", and no overflow */

uint64_t retry_pause_ns(unsigned attempt, uint32_t base_ms, double random)
{
	unsigned doublings = MIN(attempt > 0 ? attempt - 1 : 0, 30u);
	uint64_t most_ms = MIN((uint64_t)base_ms << doublings,
			       (uint64_t)RETRY_PAUSE_MAX_MS);
	uint64_t most_ns = most_ms * NS_PER_MS;

	return (uint64_t)(random * (double)most_ns);
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
		if (when_http(text, len, now, &when))
			return -EINVAL;
		wait = MIN(MAX(when - now, 0), AFTER_MAX_S);
	}
	*ns = (uint64_t)wait * NS_PER_SEC;
	return 0;
}
