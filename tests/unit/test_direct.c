#include "backends/direct.h"
#include "backends/file.h"
#include "lib/await.h"
#include "lib/contract.h"
#include "lib/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* File systems that refuse O_DIRECT, that take it and cannot do it, and kernels
 * that do not tell the alignment: these take libc's place in the test's
 * program. */
static bool no_direct, no_tmpfile, no_dioalign, zero_dioalign;

int openat(int dirfd, const char *path, int flags, ...);

int openat(int dirfd, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	errno = 0;
	if (no_direct && (flags & O_DIRECT))
		errno = EINVAL;
	if (no_tmpfile && (flags & O_TMPFILE) == O_TMPFILE)
		errno = EACCES;
	if (errno)
		return -1;
	return (int)syscall(SYS_openat, dirfd, path, flags, mode);
}

int statx(int dirfd, const char *path, int flags, unsigned mask,
	  struct statx *out)
{
	int rc = (int)syscall(SYS_statx, dirfd, path, flags, mask, out);

	if (no_dioalign)
		out->stx_mask &= ~STATX_DIOALIGN;
	if (zero_dioalign) {
		out->stx_mask |= STATX_DIOALIGN;
		out->stx_dio_mem_align = out->stx_dio_offset_align = 0;
	}
	return rc;
}

static struct backend *open_with(const struct backend_ops *ops,
				 const char *folder, bool fallback)
{
	const struct backend_options options = { .direct_fallback = fallback,
						 .mem_fd = -1 };
	struct backend *b;

	cr_assert_eq(backend_open(ops, folder, &options, &b), 0);
	return b;
}

/* Standard error from here on goes to a file. */
static int capture(void)
{
	int fd = memfd_create("stderr", 0);

	cr_assert_geq(fd, 0);
	cr_assert_geq(dup2(fd, STDERR_FILENO), 0);
	return fd;
}

static unsigned count_of(int fd, const char *what)
{
	char text[8192] = "";
	unsigned n = 0;

	cr_assert_geq(pread(fd, text, sizeof(text) - 1, 0), 0);
	for (char *p = text; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

/* ---- That it is direct -------------------------------------------------- */

/* Flags of our descriptors for files below that folder, all or-ed; and of how
 * many they are. */
static unsigned descriptors(const char *folder, unsigned *flags)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	unsigned n = 0;

	*flags = 0;
	cr_assert_not_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		char target[4096] = "", path[300];
		unsigned one;
		FILE *f;

		if (readlinkat(dirfd(dir), entry->d_name, target,
			       sizeof(target) - 1) < 0 ||
		    strncmp(target, folder, strlen(folder)) != 0 ||
		    target[strlen(folder)] != '/')
			continue;
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%s",
			 entry->d_name);
		f = fopen(path, "re");
		cr_assert_not_null(f);
		cr_assert_eq(fscanf(f, "pos: %*d flags: %o", &one), 1);
		fclose(f);
		*flags |= one;
		n++;
	}
	closedir(dir);
	return n;
}

Test(direct, opens_files_with_o_direct)
{
	char *folder = scratch_new();
	struct backend *b = open_with(&direct_ops, folder, false);
	unsigned flags;
	struct object *o;

	contract_put(b, "a", 1, 100000);
	cr_assert_eq(object_open(b, "a", &o), 0);
	cr_expect_eq(descriptors(folder, &flags), 1);
	cr_expect(flags & O_DIRECT, "%o", flags);
	object_close(o);

	cr_assert_eq(object_create(b, "b", &o), 0);
	cr_expect_eq(descriptors(folder, &flags), 1);
	cr_expect(flags & O_DIRECT, "%o", flags);
	object_close(o);
	cr_expect_eq(descriptors(folder, &flags), 0);
	backend_close(b);
	scratch_remove(folder);
}

/* Needs a scratch folder on a disk. */
Test(direct, leaves_the_page_cache_alone)
{
	enum { SIZE = 1024 * 1024 };
	char *folder = scratch_new();
	AUTO_FREE char *buf = malloc(SIZE);
	struct object_read rd = { .buf = buf,
				  .len = SIZE,
				  .flags = OBJECT_READ_NOWAIT };
	struct backend *direct = open_with(&direct_ops, folder, false);
	struct backend *file = open_with(&file_ops, folder, false);
	struct object *o;

	contract_put(direct, "a", 1, SIZE);
	contract_expect(direct, "a", 1, SIZE);
	cr_assert_eq(object_open(file, "a", &o), 0);
	cr_expect_eq(object_read(o, &rd), -EAGAIN);
	object_close(o);

	/* And this is what it would be like otherwise. */
	contract_expect(file, "a", 1, SIZE);
	cr_assert_eq(object_open(file, "a", &o), 0);
	cr_expect(AWAIT(object_read(o, &rd) == SIZE));
	object_close(o);
	backend_close(file);
	backend_close(direct);
	scratch_remove(folder);
}

Test(direct, never_answers_without_waiting)
{
	char *folder = scratch_new(), c;
	struct backend *b = open_with(&direct_ops, folder, false);
	struct object_read rd = { .buf = &c,
				  .len = 1,
				  .flags = OBJECT_READ_NOWAIT };
	struct object *o;

	contract_put(b, "a", 1, 10);
	cr_assert_eq(object_open(b, "a", &o), 0);
	cr_expect_eq(object_read(o, &rd), -EAGAIN);
	object_close(o);
	backend_close(b);
	scratch_remove(folder);
}

/* ---- Alignment ---------------------------------------------------------- */

Test(direct, knows_the_alignment)
{
	static const struct {
		const char *what;
		bool no_tmpfile, no_dioalign;
	} cases[] = {
		{ "the file system says", false, false },
		{ "the device says", false, true },
		{ "the folder may not be written", true, false },
	};
	char *folder = scratch_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct backend *b;

		no_tmpfile = cases[i].no_tmpfile;
		no_dioalign = cases[i].no_dioalign;
		b = open_with(&direct_ops, folder, false);
		cr_expect(b->alignment >= 512 && b->alignment <= 65536,
			  "%s: %zu", cases[i].what, b->alignment);
		no_tmpfile = false;
		contract_put(b, "a", 1, 1000001);
		contract_expect(b, "a", 1, 1000001);
		backend_close(b);
	}
	scratch_remove(folder);
}

Test(direct, cuts_files_to_their_size)
{
	char *folder = scratch_new();
	struct backend *b = open_with(&direct_ops, folder, false);
	const uint64_t block = b->alignment, buffer = 4 * MIB;
	const uint64_t sizes[] = {
		0,	   1,	       block - 1, block,      block + 1,
		2 * block, buffer - 1, buffer,	  buffer + 1, buffer + block,
		2 * buffer
	};

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct object_info info;

		contract_put(b, "a", i, sizes[i]);
		cr_expect_eq(backend_stat(b, "a", &info), 0);
		cr_expect_eq(info.size, sizes[i]);
		contract_expect(b, "a", i, sizes[i]);
	}
	backend_close(b);
	scratch_remove(folder);
}

/* ---- Refused ------------------------------------------------------------ */

Test(direct, says_that_it_is_refused)
{
	static const struct {
		const char *what;
		bool no_direct, zero;
	} cases[] = {
		{ "at open", true, false },
		{ "by statx", false, true },
	};
	char *folder = scratch_new();
	int errors = capture();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct backend *b;

		no_direct = cases[i].no_direct;
		zero_dioalign = cases[i].zero;
		cr_expect_eq(backend_open(&direct_ops, folder, NULL, &b),
			     -EOPNOTSUPP, "%s", cases[i].what);
		cr_expect_eq(count_of(errors, folder), i + 1);
		cr_expect_eq(count_of(errors, "direct_fallback: true"), i + 1);
	}
	scratch_remove(folder);
}

/* The folder may not be written, so nobody knew at the beginning. */
Test(direct, says_once_that_it_is_refused_for_a_file)
{
	char *folder = scratch_new();
	struct backend *b = open_with(&file_ops, folder, false);
	int errors = capture();
	struct object *o;

	contract_put(b, "a", 1, 1000);
	backend_close(b);
	no_tmpfile = true;
	b = open_with(&direct_ops, folder, false);
	cr_expect_eq(count_of(errors, "refuses"), 0);
	no_direct = true;
	for (int i = 0; i < 3; i++)
		cr_expect_eq(object_open(b, "a", &o), -EOPNOTSUPP);
	cr_expect_eq(count_of(errors, "refuses O_DIRECT"), 1);
	cr_expect_eq(object_open(b, "none", &o), -ENOENT);
	backend_close(b);
	scratch_remove(folder);
}

Test(direct, falls_back_only_when_allowed_and_says_so)
{
	char *folder = scratch_new();
	int errors = capture();
	struct backend *b;
	unsigned flags;
	struct object *o;

	no_direct = true;
	b = open_with(&direct_ops, folder, true);
	contract_put(b, "a", 1, 5000001);
	contract_expect(b, "a", 1, 5000001);
	cr_assert_eq(object_open(b, "a", &o), 0);
	cr_expect_eq(descriptors(folder, &flags), 1);
	cr_expect_not(flags & O_DIRECT, "%o", flags);
	object_close(o);
	cr_expect_eq(count_of(errors, "warning"), 1);
	cr_expect_eq(count_of(errors, "page cache"), 1);
	backend_close(b);
	scratch_remove(folder);
}

static struct backend *open_refused(void **state)
{
	no_direct = true;
	*state = scratch_new();
	return open_with(&direct_ops, *state, true);
}

static void drop_folder(void *state)
{
	scratch_remove(state);
}

static const struct contract_maker refused_maker = { open_refused,
						     drop_folder };

/* All promises again, through the page cache. */
CONTRACT_TESTS(direct_fallback, refused_maker)
