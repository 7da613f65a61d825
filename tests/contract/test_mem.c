#include "backends/mem.h"
#include "lib/contract.h"

static struct backend *open_mem(void **state)
{
	/* valgrind has little address space to give. */
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = 256 * MIB };
	struct backend *b;

	(void)state;
	cr_assert_eq(backend_open(&mem_ops, "mem://contract", &options, &b), 0);
	return b;
}

static const struct contract_maker maker = { open_mem, NULL };

CONTRACT_TESTS(contract_mem, maker)
