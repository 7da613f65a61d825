#include "config/check_rows.h"

#include "config/uri.h"

#include <string.h>

static bool is_bucket(const struct config *c)
{
	return !strcmp(c->storage.storage_type, "s3") ||
	       !strcmp(c->storage.storage_type, "aistore");
}

static bool no_bucket(const struct config *c, char *why)
{
	const char *root = c->storage.storage_root;

	snprintf(why, WHY_SIZE,
		 "names the bucket, where storage_type is %s and data_folder "
		 "is not s3://BUCKET/...",
		 c->storage.storage_type);
	return is_bucket(c) && !root[strspn(root, "./")] &&
	       !uri_has_scheme(c->dataset.data_folder);
}

static bool aistore_nowhere(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "AIStore is asked through its S3 interface: give its URL, "
		 "http://HOST:8080/s3");
	return !strcmp(c->storage.storage_type, "aistore") &&
	       !c->storage.storage_options.endpoint_url;
}

/* A name and a password in it would be printed. */
static bool is_server(const char *url)
{
	const char *scheme = url ? strstr(url, "://") : NULL;
	size_t len = scheme ? (size_t)(scheme - url) : 0;

	if (!url)
		return true;
	return ((len == 4 && !strncmp(url, "http", 4)) ||
		(len == 5 && !strncmp(url, "https", 5))) &&
	       url[len + 3] && !strpbrk(url, "@?#");
}

#define SERVER "a server is http://HOST[:PORT][/PATH], or https"

static bool s3_server_is_none(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, SERVER);
	return !is_server(c->storage.storage_options.endpoint_url);
}

static bool azure_server_is_none(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, SERVER);
	return !is_server(c->dliofs.azure.endpoint);
}

static bool half_a_key(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "access_key_id and secret_access_key go together; leave out "
		 "both to have them looked for as AWS's tools do");
	return !c->storage.storage_options.access_key_id !=
	       !c->storage.storage_options.secret_access_key;
}

static bool token_without_key(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "belongs to a key: give storage.storage_options."
		 "access_key_id and secret_access_key");
	return c->dliofs.s3.session_token &&
	       !c->storage.storage_options.access_key_id;
}

static bool path_and_virtual(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "virtual contradicts storage_options.s3_force_path_style");
	return c->dliofs.s3.addressing == CONFIG_ADDRESSING_VIRTUAL &&
	       c->storage.storage_options.s3_force_path_style;
}

static bool never_times_out(const struct config *c, char *why)
{
	const double seconds[] = {
		c->dliofs.backend.connect_timeout,
		c->dliofs.backend.first_byte_timeout,
		c->dliofs.backend.stall_timeout,
		c->dliofs.backend.deadline,
	};

	snprintf(why, WHY_SIZE,
		 "timeouts and the deadline are more than 0 and at most "
		 "86400 seconds");
	for (size_t i = 0; i < ARRAY_SIZE(seconds); i++)
		if (seconds[i] <= 0 || seconds[i] > 86400)
			return true;
	return false;
}

const struct check_row check_remote_rows[] = {
	{ "storage.storage_root", no_bucket },
	{ "storage.storage_options.endpoint_url", aistore_nowhere },
	{ "storage.storage_options.endpoint_url", s3_server_is_none },
	{ "dliofs.azure.endpoint", azure_server_is_none },
	{ "storage.storage_options", half_a_key },
	{ "dliofs.s3.session_token", token_without_key },
	{ "dliofs.s3.addressing", path_and_virtual },
	{ "dliofs.backend", never_times_out },
};

const size_t check_remote_count = ARRAY_SIZE(check_remote_rows);
