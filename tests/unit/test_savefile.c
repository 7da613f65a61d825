#include "train/savefile.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static char root[] = "/tmp/test_savefile.XXXXXX";

static void set_up(void)
{
	cr_redirect_stderr();
	cr_assert_not_null(mkdtemp(root));
	cr_assert_eq(chdir(root), 0);
}

static void tear_down(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_expect_eq(system(command), 0);
}

TestSuite(savefile, .init = set_up, .fini = tear_down);

static int say(void *arg, FILE *f)
{
	return fputs(arg, f) < 0 ? -EIO : 0;
}

static int give_up(void *arg, FILE *f)
{
	(void)arg;
	fputs("half", f);
	return -ENOMEM;
}

static void expect_file(const char *path, const char *want)
{
	AUTO_FCLOSE FILE *f = fopen(path, "re");
	char got[64] = "";

	cr_assert_not_null(f, "%s", path);
	cr_assert_eq(fread(got, 1, sizeof(got) - 1, f), strlen(want));
	cr_expect_str_eq(got, want);
}

static unsigned files_in(const char *folder)
{
	DIR *d = opendir(folder);
	unsigned n = 0;

	cr_assert_not_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2; /* . and .. */
}

Test(savefile, folders_are_made_as_deep_as_asked)
{
	static const char *const paths[] = { "a",      "a/b/c", "./d//e/",
					     "f/../g", "a/b",	"" };
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		cr_expect_eq(savefile_make_folder(paths[i]), 0, "%s", paths[i]);
		if (*paths[i])
			cr_expect(stat(paths[i], &st) == 0 &&
					  S_ISDIR(st.st_mode),
				  "%s", paths[i]);
	}
}

Test(savefile, the_folder_of_a_file_is_all_but_its_name)
{
	struct stat st;

	cr_expect_eq(savefile_make_folder_of("x/y/z.log"), 0);
	cr_expect_eq(savefile_make_folder_of("z.log"), 0);
	cr_expect_eq(savefile_make_folder_of("/z.log"), 0);
	cr_expect_eq(stat("x/y", &st), 0);
	cr_expect_eq(stat("x/y/z.log", &st), -1);
	cr_expect_eq(stat("z.log", &st), -1);
}

Test(savefile, a_file_appears_whole_and_alone)
{
	char text[] = "hello\n", more[] = "again\n";

	cr_assert_eq(savefile_write("out/run", "a.json", say, text), 0);
	expect_file("out/run/a.json", text);
	cr_assert_eq(savefile_write("out/run", "a.json", say, more), 0);
	expect_file("out/run/a.json", more);
	cr_expect_eq(files_in("out/run"), 1);
}

Test(savefile, a_failure_leaves_the_earlier_file)
{
	char text[] = "hello\n";

	cr_assert_eq(savefile_write("out", "a.json", say, text), 0);
	cr_expect_eq(savefile_write("out", "a.json", give_up, NULL), -ENOMEM);
	expect_file("out/a.json", text);
	cr_expect_eq(files_in("out"), 1);
}

Test(savefile, a_path_is_replaced_where_it_is)
{
	char text[] = "hello\n", more[] = "again\n";

	cr_assert_eq(savefile_replace("a.json", say, text), 0);
	expect_file("a.json", text);
	cr_assert_eq(savefile_make_folder("b"), 0);
	cr_assert_eq(savefile_replace("b/a.json", say, text), 0);
	cr_assert_eq(savefile_replace("b/a.json", say, more), 0);
	expect_file("b/a.json", more);
	cr_expect_eq(savefile_replace("b/a.json", give_up, NULL), -ENOMEM);
	expect_file("b/a.json", more);
	cr_expect_eq(files_in("b"), 1);
	cr_expect_eq(savefile_replace("c/a.json", say, text), -ENOENT);
}

Test(savefile, a_full_disk_is_an_error)
{
	char text[] = "hello\n";

	cr_assert_eq(symlink("/dev/full", ".a.json.new"), 0);
	cr_expect_eq(savefile_write(".", "a.json", say, text), -ENOSPC);
	cr_expect_eq(access("a.json", F_OK), -1);
}

Test(savefile, a_file_in_the_way_of_a_folder_is_an_error)
{
	char text[] = "hello\n";

	cr_assert_eq(savefile_write(".", "a", say, text), 0);
	cr_expect_eq(savefile_write("a/b", "c", say, text), -ENOTDIR);
}
