#include "app/progress.h"

#include "lib/capture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>

static const struct crew_progress half = { .files = 1,
					   .files_total = 2,
					   .bytes = 512 * KIB,
					   .bytes_total = MIB,
					   .elapsed_ns = 2 * NS_PER_SEC };

/* What is drawn, whatever standard error is. */
static const char *drawn(const struct crew_progress *p, struct capture *c)
{
	struct progress bar = { .doing = "generate", .enabled = true };

	capture_start(c);
	progress_show(&bar, p);
	progress_end(&bar);
	return capture_stop(c);
}

Test(progress, draws_how_far_it_is)
{
	static const struct {
		uint64_t files, bytes, bytes_total, elapsed_ns;
		const char *want;
	} cases[] = {
		{ 0, 0, MIB, 0,
		  "\rgenerate [                              ]   0%  0/2 files"
		  "  0 B  0 B/s  ETA ?\033[K\n" },
		{ 0, 0, MIB, NS_PER_SEC,
		  "\rgenerate [                              ]   0%  0/2 files"
		  "  0 B  0 B/s  ETA ?\033[K\n" },
		{ 1, 512 * KIB, MIB, 2 * NS_PER_SEC,
		  "\rgenerate [===============               ]  50%  1/2 files"
		  "  512 KiB  256 KiB/s  ETA 2.00 s\033[K\n" },
		{ 2, MIB, MIB, 4 * NS_PER_SEC,
		  "\rgenerate [==============================] 100%  2/2 files"
		  "  1 MiB  256 KiB/s  ETA 0 ns\033[K\n" },
		/* Almost is not all. */
		{ 1, MIB - 1, MIB, NS_PER_SEC,
		  "\rgenerate [============================= ]  99%  1/2 files"
		  "  1 MiB  1 MiB/s  ETA 953 ns\033[K\n" },
		/* Nothing to do is done. */
		{ 2, 0, 0, NS_PER_SEC,
		  "\rgenerate [==============================] 100%  2/2 files"
		  "  0 B  0 B/s  ETA 0 ns\033[K\n" },
		/* More than was thought. */
		{ 2, 3 * MIB, MIB, NS_PER_SEC,
		  "\rgenerate [==============================] 100%  2/2 files"
		  "  3 MiB  3 MiB/s  ETA 0 ns\033[K\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct crew_progress p = {
			.files = cases[i].files,
			.files_total = 2,
			.bytes = cases[i].bytes,
			.bytes_total = cases[i].bytes_total,
			.elapsed_ns = cases[i].elapsed_ns,
		};
		struct capture c;

		cr_expect_str_eq(drawn(&p, &c), cases[i].want, "case %zu: %s",
				 i, c.text);
	}
}

Test(progress, is_silent_in_a_pipe)
{
	struct progress bar;
	struct capture c;

	capture_start(&c);
	progress_start(&bar, "generate", false);
	progress_show(&bar, &half);
	progress_end(&bar);
	cr_expect_str_empty(capture_stop(&c));
}

Test(progress, ends_a_line_only_where_it_drew_one)
{
	struct progress bar = { .doing = "generate", .enabled = true };
	struct capture c;

	capture_start(&c);
	progress_end(&bar);
	cr_expect_str_empty(capture_stop(&c));
	capture_start(&c);
	progress_show(&bar, &half);
	progress_end(&bar);
	progress_end(&bar);
	capture_stop(&c);
	cr_expect_str_eq(strchr(c.text, '\n'), "\n");
}

/* A terminal in the place of standard error. */
Test(progress, draws_on_a_terminal_unless_told_to_be_quiet)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int real = dup(STDERR_FILENO), terminal;
	struct progress loud, quiet;

	cr_assert_geq(master, 0);
	cr_assert_eq(grantpt(master), 0);
	cr_assert_eq(unlockpt(master), 0);
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	cr_assert_geq(terminal, 0);
	cr_assert_geq(dup2(terminal, STDERR_FILENO), 0);
	progress_start(&loud, "generate", false);
	progress_start(&quiet, "generate", true);
	dup2(real, STDERR_FILENO);
	close(terminal);
	close(master);
	close(real);
	cr_expect(loud.enabled);
	cr_expect_not(loud.drawn);
	cr_expect_not(quiet.enabled);
}
