#include "app/remote.h"

#include <math.h>
#include <string.h>

/* The standard is what 0 means to a store; nobody can wait for less than a
 * millisecond. */
static uint32_t milliseconds(double seconds)
{
	return (uint32_t)ceil(seconds * 1000);
}

static void fill_s3(const struct config *c, struct remote_options *o)
{
	static const enum remote_addressing addressing[] = {
		[CONFIG_ADDRESSING_AUTO] = REMOTE_ADDRESSING_AUTO,
		[CONFIG_ADDRESSING_PATH] = REMOTE_ADDRESSING_PATH,
		[CONFIG_ADDRESSING_VIRTUAL] = REMOTE_ADDRESSING_VIRTUAL,
	};

	o->endpoint = c->storage.storage_options.endpoint_url;
	o->region = c->storage.storage_options.region;
	o->key_id = c->storage.storage_options.access_key_id;
	o->secret = c->storage.storage_options.secret_access_key;
	o->token = c->dliofs.s3.session_token;
	o->profile = c->dliofs.s3.profile;
	o->anonymous = c->dliofs.s3.anonymous;
	o->addressing = c->storage.storage_options.s3_force_path_style ?
				REMOTE_ADDRESSING_PATH :
				addressing[c->dliofs.s3.addressing];
	if (c->storage.storage_options.s3_max_attempts)
		o->attempts =
			(unsigned)c->storage.storage_options.s3_max_attempts;
}

static void fill_azure(const struct config *c, struct remote_options *o)
{
	o->endpoint = c->dliofs.azure.endpoint;
	o->account_key = c->dliofs.azure.account_key;
	o->connection_string = c->dliofs.azure.connection_string;
	o->sas = c->dliofs.azure.sas;
}

struct remote_options remote_options_of(const struct config *c, const char *uri)
{
	struct remote_options o = {
		.concurrency = (unsigned)c->dliofs.backend.threads,
		.part_bytes = c->dliofs.backend.part_size,
		.upload_memory = c->dliofs.backend.upload_memory,
		.attempts = (unsigned)c->dliofs.backend.attempts,
		.connect_ms = milliseconds(c->dliofs.backend.connect_timeout),
		.first_byte_ms =
			milliseconds(c->dliofs.backend.first_byte_timeout),
		.stall_ms = milliseconds(c->dliofs.backend.stall_timeout),
		.deadline_ms = milliseconds(c->dliofs.backend.deadline),
		.ca_file = c->dliofs.backend.ca_file,
	};

	if (!strncmp(uri, "az://", 5))
		fill_azure(c, &o);
	else
		fill_s3(c, &o);
	return o;
}
