#include "backends/s3_document.h"
#include "backends/s3_list.h"

#include "lib/capture.h"
#include "lib/contract.h"
#include "lib/s3_scripted.h"

#include <errno.h>
#include <string.h>

/* The page's entries as text: "key:size@seconds", "folder/". */
static int parse(const char *text, char *out, size_t size, char *next)
{
	struct s3_list_entry e;
	struct s3_document *d;
	struct s3_page *p;
	int rc;

	out[0] = next[0] = '\0';
	cr_assert_eq(s3_list_page_new(&p), 0);
	d = s3_list_page_document(p);
	s3_document_begin(d);
	rc = s3_document_sink(d, text, strlen(text));
	if (rc == 0)
		rc = s3_document_end(d);
	if (rc == 0)
		rc = s3_list_page_finish(p);
	for (size_t i = 0; rc == 0 && s3_list_page_entry(p, i, &e); i++) {
		size_t n = strlen(out);

		cr_expect_eq(e.key[e.len], '\0');
		snprintf(out + n, size - n, "%s%s", n ? " " : "", e.key);
		n = strlen(out);
		if (!e.folder)
			snprintf(out + n, size - n, ":%lu@%ld",
				 (unsigned long)e.info.size,
				 (long)(e.info.mtime_ns / (int64_t)NS_PER_SEC));
	}
	if (rc == 0 && s3_list_page_next(p))
		snprintf(next, 100, "%s", s3_list_page_next(p));
	s3_list_page_free(p);
	return rc;
}

#define PAGE(inside)                                                           \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "       \
	"xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" inside            \
	"</ListBucketResult>"
#define URL "<EncodingType>url</EncodingType>"
#define OBJECT(key, size)                                                      \
	"<Contents><Key>" key "</Key>"                                         \
	"<LastModified>1970-01-01T00:01:40.999Z</LastModified>"                \
	"<ETag>&quot;e&quot;</ETag><Size>" size "</Size></Contents>"
#define FOLDER(key) "<CommonPrefixes><Prefix>" key "</Prefix></CommonPrefixes>"

Test(s3_list, understands_pages)
{
	static const struct {
		const char *text, *want, *next;
	} cases[] = {
		{ PAGE(""), "", "" },
		{ PAGE(OBJECT("a", "1") OBJECT("b/c", "0")),
		  "a:1@100 b/c:0@100", "" },
		{ PAGE(FOLDER("a/") OBJECT("b", "1") FOLDER("c/")),
		  "a/ b:1@100 c/", "" },
		/* Encoded only if the server says so, wherever it says it. */
		{ PAGE(URL OBJECT("a%20b%2Bc+d%C3%BC", "1")),
		  "a b+c d\xc3\xbc:1@100", "" },
		{ PAGE(OBJECT("a%2Fb", "1") FOLDER("x%20y/") URL),
		  "a/b:1@100 x y/", "" },
		{ PAGE(OBJECT("a%20b+c", "1")), "a%20b+c:1@100", "" },
		{ PAGE(OBJECT("a&amp;b", "1")), "a&b:1@100", "" },
		{ PAGE("<IsTruncated>false</IsTruncated>"
		       "<NextContinuationToken>t</NextContinuationToken>"),
		  "", "" },
		{ PAGE("<IsTruncated>true</IsTruncated>"
		       "<NextContinuationToken>d/&lt;+%20=</"
		       "NextContinuationToken>" URL OBJECT("a", "1")),
		  "a:1@100", "d/<+%20=" },
		{ PAGE("<Contents><Size>5</Size><Key>k</Key></Contents>"),
		  "k:5@0", "" },
		{ PAGE("<Contents><Key>k</Key><LastModified>yesterday"
		       "</LastModified><Size>5</Size></Contents>"),
		  "k:5@0", "" },
		{ PAGE("<Contents><Key>k</Key><LastModified>9999-12-31T23:59:59"
		       "Z</LastModified><Size>5</Size></Contents>"),
		  "k:5@9223372036", "" },
		{ PAGE("<Prefix>x</Prefix><Owner><ID>o</ID></Owner>"
		       "<New><Key>no</Key><Size>1</Size></New>"),
		  "", "" },
		{ PAGE(OBJECT("big", "9223372036854775807")),
		  "big:9223372036854775807@100", "" },
	};
	char out[1000], next[100];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(parse(cases[i].text, out, sizeof(out), next), 0,
			     "%s", cases[i].text);
		cr_expect_str_eq(out, cases[i].want, "%s: %s", cases[i].text,
				 out);
		cr_expect_str_eq(next, cases[i].next);
	}
}

Test(s3_list, refuses_what_is_no_page)
{
	static const char *const bad[] = {
		PAGE("<Contents><Key>k</Key></Contents>"),
		PAGE("<Contents><Size>1</Size></Contents>"),
		PAGE("<Contents></Contents>"),
		PAGE(OBJECT("a", "1") "<Contents><Size>1</Size></Contents>"),
		PAGE(OBJECT("k", "-1")),
		PAGE(OBJECT("k", "")),
		PAGE(OBJECT("k", "1x")),
		PAGE(OBJECT("k", "9223372036854775808")),
		PAGE(OBJECT("k", "99999999999999999999")),
		PAGE("<IsTruncated>true</IsTruncated>"),
		PAGE("<IsTruncated>true</IsTruncated><NextContinuationToken/>"),
		"<ListBucketResult><Contents><Key>k</Key>",
		"<ListAllMyBucketsResult/>",
		"<!DOCTYPE a [<!ENTITY k \"kk\">]>" PAGE(OBJECT("&k;", "1")),
	};
	char out[1000], next[100];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_eq(parse(bad[i], out, sizeof(out), next), -EBADMSG,
			     "%s", bad[i]);
	cr_expect_eq(parse("<Error><Code>SlowDown</Code></Error>", out,
			   sizeof(out), next),
		     -EREMOTEIO);
}

Test(s3_list, a_key_may_hold_a_nul)
{
	static const char page[] = PAGE(URL OBJECT("a%00b", "1"));
	struct s3_list_entry e;
	struct s3_page *p;

	cr_assert_eq(s3_list_page_new(&p), 0);
	s3_document_begin(s3_list_page_document(p));
	cr_assert_eq(s3_document_sink(s3_list_page_document(p), page,
				      strlen(page)),
		     0);
	cr_assert_eq(s3_document_end(s3_list_page_document(p)), 0);
	cr_assert_eq(s3_list_page_finish(p), 0);
	cr_assert(s3_list_page_entry(p, 0, &e));
	cr_expect_eq(e.len, 3);
	cr_expect_eq(memcmp(e.key, "a\0b", 4), 0);
	cr_expect_not(s3_list_page_entry(p, 1, &e));
	s3_list_page_free(p);
}

Test(s3_list, a_page_holds_thousands)
{
	static char text[400000];
	struct s3_list_entry e;
	struct s3_page *p;
	size_t n = 0;

	n += (size_t)snprintf(text, sizeof(text), "<ListBucketResult>");
	for (int i = 0; i < 3000; i++)
		n += (size_t)snprintf(
			text + n, sizeof(text) - n,
			"<Contents><Key>dir/%d</Key><Size>%d</Size></Contents>",
			i, i);
	n += (size_t)snprintf(text + n, sizeof(text) - n,
			      "</ListBucketResult>");
	cr_assert_eq(s3_list_page_new(&p), 0);
	s3_document_begin(s3_list_page_document(p));
	for (size_t at = 0; at < n; at += 1000)
		cr_assert_eq(s3_document_sink(s3_list_page_document(p),
					      text + at,
					      MIN((size_t)1000, n - at)),
			     0);
	cr_assert_eq(s3_document_end(s3_list_page_document(p)), 0);
	cr_assert_eq(s3_list_page_finish(p), 0);
	for (size_t i = 0; i < 3000; i++) {
		char want[32];

		snprintf(want, sizeof(want), "dir/%zu", i);
		cr_assert(s3_list_page_entry(p, i, &e));
		cr_assert_str_eq(e.key, want);
		cr_assert_eq(e.info.size, i);
	}
	cr_expect_not(s3_list_page_entry(p, 3000, &e));
	s3_list_page_free(p);
	s3_list_page_free(NULL);
}

/* ---- From page to page -------------------------------------------------- */

#define LIST(inside) "<ListBucketResult>" inside "</ListBucketResult>"
#define KEY(key) "<Contents><Key>pre/" key "</Key><Size>1</Size></Contents>"
#define MORE(token)                                                            \
	"<IsTruncated>true</IsTruncated><NextContinuationToken>" token         \
	"</NextContinuationToken>"

Test(s3_list, listings_go_from_page_to_page)
{
	static const struct fault_rule rules[] = {
		S3_SCRIPTED_PROBE,
		{ .target = "continuation-token=t%2F2%2B",
		  .answer = { .body = LIST(KEY("c")) } },
		{ .target = "prefix=pre%2Fx%20",
		  .answer = { .body = LIST(KEY("a") KEY("b") MORE("t/2+")) } },
	};
	struct fault_server *s = s3_scripted_serve(rules, ARRAY_SIZE(rules));
	struct backend *b = s3_scripted_open(s);
	char *names = contract_names(b, "x ", BACKEND_SHALLOW);

	cr_expect_str_eq(names, "a b c");
	cr_expect_eq(fault_server_count(s, "GET", "delimiter=%2F"), 2);
	free(names);
	names = contract_names(b, "x ", BACKEND_DEEP);
	cr_expect_str_eq(names, "a b c");
	cr_expect_eq(fault_server_count(s, "GET", "delimiter"), 2);
	free(names);
	backend_close(b);
	fault_server_free(s);
}

Test(s3_list, a_page_that_came_broken_is_told_once)
{
	static const struct fault_answer broken[] = {
		{ .body = S3_SCRIPTED_ERROR("InternalError") },
		{ .body = "<ListBucketResult>" KEY("a") },
		{ .status = 500, .body = S3_SCRIPTED_ERROR("InternalError") },
		{ .body = LIST(KEY("a")), .fault = FAULT_SHORT, .at = 40 },
		{ .body = LIST(KEY("a")), .fault = FAULT_RESET_BODY, .at = 70 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		const struct fault_rule rules[] = {
			S3_SCRIPTED_PROBE,
			{ .target = "prefix=", .times = 1, .answer = broken[i] },
			{ .answer = { .body = LIST(KEY("a") KEY("b")) } },
		};
		struct fault_server *s =
			s3_scripted_serve(rules, ARRAY_SIZE(rules));
		struct backend *b = s3_scripted_open(s);
		AUTO_FREE char *names = contract_names(b, "", BACKEND_DEEP);

		cr_expect_str_eq(names, "a b", "%zu: %s", i, names);
		cr_expect_eq(fault_server_count(s, "GET", "prefix="), 2);
		backend_close(b);
		fault_server_free(s);
	}
}

static int count(void *arg, const char *name, const struct object_info *info)
{
	(void)name;
	(void)info;
	++*(unsigned *)arg;
	return 0;
}

Test(s3_list, a_listing_does_not_go_in_circles)
{
	static const struct fault_rule rules[] = {
		S3_SCRIPTED_PROBE,
		{ .answer = { .body = LIST(KEY("a") MORE("t")) } }
	};
	struct fault_server *s = s3_scripted_serve(rules, ARRAY_SIZE(rules));
	struct backend *b = s3_scripted_open(s);
	struct capture c;
	unsigned n = 0;

	capture_start(&c);
	cr_expect_eq(backend_list(b, "", BACKEND_DEEP, count, &n), -EBADMSG);
	capture_stop(&c);
	cr_expect(strstr(c.text, "circle"), "%s", c.text);
	cr_expect_eq(n, 2);
	backend_close(b);
	fault_server_free(s);
}

Test(s3_list, keys_that_are_no_names_are_left_out_and_said_once)
{
#define ODD(key, size)                                                         \
	"<Contents><Key>" key "</Key><Size>" size "</Size></Contents>"
	static const struct fault_rule rules[] = {
		S3_SCRIPTED_PROBE,
		{ .answer = { .body = LIST(
				      "<EncodingType>url</EncodingType>" KEY(
					      "ok") ODD("pre/..", "1")
					      ODD("pre/a//b", "1") ODD("pre//a",
								       "1")
						      ODD("pre/a%00b", "1") ODD(
							      "pre/a/../b", "1")
				      /* these two stand for folders */
				      ODD("pre/", "0") ODD("pre/dir/", "0")
				      /* this does not */
				      ODD("pre/full/", "1")
				      /* and this is not ours */
				      ODD("elsewhere",
					  "1") "<CommonPrefixes><Prefix>pre/d/</Prefix>"
					       "</CommonPrefixes><CommonPrefixes><Prefix>"
					       "pre//</Prefix></CommonPrefixes>"
					       "<CommonPrefixes><Prefix>pre/../</Prefix>"
					       "</CommonPrefixes>") } },
	};
	struct fault_server *s = s3_scripted_serve(rules, ARRAY_SIZE(rules));
	struct backend *b = s3_scripted_open(s);
	AUTO_FREE char *names = NULL, *again = NULL;
	struct capture c;

	capture_start(&c);
	names = contract_names(b, "", BACKEND_SHALLOW);
	again = contract_names(b, "", BACKEND_SHALLOW);
	capture_stop(&c);
	cr_expect_str_eq(names, "d/ ok", "%s", names);
	cr_expect_str_eq(again, names);
	cr_expect(strstr(c.text, "9 keys that cannot be files' names are left "
				 "out"),
		  "%s", c.text);
	cr_expect(strstr(c.text, "pre/.."), "%s", c.text);
	cr_expect_eq(strchr(c.text, '\n'), strrchr(c.text, '\n'), "%s", c.text);
	backend_close(b);
	fault_server_free(s);
}

Test(s3_list, a_single_key_that_is_no_name_is_one)
{
	static const struct fault_rule rules[] = {
		S3_SCRIPTED_PROBE,
		{ .answer = { .body = LIST(KEY("ok") ODD("pre//a", "1")) } },
	};
	struct fault_server *s = s3_scripted_serve(rules, ARRAY_SIZE(rules));
	struct backend *b = s3_scripted_open(s);
	AUTO_FREE char *names = NULL;
	struct capture c;

	capture_start(&c);
	names = contract_names(b, "", BACKEND_SHALLOW);
	capture_stop(&c);
	cr_expect(strstr(c.text, ": 1 key that cannot be a file's name is left "
				 "out, as any other such will be: pre//a\n"),
		  "%s", c.text);
	backend_close(b);
	fault_server_free(s);
}
