#include "train/source_posix.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static char root[] = "/tmp/test_source_posix_XXXXXX";
static struct source *s;

static void set_up(void)
{
	cr_assert(mkdtemp(root));
	cr_assert_eq(source_posix_new(root, false, &s), 0);
}

static void tear_down(void)
{
	char command[64];

	source_free(s);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_expect_eq(system(command), 0);
}

TestSuite(source_posix, .init = set_up, .fini = tear_down);

static const char *path(const char *name)
{
	static char full[256];

	snprintf(full, sizeof(full), "%s/%s", root, name);
	return full;
}

static void write_file(const char *name, const char *text, unsigned flags)
{
	struct source_file *f;

	cr_assert_eq(source_create(s, name, &f), 0);
	cr_assert_eq(source_append(f, text, strlen(text)), 0);
	cr_assert_eq(source_commit(f, flags), 0);
	source_close(f);
}

Test(source_posix, reads_what_it_wrote_at_any_offset)
{
	struct source_file *f;
	char got[16];
	struct stat st;

	write_file("a", "0123456789", 0);
	cr_assert_eq(source_open(s, "a", 0, &f), 0);
	cr_expect_eq(f->size, 10);
	cr_assert_eq(stat(path("a"), &st), 0);
	cr_expect_eq(f->blksize, st.st_blksize);
	cr_expect_eq(source_read(f, got, 4, 3), 4);
	cr_expect_arr_eq(got, "3456", 4);
	cr_expect_eq(source_read(f, got, 8, 8), 2);
	cr_expect_eq(source_read(f, got, 8, 10), 0);
	cr_expect_eq(source_read(f, got, 8, 99), 0);
	source_close(f);
}

Test(source_posix, makes_folders_for_a_new_file)
{
	write_file("one/two/file", "x", SOURCE_DURABLE);
	cr_expect_eq(access(path("one/two/file"), R_OK), 0);
	write_file("one/two/file", "yz", 0);
}

Test(source_posix, shows_a_file_while_it_is_written_and_discards_it_uncommitted)
{
	struct source_file *f;

	cr_assert_eq(source_create(s, "a", &f), 0);
	cr_assert_eq(source_append(f, "x", 1), 0);
	cr_expect_eq(access(path("a"), F_OK), 0);
	source_close(f);
	cr_expect_neq(access(path("a"), F_OK), 0);
}

Test(source_posix, counts_the_names_in_a_folder)
{
	uint64_t n;

	write_file("c/1/x", "", 0);
	write_file("c/2/x", "", 0);
	cr_expect_eq(source_count(s, "c", &n), 0);
	cr_expect_eq(n, 2);
	cr_expect_eq(source_count(s, "", &n), 0);
	cr_expect_eq(n, 1);
	cr_expect_eq(source_count(s, "none", &n), -ENOENT);
}

Test(source_posix, says_what_the_system_says)
{
	struct source_file *f;

	cr_expect_eq(source_open(s, "none", 0, &f), -ENOENT);
	cr_expect_null(f);
	write_file("file", "", 0);
	cr_expect_eq(source_open(s, "file/below", 0, &f), -ENOTDIR);
	cr_expect_eq(source_create(s, "file/below", &f), -ENOTDIR);
	cr_expect_eq(source_drop(s, "none"), -ENOENT);
	cr_expect_eq(source_drop(s, "file"), 0);
}

Test(source_posix, opens_nothing_but_files_and_waits_for_no_writer)
{
	struct source_file *f;

	cr_assert_eq(mkfifo(path("pipe"), 0600), 0);
	cr_assert_eq(mkdir(path("folder"), 0700), 0);
	cr_expect_eq(source_open(s, "pipe", 0, &f), -ESPIPE);
	cr_expect_eq(source_open(s, "folder", 0, &f), -EISDIR);
	alarm(60);
	cr_expect_eq(source_drop(s, "pipe"), -ESPIPE);
}

Test(source_posix, opens_with_o_direct_when_asked)
{
	struct source_file *f;
	int rc;

	write_file("a", "x", 0);
	/* Some file systems refuse: that is an answer too, but not silence. */
	rc = source_open(s, "a", SOURCE_DIRECT, &f);
	if (rc == 0) {
		char unaligned[3];

		cr_expect_eq(source_read(f, unaligned + 1, 1, 0), -EINVAL);
		source_close(f);
	} else {
		cr_expect_eq(rc, -EINVAL);
	}
}

Test(source_posix, makes_its_root_only_when_asked)
{
	struct source *other;

	cr_expect_eq(source_posix_new(path("new/root"), false, &other),
		     -ENOENT);
	cr_expect_null(other);
	cr_expect_eq(source_posix_new(path("new/root"), true, &other), 0);
	source_free(other);
}
