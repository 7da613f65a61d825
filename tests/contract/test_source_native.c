#include "app/native.h"
#include "backends/fault.h"
#include "backends/mem.h"
#include "lib/source_contract.h"

static struct source *open_below(const char *prefix, void **state)
{
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = 64 * MIB };
	struct backend *b;
	struct source *s;

	cr_assert_eq(backend_open(&mem_ops, "mem://x", &options, &b), 0);
	cr_assert_eq(native_source(b, prefix, &s), 0);
	*state = b;
	return s;
}

static struct source *open_whole(void **state)
{
	return open_below("", state);
}

static struct source *open_prefix(void **state)
{
	return open_below("some/where/", state);
}

/* A store that is not local, for opening might wait. */
static struct source *open_remote(void **state)
{
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = 64 * MIB };
	const struct fault_plan plan = {
		.rule[FAULT_OPEN] = { .shape = FAULT_FIXED, .a_ns = 1 },
	};
	struct backend *inner, *b;
	struct source *s;

	cr_assert_eq(backend_open(&mem_ops, "mem://x", &options, &inner), 0);
	cr_assert_eq(fault_wrap(inner, &plan, &b), 0);
	cr_assert_eq(native_source(b, "", &s), 0);
	*state = b;
	return s;
}

static void drop_store(void *state)
{
	backend_close(state);
}

static const struct source_contract_maker whole = { open_whole, drop_store };
static const struct source_contract_maker below = { open_prefix, drop_store };
static const struct source_contract_maker remote = { open_remote, drop_store };

SOURCE_CONTRACT_TESTS(contract_source_native, whole)
SOURCE_CONTRACT_TESTS(contract_source_native_below, below)
SOURCE_CONTRACT_TESTS(contract_source_native_remote, remote)
