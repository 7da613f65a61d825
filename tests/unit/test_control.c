#include "fuse/control.h"
#include "fuse/mount.h"

#include <criterion/criterion.h>
#include <errno.h>

static void count(void *arg, FILE *out)
{
	fprintf(out, "%d", ++*(int *)arg);
}

static void nothing(void *arg, FILE *out)
{
	(void)arg;
	(void)out;
}

Test(control, texts_are_made_when_they_are_asked_for)
{
	int times = 0;
	const struct mount_file files[] = { { "count", count, &times },
					    { "empty", nothing, NULL } };
	struct control *c;
	size_t len;
	char *text;

	cr_assert_eq(control_new(files, 2, &c), 0);
	cr_expect_eq(times, 0);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(control_render(c, 0, &text, &len), 0);
		cr_expect_eq(len, 1u);
		cr_expect_eq(text[0], "12"[i]);
		free(text);
	}
	cr_assert_eq(control_render(c, 1, &text, &len), 0);
	cr_expect_eq(len, 0u);
	free(text);
	control_free(c);
}

Test(control, only_the_file_for_hints_takes_text)
{
	const struct mount_file files[] = { { "count", count, NULL },
					    { "prefetch", nothing, NULL } };
	struct control *c;

	cr_assert_eq(control_new(files, 2, &c), 0);
	cr_expect_not(control_takes_text(c, 0));
	cr_expect(control_takes_text(c, 1));
	cr_expect_not(control_takes_text(c, 2));
	control_free(c);
}

Test(control, files_are_found_by_name_and_in_order)
{
	char name[] = "count";
	const struct mount_file files[] = { { name, count, NULL },
					    { "empty", nothing, NULL } };
	struct control *c;

	cr_assert_eq(control_new(files, 2, &c), 0);
	name[0] = 'x'; /* it keeps copies */
	cr_expect_eq(control_find(c, "count"), 0);
	cr_expect_eq(control_find(c, "empty"), 1);
	cr_expect_eq(control_find(c, "xount"), -ENOENT);
	cr_expect_str_eq(control_name(c, 0), "count");
	cr_expect_str_eq(control_name(c, 1), "empty");
	cr_expect_eq(control_name(c, 2), NULL);
	control_free(c);
	cr_assert_eq(control_new(NULL, 0, &c), 0);
	cr_expect_eq(control_name(c, 0), NULL);
	control_free(c);
	control_free(NULL);
}
