#include "backends/s3_head.h"

#include "backends/when.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <time.h>

static int read_size(const struct http_exchange *x, uint64_t *size)
{
	const char *value;
	size_t len;

	value = http_reply_header(x, "Content-Length", &len);
	if (!value || text_take_uint(&value, size) != 0 || *size > INT64_MAX)
		return -EBADMSG;
	return 0;
}

static int64_t read_mtime(const struct http_exchange *x)
{
	const char *value;
	int64_t s;
	size_t len;

	value = http_reply_header(x, "Last-Modified", &len);
	if (!value || when_http(value, len, time(NULL), &s) != 0)
		return 0;
	return when_ns(s);
}

int s3_head(struct s3_client *c, const char *name, const char *path,
	    struct s3_head *out)
{
	struct http_exchange x;
	struct rest_call call = { .op = REC_STAT,
				  .object = name,
				  .method = HTTP_HEAD,
				  .path = path,
				  .exchange = &x };
	int rc;

	rc = s3_client_call(c, &call);
	if (rc)
		return rc;
	rc = read_size(&x, &out->info.size);
	if (rc == 0)
		rc = s3_client_etag(&x, out->etag);
	if (rc)
		return log_fail(rc,
				"%s: %s: the server does not say how "
				"large it is",
				c->uri, name);
	out->info.mtime_ns = read_mtime(&x);
	return 0;
}
