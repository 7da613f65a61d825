#include "backends/xml.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* What was told, as text: "+a +a/b -a/b=x -a=". */
struct told {
	char text[4096];
	size_t len;
	const char *end_at; /* this path ends it with 7 */
};

static void add(struct told *t, const char *sign, const char *path,
		const char *equals, const char *text)
{
	t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len,
				   "%s%s%s%s%s", t->len ? " " : "", sign, path,
				   equals, text);
	cr_assert_lt(t->len, sizeof(t->text));
}

static int begin(void *arg, const char *path)
{
	add(arg, "+", path, "", "");
	return 0;
}

static int end(void *arg, const char *path, const char *text, size_t len)
{
	struct told *t = arg;

	cr_expect_eq(strlen(text), len);
	add(t, "-", path, "=", text);
	return t->end_at && !strcmp(t->end_at, path) ? 7 : 0;
}

static const struct xml_handler handler = { .begin = begin, .end = end };

/* In pieces of so many bytes. */
static int parse(const char *xml, size_t piece, uint64_t max, struct told *t)
{
	size_t len = strlen(xml);
	struct xml *x;
	int rc = 0;

	t->len = 0;
	t->text[0] = '\0';
	cr_assert_eq(xml_new(&handler, t, max, &x), 0);
	for (size_t at = 0; rc == 0 && at < len; at += piece)
		rc = xml_feed(x, xml + at, MIN(piece, len - at));
	if (rc == 0)
		rc = xml_end(x);
	if (rc) {
		size_t before = t->len;

		cr_expect_eq(xml_feed(x, "<x/>", 4), rc, "%s", xml);
		cr_expect_eq(xml_end(x), rc, "%s", xml);
		cr_expect_eq(t->len, before, "%s", xml);
	}
	xml_free(x);
	return rc;
}

Test(xml, tells_what_is_there_however_it_comes)
{
	static const struct {
		const char *xml, *want;
	} cases[] = {
		{ "<a/>", "+a -a=" },
		{ "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>x</a>\n",
		  "+a -a=x" },
		{ "<a><b>x</b><c> y </c></a>",
		  "+a +a/b -a/b=x +a/c -a/c= y  -a=" },
		{ "<a>\n  <b>1</b>\n  <b>2</b>\n</a>",
		  "+a +a/b -a/b=1 +a/b -a/b=2 -a=" },
		{ "<a xmlns=\"http://s3\" q=\"1\"><n:b xmlns:n=\"u\">&lt;&#38;"
		  "&quot;<![CDATA[<i>]]></n:b></a>",
		  "+a +a/b -a/b=<&\"<i> -a=" },
		{ "<a><!-- no --><?no?><b>\xc3\xbc</b></a>",
		  "+a +a/b -a/b=\xc3\xbc -a=" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t piece = 1; piece < 200; piece = piece * 3 + 1) {
			struct told t = { .end_at = NULL };

			cr_expect_eq(parse(cases[i].xml, piece, 1000, &t), 0,
				     "%s in %zu", cases[i].xml, piece);
			cr_expect_str_eq(t.text, cases[i].want);
		}
}

Test(xml, refuses_what_is_none)
{
	static const char *const bad[] = {
		"",
		"   ",
		"no",
		"<a>",
		"<a><b></a>",
		"<a></b>",
		"<a/><b/>",
		"<a>&undeclared;</a>",
		"<a>\x01</a>",
		"<a>&#0;</a>",
		"<a>\xff</a>",
		"<a b='1' b='2'/>",
		"{\"a\": 1}",
		"<!DOCTYPE html><html></html>",
		"<!DOCTYPE a [<!ENTITY x 'xxxx'><!ENTITY y '&x;'>]><a>&y;</a>",
		"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct told t = { .end_at = NULL };

		cr_expect_eq(parse(bad[i], 1000, 1000, &t), -EBADMSG, "%s",
			     bad[i]);
		cr_expect_eq(parse(bad[i], 1, 1000, &t), -EBADMSG, "%s",
			     bad[i]);
		cr_expect_null(strstr(t.text, "xxxx"));
	}
}

static char *repeat(const char *first, const char *what, size_t n,
		    const char *last)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs(first, f);
	while (n-- > 0)
		fputs(what, f);
	fputs(last, f);
	fclose(f);
	return text;
}

/* More than this and the last is not there any more. */
static void expect_bound(const char *first, const char *what, size_t most,
			 const char *last, int at_most)
{
	AUTO_FREE char *fits = repeat(first, what, most, last);
	AUTO_FREE char *more = repeat(first, what, most + 1, last);
	static const struct xml_handler deaf;
	struct xml *x;

	cr_assert_eq(xml_new(&deaf, NULL, 1 << 20, &x), 0);
	cr_expect_eq(xml_feed(x, fits, strlen(fits)), at_most, "%.20s", fits);
	xml_free(x);
	cr_assert_eq(xml_new(&deaf, NULL, 1 << 20, &x), 0);
	cr_expect_eq(xml_feed(x, more, strlen(more)), -EMSGSIZE, "%.20s", more);
	xml_free(x);
}

Test(xml, is_bounded)
{
	struct told t = { .end_at = NULL };

	expect_bound("", "<d>", XML_DEPTH, "", 0);
	expect_bound("<a>", "t", XML_TEXT, "</a>", 0);
	expect_bound("<", "n", XML_PATH - 1, ">", 0);
	cr_expect_eq(parse("<a>xyz</a>", 3, 10, &t), 0);
	cr_expect_eq(parse("<a>xyz</a>", 3, 9, &t), -EMSGSIZE);
}

Test(xml, ends_when_the_caller_has_enough)
{
	struct told t = { .end_at = "a/b" };

	cr_expect_eq(parse("<a><b>1</b><b>2</b></a>", 100, 100, &t), 7);
	cr_expect_str_eq(t.text, "+a +a/b -a/b=1");
	cr_expect_eq(parse("<a><b/><b/></a>", 1, 100, &t), 7);
	cr_expect_str_eq(t.text, "+a +a/b -a/b=");
}

Test(xml, frees_nothing)
{
	xml_free(NULL);
}

/* ---- Attributes --------------------------------------------------------- */

static int attribute(void *arg, const char *path, const char *name,
		     const char *value)
{
	struct told *t = arg;

	add(t, "@", path, ".", name);
	add(t, "", value, "", "");
	return t->end_at && !strcmp(t->end_at, name) ? 7 : 0;
}

static int parse_attributes(const char *xml, struct told *t)
{
	static const struct xml_handler all = { .begin = begin,
						.end = end,
						.attribute = attribute };
	struct xml *x;
	int rc;

	cr_assert_eq(xml_new(&all, t, 4096, &x), 0);
	rc = xml_feed(x, xml, strlen(xml));
	if (rc == 0)
		rc = xml_end(x);
	xml_free(x);
	return rc;
}

Test(xml, tells_attributes_of_what_has_just_begun)
{
	struct told t = { .len = 0 };

	cr_expect_eq(
		parse_attributes("<a p='1' q='&lt;'><b r=''>x</b></a>", &t), 0);
	cr_expect_str_eq(t.text, "+a @a.p 1 @a.q < +a/b @a/b.r  -a/b=x -a=");

	t = (struct told){ .end_at = "q" };
	cr_expect_eq(parse_attributes("<a p='1' q='2' r='3'><b/></a>", &t), 7);
	cr_expect_str_eq(t.text, "+a @a.p 1 @a.q 2");
}
