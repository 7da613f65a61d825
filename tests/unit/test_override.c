#include "config/override.h"

#include "config/yaml.h"
#include "lib/capture.h"
#include "lib/tree_text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* What is left of a document after an override; NULL if it was refused. */
static char *apply(const char *document, const char *override)
{
	struct node *root = NULL;
	char *text = NULL;

	cr_assert_eq(yaml_parse("w", document, strlen(document), &root), 0);
	if (!override_apply(root, override))
		text = tree_text(root);
	node_free(root);
	return text;
}

/* Values without a word about them were tried on Hydra 1.3.2. */
Test(override, takes_values_as_hydra_does)
{
	static const struct {
		const char *value, *want;
	} cases[] = {
		{ "", "\"\"" },
		{ "  5", "5" },
		{ "5  ", "5" },
		{ "null", "null" },
		{ "True", "true" },
		{ "off", "\"off\"" },
		{ "1e3", "1000" },
		{ "'1'", "\"1\"" },
		{ "\"\"", "\"\"" },
		{ "'it\\'s'", "\"it's\"" },
		{ "'a\\b'", "\"a\\b\"" },
		{ "'a\\\\'", "\"a\\\"" },
		{ "\"a'b,c=d{\"", "\"a'b,c=d{\"" },
		{ "a b  c", "\"a b  c\"" },
		{ "/data/x-1.y:z@2?*%|+$\\", "\"/data/x-1.y:z@2?*%|+$\\\"" },
		{ "s3://bucket/a", "\"s3://bucket/a\"" },
		{ "a\\,b\\=c", "\"a,b=c\"" },
		{ "\\[x\\]\\{\\}\\(\\)\\:", "\"[x]{}():\"" },
		{ "\\ a\\ ", "\" a \"" },
		{ "\\\\a", "\"\\a\"" },
		{ "5\\ ", "\"5 \"" },
		{ "[]", "[]" },
		{ "[ a , 2,[b c]]", "[\"a\", 2, [\"b c\"]]" },
		{ "['a,b', 'c']", "[\"a,b\", \"c\"]" },
		{ "{}", "{}" },
		{ "{k: v,n:{z:1}}", "{k: \"v\", n: {z: 1}}" },
		{ "{a:b:c}", "{a: \"b:c\"}" },
		{ "{a:1,a:2}", "{a: 2}" },
		{ "[ ]", "[]" },
		{ "[[],{}]", "[[], {}]" },
		/* Numbers, and what only looks like one. */
		{ "1_000.5", "1000.5" },
		{ "1_0e1_0", "1e+11" },
		{ "1__0", "\"1__0\"" },
		{ "007", "\"007\"" },
		{ "+5", "5" },
		{ "--5", "\"--5\"" },
		{ "5-", "\"5-\"" },
		{ "1.5.2", "\"1.5.2\"" },
		{ "1e", "\"1e\"" },
		{ "-inf", "-inf" },
		/* Interpolations stay for later; a lone $ is a character. */
		{ "${a.b}", "\"${a.b}\"" },
		{ "a/${a}/b c", "\"a/${a}/b c\"" },
		{ "'${a}'", "\"${a}\"" },
		{ "${oc.env:NOPE,a b}", "\"${oc.env:NOPE,a b}\"" },
		{ "${now:%Y-%m-%d}/${now:%H}",
		  "\"${now:%Y-%m-%d}/${now:%H}\"" },
		{ "[${a.b},2]", "[\"${a.b}\", 2]" },
		{ "{k: ${a}}", "{k: \"${a}\"}" },
		{ "a$b", "\"a$b\"" },
		/* Casts. */
		{ "int(3.7)", "3" },
		{ "int('5')", "5" },
		{ "int(true)", "1" },
		{ "int ( 3 )", "3" },
		{ "float(5)", "5" },
		{ "float('1e3')", "1000" },
		{ "str(5)", "\"5\"" },
		{ "str(1e3)", "\"1000.0\"" },
		{ "str(True)", "\"true\"" },
		{ "str([1,2])", "[\"1\", \"2\"]" },
		{ "str({a:1})", "{a: \"1\"}" },
		{ "int([1,2.5])", "[1, 2]" },
		{ "bool(0)", "false" },
		{ "bool('true')", "true" },
		{ "bool(null)", "false" },
		{ "[int(1.5),str(2)]", "[1, \"2\"]" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[128], want[128], *got;

		snprintf(text, sizeof(text), "++k=%s", cases[i].value);
		snprintf(want, sizeof(want), "{k: %s}", cases[i].want);
		got = apply("", text);
		cr_expect(got, "'%s' was refused", text);
		if (got)
			cr_expect_str_eq(got, want, "%s", text);
		free(got);
	}
}

Test(override, changes_adds_and_deletes)
{
	static const struct {
		const char *document, *override, *want;
	} cases[] = {
		/* What is in the file, or known, may be changed. */
		{ "{x: {y: 1}}", "x.y=2", "{x: {y: 2}}" },
		{ "{}", "train.epochs=2", "{train: {epochs: 2}}" },
		{ "{}", "workload.train.epochs=2", "{train: {epochs: 2}}" },
		{ "{}", "dataset.record_length=2",
		  "{dataset: {record_length: 2}}" },
		/* What is not in the file may be added. */
		{ "{}", "+a.b.c=1", "{a: {b: {c: 1}}}" },
		{ "{a: {}}", "+a.b=1", "{a: {b: 1}}" },
		/* Either. */
		{ "{a: 1}", "++a=2", "{a: 2}" },
		{ "{a: 1}", "++workload.b-c.$d=2", "{a: 1, b-c: {$d: 2}}" },
		/* A number gives way to a map. */
		{ "{train: {computation_time: 1.0}}",
		  "++workload.train.computation_time.mean=0.5",
		  "{train: {computation_time: {mean: 0.5}}}" },
		{ "{train: {computation_time: 1.0}}",
		  "train.computation_time.mean=0.5",
		  "{train: {computation_time: {mean: 0.5}}}" },
		/* Maps merge; everything else is replaced. */
		{ "{a: {b: 1, c: {d: 2}}}", "++a={c: {e: 3}, f: 4}",
		  "{a: {b: 1, c: {d: 2, e: 3}, f: 4}}" },
		{ "{a: [1, 2]}", "++a=[3]", "{a: [3]}" },
		{ "{a: {b: 1}}", "++a=5", "{a: 5}" },
		/* Taking out. */
		{ "{a: {b: 1, c: 2}}", "~a.b", "{a: {c: 2}}" },
		{ "{a: {b: 1, c: 2}}", "~workload.a", "{}" },
		{ "{a: 1}", "~a=1", "{}" },
		{ "{a: [1, {b: x}]}", "~a=[1,{b:x}]", "{}" },
		{ "{a: ''}", "~a=", "{}" },
		{ "{a: 1, b: 1.5}", "~a=1.0", "{b: 1.5}" },
		{ "{a: 1.0, b: 1.5}", "~a=1", "{b: 1.5}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *got = apply(cases[i].document, cases[i].override);

		cr_expect(got, "'%s' was refused", cases[i].override);
		if (got)
			cr_expect_str_eq(got, cases[i].want, "%s",
					 cases[i].override);
		free(got);
	}
}

Test(override, says_what_it_cannot_do)
{
	static const struct {
		const char *document, *override, *want;
	} cases[] = {
		{ "{}", "reader.batch_szie=8",
		  "override 'reader.batch_szie=8': could not override "
		  "'reader.batch_szie': unknown; did you mean batch_size?; to "
		  "append it use '+reader.batch_szie=8'" },
		{ "{a: 1}", "+a=2",
		  "override '+a=2': could not append: an item is already at "
		  "'a'; use ++ to change it" },
		{ "{}", "~a",
		  "override '~a': could not delete: 'a' is not in "
		  "the file" },
		{ "{a: 1}", "~a=2",
		  "override '~a=2': could not delete: 'a' "
		  "has another value" },
		{ "{a: [1, 2]}", "++a.0=5",
		  "override '++a.0=5': cannot change one value of a list; give "
		  "the whole list" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct capture c;
		char want[512];

		capture_start(&c);
		cr_expect_null(apply(cases[i].document, cases[i].override));
		capture_stop(&c);
		snprintf(want, sizeof(want), "dliofs: error: %s\n",
			 cases[i].want);
		cr_expect_str_eq(c.text, want, "%s", cases[i].override);
	}
}

Test(override, marks_the_place_where_the_grammar_is_broken)
{
	static const struct {
		const char *override, *what;
		int at; /* column of the mark, from 0 */
	} cases[] = {
		{ "", "expected a setting's name, as reader.batch_size", 0 },
		{ "++=1", "expected a setting's name, as reader.batch_size",
		  2 },
		{ "++a.=1", "expected a setting's name, as reader.batch_size",
		  4 },
		{ "++a b=1", "expected a setting's name, as reader.batch_size",
		  3 },
		{ "++a", "expected '=' and a value", 3 },
		{ "db/x=y", "choosing from a group is not possible here", 2 },
		{ "workload=unet3d", "a workload is given as its file", 0 },
		{ "++a=b=c", "'=' in a value is written \\=, or in quotes", 5 },
		{ "++a=x#y",
		  "unexpected character; put the value in quotes, or a "
		  "backslash before it",
		  5 },
		{ "++a='x'y",
		  "unexpected character; put the value in quotes, or a "
		  "backslash before it",
		  7 },
		{ "++a=[1,2", "expected ',' or ']'", 8 },
		{ "++a=[1,]", "a value is missing", 7 },
		{ "++a={x", "expected ':' after the key", 6 },
		{ "++a={x:1", "expected ',' or '}'", 8 },
		{ "++a={:1}", "a key is missing", 5 },
		{ "++a='x", "the closing quote is missing", 6 },
		{ "++a=x\xff", "not UTF-8", 5 },
		{ "++a=${b",
		  "unexpected character; put the value in quotes, "
		  "or a backslash before it",
		  5 },
		{ "++a=${}",
		  "unexpected character; put the value in quotes, "
		  "or a backslash before it",
		  5 },
		{ "++a=choice(1,2)",
		  "the functions here are int, float, str and bool: write the "
		  "value itself, or put it in quotes",
		  10 },
		{ "++a=int(abc)", "no such cast of this value", 11 },
		{ "++a=int(null)", "no such cast of this value", 12 },
		{ "++a=int(1.5", "expected ')'", 11 },
		{ "++a=bool(off)", "no such cast of this value", 12 },
		{ "++a=str(null)", "no such cast of this value", 12 },
		{ "++a=int()", "a value is missing", 8 },
		{ "++a@=1=", "'=' in a value is written \\=, or in quotes", 6 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *o = cases[i].override;
		struct capture c;
		char want[512];

		capture_start(&c);
		cr_expect_null(apply("{}", o), "%s", o);
		capture_stop(&c);
		snprintf(want, sizeof(want),
			 "dliofs: error: override: %s\n"
			 "dliofs: error:   %s\n"
			 "dliofs: error:   %*s^\n",
			 cases[i].what, o, cases[i].at, "");
		cr_expect_str_eq(c.text, want, "%s", o);
	}
}

Test(override, says_that_a_sweep_is_ambiguous)
{
	struct capture c;

	capture_start(&c);
	cr_expect_null(apply("{}", "++a=v1,v2"));
	capture_stop(&c);
	cr_expect(strstr(c.text, "Ambiguous value for argument '++a=v1,v2'"),
		  "%s", c.text);
	cr_expect(strstr(c.text, "a list is written [a,b], a comma \\,"), "%s",
		  c.text);
}

Test(override, does_not_say_secrets)
{
	static const char *const overrides[] = {
		"++storage.storage_options.secret_access_key=hush,hush",
		"++storage.storage_options.access_key_id=(hush",
		"+storage.storage_options.secret_access_key=hush",
		"~storage.storage_options.secret_access_key=hush",
		"++storage.storage_options={secret_access_key:hush=}",
		"++storage={storage_options:{secret_access_key:hush}",
		"storage.storage_options.secret_acess_key=hush",
		"workload.dliofs.s3.acces_key_id=hush",
	};

	for (size_t i = 0; i < ARRAY_SIZE(overrides); i++) {
		struct capture c;

		capture_start(&c);
		cr_expect_null(apply("{storage: {storage_options: "
				     "{secret_access_key: x}}}",
				     overrides[i]),
			       "%s", overrides[i]);
		capture_stop(&c);
		cr_expect_null(strstr(c.text, "hush"), "%s", c.text);
		cr_expect(strstr(c.text, "override 'storage.storage_options."),
			  "%s", c.text);
	}
}

Test(override, does_not_say_what_a_uri_may_hold)
{
	struct capture c;

	capture_start(&c);
	cr_expect_null(apply("{}", "dataset.data_folder=az://a/c?sig=hush"));
	capture_stop(&c);
	cr_expect_null(strstr(c.text, "hush"), "%s", c.text);
	cr_expect(strstr(c.text, "override 'dataset.data_folder': '=' in"),
		  "%s", c.text);
}
