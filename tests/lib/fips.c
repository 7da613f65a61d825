#include "lib/fips.h"

#include "lib/surroundings.h"

#include <stdlib.h>

void fips_forbid_digests(const char *folder)
{
	AUTO_FREE char *path = NULL;

	surroundings_write(folder, "openssl.cnf",
			   "openssl_conf = all\n"
			   "[all]\n"
			   "alg_section = algorithms\n"
			   "[algorithms]\n"
			   "default_properties = fips=yes\n",
			   0600);
	if (asprintf(&path, "%s/openssl.cnf", folder) < 0)
		abort();
	setenv("OPENSSL_CONF", path, 1);
}
