#include "backends/azure_source.h"

const struct azure_source *const azure_source_all[] = {
	&azure_source_storage_settings,
	&azure_source_storage_environment,
	&azure_source_storage_dotenv,
	NULL,
};
