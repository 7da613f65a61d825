#include "backends/fault.h"
#include "backends/file.h"
#include "lib/contract.h"
#include "lib/scratch.h"

/* Nothing planned: nobody can tell. */
static struct backend *open_faultless(void **state)
{
	const struct fault_plan plan = { .seed = 1 };
	char *folder = scratch_new();
	AUTO_FREE char *uri = NULL;
	struct backend *inner, *b;

	*state = folder;
	cr_assert_gt(asprintf(&uri, "file://%s", folder), 0);
	cr_assert_eq(backend_open(&file_ops, uri, NULL, &inner), 0);
	cr_assert_eq(fault_wrap(inner, &plan, &b), 0);
	return b;
}

static void drop_folder(void *state)
{
	scratch_remove(state);
}

static const struct contract_maker maker = { open_faultless, drop_folder };

CONTRACT_TESTS(contract_fault, maker)
