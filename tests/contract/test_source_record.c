/* Recording changes nothing; and the fake that other tests trust is a source. */
#include "base/recorder.h"
#include "lib/fake_source.h"
#include "lib/source_contract.h"
#include "train/source_record.h"

struct below {
	struct fake_source *fake;
	struct recorder *recorder;
};

static struct source *open_fake(void **state)
{
	(void)state;
	return fake_source(fake_source_new(4096));
}

static struct source *open_recorded(void **state)
{
	struct below *b = calloc(1, sizeof(*b));
	struct source *s;

	cr_assert_not_null(b);
	b->fake = fake_source_new(4096);
	cr_assert_eq(recorder_new(-1, &b->recorder), 0);
	cr_assert_eq(source_record_new(fake_source(b->fake), b->recorder, &s),
		     0);
	*state = b;
	return s;
}

static void drop_below(void *state)
{
	struct below *b = state;

	cr_expect_eq(fake_source_open_files(b->fake), 0);
	source_free(fake_source(b->fake));
	recorder_free(b->recorder);
	free(b);
}

static const struct source_contract_maker fake = { open_fake, NULL };
static const struct source_contract_maker recorded = { open_recorded,
						       drop_below };

SOURCE_CONTRACT_TESTS(contract_source_fake, fake)
SOURCE_CONTRACT_TESTS(contract_source_record, recorded)
