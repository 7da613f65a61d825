#include "app/stores.h"

#include "app/remote.h"
#include "backends/azure.h"
#include "backends/direct.h"
#include "backends/file.h"
#include "backends/mem.h"
#include "backends/record.h"
#include "backends/s3.h"
#include "base/log.h"
#include "data/synth.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static const struct backend_ops *const stores[] = {
	&file_ops, &direct_ops, &mem_ops, &s3_ops, &azure_ops,
};

static const char *scheme_end(const char *uri)
{
	return strstr(uri, "://");
}

static bool has_scheme(const char *uri, const char *scheme)
{
	const char *end = scheme_end(uri);
	size_t len = strlen(scheme);

	return end && (size_t)(end - uri) == len && !memcmp(uri, scheme, len);
}

static const struct backend_ops *find(const char *uri)
{
	if (!scheme_end(uri))
		return &file_ops;
	for (size_t i = 0; i < ARRAY_SIZE(stores); i++)
		if (has_scheme(uri, stores[i]->scheme))
			return stores[i];
	return NULL;
}

void stores_schemes(char out[STORES_SCHEMES_SIZE])
{
	int len = snprintf(out, STORES_SCHEMES_SIZE, "synth");

	for (size_t i = 0; i < ARRAY_SIZE(stores); i++)
		len += snprintf(out + len, STORES_SCHEMES_SIZE - (size_t)len,
				", %s", stores[i]->scheme);
}

static int unknown(const char *uri)
{
	char schemes[STORES_SCHEMES_SIZE];

	stores_schemes(schemes);
	return log_invalid("%s: no store has this scheme; there are %s", uri,
			   schemes);
}

static int keep_memory(const struct backend *b, struct backend_options *options)
{
	if (b->ops != &mem_ops || options->mem_fd >= 0)
		return 0;
	options->mem_fd = fcntl(mem_fd(b), F_DUPFD_CLOEXEC, 0);
	return options->mem_fd < 0 ? -errno : 0;
}

static int open_real(const struct backend_ops *ops, const char *uri,
		     const struct stores_options *options, struct backend **out)
{
	struct backend_options with = options->backend;
	struct remote_options remote = { 0 };

	if (options->config)
		remote = remote_options_of(options->config, uri);
	remote.recorder = options->recorder;
	remote.stop = options->stop;
	with.remote = &remote;
	return backend_open(ops, uri, &with, out);
}

static int open_bare(const char *uri, struct stores_options *options,
		     struct backend **out)
{
	const struct backend_ops *ops;
	int rc;

	if (stores_is_synth(uri)) {
		if (!options->dataset)
			return log_invalid("%s: synth:// computes a dataset; "
					   "give a configuration with -c",
					   uri);
		return synth_open(options->dataset, out);
	}
	ops = find(uri);
	if (!ops)
		return unknown(uri);
	rc = open_real(ops, uri, options, out);
	if (rc)
		return rc;
	rc = keep_memory(*out, &options->backend);
	if (rc)
		backend_close(*out);
	return rc;
}

int stores_open(const char *uri, struct stores_options *options,
		struct backend **out)
{
	struct backend *bare = NULL;
	int rc;

	rc = open_bare(uri, options, &bare);
	if (rc)
		return rc;
	if (!options->recorder) {
		*out = bare;
		return 0;
	}
	rc = record_wrap(bare, options->recorder, out);
	if (rc)
		backend_close(bare);
	return rc;
}

const char *stores_path(const char *uri)
{
	if (!scheme_end(uri))
		return uri;
	return has_scheme(uri, "file") ? scheme_end(uri) + 3 : NULL;
}

const char *stores_folder(const char *uri)
{
	return has_scheme(uri, "direct") ? scheme_end(uri) + 3 :
					   stores_path(uri);
}

bool stores_is_synth(const char *uri)
{
	return has_scheme(uri, "synth");
}
