/* What is special about a source straight on a store; that it is a source, its
 * contract test says. */
#include "app/native.h"

#include "backends/fault.h"
#include "backends/mem.h"
#include "lib/contract.h"
#include "lib/source_contract.h"

#include <errno.h>
#include <string.h>

static struct backend *new_store(void)
{
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = 64 * MIB };
	struct backend *b;

	cr_assert_eq(backend_open(&mem_ops, "mem://x", &options, &b), 0);
	return b;
}

static struct source *new_source(struct backend *b, const char *prefix)
{
	struct source *s;

	cr_assert_eq(native_source(b, prefix, &s), 0);
	return s;
}

Test(native, the_prefix_goes_before_every_name)
{
	struct backend *b = new_store();
	struct source *s = new_source(b, "run/1/");
	AUTO_FREE char *names = NULL;
	uint64_t n;

	source_contract_put(s, "a", "x");
	source_contract_put(s, "b/c", "y");
	names = contract_names(b, "", BACKEND_DEEP);
	cr_expect_str_eq(names, "run/1/a run/1/b/c");
	cr_expect_eq(source_count(s, "", &n), 0);
	cr_expect_eq(n, 2);
	source_free(s);

	/* The store stays the caller's. */
	s = new_source(b, "");
	source_contract_expect(s, "run/1/b/c", "y");
	source_free(s);
	backend_close(b);
}

Test(native, says_where_its_names_are)
{
	static const struct {
		const char *prefix, *place;
	} cases[] = { { "", "mem://x/" }, { "run/1/", "mem://x/run/1/" } };
	struct backend *b = new_store();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct source *s = new_source(b, cases[i].prefix);

		cr_expect_str_eq(source_place(s), cases[i].place);
		cr_assert_eq(source_set_place(s, "/else/"), 0);
		cr_expect_str_eq(source_place(s), "/else/");
		source_free(s);
	}
	backend_close(b);
}

Test(native, small_reads_over_a_network_are_one_request)
{
	const struct fault_plan plan = {
		.rule[FAULT_OPEN] = { .shape = FAULT_FIXED, .a_ns = 1 },
		.rule[FAULT_READ] = { .error = -EIO, .error_every = 2 },
	};
	struct backend *b;
	struct source *s;
	struct source_file *f;
	char byte;

	cr_assert_eq(fault_wrap(new_store(), &plan, &b), 0);
	s = new_source(b, "");
	source_contract_put(s, "a", "0123456789");
	cr_assert_eq(source_open(s, "a", 0, &f), 0);
	for (uint64_t i = 0; i < 10; i++) {
		cr_expect_eq(source_read(f, &byte, 1, 9 - i), 1);
		cr_expect_eq(byte, (char)('9' - i));
	}
	cr_expect_eq(source_read(f, &byte, 1, 10), 0);
	source_close(f);
	cr_assert_eq(source_open(s, "a", 0, &f), 0);
	cr_expect_eq(source_read(f, &byte, 1, 0), -EIO, "the second");
	cr_expect_eq(source_read(f, &byte, 1, 0), 1, "and it is tried again");
	source_close(f);
	source_free(s);
	backend_close(b);
}

Test(native, names_are_never_cut)
{
	struct backend *b = new_store();
	struct source *s = new_source(b, "ab/");
	static char name[5000];
	struct source_file *f;
	uint64_t n;

	memset(name, 'x', sizeof(name) - 1);
	/* Longer than a store takes, than the buffer, and just so. */
	for (size_t len = sizeof(name) - 1; len > BACKEND_NAME_MAX;
	     len -= len > 4100 ? 100 : 1) {
		name[len] = '\0';
		cr_assert_eq(source_open(s, name, 0, &f), -ENAMETOOLONG);
		cr_assert_null(f);
		cr_assert_eq(source_create(s, name, &f), -ENAMETOOLONG);
		cr_assert_eq(source_count(s, name, &n), -ENAMETOOLONG);
	}
	source_free(s);
	backend_close(b);
}

Test(native, asks_for_direct_reads_in_vain)
{
	struct backend *b = new_store();
	struct source *s = new_source(b, "");
	struct source_file *f;
	char got[4];

	source_contract_put(s, "a", "0123456789");
	cr_assert_eq(source_open(s, "a", SOURCE_DIRECT, &f), 0);
	cr_expect_eq(source_read(f, got, 3, 7), 3);
	cr_expect(!memcmp(got, "789", 3));
	source_close(f);
	source_free(s);
	backend_close(b);
}

Test(native, says_what_the_store_says)
{
	const struct fault_plan plan = {
		.rule = { [FAULT_READ] = { .error = -EIO, .error_every = 1 },
			  [FAULT_COMMIT] = { .error = -ENOSPC,
					     .error_every = 2 },
			  [FAULT_LIST] = { .error = -EACCES,
					   .error_every = 1 } },
	};
	struct backend *b = new_store();
	struct source_file *f;
	struct source *s;
	uint64_t n;
	char c;

	cr_assert_eq(fault_wrap(b, &plan, &b), 0);
	s = new_source(b, "");
	source_contract_put(s, "a", "x");
	cr_assert_eq(source_open(s, "a", 0, &f), 0);
	cr_expect_eq(source_read(f, &c, 1, 0), -EIO);
	source_close(f);
	cr_expect_eq(source_count(s, "", &n), -EACCES);

	cr_assert_eq(source_create(s, "b", &f), 0);
	cr_expect_eq(source_append(f, "y", 1), 0);
	cr_expect_eq(source_commit(f, 0), -ENOSPC);
	source_close(f);
	cr_expect_eq(source_open(s, "b", 0, &f), -ENOENT);
	source_free(s);
	backend_close(b);
}
