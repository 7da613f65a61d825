#include "backends/file.h"
#include "lib/contract.h"
#include "lib/scratch.h"

static struct backend *open_file(void **state)
{
	char *folder = scratch_new();
	AUTO_FREE char *uri = NULL;
	struct backend *b;

	*state = folder;
	cr_assert_gt(asprintf(&uri, "file://%s", folder), 0);
	cr_assert_eq(backend_open(&file_ops, uri, NULL, &b), 0);
	return b;
}

static void drop_folder(void *state)
{
	scratch_remove(state);
}

static const struct contract_maker maker = { open_file, drop_folder };

CONTRACT_TESTS(contract_file, maker)
