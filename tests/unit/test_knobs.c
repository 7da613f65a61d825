#include "fuse/knobs.h"
#include "lib/scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static const struct mountpoint_info mount = { .major = 0, .minor = 45 };
static char *sys;

static void set_up(void)
{
	static const char *const folders[] = {
		"class",
		"class/bdi",
		"class/bdi/0:45",
		"fs",
		"fs/fuse",
		"fs/fuse/connections",
		"fs/fuse/connections/45",
		"module",
		"module/fuse",
		"module/fuse/parameters",
	};
	char path[512];

	sys = scratch_new();
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", sys, folders[i]);
		cr_assert_eq(mkdir(path, 0755), 0);
	}
}

static void tear_down(void)
{
	scratch_remove(sys);
}

TestSuite(knobs, .init = set_up, .fini = tear_down);

static const char *path_of(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", sys, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	cr_assert_neq(f, NULL);
	fputs(text, f);
	fclose(f);
}

static void put_all(void)
{
	put("class/bdi/0:45/read_ahead_kb", "128\n");
	put("fs/fuse/connections/45/max_background", "12\n");
	put("fs/fuse/connections/45/congestion_threshold", "9\n");
}

static void expect(const struct knobs *k, size_t i, const char *name,
		   uint64_t wanted, uint64_t effective, const char *why)
{
	cr_expect_str_eq(k->knob[i].name, name);
	cr_expect_eq(k->knob[i].wanted, wanted, "%s", name);
	cr_expect_eq(k->knob[i].effective, effective, "%s: %lu", name,
		     k->knob[i].effective);
	if (why)
		cr_expect_str_eq(k->knob[i].why, why);
	else
		cr_expect_eq(k->knob[i].why, NULL, "%s", name);
}

Test(knobs, what_is_wanted_is_written)
{
	struct knobs k;

	put_all();
	knobs_apply(&k, &mount, sys, 1024, 64);
	expect(&k, KNOBS_READ_AHEAD, "read_ahead_kb", 1024, 1024, NULL);
	expect(&k, KNOBS_BACKGROUND, "max_background", 64, 64, NULL);
	expect(&k, KNOBS_CONGESTION, "congestion_threshold", 48, 48, NULL);
}

Test(knobs, nothing_wanted_is_left_alone_and_told)
{
	struct knobs k;

	put_all();
	knobs_apply(&k, &mount, sys, 0, 0);
	expect(&k, KNOBS_READ_AHEAD, "read_ahead_kb", 0, 128, NULL);
	expect(&k, KNOBS_BACKGROUND, "max_background", 0, 12, NULL);
}

Test(knobs, what_is_not_there_is_said)
{
	struct knobs k;

	knobs_apply(&k, &mount, sys, 1024, 64);
	expect(&k, KNOBS_READ_AHEAD, "read_ahead_kb", 1024, 0,
	       "sysfs does not have it");
	cr_assert_eq(chmod(sys, 0755), 0);
	cr_assert(geteuid() != 0 || seteuid(65534) == 0);
	knobs_apply(&k, &mount, sys, 1024, 64);
	expect(&k, KNOBS_BACKGROUND, "max_background", 64, 0,
	       "fusectl is not mounted");
	cr_assert(getuid() != 0 || seteuid(0) == 0);
}

Test(knobs, without_fusectl_the_limit_of_the_module_is_what_was_had)
{
	struct knobs k;

	put("module/fuse/parameters/max_user_bgreq", "40\n");
	put("module/fuse/parameters/max_user_congthresh", "100\n");
	cr_assert_eq(chmod(sys, 0755), 0);
	if (geteuid() == 0) {
		knobs_apply(&k, &mount, sys, 0, 64);
		expect(&k, KNOBS_BACKGROUND, "max_background", 64, 64, NULL);
		cr_assert_eq(seteuid(65534), 0);
	}
	knobs_apply(&k, &mount, sys, 0, 64);
	expect(&k, KNOBS_BACKGROUND, "max_background", 64, 40,
	       "only root may have more");
	expect(&k, KNOBS_CONGESTION, "congestion_threshold", 48, 48, NULL);
	cr_assert(getuid() != 0 || seteuid(0) == 0);
}

Test(knobs, an_ordinary_user_is_told_that_root_could)
{
	struct knobs k;

	put_all();
	cr_assert_eq(chmod(path_of("class/bdi/0:45/read_ahead_kb"), 0444), 0);
	cr_assert_eq(chmod(sys, 0755), 0);
	cr_assert(geteuid() != 0 || seteuid(65534) == 0);
	knobs_apply(&k, &mount, sys, 1024, 0);
	expect(&k, KNOBS_READ_AHEAD, "read_ahead_kb", 1024, 128,
	       "only root may change it");
	cr_assert(getuid() != 0 || seteuid(0) == 0);
}

Test(knobs, a_kernel_of_another_opinion_is_believed)
{
	struct knobs k;

	/* Takes what is written, and says 12 all the same. */
	put_all();
	cr_assert_eq(unlink(path_of("fs/fuse/connections/45/max_background")),
		     0);
	cr_assert_eq(symlink("/proc/sys/kernel/cap_last_cap",
			     path_of("fs/fuse/connections/45/max_background")),
		     0);
	knobs_apply(&k, &mount, sys, 0, 64);
	cr_expect_neq(k.knob[KNOBS_BACKGROUND].effective, 64u);
	cr_expect_gt(k.knob[KNOBS_BACKGROUND].effective, 0u);
	cr_expect_neq(k.knob[KNOBS_BACKGROUND].why, NULL);
}
