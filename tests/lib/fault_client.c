#include "lib/fault_client.h"

#include "base/clock.h"

#include <string.h>
#include <strings.h>

static size_t take(char *data, size_t size, size_t n, void *arg)
{
	struct fault_seen *seen = arg;
	size_t room = sizeof(seen->body) - 1 - seen->len;

	memcpy(seen->body + seen->len, data, MIN(room, size * n));
	seen->len += MIN(room, size * n);
	return size * n;
}

static size_t take_header(char *data, size_t size, size_t n, void *arg)
{
	struct fault_seen *seen = arg;
	const struct {
		const char *name;
		char *value;
	} wanted[] = {
		{ "ETag: ", seen->etag },
		{ "Retry-After: ", seen->retry_after },
		{ "Content-MD5: ", seen->md5 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		size_t len = strlen(wanted[i].name);

		if (size * n > len && !strncasecmp(data, wanted[i].name, len))
			snprintf(wanted[i].value, 64, "%.*s",
				 (int)(size * n - len - 2), data + len);
	}
	return size * n;
}

CURL *fault_client(const struct fault_server *s)
{
	CURL *curl = curl_easy_init();

	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 60000L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	if (fault_server_ca(s))
		curl_easy_setopt(curl, CURLOPT_CAINFO, fault_server_ca(s));
	return curl;
}

struct fault_seen fault_client_get(CURL *curl, const struct fault_server *s,
				   const char *path)
{
	struct fault_seen seen = { 0 };
	uint64_t begin = clock_ns();
	char url[256];

	snprintf(url, sizeof(url), "%s%s", fault_server_url(s), path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &seen);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, &seen);
	seen.rc = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &seen.status);
	seen.seconds = (double)(clock_ns() - begin) / 1e9;
	return seen;
}
