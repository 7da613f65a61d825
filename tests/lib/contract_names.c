#include "lib/contract.h"

#include <errno.h>
#include <string.h>

static int ignore(void *arg, const char *name, const struct object_info *info)
{
	(void)arg;
	(void)name;
	(void)info;
	return 0;
}

void contract_bad_names_are_refused(struct backend *b)
{
	static const char *const bad[] = {
		"",	"/",	"/a",	 "a/",	    "a//b",	 ".",
		"..",	"../a", "a/..",	 "a/../b",  "a/../../b", "./a",
		"a/./", "a/.",	"...//", "/../etc", "a/b/../..",
	};
	struct object_info info;
	struct object *o;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		cr_expect_eq(backend_stat(b, bad[i], &info), -EINVAL, "%s",
			     bad[i]);
		cr_expect_eq(object_open(b, bad[i], &o), -EINVAL, "%s", bad[i]);
		cr_expect_eq(object_create(b, bad[i], &o), -EINVAL, "%s",
			     bad[i]);
		cr_expect_eq(backend_remove(b, bad[i]), -EINVAL, "%s", bad[i]);
		cr_expect_eq(backend_rename(b, bad[i], "a"), -EINVAL, "%s",
			     bad[i]);
		cr_expect_eq(backend_rename(b, "a", bad[i]), -EINVAL, "%s",
			     bad[i]);
	}
	cr_expect_eq(backend_list(b, "../", BACKEND_DEEP, ignore, NULL),
		     -EINVAL);
}

/* A store below a prefix in a bucket takes names that are so much shorter. */
static void fit(struct backend *b, char *name)
{
	size_t len = strlen(name), least = len - 100;
	struct object *o;
	int rc;

	while (((rc = object_create(b, name, &o)) == -ENAMETOOLONG ||
		name[len - 1] == '/') &&
	       len > least)
		name[--len] = '\0';
	cr_assert_eq(rc, 0, "%zu bytes: %d", len, rc);
	object_close(o);
}

void contract_odd_names_work(struct backend *b)
{
	char part[256], longest[BACKEND_NAME_MAX + 1];
	const char *const names[] = {
		"with blanks in it/and here .npz",
		"+%&?#~!@$^*()[]{}=;:',\"<>|`",
		"a%2Fb%20c",
		"gr\xc3\xbc\xc3\x9f/\xe6\x97\xa5\xe6\x9c\xac/\xf0\x9f\x98\x80",
		".hidden/..also",
		"-rf",
		"x/a.b.c..d",
		"UPPER/lower",
		"upper/LOWER",
		part,
		longest,
	};

	memset(part, 'p', sizeof(part) - 1);
	part[sizeof(part) - 1] = '\0';
	memset(longest, 'l', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 200; i < sizeof(longest) - 1; i += 200)
		longest[i] = '/';
	fit(b, longest);

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		contract_put(b, names[i], i, 100 + i);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_FREE char *listed =
			contract_names(b, names[i], BACKEND_DEEP);
		struct object_info info;

		cr_expect_str_eq(listed, names[i]);
		cr_expect_eq(backend_stat(b, names[i], &info), 0);
		cr_expect_eq(info.size, 100 + i);
		contract_expect(b, names[i], i, 100 + i);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		cr_expect_eq(backend_remove(b, names[i]), 0, "%s", names[i]);
}

/* Some servers make another name of one, or none: what would not come back as
 * it is must not go in. */
void contract_a_name_is_kept_or_refused(struct backend *b)
{
	static const char *const names[] = {
		"back\\slash", "\\", "...", "a/dots..", "a./b", "a\nb", "a\x7f",
	};

	contract_put(b, "source", 9, 9);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_FREE char *listed = NULL;
		struct object *o;
		int rc = object_create(b, names[i], &o);

		if (rc) {
			cr_expect_eq(rc, -EINVAL, "%s: %d", names[i], rc);
			cr_expect_eq(backend_rename(b, "source", names[i]),
				     -EINVAL, "%s", names[i]);
			continue;
		}
		object_close(o);
		contract_put(b, names[i], i, 100 + i);
		contract_expect(b, names[i], i, 100 + i);
		listed = contract_names(b, names[i], BACKEND_DEEP);
		cr_expect_str_eq(listed, names[i]);
		cr_expect_eq(backend_remove(b, names[i]), 0, "%s", names[i]);
	}
	contract_expect(b, "source", 9, 9);
}

void contract_remove_removes(struct backend *b)
{
	AUTO_FREE char *names = NULL;
	struct object_info info;
	struct object *o;

	contract_put(b, "d/a", 1, 100);
	contract_put(b, "d/b", 2, 200);
	cr_expect_eq(backend_remove(b, "d/a"), 0);
	cr_expect_eq(backend_stat(b, "d/a", &info), -ENOENT);
	cr_expect_eq(object_open(b, "d/a", &o), -ENOENT);
	cr_expect_eq(backend_remove(b, "d/a"), -ENOENT);
	contract_expect(b, "d/b", 2, 200);
	names = contract_names(b, "", BACKEND_DEEP);
	cr_expect_str_eq(names, "d/b");

	contract_put(b, "d/a", 3, 300);
	contract_expect(b, "d/a", 3, 300);
}

void contract_rename_moves(struct backend *b)
{
	AUTO_FREE char *names = NULL;
	struct object_info info;

	contract_put(b, "from/here", 1, 100000);
	cr_expect_eq(backend_rename(b, "from/here", "to/a/new/place"), 0);
	cr_expect_eq(backend_stat(b, "from/here", &info), -ENOENT);
	contract_expect(b, "to/a/new/place", 1, 100000);
	names = contract_names(b, "", BACKEND_DEEP);
	cr_expect_str_eq(names, "to/a/new/place");
}

void contract_rename_replaces(struct backend *b)
{
	AUTO_FREE char *names = NULL;

	contract_put(b, "ckpt.tmp", 1, 100000);
	contract_put(b, "ckpt", 2, 50);
	cr_expect_eq(backend_rename(b, "ckpt.tmp", "ckpt"), 0);
	contract_expect(b, "ckpt", 1, 100000);
	names = contract_names(b, "", BACKEND_DEEP);
	cr_expect_str_eq(names, "ckpt");
}

void contract_rename_to_itself_changes_nothing(struct backend *b)
{
	contract_put(b, "d/a", 1, 1000);
	cr_expect_eq(backend_rename(b, "d/a", "d/a"), 0);
	contract_expect(b, "d/a", 1, 1000);
	cr_expect_eq(backend_rename(b, "d/b", "d/b"), -ENOENT);
}
