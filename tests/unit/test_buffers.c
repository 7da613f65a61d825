#include "base/buffers.h"

#include <criterion/criterion.h>
#include <string.h>

Test(buffers, what_comes_back_last_is_given_first)
{
	struct buffers *b;
	void *one, *two;

	cr_assert_eq(buffers_new(5000, 4096, 2, &b), 0);
	one = buffers_get(b);
	two = buffers_get(b);
	cr_expect_neq(one, two);
	cr_expect_eq((uintptr_t)one % 4096, 0u);
	memset(one, 1, 8192);
	cr_expect_eq(buffers_out(b), 2u);

	buffers_put(b, two);
	buffers_put(b, one);
	cr_expect_eq(buffers_out(b), 0u);
	cr_expect_eq(buffers_get(b), one);
	cr_expect_eq(buffers_get(b), two);
	buffers_put(b, one);
	buffers_put(b, two);
	buffers_put(b, NULL);
	buffers_free(b);
}

Test(buffers, more_than_are_kept_may_be_out)
{
	void *buf[10];
	struct buffers *b;

	cr_assert_eq(buffers_new(4096, 4096, 3, &b), 0);
	for (size_t i = 0; i < ARRAY_SIZE(buf); i++)
		cr_assert_neq(buf[i] = buffers_get(b), NULL);
	for (size_t i = 0; i < ARRAY_SIZE(buf); i++)
		buffers_put(b, buf[i]);
	cr_expect_eq(buffers_out(b), 0u);
	buffers_free(b);
	buffers_free(NULL);
}
