#include "backends/advice.h"

#include "backends/http.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

/* What the network came to, whatever the store. */
static const struct advice_row common[] = {
	{ 0, NULL, -ECONNREFUSED,
	  "nobody listens there, or at the proxy if http_proxy or https_proxy "
	  "names one; correct the host and port, or start the server" },
	{ 0, NULL, -EHOSTUNREACH,
	  "there is no way to that host, or to the proxy if http_proxy or "
	  "https_proxy names one; correct its name" },
	{ 0, NULL, -ETIMEDOUT,
	  "it does not answer in time; correct the host and port, or let this "
	  "machine reach it (firewall, proxy), or raise the timeouts in "
	  "dliofs.backend" },
	{ 0, NULL, -EKEYREJECTED,
	  "its certificate is not trusted, or another host's; name the file of "
	  "its authority in AWS_CA_BUNDLE or dliofs.backend.ca_file" },
	{ 0, NULL, -EPROTO,
	  "that is no such server; correct the port, or http and https" },
	{ 0, NULL, -EBADMSG,
	  "that is no such server: it answers something else; correct the host "
	  "and port" },
	{ .hint = NULL },
};

static const struct {
	const char *header, *begins; /* of its answers */
	enum advice_kind kind;
} marks[] = {
	{ "x-amz-request-id", "", ADVICE_S3 },
	{ "x-ms-request-id", "", ADVICE_AZURE },
	{ "Server", "Windows-Azure-Blob", ADVICE_AZURE },
	{ "Server", "Azurite-Blob", ADVICE_AZURE },
};

/* The hint for one kind that was taken for the other. */
static const char *const mistaken[] = {
	[ADVICE_S3] = "that is an S3 server; write s3://BUCKET/PREFIX",
	[ADVICE_AZURE] = "that is an Azure server; write "
			 "az://ACCOUNT/CONTAINER/PREFIX",
};

static bool bears(const struct http_exchange *x, size_t mark)
{
	size_t len = 0, want = strlen(marks[mark].begins);
	const char *value = http_reply_header(x, marks[mark].header, &len);

	return value && len >= want &&
	       !strncmp(value, marks[mark].begins, want);
}

static const char *find_stranger(const struct advice *a,
				 const struct http_exchange *x)
{
	for (size_t i = 0; x->status && i < ARRAY_SIZE(marks); i++)
		if (bears(x, i))
			return marks[i].kind == a->kind ?
				       NULL :
				       mistaken[marks[i].kind];
	return NULL;
}

static const char *find_in(const struct advice_row *rows, int status,
			   const char *code, int rc)
{
	for (; rows->hint; rows++)
		if ((!rows->code || !strcmp(rows->code, code)) &&
		    (!rows->status || rows->status == status) &&
		    (!rows->error || rows->error == rc))
			return rows->hint;
	return NULL;
}

const char *advice_find(const struct advice *a, const struct http_exchange *x,
			const char *code, int rc)
{
	const char *hint = find_stranger(a, x);

	if (!hint)
		hint = find_in(a->rows, x->status, code, rc);
	return hint ? hint : find_in(common, x->status, code, rc);
}

void advice_say(const struct advice *a, const struct http_exchange *x,
		const char *code, int rc)
{
	const char *hint = advice_find(a, x, code, rc);

	bool refused = rc == -EACCES;

	if (hint)
		log_error("open %s at %s (by %s)%s%s: %s", a->uri, a->server,
			  a->by, refused ? ", signed in by " : "",
			  refused ? a->source : "", hint);
}
