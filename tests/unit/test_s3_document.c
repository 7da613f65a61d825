#include "backends/s3_document.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

struct told {
	char text[256];
	unsigned resets;
	int answer; /* to an element "Bad" */
};

static void reset(void *arg)
{
	struct told *t = arg;

	t->text[0] = '\0';
	t->resets++;
}

static int element(void *arg, const char *path, const char *text, size_t len)
{
	struct told *t = arg;
	size_t n = strlen(t->text);

	cr_expect_eq(strlen(text), len);
	snprintf(t->text + n, sizeof(t->text) - n, "%s=%s ", path, text);
	return strcmp(path, "Bad") ? 0 : t->answer;
}

static struct s3_document document(struct told *t)
{
	return (struct s3_document){ .root = "Result",
				     .max_bytes = 200,
				     .reset = reset,
				     .element = element,
				     .arg = t };
}

static int feed(struct s3_document *d, const char *text, size_t piece)
{
	size_t len = strlen(text);
	int rc = 0;

	s3_document_begin(d);
	for (size_t at = 0; rc == 0 && at < len; at += piece)
		rc = s3_document_sink(d, text + at, MIN(piece, len - at));
	return rc;
}

Test(s3_document, is_what_it_should_be_or_an_error)
{
	static const struct {
		const char *text;
		int rc;
		const char *want; /* elements, or a code */
	} cases[] = {
		{ "<Result><A>1</A><B><C>2</C></B></Result>", 0,
		  "A=1 B/C=2 B= " },
		{ "<?xml version=\"1.0\"?>\n<Result xmlns=\"u\"/>", 0, "" },
		/* Kept alive, before the document and inside. */
		{ "  \r\n\t <?xml version=\"1.0\"?>   \n\n  <Result><A>1</A>"
		  "</Result>",
		  0, "A=1 " },
		{ "<?xml version=\"1.0\"?><Error><Code>InternalError</Code>"
		  "<Message>We</Message></Error>",
		  -EREMOTEIO, "InternalError" },
		{ "    <Error><Code>SlowDown</Code></Error>", -EREMOTEIO,
		  "SlowDown" },
		{ "<Error/>", -EREMOTEIO, "" },
		{ "", -EBADMSG, NULL },
		{ "    ", -EBADMSG, NULL },
		{ "<Result><A>1</A>", -EBADMSG, NULL },
		{ "<Other><A>1</A></Other>", -EBADMSG, NULL },
		{ "<html><body>Result</body></html>", -EBADMSG, NULL },
		{ "<A><Result/></A>", -EBADMSG, NULL },
		{ "no document", -EBADMSG, NULL },
		{ "<!DOCTYPE Result [<!ENTITY a \"b\">]><Result>&a;</Result>",
		  -EBADMSG, NULL },
		{ "<Result><Bad/><A/></Result>", -ENOLINK, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t piece = 1; piece < 200; piece += 66) {
			struct told t = { .answer = -ENOLINK };
			struct s3_document d = document(&t);

			cr_expect_eq(feed(&d, cases[i].text, piece), 0);
			cr_expect_eq(s3_document_end(&d), cases[i].rc, "%s",
				     cases[i].text);
			if (cases[i].rc == 0)
				cr_expect_str_eq(t.text, cases[i].want);
			else if (cases[i].want)
				cr_expect_str_eq(d.code, cases[i].want);
			s3_document_free(&d);
		}
}

Test(s3_document, begins_anew_for_each_attempt)
{
	struct told t = { .resets = 0 };
	struct s3_document d = document(&t);

	cr_expect_eq(feed(&d, "<Error><Code>No</Code></Error>", 100), 0);
	cr_expect_eq(feed(&d, "<Result><A>1</A>", 100), 0);
	cr_expect_eq(feed(&d, "<Result><A>2</A></Result>", 100), 0);
	cr_expect_eq(s3_document_end(&d), 0);
	cr_expect_str_eq(t.text, "A=2 ");
	cr_expect_str_eq(d.code, "");
	cr_expect_eq(t.resets, 3);
	s3_document_free(&d);
}

Test(s3_document, what_is_too_large_ends_the_transfer)
{
	struct told t = { .resets = 0 };
	struct s3_document d = document(&t);
	char text[202] = "<Result>";

	memset(text + 8, ' ', sizeof(text) - 9);
	cr_expect_eq(feed(&d, text, 10), -EMSGSIZE);
	cr_expect_eq(s3_document_end(&d), -EMSGSIZE);
	s3_document_free(&d);
}

Test(s3_document, frees_what_never_began)
{
	struct s3_document d = { .root = "Result" };

	s3_document_free(&d);
}
