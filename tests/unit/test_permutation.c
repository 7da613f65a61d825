#include "base/permutation.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(permutation, meets_every_number_once)
{
	static const uint64_t sizes[] = { 1,   2,   3,	 4,   5,    16,	  17,
					  168, 255, 256, 257, 1000, 70000 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (uint64_t key = 0; key < 3; key++) {
			AUTO_FREE bool *met = calloc(sizes[i], sizeof(*met));
			struct permutation p;

			cr_assert(met);
			permutation_init(&p, sizes[i], key);
			for (uint64_t k = 0; k < sizes[i]; k++) {
				uint64_t at = permutation_at(&p, k);

				cr_assert_lt(at, sizes[i]);
				cr_assert_not(met[at], "%lu of %lu twice", at,
					      sizes[i]);
				met[at] = true;
			}
		}
}

Test(permutation, of_another_key_is_another_one)
{
	struct permutation a, b;
	unsigned same = 0, fixed = 0;

	permutation_init(&a, 1000, 124);
	permutation_init(&b, 1000, 125);
	for (uint64_t i = 0; i < 1000; i++) {
		same += permutation_at(&a, i) == permutation_at(&b, i);
		fixed += permutation_at(&a, i) == i;
	}
	/* One each is to be expected. */
	cr_expect_lt(same, 10, "%u", same);
	cr_expect_lt(fixed, 10, "%u", fixed);
}

/* Each of eight numbers comes first about as often as the others. */
Test(permutation, prefers_no_number)
{
	unsigned first[8] = { 0 };

	for (uint64_t key = 0; key < 8000; key++) {
		struct permutation p;

		permutation_init(&p, 8, key);
		first[permutation_at(&p, 0)]++;
	}
	for (size_t i = 0; i < 8; i++)
		cr_expect(first[i] > 800 && first[i] < 1200, "%zu: %u", i,
			  first[i]);
}

Test(permutation, takes_numbers_of_64_bits)
{
	struct permutation p;

	permutation_init(&p, UINT64_MAX, 1);
	cr_expect_neq(permutation_at(&p, 0), permutation_at(&p, 1));
	permutation_init(&p, 1000000000, 1);
	cr_expect_lt(permutation_at(&p, 999999999), 1000000000);
}
