/* Faults between us and az:// on Azurite.
 * servers: azurite */
#include "backends/azure.h"
#include "lib/remote_faults.h"

static const struct remote_words words = {
	.server = "azurite",
	.ops = &azure_ops,
	.account = "/devstoreaccount1",
	.list = "comp=list",
	.part = "blockid=",
	.complete_method = "PUT",
	.complete = "comp=blocklist",
	.keeps_parts = true,
};

REMOTE_FAULTS(faults_azurite, words)
