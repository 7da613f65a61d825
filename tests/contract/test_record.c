#include "backends/mem.h"
#include "backends/record.h"
#include "base/recorder.h"
#include "lib/contract.h"

static struct backend *open_recorded(void **state)
{
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = 256 * MIB };
	struct recorder *recorder;
	struct backend *inner, *b;

	cr_assert_eq(recorder_new(-1, &recorder), 0);
	cr_assert_eq(backend_open(&mem_ops, "mem://x", &options, &inner), 0);
	cr_assert_eq(record_wrap(inner, recorder, &b), 0);
	*state = recorder;
	return b;
}

static void drop_recorder(void *state)
{
	recorder_free(state);
}

static const struct contract_maker maker = { open_recorded, drop_recorder };

CONTRACT_TESTS(contract_record, maker)
