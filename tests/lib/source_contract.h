/* What source.h promises, as tests that every source of the trainer's bytes
 * passes: through a mount or a store, the trainer sees no difference.
 *
 *	static const struct source_contract_maker maker = { open_it, drop_it };
 *	SOURCE_CONTRACT_TESTS(source_posix_contract, maker)
 *
 * makes a Criterion suite of that name with a test for each rule below, each
 * on a new, empty source. */
#ifndef TESTS_LIB_SOURCE_CONTRACT_H
#define TESTS_LIB_SOURCE_CONTRACT_H

#include "train/source.h"

#include <criterion/criterion.h>

struct source_contract_maker {
	/* Asserts what it needs.  *state is for drop, after the source has
	 * been freed. */
	struct source *(*open)(void **state);
	void (*drop)(void *state); /* may be NULL */
};

#define SOURCE_CONTRACT_RULES(X, suite, maker)                                 \
	X(suite, maker, a_file_is_what_was_appended)                           \
	X(suite, maker, an_empty_file_is_a_file)                               \
	X(suite, maker, reads_are_short_only_at_the_end)                       \
	X(suite, maker, threads_read_one_file)                                 \
	X(suite, maker, what_is_missing_is_enoent)                             \
	X(suite, maker, nothing_is_left_without_commit)                        \
	X(suite, maker, nothing_goes_in_after_commit)                          \
	X(suite, maker, a_new_file_takes_the_place_of_the_old)                 \
	X(suite, maker, folders_are_made)                                      \
	X(suite, maker, names_in_a_folder_are_counted)                         \
	X(suite, maker, commit_can_be_durable)                                 \
	X(suite, maker, what_is_dropped_is_still_there)

#define SOURCE_CONTRACT_DECLARE(suite, maker, rule)                            \
	void source_contract_##rule(struct source *s);
SOURCE_CONTRACT_RULES(SOURCE_CONTRACT_DECLARE, , )

void source_contract_run(const struct source_contract_maker *maker,
			 void (*rule)(struct source *s));

#define SOURCE_CONTRACT_TEST(suite, maker, rule)                               \
	Test(suite, rule)                                                      \
	{                                                                      \
		source_contract_run(&(maker), source_contract_##rule);         \
	}
#define SOURCE_CONTRACT_TESTS(suite, maker)                                    \
	SOURCE_CONTRACT_RULES(SOURCE_CONTRACT_TEST, suite, maker)

/* For tests of single sources, too: write a whole file; expect one. */
void source_contract_put(struct source *s, const char *name, const char *text);
void source_contract_expect(struct source *s, const char *name,
			    const char *text);

#endif
