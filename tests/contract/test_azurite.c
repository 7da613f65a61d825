/* What backend.h promises, of az:// on Azurite.
 * servers: azurite */
#include "backends/azure.h"
#include "lib/servers.h"

static struct backend *open_plain(void **state)
{
	return servers_store(servers_find("azurite", &azure_ops), false, state);
}

static struct backend *open_tls(void **state)
{
	return servers_store(servers_find("azurite", &azure_ops), true, state);
}

static const struct contract_maker plain = { open_plain, servers_drop };
static const struct contract_maker tls = { open_tls, servers_drop };

CONTRACT_TESTS(contract_azurite, plain)
CONTRACT_TESTS(contract_azurite_tls, tls)
