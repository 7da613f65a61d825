#include "backends/azure_source.h"

const struct azure_source *const azure_source_all[] = {
	&azure_source_storage_settings,
	&azure_source_storage_environment,
	&azure_source_storage_dotenv,
	&azure_source_login_secret,
	&azure_source_login_assertion,
	&azure_source_managed,
	&azure_source_cli,
	NULL,
};
