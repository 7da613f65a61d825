#include "app/handover.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>

Test(handover, gives_every_word_as_it_was)
{
	static const char *const words[] = { "a=b", "", "+x='y z'", "~q" };
	const char **got;
	size_t n;
	int fd;

	cr_assert_eq(handover_new(words, ARRAY_SIZE(words), &fd), 0);
	cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	cr_assert_eq(handover_take(fd, &got, &n), 0);
	cr_assert_eq(n, ARRAY_SIZE(words));
	for (size_t i = 0; i < n; i++)
		cr_expect_str_eq(got[i], words[i]);
	cr_expect_null(got[n]);
	free(got);
	cr_expect_eq(fcntl(fd, F_GETFD), -1, "it was closed");
}

Test(handover, may_be_of_nothing)
{
	const char **got;
	size_t n;
	int fd;

	cr_assert_eq(handover_new(NULL, 0, &fd), 0);
	cr_assert_eq(handover_take(fd, &got, &n), 0);
	cr_expect_eq(n, 0u);
	free(got);
}
