#include "base/slice.h"

#include <criterion/criterion.h>
#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* 0 of a kernel that knows no slices. */
static uint64_t slice(void)
{
	struct sched_attr attr = { 0 };

	cr_assert_eq(syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0), 0);
	return attr.sched_runtime;
}

static int nice_value(void)
{
	struct sched_attr attr = { 0 };

	cr_assert_eq(syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0), 0);
	return attr.sched_nice;
}

Test(slice, is_what_was_asked_for_where_the_kernel_knows_it)
{
	bool known = slice() != 0;

	for (uint64_t us = 100; us <= 100000; us *= 10) {
		slice_ask(us * 1000);
		cr_expect_eq(slice(), known ? us * 1000 : 0);
	}
}

Test(slice, leaves_the_nice_value_alone)
{
	int before = nice_value() + 1;

	cr_assert_eq(nice(1), before);
	slice_ask(100000);
	cr_expect_eq(nice_value(), before);
}

static void in_child(uint64_t want)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(slice() != want);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0);
}

Test(slice, is_not_inherited)
{
	uint64_t usual = slice();

	slice_ask(usual + 5000000);
	in_child(usual);
	cr_expect_eq(slice(), usual ? usual + 5000000 : 0);
}
