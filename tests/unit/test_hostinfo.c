#include "train/hostinfo.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>

static struct hostinfo_map parse(const char *text)
{
	AUTO_FREE char *copy = strdup(text);
	AUTO_FCLOSE FILE *in = fmemopen(copy, strlen(copy), "r");
	struct hostinfo_map m;

	cr_assert_eq(hostinfo_parse(in, &m), 0);
	return m;
}

Test(hostinfo, the_last_cpu_stays_in_the_first_ones_order)
{
	static const struct {
		const char *key, *value;
	} want[] = {
		{ "vendor_id", "GenuineIntel" },
		{ "cpu MHz", "2.0" },
		{ "power management", "" },
		{ "core id", "1" },
	};
	struct hostinfo_map m = parse("processor\t: 0\n"
				      "vendor_id\t: GenuineIntel\n"
				      "cpu MHz\t\t: 1.0\n"
				      "power management:\n"
				      "\n"
				      "processor\t: 1\n"
				      "vendor_id\t: GenuineIntel\n"
				      "cpu MHz\t\t: 2.0  \n"
				      "core id : 1\n"
				      "power management:\n");

	cr_assert_eq(m.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < m.n; i++) {
		cr_expect_str_eq(m.entry[i].key, want[i].key);
		cr_expect_str_eq(m.entry[i].value, want[i].value);
	}
	hostinfo_clear(&m);
}

Test(hostinfo, lines_of_no_or_two_colons_are_left_out)
{
	struct hostinfo_map m = parse("no colon\na: b: c\nMemTotal: 3 kB");

	cr_assert_eq(m.n, 1);
	cr_expect_null(hostinfo_value(&m, "a"));
	cr_expect_eq(hostinfo_memory(&m), 3072);
	hostinfo_clear(&m);
	cr_expect_eq(hostinfo_memory(&m), 0);
}

Test(hostinfo, this_host_has_memory_and_a_name)
{
	struct hostinfo_map memory, cpu;
	char name[HOSTINFO_NAME_SIZE];

	cr_assert_eq(hostinfo_meminfo("/proc", &memory), 0);
	cr_assert_eq(hostinfo_cpuinfo("/proc", &cpu), 0);
	cr_expect_gt(hostinfo_memory(&memory), 16 * MIB);
	cr_expect_gt(cpu.n, 0);
	cr_expect_null(hostinfo_value(&cpu, "processor"));
	cr_expect_geq(hostinfo_cpus(), 1);
	hostinfo_name(name);
	cr_expect_neq(name[0], 0);
	hostinfo_clear(&memory);
	hostinfo_clear(&cpu);
}

Test(hostinfo, a_host_without_proc_has_empty_maps)
{
	struct hostinfo_map m;

	cr_assert_eq(hostinfo_meminfo("/nonexistent", &m), 0);
	cr_expect_eq(m.n, 0);
}
