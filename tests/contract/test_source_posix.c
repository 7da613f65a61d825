#include "lib/scratch.h"
#include "lib/source_contract.h"
#include "train/source_posix.h"

static struct source *open_folder(void **state)
{
	struct source *s;

	*state = scratch_new();
	cr_assert_eq(source_posix_new(*state, false, &s), 0);
	return s;
}

static void drop_folder(void *state)
{
	scratch_remove(state);
}

static const struct source_contract_maker maker = { open_folder, drop_folder };

SOURCE_CONTRACT_TESTS(contract_source_posix, maker)
