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

Test(handover, keeps_what_a_pipe_says_for_several_readers)
{
	static const char text[] = "reader: {batch_size: 3}";
	char room[HANDOVER_PATH], path[32], got[64];
	const char *at = path;
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], text, sizeof(text)), (ssize_t)sizeof(text));
	close(ends[1]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	cr_assert_eq(handover_keep(&at, room), 0);
	cr_assert_eq(at, (const char *)room);
	for (int i = 0; i < 2; i++) {
		int fd = open(at, O_RDONLY);

		cr_assert_geq(fd, 0);
		cr_expect_eq(fcntl(atoi(strrchr(at, '/') + 1), F_GETFD), 0,
			     "a child would not inherit it");
		cr_assert_eq(read(fd, got, sizeof(got)), (ssize_t)sizeof(text));
		cr_expect_str_eq(got, text);
		close(fd);
	}
	close(ends[0]);
}

Test(handover, leaves_files_alone_and_what_is_not_there)
{
	static const char *const paths[] = { "/proc/self/exe", "/", "/no/such",
					     NULL };
	char room[HANDOVER_PATH];

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		const char *path = paths[i];

		cr_expect_eq(handover_keep(&path, room), 0);
		cr_expect_eq(path, paths[i]);
	}
}

/* By such a name another process sees something else, be it a file here. */
Test(handover, takes_for_passing_what_is_named_by_descriptor)
{
	char path[32];
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	cr_expect(handover_is_passing(path));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	cr_expect(handover_is_passing(path));
	close(fd);
	cr_expect_not(handover_is_passing("/proc/self/exe"));
	cr_expect_not(handover_is_passing(NULL));
}
