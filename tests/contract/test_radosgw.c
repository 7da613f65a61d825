/* What backend.h promises, of s3:// on Ceph's RADOS Gateway.
 * servers: radosgw */
#include "backends/s3.h"
#include "lib/servers.h"

static struct backend *open_plain(void **state)
{
	return servers_store(servers_find("radosgw", &s3_ops), false, state);
}

static struct backend *open_tls(void **state)
{
	return servers_store(servers_find("radosgw", &s3_ops), true, state);
}

static const struct contract_maker plain = { open_plain, servers_drop };
static const struct contract_maker tls = { open_tls, servers_drop };

CONTRACT_TESTS(contract_radosgw, plain)
CONTRACT_TESTS(contract_radosgw_tls, tls)
