#include "base/memlimit.h"
#include "lib/scratch.h"

#include <criterion/criterion.h>
#include <sys/stat.h>

/* Make the folders on the way and the file. */
static void put(const char *root, const char *path, const char *text)
{
	char full[4096];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *at = full + strlen(root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(full, 0755);
		*at = '/';
	}
	f = fopen(full, "w");
	cr_assert_neq(f, NULL, "%s", full);
	fputs(text, f);
	fclose(f);
}

Test(memlimit, the_smallest_limit_on_the_way_up_counts)
{
	static const struct {
		const char *groups;
		uint64_t want;
	} cases[] = {
		{ "0::/a/b/c\n", 1000 },
		{ "0::/a/b\n", 2000 },
		{ "0::/a\n", 2000 },
		{ "0::/none/such\n", UINT64_MAX },
		{ "0::/\n", UINT64_MAX },
		{ "3:cpu,memory:/one/two\n", 500 },
		{ "3:memory:/one\n", 500 },
		{ "3:memory_and_more:/one\n", UINT64_MAX },
		{ "3:cpu:/one\n", UINT64_MAX },
		{ "4:memory:/one\n1:name=systemd:/x\n0::/a/b/c\n", 500 },
		{ "4:memory:/other\n0::/a/b/c\n", 1000 },
		{ "nonsense\n\n:\n::\n", UINT64_MAX },
		{ "", UINT64_MAX },
	};
	char *root = scratch_new();

	put(root, "a/memory.max", "2000\n");
	put(root, "a/b/memory.max", "max\n");
	put(root, "a/b/c/memory.max", "1000\n");
	put(root, "memory/one/memory.limit_in_bytes", "500\n");
	put(root, "memory/one/two/memory.limit_in_bytes",
	    "9223372036854771712\n");
	put(root, "memory/other/memory.limit_in_bytes", "3000\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(memlimit_of_groups(cases[i].groups, root),
			     cases[i].want, "'%s'", cases[i].groups);
	scratch_remove(root);
}

/* Inside a container its own group is the hierarchy's root. */
Test(memlimit, the_root_of_a_hierarchy_counts)
{
	char *root = scratch_new();

	put(root, "memory.max", "700\n");
	cr_expect_eq(memlimit_of_groups("0::/\n", root), 700u);
	cr_expect_eq(memlimit_of_groups("0::/../elsewhere\n", root), 700u);
	scratch_remove(root);
}

Test(memlimit, what_is_available_is_read_in_kib)
{
	static const struct {
		const char *meminfo;
		uint64_t want;
	} cases[] = {
		{ "MemTotal:  9 kB\nMemFree:  1 kB\nMemAvailable:  3 kB\n",
		  3 * KIB },
		{ "MemAvailable: 0 kB\n", 0 },
		{ "MemTotal:  9 kB\nMemFree:  1 kB\n", UINT64_MAX },
		{ "MemAvailable: much\n", UINT64_MAX },
		{ "MemAvailable: 18446744073709551615 kB\n", UINT64_MAX },
		{ "", UINT64_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(memlimit_available(cases[i].meminfo),
			     cases[i].want, "'%s'", cases[i].meminfo);
}

Test(memlimit, this_machine_has_some)
{
	cr_expect_gt(memlimit_left(), MIB);
	cr_expect_leq(memlimit_left(), memlimit_bytes());
	cr_expect_gt(memlimit_bytes(), MIB);
	cr_expect_lt(memlimit_bytes(), (uint64_t)1 << 60);
}
