#include "config/interpolate.h"

#include "config/yaml.h"
#include "lib/capture.h"
#include "lib/tree_text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static const char *variable(const char *name)
{
	return !strcmp(name, "HOME")  ? "/home/me" :
	       !strcmp(name, "EMPTY") ? "" :
					NULL;
}

/* 2026-11-23 01:02:03 */
static const struct interpolate_env env = {
	.variable = variable,
	.now = { .tm_year = 126,
		 .tm_mon = 10,
		 .tm_mday = 23,
		 .tm_hour = 1,
		 .tm_min = 2,
		 .tm_sec = 3 },
};

/* The value at a path of a document; NULL if there is none. */
static char *value(const char *document, const char *path, int *rc)
{
	struct node *root = NULL, *made = NULL;
	char *text = NULL;

	cr_assert_eq(yaml_parse("w", document, strlen(document), &root), 0);
	*rc = interpolate_value(&env, root, path, &made);
	if (!*rc)
		text = tree_text(made);
	node_free(made);
	node_free(root);
	return text;
}

/* Tried on OmegaConf, but for the variables' and the time's values. */
Test(interpolate, puts_values_in_as_omegaconf_does)
{
	static const struct {
		const char *document, *want; /* of x */
	} cases[] = {
		{ "{x: 1}", "1" },
		{ "{a: 5, x: '${a}'}", "5" },
		{ "{a: 1.0, x: 'v${a}'}", "\"v1.0\"" },
		{ "{a: true, x: 'v${a}'}", "\"vTrue\"" },
		{ "{a: null, x: 'v${a}'}", "\"vNone\"" },
		{ "{a: null, x: '${a}'}", "null" },
		{ "{a: 1e16, x: '${a}:${a}'}", "\"1e+16:1e+16\"" },
		{ "{a: {b: [7, 8]}, x: '${a.b.1}'}", "8" },
		{ "{a: {b: [7, '${c}']}, c: 3, x: '${a}'}", "{b: [7, 3]}" },
		{ "{a: '${b}', b: '${c}', c: z, x: '<${a}>'}", "\"<z>\"" },
		{ "{x: {a: 1, b: '${.a}', c: {d: '${..a}'}}}",
		  "{a: 1, b: 1, c: {d: 1}}" },
		{ "{a: b, b: 9, x: '${${a}}'}", "9" },
		{ "{x: '\\${a}'}", "\"${a}\"" },
		{ "{x: 'cost $5 {'}", "\"cost $5 {\"" },
		{ "{x: '${oc.env:HOME}/data'}", "\"/home/me/data\"" },
		{ "{x: '${oc.env:EMPTY,d}'}", "\"\"" },
		{ "{x: '${oc.env:NONE,5}'}", "\"5\"" },
		{ "{x: '${oc.env:NONE,a b}'}", "\"a b\"" },
		{ "{x: '${oc.env:NONE, null}'}", "null" },
		{ "{x: '${oc.env:NONE,${y}}', y: w}", "\"w\"" },
		{ "{x: '${now:%Y-%m-%d}-${now:%H-%M-%S}'}",
		  "\"2026-11-23-01-02-03\"" },
		{ "{hydra: {run: {dir: q}}, x: '${hydra:run.dir}'}", "\"q\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int rc;
		char *got = value(cases[i].document, "x", &rc);

		cr_expect_eq(rc, 0, "%s", cases[i].document);
		if (got)
			cr_expect_str_eq(got, cases[i].want, "%s",
					 cases[i].document);
		free(got);
	}
}

Test(interpolate, says_what_refers_to_nothing)
{
	static const struct {
		const char *document, *want;
	} cases[] = {
		{ "x: ${a.b}", "w:1:1: Interpolation key not found: 'a.b'" },
		{ "x: ${....a}", "Interpolation key not found: '....a'" },
		{ "x: ${oc.env:NONE}",
		  "Environment variable not found: 'NONE'" },
		{ "x: ${what:ever}", "Unsupported interpolation type 'what'" },
		{ "x: '${a'", "'}' is missing in 'x'" },
		{ "{a: [1], x: 'v${a}'}",
		  "a list or a map in the middle of the text of 'x'" },
		{ "x: ${x}", "refers to itself" },
		{ "{x: '${y}', y: '${x}'}", "refers to itself" },
		{ "{x: {y: '${x}'}}", "refers to itself" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct capture c;
		int rc;

		capture_start(&c);
		cr_expect_null(value(cases[i].document, "x", &rc), "%s",
			       cases[i].document);
		capture_stop(&c);
		cr_expect_eq(rc, -EINVAL, "%s: %d", cases[i].document, rc);
		cr_expect(strstr(c.text, cases[i].want), "%s: %s",
			  cases[i].document, c.text);
	}
}

Test(interpolate, of_nothing_is_no_error_to_talk_about)
{
	struct capture c;
	int rc;

	capture_start(&c);
	cr_expect_null(value("{a: {b: 1}}", "a.c", &rc));
	capture_stop(&c);
	cr_expect_eq(rc, -ENOENT);
	cr_expect_str_empty(c.text);
}

/* Each line doubles the one before. */
Test(interpolate, ends_whatever_doubles_itself)
{
	for (int lists = 0; lists < 2; lists++) {
		char document[2048] = "a0: xxxxxxxx\n", line[64];
		struct capture c;
		int rc;

		for (int i = 1; i < 28; i++) {
			snprintf(line, sizeof(line),
				 lists ? "a%d: ['${a%d}', '${a%d}']\n" :
					 "a%d: '${a%d}${a%d}'\n",
				 i, i - 1, i - 1);
			strncat(document, line,
				sizeof(document) - strlen(document) - 1);
		}
		capture_start(&c);
		cr_expect_null(value(document, "a27", &rc));
		capture_stop(&c);
		cr_expect_eq(rc, -EINVAL);
	}
}
