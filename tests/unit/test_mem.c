#include "backends/mem.h"
#include "base/clock.h"
#include "lib/contract.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <ucontext.h>

static struct backend *open_limited(const char *uri, uint64_t limit)
{
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = limit };
	struct backend *b;

	cr_assert_eq(backend_open(&mem_ops, uri, &options, &b), 0);
	return b;
}

/* As a process that was given the descriptor: with a mapping of its own. */
static struct backend *join(int fd, const char *uri)
{
	const struct backend_options options = { .mem_fd = fd };
	struct backend *b;

	cr_assert_eq(backend_open(&mem_ops, uri, &options, &b), 0);
	return b;
}

static uint64_t memory_used(const struct backend *b)
{
	struct stat st;

	cr_assert_eq(fstat(mem_fd(b), &st), 0);
	return (uint64_t)st.st_blocks * 512;
}

static int append_zeros(struct object *o, uint64_t size)
{
	static const char zeros[64 * 1024];
	int rc = 0;

	for (; rc == 0 && size > 0; size -= MIN(size, sizeof(zeros)))
		rc = object_append(o, zeros, MIN(size, sizeof(zeros)));
	return rc;
}

Test(mem, is_shared_by_descriptor)
{
	struct backend *first = open_limited("mem://run", 64 * MIB);
	struct backend *second = join(mem_fd(first), "mem://run");
	struct object *o;

	contract_put(first, "d/a", 1, 123456);
	contract_expect(second, "d/a", 1, 123456);
	contract_put(second, "d/b", 2, 654321);
	contract_expect(first, "d/b", 2, 654321);

	/* One replaces and removes what the other reads. */
	cr_assert_eq(object_open(first, "d/a", &o), 0);
	contract_put(second, "d/a", 3, 10);
	cr_assert_eq(backend_remove(second, "d/a"), 0);
	contract_put(second, "d/c", 4, 200000);
	contract_expect_open(o, 1, 123456, "the old one");
	object_close(o);

	/* Whoever made it may go first. */
	backend_close(first);
	contract_expect(second, "d/b", 2, 654321);
	backend_close(second);
}

Test(mem, is_shared_by_processes)
{
	struct backend *b = open_limited("mem://run", 64 * MIB);
	int status;
	pid_t child;

	contract_put(b, "from/parent", 1, 100000);
	child = fork();
	if (child == 0) {
		struct backend *mine = join(mem_fd(b), "mem://run");

		contract_expect(mine, "from/parent", 1, 100000);
		contract_put(mine, "from/child", 2, 200000);
		backend_close(mine);
		_exit(0);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0);
	contract_expect(b, "from/child", 2, 200000);
	backend_close(b);
}

Test(mem, does_not_leak_its_descriptor_into_other_programs)
{
	struct backend *b = open_limited("mem://run", MIB);
	struct backend *joined = join(mem_fd(b), "mem://run");

	cr_expect_eq(fcntl(mem_fd(b), F_GETFD), FD_CLOEXEC);
	cr_expect_eq(fcntl(mem_fd(joined), F_GETFD), FD_CLOEXEC);
	cr_expect_neq(mem_fd(b), mem_fd(joined));
	backend_close(joined);
	backend_close(b);
}

Test(mem, locations_are_prefixes)
{
	struct backend *all = open_limited("mem://", MIB);
	struct backend *a = join(mem_fd(all), "mem://a");
	struct backend *ab = join(mem_fd(all), "mem://a/b/");
	AUTO_FREE char *of_all = NULL, *of_a = NULL, *of_ab = NULL;

	contract_put(ab, "c", 1, 10);
	contract_put(a, "bc", 2, 20);
	contract_expect(a, "b/c", 1, 10);
	of_a = contract_names(a, "", BACKEND_DEEP);
	cr_expect_str_eq(of_a, "b/c bc");
	of_ab = contract_names(ab, "", BACKEND_DEEP);
	cr_expect_str_eq(of_ab, "c");
	of_all = contract_names(all, "", BACKEND_DEEP);
	cr_expect_str_eq(of_all, "");
	backend_close(ab);
	backend_close(a);
	backend_close(all);
}

Test(mem, refuses_a_descriptor_that_is_no_store)
{
	const char *long_uri =
		"mem://" /* and 256 bytes */
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	int empty = memfd_create("empty", 0), other = memfd_create("x", 0);
	const struct {
		const char *uri;
		int fd, want;
	} cases[] = {
		{ "mem://x", empty, -EINVAL },
		{ "mem://x", other, -EINVAL },
		{ "mem://x", 9999, -EBADF },
		{ long_uri, -1, -ENAMETOOLONG },
	};

	cr_assert_eq(ftruncate(other, 1 << 20), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct backend_options options = { .mem_fd =
								 cases[i].fd };
		struct backend *b;

		cr_expect_eq(backend_open(&mem_ops, cases[i].uri, &options, &b),
			     cases[i].want, "case %zu", i);
	}
	close(empty);
	close(other);
}

Test(mem, keeps_sizes_around_the_ends_of_extents)
{
	struct backend *b = open_limited("mem://x", 64 * MIB);

	for (unsigned i = 0; i < 10; i++) {
		uint64_t end = ((uint64_t)4096 << i) - 4096;

		for (uint64_t size = end > 2 ? end - 2 : 0; size <= end + 2;
		     size++) {
			contract_put(b, "edge", i, size);
			contract_expect(b, "edge", i, size);
		}
	}
	backend_close(b);
}

/* ---- Full --------------------------------------------------------------- */

Test(mem, is_full_at_its_limit_and_gives_back)
{
	struct backend *b = open_limited("mem://x", 4 * MIB);
	struct object *o;

	for (int i = 0; i < 20; i++) {
		contract_put(b, "half", 1, 2 * MIB);
		cr_assert_eq(object_create(b, "other", &o), 0);
		cr_expect_eq(append_zeros(o, 2 * MIB), 0, "round %d", i);
		cr_expect_eq(object_append(o, "x", 1), -ENOSPC);
		cr_expect_eq(object_commit(o, 0), -EBADF);
		object_close(o);
		contract_expect(b, "half", 1, 2 * MIB);
		cr_assert_eq(backend_remove(b, "half"), 0);
	}
	backend_close(b);
}

Test(mem, counts_what_is_read_until_it_is_closed)
{
	struct backend *b = open_limited("mem://x", 4 * MIB);
	struct object *reading, *o;

	contract_put(b, "a", 1, 3 * MIB);
	cr_assert_eq(object_open(b, "a", &reading), 0);
	cr_assert_eq(backend_remove(b, "a"), 0);
	cr_assert_eq(object_create(b, "b", &o), 0);
	cr_expect_eq(append_zeros(o, 3 * MIB), -ENOSPC);
	object_close(o);
	object_close(reading);
	contract_put(b, "b", 2, 3 * MIB);
	contract_expect(b, "b", 2, 3 * MIB);
	backend_close(b);
}

Test(mem, has_an_end_to_its_names)
{
	struct backend *b = open_limited("mem://x", MIB);
	struct object *o;
	char name[16];
	int n = 0, rc;

	for (;; n++) {
		snprintf(name, sizeof(name), "%d", n);
		rc = object_create(b, name, &o);
		if (rc)
			break;
		rc = object_commit(o, 0);
		object_close(o);
		if (rc)
			break;
	}
	cr_expect_eq(rc, -ENOSPC);
	cr_expect_eq(n, 1024);

	/* Each that goes makes room for one. */
	for (int i = 0; i < 1024; i += 100) {
		snprintf(name, sizeof(name), "%d", i);
		cr_expect_eq(backend_remove(b, name), 0);
		snprintf(name, sizeof(name), "new %d", i);
		contract_put(b, name, 1, 100);
		contract_expect(b, name, 1, 100);
	}
	backend_close(b);
}

Test(mem, gives_memory_back_to_the_system)
{
	struct backend *b = open_limited("mem://x", 64 * MIB);
	uint64_t before, tolerance = 64 * KIB; /* tables */
	struct object *o;

	contract_put(b, "a", 1, 10);
	before = memory_used(b);

	contract_put(b, "big", 1, 20 * MIB);
	cr_expect_geq(memory_used(b), before + 20 * MIB);
	cr_assert_eq(backend_remove(b, "big"), 0);
	cr_expect_leq(memory_used(b), before + tolerance, "removed");

	contract_put(b, "big", 1, 20 * MIB);
	contract_put(b, "big", 1, 1);
	cr_expect_leq(memory_used(b), before + tolerance, "replaced");

	cr_assert_eq(object_create(b, "c", &o), 0);
	cr_assert_eq(append_zeros(o, 20 * MIB), 0);
	object_close(o);
	cr_expect_leq(memory_used(b), before + tolerance, "not committed");

	contract_put(b, "big", 1, 20 * MIB);
	cr_assert_eq(object_open(b, "big", &o), 0);
	cr_assert_eq(backend_remove(b, "big"), 0);
	cr_expect_geq(memory_used(b), before + 20 * MIB, "still open");
	object_close(o);
	cr_expect_leq(memory_used(b), before + tolerance, "closed");
	backend_close(b);
}

/* ---- Killed ------------------------------------------------------------- */

enum { KEPT = 6, KILLS = 40 };

/* Everything at once and for ever: names come, move over each other and go. */
static void churn(struct backend *b)
{
	char name[16], other[16];

	for (unsigned i = 0;; i++) {
		struct object *o;

		snprintf(name, sizeof(name), "%u", i % KEPT);
		snprintf(other, sizeof(other), "%u", (i * 5 + 1) % KEPT);
		contract_put(b, name, 7, 1000 + i % 9000);
		if (object_open(b, name, &o) == 0) {
			(void)!backend_rename(b, name, other);
			object_close(o);
		}
		if (i % 3 == 0)
			(void)!backend_remove(b, other);
	}
}

static int check_whole(void *arg, const char *name,
		       const struct object_info *info)
{
	contract_expect(arg, name, 7, info->size);
	return 0;
}

Test(mem, survives_the_kill_of_a_writer_at_any_moment)
{
	struct backend *b = open_limited("mem://x", 64 * MIB);

	for (unsigned i = 0; i < KILLS; i++) {
		uint64_t start = clock_ns();
		pid_t child = fork();

		if (child == 0)
			churn(b);
		clock_sleep_until(start + 1000000 + i * 37000);
		cr_assert_eq(kill(child, SIGKILL), 0);
		cr_assert_eq(waitpid(child, NULL, 0), child);

		cr_assert_eq(backend_list(b, "", BACKEND_DEEP, check_whole, b),
			     0);
		contract_put(b, "mine", 7, 5000);
		contract_expect(b, "mine", 7, 5000);
	}
	backend_close(b);
}

/* ---- Killed at every store ---------------------------------------------- */

static char ready[7000]; /* what contract_put() would write */

static void put_ready(struct backend *b, const char *name)
{
	struct object *o;

	cr_assert_eq(object_create(b, name, &o), 0);
	cr_assert_eq(object_append(o, ready, sizeof(ready)), 0);
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
}

static void commit_new(struct backend *b)
{
	put_ready(b, "c");
}

static void commit_over(struct backend *b)
{
	put_ready(b, "a");
}

static void rename_new(struct backend *b)
{
	cr_assert_eq(backend_rename(b, "a", "c"), 0);
}

static void rename_over(struct backend *b)
{
	cr_assert_eq(backend_rename(b, "a", "b"), 0);
}

static void remove_one(struct backend *b)
{
	cr_assert_eq(backend_remove(b, "a"), 0);
}

static void read_one(struct backend *b)
{
	struct object *o;

	cr_assert_eq(object_open(b, "a", &o), 0);
	cr_assert_eq(object_pread(o, ready, 5000, 0), 5000);
	object_close(o);
}

static void set_stage(struct backend *b)
{
	contract_put(b, "a", 7, 5000);
	contract_put(b, "b", 7, 6000);
	(void)!backend_remove(b, "c");
}

/* The memory is made read only.  Each store to it faults, is let through alone
 * (the trap flag stops the CPU after it), and one of them is the last. */
static struct {
	char *start;
	size_t size;
	unsigned left; /* stores that are let through */
} watched;

static void on_store(int sig, siginfo_t *info, void *context)
{
	char *at = info->si_addr;

	if (at < watched.start || at >= watched.start + watched.size)
		signal(sig, SIG_DFL);
	/* Writable for the kernel, too, which marks the dead one's lock. */
	mprotect(watched.start, watched.size, PROT_READ | PROT_WRITE);
	if (watched.left-- == 0)
		raise(SIGKILL);
#ifdef __x86_64__
	((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] |= 0x100;
#else
	(void)context;
#endif
}

static void on_trap(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	mprotect(watched.start, watched.size, PROT_READ);
#ifdef __x86_64__
	((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~0x100LL;
#else
	(void)context;
#endif
}

static void find_memory(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	unsigned long from, to;

	cr_assert_not_null(maps);
	while (!watched.start && fgets(line, sizeof(line), maps))
		if (strstr(line, "memfd:dliofs-mem") &&
		    sscanf(line, "%lx-%lx", &from, &to) == 2) {
			watched.start = (char *)from;
			watched.size = to - from;
		}
	fclose(maps);
	cr_assert_not_null(watched.start);
}

/* Whether the child got as far as dying at the store after so many. */
static bool dies_after(struct backend *b, void (*change)(struct backend *),
		       unsigned stores)
{
	const struct sigaction store = { .sa_sigaction = on_store,
					 .sa_flags = SA_SIGINFO };
	const struct sigaction trap = { .sa_sigaction = on_trap,
					.sa_flags = SA_SIGINFO };
	pid_t child = fork();
	int status;

	if (child == 0) {
		watched.left = stores;
		sigaction(SIGSEGV, &store, NULL);
		sigaction(SIGTRAP, &trap, NULL);
		mprotect(watched.start, watched.size, PROT_READ);
		change(b);
		_exit(0);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(status == 0 || WTERMSIG(status) == SIGKILL, "%x",
		  (unsigned)status);
	return status != 0;
}

static bool is_there(struct backend *b, const char *name)
{
	struct object_info info;

	return backend_stat(b, name, &info) == 0;
}

Test(mem, survives_a_kill_before_any_store)
{
	static const struct {
		const char *what;
		void (*change)(struct backend *b);
		const char *always;    /* there, however far it got */
		const char *otherwise; /* or this one is */
	} cases[] = {
		{ "commit new", commit_new, "a", "a" },
		{ "commit over", commit_over, "a", "a" },
		{ "rename new", rename_new, "a", "c" },
		{ "rename over", rename_over, "b", "b" },
		{ "remove", remove_one, "b", "b" },
		{ "read", read_one, "a", "a" },
	};
	struct backend *b = open_limited("mem://x", 64 * MIB);

	contract_fill(ready, sizeof(ready), 7, 0);
	find_memory();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned stores = 0;

		/* valgrind knows no trap flag: there, one store it is. */
		set_stage(b);
		while (dies_after(b, cases[i].change, stores)) {
			cr_assert_eq(backend_list(b, "", BACKEND_DEEP,
						  check_whole, b),
				     0);
			cr_expect(is_there(b, cases[i].always) ||
					  is_there(b, cases[i].otherwise),
				  "%s, %u", cases[i].what, stores);
			cr_expect(is_there(b, "b"));
			stores++;
			set_stage(b);
		}
		cr_expect_geq(stores, 1, "%s", cases[i].what);
	}
	backend_close(b);
}
