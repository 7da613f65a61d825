#include "backends/azure_address.h"

#include "lib/capture.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

Test(azure_address, takes_account_container_and_prefix_apart)
{
	static const struct {
		const char *location, *account, *container, *prefix;
	} cases[] = {
		{ "acme/data", "acme", "data", "" },
		{ "acme/data/", "acme", "data", "" },
		{ "acme/data//", "acme", "data", "" },
		{ "acme/data/train", "acme", "data", "train/" },
		{ "acme/data/train/", "acme", "data", "train/" },
		{ "acme/data/a b/c", "acme", "data", "a b/c/" },
		{ "devstoreaccount1/a-b", "devstoreaccount1", "a-b", "" },
		{ "acme-secondary/data", "acme-secondary", "data", "" },
		{ "acme/$web/x", "acme", "$web", "x/" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct azure_address a;

		cr_assert_eq(azure_address_split(cases[i].location, &a), 0,
			     "%s", cases[i].location);
		cr_expect_str_eq(a.account, cases[i].account);
		cr_expect_str_eq(a.container, cases[i].container);
		cr_expect_str_eq(a.prefix, cases[i].prefix);
		azure_address_clear(&a);
	}
}

Test(azure_address, says_what_is_wrong_with_a_location)
{
	static const struct {
		const char *location, *word;
	} cases[] = {
		{ "", "account" },
		{ "/data", "account" },
		{ "Acme/data", "account" },
		{ "acme.evil.org/data", "account" },
		{ "acme@x/data", "account" },
		{ "acme-secondaryx/data", "account" },
		{ "a234567890123456789012345678901234567890/data", "account" },
		{ "acme", "container" },
		{ "acme/", "container" },
		{ "acme/ab", "container" },
		{ "acme/Data", "container" },
		{ "acme/da_ta", "container" },
		{ "acme/data?x", "container" },
		{ "acme/$$$", "container" },
		{ "acme/data//x", "prefix" },
		{ "acme/data/../x", "prefix" },
		{ "acme/data/x/.", "prefix" },
		{ "acme/data?sv=1&sig=hush", "acme/data: a signature" },
		{ "acme/data/x?sig=hush", "AZURE_STORAGE_SAS_TOKEN" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct azure_address a;
		struct capture c;
		int rc;

		capture_start(&c);
		rc = azure_address_split(cases[i].location, &a);
		capture_stop(&c);
		cr_expect_eq(rc, -EINVAL, "'%s'", cases[i].location);
		cr_expect(strstr(c.text, cases[i].word), "'%s': %s",
			  cases[i].location, c.text);
		cr_expect_null(strstr(c.text, "hush"), "%s", c.text);
	}
}

Test(azure_address, finds_the_server)
{
	static const struct {
		const char *endpoint, *server, *root;
	} cases[] = {
		{ NULL, "https://acme.blob.core.windows.net", "/data" },
		{ "", "https://acme.blob.core.windows.net", "/data" },
		{ "https://acme.blob.core.chinacloudapi.cn",
		  "https://acme.blob.core.chinacloudapi.cn", "/data" },
		{ "https://acme.blob.core.windows.net/",
		  "https://acme.blob.core.windows.net", "/data" },
		{ "https://blobs.acme.org", "https://blobs.acme.org", "/data" },
		{ "https://blobs.acme.org/acme", "https://blobs.acme.org",
		  "/acme/data" },
		{ "http://127.0.0.1:10000/acme", "http://127.0.0.1:10000",
		  "/acme/data" },
		{ "http://127.0.0.1:10000/acme//", "http://127.0.0.1:10000",
		  "/acme/data" },
		{ "http://127.0.0.1:10000", "http://127.0.0.1:10000",
		  "/acme/data" },
		{ "http://127.0.0.1:10000/", "http://127.0.0.1:10000",
		  "/acme/data" },
		{ "http://localhost:1", "http://localhost:1", "/acme/data" },
		{ "https://[::1]:10000", "https://[::1]:10000", "/acme/data" },
		{ "http://azurite:10000/acme", "http://azurite:10000",
		  "/acme/data" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct remote_endpoint ways[] = {
			{ NULL, "a" }, { cases[i].endpoint, "b" }, { "", "c" }
		};
		struct azure_address a;

		cr_assert_eq(azure_address_split("acme/data/p", &a), 0);
		cr_assert_eq(azure_address_locate(&a, ways, ARRAY_SIZE(ways)),
			     0, "%s", cases[i].endpoint);
		cr_expect_str_eq(a.server, cases[i].server);
		cr_expect_str_eq(a.root, cases[i].root);
		azure_address_clear(&a);
	}
}

Test(azure_address, takes_the_first_of_several_endpoints)
{
	static const struct remote_endpoint ways[] = {
		{ "", "a" },
		{ NULL, "b" },
		{ "http://one", "c" },
		{ "http://two", "d" },
	};
	struct azure_address a;

	cr_assert_eq(azure_address_split("acme/data", &a), 0);
	cr_assert_eq(azure_address_locate(&a, ways, ARRAY_SIZE(ways)), 0);
	cr_expect_str_eq(a.server, "http://one");
	cr_expect_str_eq(a.by, "c");
	azure_address_clear(&a);
}

Test(azure_address, refuses_endpoints_without_telling_secrets)
{
	static const char *const bad[] = {
		"acme.blob.core.windows.net",
		"ftp://acme",
		"http://",
		"http:///acme",
		"http://:80",
		"http://[::1",
		"http://user:hush@host",
		"https://acme.blob.core.windows.net/?sig=hush",
		"https://acme.blob.core.windows.net/#hush",
		"http://host:80\n1",
		"http://ho st",
		"https://other.blob.core.windows.net",
		"https://acm.blob.core.windows.net",
		"https://acmee.blob.core.windows.net",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct remote_endpoint way = { bad[i], "OUR_ENDPOINT" };
		struct azure_address a;
		struct capture c;
		int rc;

		cr_assert_eq(azure_address_split("acme/data", &a), 0);
		capture_start(&c);
		rc = azure_address_locate(&a, &way, 1);
		capture_stop(&c);
		cr_expect_eq(rc, -EINVAL, "%s", bad[i]);
		cr_expect(strstr(c.text, "az://acme/data"), "%s", c.text);
		cr_expect(strstr(c.text, "OUR_ENDPOINT"), "%s", c.text);
		cr_expect(!strstr(c.text, "hush"), "%s", c.text);
		azure_address_clear(&a);
	}
}

Test(azure_address, encodes_names)
{
	static const struct {
		const char *location, *name, *path;
	} cases[] = {
		{ "acme/data", "a/b", "/acme/data/a/b" },
		{ "acme/data/p", "a", "/acme/data/p/a" },
		{ "acme/data/p q", "+%&?#~'()",
		  "/acme/data/p%20q/"
		  "%2B%25%26%3F%23~%27%28%29" },
		{ "acme/data", "\xc3\xbc", "/acme/data/%C3%BC" },
	};
	static const struct remote_endpoint here = { "http://127.0.0.1:10000",
						     "us" };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *path = NULL;
		struct azure_address a;

		cr_assert_eq(azure_address_split(cases[i].location, &a), 0);
		cr_assert_eq(azure_address_locate(&a, &here, 1), 0);
		path = azure_address_path(&a, cases[i].name);
		cr_expect_str_eq(path, cases[i].path);
		azure_address_clear(&a);
	}
}
