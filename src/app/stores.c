#include "app/stores.h"

#include "app/remote.h"
#include "backends/ask.h"
#include "backends/azure.h"
#include "backends/azure_address.h"
#include "backends/direct.h"
#include "backends/file.h"
#include "backends/mem.h"
#include "backends/record.h"
#include "backends/s3.h"
#include "backends/s3_address.h"
#include "base/log.h"
#include "data/synth.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Nothing is asked of a server, and keys do not matter. */
static int check_s3(const char *location)
{
	struct s3_address a = { 0 };
	int rc = s3_address_make(&(struct s3_place){ .location = location,
						     .region = "any" },
				 &a);

	s3_address_clear(&a);
	return rc;
}

static int check_azure(const char *location)
{
	struct azure_address a = { 0 };
	int rc = azure_address_split(location, &a);

	azure_address_clear(&a);
	return rc;
}

static const struct store {
	const struct backend_ops *ops;
	int (*check)(const char *location); /* NULL: any will do */
} stores[] = {
	{ &file_ops, NULL },   { &direct_ops, NULL },	    { &mem_ops, NULL },
	{ &s3_ops, check_s3 }, { &azure_ops, check_azure },
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

static const struct store *find(const char *uri)
{
	if (!scheme_end(uri))
		return &stores[0];
	for (size_t i = 0; i < ARRAY_SIZE(stores); i++)
		if (has_scheme(uri, stores[i].ops->scheme))
			return &stores[i];
	return NULL;
}

void stores_schemes(char out[STORES_SCHEMES_SIZE])
{
	int len = snprintf(out, STORES_SCHEMES_SIZE, "synth");

	for (size_t i = 0; i < ARRAY_SIZE(stores); i++)
		len += snprintf(out + len, STORES_SCHEMES_SIZE - (size_t)len,
				", %s", stores[i].ops->scheme);
}

static int unknown(const char *uri)
{
	char schemes[STORES_SCHEMES_SIZE], place[ASK_PLACE_SIZE];

	stores_schemes(schemes);
	return log_invalid("%s: no store has this scheme; there are %s",
			   ask_place(uri, place), schemes);
}

/* "s3:bucket" and "s3:/bucket" would be folders of this machine. */
static int check_typo(const char *uri)
{
	for (size_t i = 0; i < ARRAY_SIZE(stores); i++) {
		const char *scheme = stores[i].ops->scheme;
		size_t len = strlen(scheme);

		if (strncasecmp(uri, scheme, len) || uri[len] != ':')
			continue;
		return log_invalid("%s: want %s://...; a folder of that name "
				   "is file://%s",
				   uri, scheme, uri);
	}
	return 0;
}

int stores_check(const char *uri)
{
	const struct store *store = find(uri);

	if (stores_is_synth(uri))
		return 0;
	if (!scheme_end(uri))
		return check_typo(uri);
	if (!store)
		return unknown(uri);
	return store->check ? store->check(scheme_end(uri) + 3) : 0;
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
	int rc = stores_check(uri);

	if (rc)
		return rc;
	if (stores_is_synth(uri)) {
		if (!options->dataset)
			return log_invalid("%s: synth:// computes a dataset; "
					   "give a configuration with -c",
					   uri);
		return synth_open(options->dataset, out);
	}
	rc = open_real(find(uri)->ops, uri, options, out);
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

bool stores_is_memory(const char *uri)
{
	return has_scheme(uri, "mem");
}
