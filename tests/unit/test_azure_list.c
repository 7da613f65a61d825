#include "backends/azure_list.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#define HEAD                                                                   \
	"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>"               \
	"<EnumerationResults ServiceEndpoint=\"https://a/\" "                  \
	"ContainerName=\"c\"><Prefix>p</Prefix><Blobs>"
#define BLOB(name, size, more)                                                 \
	"<Blob><Name>" name "</Name><Properties><Creation-Time>x"              \
	"</Creation-Time><Last-Modified>Sun, 06 Nov 1994 08:49:37 GMT"         \
	"</Last-Modified><Etag>0x8D</Etag><Content-Length>" size               \
	"</Content-Length>" more "</Properties><OrMetadata/></Blob>"
#define MARKED(name, size, key, value)                                         \
	"<Blob><Name>" name "</Name><Properties><Content-Length>" size         \
	"</Content-Length></Properties><Metadata><a>b</a><" key ">" value      \
	"</" key "></Metadata></Blob>"
#define FOLDER(name) "<BlobPrefix><Name>" name "</Name></BlobPrefix>"
#define TAIL(marker)                                                           \
	"</Blobs><NextMarker>" marker "</NextMarker></EnumerationResults>"

/* What is told of a page that comes in pieces, as "name=size name=size". */
static int read_page(struct azure_list *l, const char *page, size_t piece,
		     char told[4096])
{
	size_t len = strlen(page), at = 0;
	struct azure_list_entry e;
	int rc = 0;

	azure_list_begin(l);
	for (size_t i = 0; rc == 0 && i < len; i += piece)
		rc = azure_list_feed(l, page + i, MIN(piece, len - i));
	rc = azure_list_end(l);
	told[0] = '\0';
	while (azure_list_next(l, &e))
		at += (size_t)snprintf(told + at, 4096 - at, "%s%s%s=%lu",
				       at ? " " : "", e.folder ? "@" : "",
				       e.name, (unsigned long)e.info.size);
	return rc;
}

Test(azure_list, tells_blobs_and_folders)
{
	static const struct {
		const char *page, *told, *marker;
	} cases[] = {
		{ HEAD TAIL(""), "", "" },
		{ HEAD BLOB("p/a", "12", "") BLOB("p/b", "0", "") TAIL(""),
		  "p/a=12 p/b=0", "" },
		{ HEAD BLOB("p/a", "1", "") TAIL("2!80!x--"), "p/a=1",
		  "2!80!x--" },
		{ HEAD FOLDER("p/a/") BLOB("p/b", "3", "") TAIL(""),
		  "@p/a/=0 p/b=3", "" },
		{ HEAD BLOB("a&amp;b &lt;+%25&#x27;", "1", "") TAIL(""),
		  "a&b <+%25'=1", "" },
		{ HEAD "<Blob><Name Encoded=\"true\">a%EF%BF%BE%25</Name>"
		       "<Properties><Content-Length>7</Content-Length>"
		       "</Properties></Blob>" BLOB("a%25", "1", "") TAIL(""),
		  "a\xef\xbf\xbe%=7 a%25=1", "" },
		{ HEAD BLOB("mark/", "0", "") TAIL(""), "mark/=0", "" },
		{ HEAD BLOB("max", "9223372036854775807", "") TAIL(""),
		  "max=9223372036854775807", "" },
		/* Folders of a hierarchical namespace, by either mark. */
		{ HEAD BLOB("d", "0", "<ResourceType>directory</ResourceType>")
			  BLOB("f", "0", "<ResourceType>file</ResourceType>")
				  TAIL(""),
		  "f=0", "" },
		{ HEAD MARKED("d", "0", "hdi_isfolder",
			      "true") MARKED("e", "0", "Hdi_isfolder", "True")
			  MARKED("f", "0", "hdi_isfolder", "false") MARKED(
				  "g", "1", "hdi_isfolder", "true") TAIL(""),
		  "f=0 g=1", "" },
	};
	static const size_t pieces[] = { 1, 7, 100000 };
	struct azure_list *l;
	char told[4096];

	cr_assert_eq(azure_list_new(&l), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t k = 0; k < ARRAY_SIZE(pieces); k++) {
			cr_expect_eq(read_page(l, cases[i].page, pieces[k],
					       told),
				     0, "case %zu", i);
			cr_expect_str_eq(told, cases[i].told);
			cr_expect_str_eq(azure_list_marker(l), cases[i].marker);
		}
	azure_list_free(l);
}

Test(azure_list, tells_when_a_blob_was_written)
{
	static const struct {
		const char *date;
		int64_t want;
	} cases[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777000000000 },
		{ "yesterday", 0 },
		{ "", 0 },
	};
	struct azure_list *l;

	cr_assert_eq(azure_list_new(&l), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct azure_list_entry e;
		AUTO_FREE char *page = NULL;

		cr_assert_gt(asprintf(&page,
				      HEAD "<Blob><Name>a</Name><Properties>"
					   "<Content-Length>1</Content-Length>"
					   "<Last-Modified>%s</Last-Modified>"
					   "</Properties></Blob>" TAIL(""),
				      cases[i].date),
			     0);
		azure_list_begin(l);
		cr_assert_eq(azure_list_feed(l, page, strlen(page)), 0);
		cr_assert_eq(azure_list_end(l), 0);
		cr_assert(azure_list_next(l, &e));
		cr_expect_eq(e.info.mtime_ns, cases[i].want, "%s",
			     cases[i].date);
	}
	azure_list_free(l);
}

Test(azure_list, refuses_what_is_no_page)
{
	static const struct {
		const char *page;
		int want;
	} cases[] = {
		{ "", -EBADMSG },
		{ "<html><body>Sign in</body></html>", -EBADMSG },
		{ "<Error><Code>ServerBusy</Code></Error>", -EBADMSG },
		{ "{\"a\": 1}", -EBADMSG },
		{ HEAD BLOB("a", "1", ""), -EBADMSG },
		{ HEAD BLOB("a", "1", "") "</Blobs><NextMarker>", -EBADMSG },
		{ HEAD BLOB("a", "-1", "") TAIL(""), -EBADMSG },
		{ HEAD BLOB("a", "1x", "") TAIL(""), -EBADMSG },
		{ HEAD BLOB("a", "", "") TAIL(""), -EBADMSG },
		{ HEAD BLOB("a", "9223372036854775808", "") TAIL(""),
		  -EBADMSG },
		{ HEAD BLOB("a", "99999999999999999999", "") TAIL(""),
		  -EBADMSG },
		{ HEAD "<Blob><Name>a</Name></Blob>" TAIL(""), -EBADMSG },
		{ HEAD "<Blob><Properties><Content-Length>1</Content-Length>"
		       "</Properties></Blob>" TAIL(""),
		  -EBADMSG },
		{ HEAD FOLDER("a") TAIL(""), -EBADMSG },
		{ HEAD FOLDER("") TAIL(""), -EBADMSG },
		{ HEAD
		  "<Blob><Name Encoded=\"true\">a%00b</Name></Blob>" TAIL(""),
		  -EBADMSG },
		/* Bombs */
		{ "<!DOCTYPE x [<!ENTITY a \"aaaa\">"
		  "<!ENTITY b \"&a;&a;&a;\">]><EnumerationResults>&b;"
		  "</EnumerationResults>",
		  -EBADMSG },
		{ "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
		  -EMSGSIZE },
	};
	struct azure_list *l;
	char told[4096];

	cr_assert_eq(azure_list_new(&l), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(read_page(l, cases[i].page, 16, told),
			     cases[i].want, "case %zu", i);
		cr_expect_str_empty(told, "case %zu: %s", i, told);
	}
	/* It can still read a good one. */
	cr_expect_eq(read_page(l, HEAD BLOB("a", "1", "") TAIL(""), 16, told),
		     0);
	cr_expect_str_eq(told, "a=1");
	azure_list_free(l);
}

Test(azure_list, refuses_a_page_without_end)
{
	static const char head[] = HEAD, blob[] = BLOB("a", "1", "");
	struct azure_list *l;
	uint64_t fed = 0;
	int rc;

	cr_assert_eq(azure_list_new(&l), 0);
	azure_list_begin(l);
	rc = azure_list_feed(l, head, strlen(head));
	for (; rc == 0 && fed < 100 * MIB; fed += strlen(blob))
		rc = azure_list_feed(l, blob, strlen(blob));
	cr_expect_eq(rc, -EMSGSIZE);
	cr_expect_eq(azure_list_end(l), -EMSGSIZE);
	cr_expect_leq(fed, 65 * MIB);
	azure_list_free(l);
}

Test(azure_list, forgets_a_page_that_broke_off)
{
	static const char half[] = HEAD BLOB("old", "1", "");
	struct azure_list *l;
	char told[4096];

	cr_assert_eq(azure_list_new(&l), 0);
	azure_list_begin(l);
	cr_assert_eq(azure_list_feed(l, half, strlen(half)), 0);
	cr_expect_eq(read_page(l, HEAD BLOB("new", "2", "") TAIL("m"), 5, told),
		     0);
	cr_expect_str_eq(told, "new=2");
	azure_list_free(l);
}

Test(azure_list, asks_for_a_page)
{
	static const struct {
		const char *prefix, *marker;
		enum backend_depth depth;
		unsigned most;
		const char *want;
	} cases[] = {
		{ "", "", BACKEND_DEEP, 0, "" },
		{ "", "", BACKEND_SHALLOW, 0, "&delimiter=%2F" },
		{ "a/b c", "", BACKEND_DEEP, 0, "&prefix=a%2Fb%20c" },
		{ "+&", "2!8=", BACKEND_SHALLOW, 7,
		  "&maxresults=7&delimiter=%2F&prefix=%2B%26"
		  "&marker=2%218%3D" },
	};
	static const char first[] =
		"restype=container&comp=list&include=metadata";

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *query =
			azure_list_query(cases[i].prefix, cases[i].depth,
					 cases[i].marker, cases[i].most);

		cr_assert_not_null(query);
		cr_assert_eq(strncmp(query, first, strlen(first)), 0, "%s",
			     query);
		cr_expect_str_eq(query + strlen(first), cases[i].want);
	}
}
