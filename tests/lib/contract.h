/* What backend.h promises, as tests that every store passes.
 *
 *	static const struct contract_maker maker = { open_it, drop_it };
 *	CONTRACT_TESTS(contract_file, maker)
 *
 * makes a Criterion suite of that name with a test for each rule below, each
 * on a new, empty store.  A store that is read only checks one object that it
 * has with contract_reads(). */
#ifndef TESTS_LIB_CONTRACT_H
#define TESTS_LIB_CONTRACT_H

#include "backends/backend.h"

#include <criterion/criterion.h>

struct contract_maker {
	/* Asserts what it needs.  *state is for drop, after the store has
	 * been closed. */
	struct backend *(*open)(void **state);
	void (*drop)(void *state);
};

#define CONTRACT_RULES(X, suite, maker)                                        \
	/* reading */                                                          \
	X(suite, maker, an_object_is_what_was_appended)                        \
	X(suite, maker, an_empty_object_is_an_object)                          \
	X(suite, maker, a_big_object_comes_in_odd_pieces)                      \
	X(suite, maker, sixteen_threads_read_one_object)                       \
	X(suite, maker, what_is_missing_is_enoent)                             \
	X(suite, maker, folders_are_not_objects)                               \
	X(suite, maker, the_store_says_who_it_is)                              \
	X(suite, maker, a_known_size_need_not_be_asked)                        \
	X(suite, maker, a_wrong_size_is_estale)                                \
	X(suite, maker, what_is_missing_is_missed_at_the_first_read)           \
	X(suite, maker, what_is_replaced_is_never_mixed)                       \
	/* writing */                                                          \
	X(suite, maker, nothing_is_seen_before_commit)                         \
	X(suite, maker, nothing_is_left_without_commit)                        \
	X(suite, maker, nothing_goes_in_after_commit)                          \
	X(suite, maker, commit_replaces)                                       \
	X(suite, maker, readers_keep_the_old_bytes)                            \
	X(suite, maker, the_last_commit_wins)                                  \
	X(suite, maker, objects_are_written_side_by_side)                      \
	X(suite, maker, threads_write_side_by_side)                            \
	X(suite, maker, commit_can_be_durable)                                 \
	/* names */                                                            \
	X(suite, maker, bad_names_are_refused)                                 \
	X(suite, maker, odd_names_work)                                        \
	X(suite, maker, a_name_is_kept_or_refused)                             \
	X(suite, maker, remove_removes)                                        \
	X(suite, maker, rename_moves)                                          \
	X(suite, maker, rename_replaces)                                       \
	X(suite, maker, rename_to_itself_changes_nothing)                      \
	/* listing */                                                          \
	X(suite, maker, a_deep_list_has_every_object_below)                    \
	X(suite, maker, a_shallow_list_stops_at_the_slash)                     \
	X(suite, maker, a_hundred_objects_are_listed)                          \
	X(suite, maker, the_callback_ends_a_list)                              \
	X(suite, maker, the_callback_may_use_the_store)                        \
	X(suite, maker, stat_and_list_say_the_same)                            \
	X(suite, maker, empty_folders_do_not_linger)

#define CONTRACT_DECLARE(suite, maker, rule)                                   \
	void contract_##rule(struct backend *b);
CONTRACT_RULES(CONTRACT_DECLARE, , )

void contract_run(const struct contract_maker *maker,
		  void (*rule)(struct backend *b));

#define CONTRACT_TEST(suite, maker, rule)                                      \
	Test(suite, rule)                                                      \
	{                                                                      \
		contract_run(&(maker), contract_##rule);                       \
	}
#define CONTRACT_TESTS(suite, maker) CONTRACT_RULES(CONTRACT_TEST, suite, maker)

/* Everything that is promised of reading, on an object whose bytes are known:
 * any offset, length and alignment, past the end, without waiting. */
void contract_reads(struct backend *b, const char *name, const void *bytes,
		    size_t size);

/* ---- For tests of single stores, too ------------------------------------ */

/* A byte that depends on where it is and on which object it is in. */
static inline unsigned char contract_byte(unsigned seed, uint64_t offset)
{
	return (unsigned char)(((offset + 1) * UINT64_C(0x9e3779b97f4a7c15)) >>
			       56) ^
	       (unsigned char)(seed * 37);
}

void contract_fill(void *buf, size_t len, unsigned seed, uint64_t offset);

/* Write a whole object of such bytes; assert that it is one. */
void contract_put(struct backend *b, const char *name, unsigned seed,
		  uint64_t size);
void contract_expect(struct backend *b, const char *name, unsigned seed,
		     uint64_t size);

/* The same of an object that is open already. */
void contract_expect_open(struct object *o, unsigned seed, uint64_t size,
			  const char *what);

/* Names in a listing, sorted and joined by blanks; to be freed. */
char *contract_names(struct backend *b, const char *prefix,
		     enum backend_depth depth);

#endif
