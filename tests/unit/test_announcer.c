#include "app/announcer.h"
#include "lib/scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static const char *const names[] = { "train/a", "train/b" };

static const char *path_of(const char *folder, const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* A folder that looks like a mount. */
static char *new_mount(bool with_data)
{
	char *folder = scratch_new();

	cr_assert_eq(mkdir(path_of(folder, ".dliofs"), 0755), 0);
	close(creat(path_of(folder, ".dliofs/prefetch"), 0644));
	if (with_data)
		cr_assert_eq(mkdir(path_of(folder, "data"), 0755), 0);
	return folder;
}

Test(announcer, names_are_written_as_paths_from_the_root_of_the_mount)
{
	static const char *const want[] = { "train/a\ntrain/b\ntrain/a\n",
					    "data/train/a\ndata/train/b\n"
					    "data/train/a\n" };

	for (int i = 0; i < 2; i++) {
		char *folder = new_mount(i);
		struct announcer a;
		char text[128] = "";
		int fd;

		announcer_open(&a, folder, "data");
		announcer_say(&a, names, 2);
		announcer_say(&a, names, 1);
		announcer_close(&a);
		announcer_say(&a, names, 1);
		fd = open(path_of(folder, ".dliofs/prefetch"), O_RDONLY);
		cr_expect_gt(read(fd, text, sizeof(text) - 1), 0);
		close(fd);
		cr_expect_str_eq(text, want[i]);
		scratch_remove(folder);
	}
}

Test(announcer, a_folder_that_does_not_listen_is_told_nothing)
{
	char *folder = scratch_new();
	struct announcer a;

	announcer_open(&a, folder, "data");
	cr_expect_eq(a.fd, -1);
	announcer_say(&a, names, 2);
	announcer_close(&a);
	scratch_remove(folder);
}
