#include "config/dump.h"

#include "config/yaml.h"
#include "lib/tree_text.h"

#include <criterion/criterion.h>
#include <string.h>

static char *dumped(const struct node *n)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert(out);
	dump_tree(n, out);
	fclose(out);
	return text;
}

static struct node *parse(const char *text)
{
	struct node *root = NULL;

	cr_assert_eq(yaml_parse("w", text, strlen(text), &root), 0, "%s", text);
	return root;
}

/* What comes out reads back to the same. */
static void expect_same(const struct node *n, const char *text)
{
	struct node *again = parse(text);

	cr_expect(node_equal(n, again), "%s", text);
	node_free(again);
}

/* All tried on OmegaConf's to_yaml(); a text of two lines is the same to a
 * reader, and looks otherwise there. */
Test(dump, quotes_texts_as_omegaconf_does)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "''" },
		{ "a", "a" },
		{ "true", "'true'" },
		{ "y", "'y'" },
		{ "off", "'off'" },
		{ "NULL", "'NULL'" },
		{ "None", "None" },
		{ "~", "'~'" },
		{ "5", "'5'" },
		{ "+5", "'+5'" },
		{ "1e3", "'1e3'" },
		{ "1_000", "'1_000'" },
		{ "1__0", "'1__0'" },
		{ "1.", "'1.'" },
		{ "5.e3", "'5.e3'" },
		{ "0x10", "'0x10'" },
		{ "0b1", "'0b1'" },
		{ "0o7", "0o7" },
		{ "007", "'007'" },
		{ "08", "'08'" },
		{ "12:30", "'12:30'" },
		{ "2026-11-23", "'2026-11-23'" },
		{ "2026-11-23 10:00:00", "'2026-11-23 10:00:00'" },
		{ "2026-11-23-10", "2026-11-23-10" },
		{ "inf", "'inf'" },
		{ "Infinity", "'Infinity'" },
		{ "-inf", "'-inf'" },
		{ ".inf", "'.inf'" },
		{ "nan", "'nan'" },
		{ "a: b", "'a: b'" },
		{ "a:b", "a:b" },
		{ "a:", "'a:'" },
		{ ":a", ":a" },
		{ ": a", "': a'" },
		{ "a #b", "'a #b'" },
		{ "a#b", "a#b" },
		{ "#a", "'#a'" },
		{ "- a", "'- a'" },
		{ "-a", "-a" },
		{ "-", "'-'" },
		{ "--- a", "'--- a'" },
		{ "? a", "'? a'" },
		{ "?a", "?a" },
		{ "*a", "'*a'" },
		{ "&a", "'&a'" },
		{ "!a", "'!a'" },
		{ "%a", "'%a'" },
		{ "@a", "'@a'" },
		{ "`a", "'`a'" },
		{ "|a", "'|a'" },
		{ ">a", "'>a'" },
		{ "'a", "'''a'" },
		{ "it's", "it's" },
		{ "\"a\"", "'\"a\"'" },
		{ "[a]", "'[a]'" },
		{ "{a}", "'{a}'" },
		{ "a,b", "a,b" },
		{ ",a", "',a'" },
		{ "a b", "a b" },
		{ " a", "' a'" },
		{ "a ", "'a '" },
		{ "\xc3\xa9", "\xc3\xa9" },
		{ "a\x01", "\"a\\x01\"" },
		{ "${a.b}/c", "${a.b}/c" },
		{ "s3://b/k?x=1&y=2", "s3://b/k?x=1&y=2" },
		{ "=", "'='" },
		{ "<<", "'<<'" },
		{ "\\", "\\" },
		{ "a ' b", "a ' b" },
	};
	const struct scalar text = { .kind = NODE_STRING };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct node_mark mark = { .source = "w" };
		struct node *map, *n;
		char want[128], *got;

		cr_assert_eq(node_new(NODE_MAP, mark, &map), 0);
		cr_assert_eq(node_new_scalar(&text, cases[i].text, mark, &n),
			     0);
		cr_assert_eq(node_put(map, "k", n), 0);
		got = dumped(map);
		snprintf(want, sizeof(want), "k: %s\n", cases[i].want);
		cr_expect_str_eq(got, want, "'%s'", cases[i].text);
		expect_same(map, got);
		free(got);
		node_free(map);
	}
}

Test(dump, lays_out_trees_as_omegaconf_does)
{
	static const struct {
		const char *document, *want;
	} cases[] = {
		{ "{}", "{}\n" },
		{ "[]", "[]\n" },
		{ "[1]", "- 1\n" },
		{ "{a: {b: {}, c: []}, l: [1, [2, 3], {x: 1, 'y': {z: [4]}}, "
		  "[]]}",
		  "a:\n  b: {}\n  c: []\n"
		  "l:\n- 1\n- - 2\n  - 3\n- x: 1\n  'y':\n    z:\n    - 4\n"
		  "- []\n" },
		{ "[1.0, 1.0e-05, 1e16, 1e300, -0.5, .inf, -.inf, 114660.07, "
		  "1.5e-7, 0x10, 1_000]",
		  "- 1.0\n- 1.0e-05\n- 1.0e+16\n- 1.0e+300\n- -0.5\n- .inf\n"
		  "- -.inf\n- 114660.07\n- 1.5e-07\n- 16\n- 1000\n" },
		{ "{'n': null, t: yes, 'a b': 1, 'true': 2, '5': 3}",
		  "'n': null\nt: true\na b: 1\n'true': 2\n'5': 3\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct node *n = parse(cases[i].document);
		char *got = dumped(n);

		cr_expect_str_eq(got, cases[i].want, "%s", cases[i].document);
		expect_same(n, got);
		free(got);
		node_free(n);
	}
}
