/* What backend.h promises, of s3:// on OpenStack Swift.
 * servers: swift */
#include "backends/s3.h"
#include "lib/servers.h"

static struct backend *open_plain(void **state)
{
	return servers_store(servers_find("swift", &s3_ops), false, state);
}

static struct backend *open_tls(void **state)
{
	return servers_store(servers_find("swift", &s3_ops), true, state);
}

static const struct contract_maker plain = { open_plain, servers_drop };
static const struct contract_maker tls = { open_tls, servers_drop };

CONTRACT_TESTS(contract_swift, plain)
CONTRACT_TESTS(contract_swift_tls, tls)
