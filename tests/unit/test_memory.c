#include "base/rng.h"
#include "io/memory.h"

#include <criterion/criterion.h>
#include <string.h>

Test(memory, sizes_lose_an_eighth_at_most)
{
	for (size_t len = 1; len <= MEMORY_MOST; len += 1 + len / 7) {
		size_t size = memory_size(len);

		cr_assert_geq(size, len);
		cr_assert_leq(size, len + MAX(len / 8, MEMORY_LEAST), "%zu",
			      len);
		cr_assert_eq(memory_size(size), size, "%zu", len);
		cr_assert_eq(size % MEMORY_LEAST, 0u);
	}
	cr_expect_eq(memory_size(MEMORY_MOST), MEMORY_MOST);
	cr_expect_eq(memory_size(MIB + 128 * KIB), MIB + 128 * KIB);
}

Test(memory, nobody_gets_more_than_the_budget)
{
	struct memory *m;
	void *a, *b;

	cr_assert_eq(memory_new(3 * MIB, &m), 0);
	a = memory_get(m, 2 * MIB);
	cr_assert_neq(a, NULL);
	cr_expect_eq(memory_get(m, 2 * MIB), NULL);
	b = memory_get(m, MIB);
	cr_assert_neq(b, NULL);
	cr_expect_eq(memory_get(m, 1), NULL);
	cr_expect_eq(memory_used(m), 3 * MIB);
	memory_put(m, b, MIB);
	b = memory_get(m, 4096);
	cr_expect_neq(b, NULL);
	memory_put(m, b, 4096);
	memory_put(m, a, 2 * MIB);
	cr_expect_eq(memory_used(m), 0u);
	memory_free(m);
}

Test(memory, what_is_returned_is_given_again)
{
	struct memory *m;
	void *a, *b;

	cr_assert_eq(memory_new(64 * MIB, &m), 0);
	a = memory_get(m, MIB);
	memory_put(m, a, MIB);
	cr_expect_eq(memory_kept(m), MIB);
	b = memory_get(m, MIB - 5);
	cr_expect_eq(a, b);
	cr_expect_eq(memory_kept(m), 0u);
	memory_put(m, b, MIB - 5);
	memory_free(m);
}

Test(memory, large_buffers_lie_on_the_border_of_large_pages)
{
	struct memory *m;

	cr_assert_eq(memory_new(64 * MIB, &m), 0);
	for (size_t len = 2 * MIB; len <= MEMORY_MOST; len += 512 * KIB) {
		size_t size = memory_size(len);
		char *before = memory_get(m, MIB), *a = memory_get(m, len);

		cr_assert_neq(a, NULL);
		cr_expect_eq((uintptr_t)a % (2 * MIB), 0u, "%zu", len);
		memset(a, 1, size);
		memset(before, 1, MIB);
		memory_put(m, before, MIB);
		memory_put(m, a, len);
	}
	cr_expect_eq(memory_used(m), 0u);
	memory_free(m);
}

Test(memory, what_is_kept_makes_room_for_another_size)
{
	struct memory *m;
	void *a;

	cr_assert_eq(memory_new(8 * MIB, &m), 0);
	a = memory_get(m, 2 * MIB);
	memory_put(m, a, 2 * MIB);
	cr_expect_eq(memory_kept(m), 2 * MIB);
	a = memory_get(m, 8 * MIB);
	cr_assert_neq(a, NULL);
	cr_expect_eq(memory_kept(m), 0u);
	memory_put(m, a, 8 * MIB);
	memory_free(m);
}

Test(memory, used_and_kept_are_within_the_budget_whatever_comes)
{
	struct {
		void *buf;
		size_t len;
	} held[32] = { { 0 } };
	const uint64_t budget = 20 * MIB;
	struct memory *m;
	struct rng g;

	rng_seed(&g, 1);
	cr_assert_eq(memory_new(budget, &m), 0);
	for (int n = 0; n < 20000; n++) {
		size_t i = rng_u64(&g) % ARRAY_SIZE(held);

		if (held[i].buf) {
			memory_put(m, TAKE(held[i].buf), held[i].len);
		} else {
			held[i].len = 1 + rng_u64(&g) % (MEMORY_MOST >>
							 rng_u64(&g) % 12);
			held[i].buf = memory_get(m, held[i].len);
			if (held[i].buf)
				((char *)held[i].buf)[held[i].len - 1] = 1;
		}
		cr_assert_leq(memory_used(m) + memory_kept(m), budget);
	}
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		memory_put(m, held[i].buf, held[i].len);
	cr_expect_eq(memory_used(m), 0u);
	memory_free(m);
}

Test(memory, nothing_may_be_freed)
{
	memory_free(NULL);
}
