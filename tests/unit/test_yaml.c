#include "config/yaml.h"

#include "lib/capture.h"
#include "lib/tree_text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static char *parse(const char *text)
{
	struct node *root = NULL;
	int rc = yaml_parse("w.yaml", text, strlen(text), &root);
	char *line;

	cr_assert_eq(rc, 0, "%s", text);
	line = tree_text(root);
	node_free(root);
	return line;
}

Test(yaml, keeps_order_kinds_and_nesting)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "{}" },
		{ "# only a comment\n", "{}" },
		{ "---\n...\n", "null" },
		{ "b: 1\na: 2\n", "{b: 1, a: 2}" },
		{ "a:\n", "{a: null}" },
		{ "a: {b: [1, off, 'off', \"1\"], c: ~}",
		  "{a: {b: [1, false, \"off\", \"1\"], c: null}}" },
		{ "a: |\n  x\n", "{a: \"x\n\"}" },
		{ "on: 1\n5: 2\n", "{on: 1, 5: 2}" },
		{ "a: !!str 5\nb: !!float 5\nc: !!int '5'\nd: ! 5",
		  "{a: \"5\", b: 5, c: 5, d: 5}" },
		{ "!!map {a: !!seq [1], !!str b: ! {}, ! c: ! []}",
		  "{a: [1], b: {}, c: []}" },
		{ "a: &x {k: 1}\nb: *x\n", "{a: {k: 1}, b: {k: 1}}" },
		{ "a: &x 1\nb: &x 2\nc: *x\n", "{a: 1, b: 2, c: 2}" },
		{ "p: &p {k: 1, l: 2}\nq: {<<: *p, l: 3}\n",
		  "{p: {k: 1, l: 2}, q: {l: 3, k: 1}}" },
		{ "q: {<<: [{k: 1}, {k: 2, l: 3}], m: 4}",
		  "{q: {m: 4, k: 1, l: 3}}" },
		{ "p: {<<: &x {k: 1}}\nq: *x\n", "{p: {k: 1}, q: {k: 1}}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *got = parse(cases[i].text);

		cr_expect_str_eq(got, cases[i].want, "%s", cases[i].text);
		free(got);
	}
}

Test(yaml, says_where_a_file_is_broken)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "a: 1\nb: 2\na: 3\n",
		  "w.yaml:3:1: 'a' again, it is already at w.yaml:1:1" },
		{ "a: {b: 1, b: 1}",
		  "w.yaml:1:11: 'b' again, it is already at w.yaml:1:5" },
		{ "a: 1\n b: 2\n",
		  "w.yaml:2:3: mapping values are not allowed in this context" },
		{ "a: [1, 2\n",
		  "w.yaml:2:1: did not find expected ',' or ']'" },
		{ "a:\n\t- 1\n", "w.yaml:2:1: found character that cannot "
				 "start any token" },
		{ "a: *b\n", "w.yaml:1:4: no anchor '&b' above this alias" },
		{ "a: &a [*a]\n", "w.yaml:1:8: no anchor '&a' above this "
				  "alias" },
		{ "? [1]\n: 2\n", "w.yaml:1:3: a key must be a plain word" },
		{ "a: !!int x\n", "w.yaml:1:4: the value is not of its tag" },
		{ "a: !thing x\n", "w.yaml:1:4: unknown tag '!thing'" },
		{ "a: 1\nb: !thing [x]\n", "w.yaml:2:4: unknown tag '!thing'" },
		{ "!thing {a: 1}", "w.yaml:1:1: unknown tag '!thing'" },
		{ "a: !!python/tuple [1]",
		  "w.yaml:1:4: unknown tag 'tag:yaml.org,2002:python/tuple'" },
		{ "a: !!set {x, y}",
		  "w.yaml:1:4: unknown tag 'tag:yaml.org,2002:set'" },
		{ "a: !!map [1]",
		  "w.yaml:1:4: unknown tag 'tag:yaml.org,2002:map'" },
		{ "a: {!thing b: 1}", "w.yaml:1:5: unknown tag '!thing'" },
		{ "a: {<<: 1}\n",
		  "w.yaml:1:5: '<<' wants a map or a list of maps" },
		{ "a: 1\n---\nb: 1\n",
		  "w.yaml:2:1: a second document; a file has one" },
		{ "a: \"x\\0y\"\n", "w.yaml:1:4: a zero byte in a text" },
		{ "\"a\\0\": 1\n", "w.yaml:1:1: a zero byte in a key" },
		{ "a: 1\nb: \xff\n",
		  "w.yaml:2:4: invalid leading UTF-8 octet" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct node *root = NULL;
		struct capture c;
		char want[256];
		int rc;

		capture_start(&c);
		rc = yaml_parse("w.yaml", cases[i].text, strlen(cases[i].text),
				&root);
		capture_stop(&c);
		snprintf(want, sizeof(want), "dliofs: error: %s\n",
			 cases[i].want);
		cr_expect_eq(rc, -EINVAL, "%s", cases[i].text);
		cr_expect_str_eq(c.text, want, "%s", cases[i].text);
	}
}

static void expect_refused(const char *text, size_t len, const char *why)
{
	struct node *root = NULL;
	struct capture c;
	int rc;

	capture_start(&c);
	rc = yaml_parse("w.yaml", text, len, &root);
	capture_stop(&c);
	cr_expect_eq(rc, -EINVAL, "%s", why);
	cr_expect(strstr(c.text, why), "'%s' is not in '%s'", why, c.text);
}

/* Nine levels of nine aliases would be 387 million nodes. */
Test(yaml, refuses_a_bomb_of_aliases)
{
	char text[4096];
	size_t n = (size_t)snprintf(text, sizeof(text), "a0: &a0 [1]\n");

	for (int i = 1; i <= 9; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "a%d: &a%d [",
				      i, i);
		for (int j = 0; j < 9; j++)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
					      "*a%d, ", i - 1);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "]\n");
	}
	expect_refused(text, n, "too many values");
}

/* Without an anchor on the way that would count them. */
Test(yaml, counts_what_aliases_stand_for)
{
	char text[4096] = "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: [";
	size_t n = strlen(text);

	for (int i = 0; i < YAML_MAX_NODES / 11; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "*a,");
	n += (size_t)snprintf(text + n, sizeof(text) - n, "]\n");
	expect_refused(text, n, "too many values");
}

Test(yaml, refuses_what_is_nested_too_deeply_or_too_large)
{
	char deep[2 * NODE_MAX_DEPTH + 2];
	char *large = malloc(YAML_MAX_BYTES + 1);

	memset(deep, '[', sizeof(deep));
	expect_refused(deep, sizeof(deep), "nested too deeply");
	memset(large, ' ', YAML_MAX_BYTES + 1);
	expect_refused(large, YAML_MAX_BYTES + 1, "larger than 1048576 bytes");
	free(large);
}

Test(yaml, reads_a_file_whole_and_says_which_it_cannot)
{
	char path[] = "/tmp/test_yaml_XXXXXX", *text = NULL;
	int fd = mkstemp(path);
	struct capture c;
	size_t len = 0;

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, "a: 1\n", 5), 5);
	close(fd);
	cr_expect_eq(yaml_read_file(path, &text, &len), 0);
	cr_expect_eq(len, 5);
	cr_expect_str_eq(text, "a: 1\n");
	free(text);
	unlink(path);

	capture_start(&c);
	cr_expect_eq(yaml_read_file("/nowhere/w.yaml", &text, &len), -ENOENT);
	capture_stop(&c);
	cr_expect_str_eq(c.text, "dliofs: error: open /nowhere/w.yaml: No such "
				 "file or directory\n");
}
