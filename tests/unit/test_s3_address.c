#include "backends/s3_address.h"
#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define AUTO REMOTE_ADDRESSING_AUTO
#define PATH REMOTE_ADDRESSING_PATH
#define VIRTUAL REMOTE_ADDRESSING_VIRTUAL

Test(s3_address, finds_the_server_and_the_path)
{
	static const struct {
		const char *location, *endpoint, *region;
		enum remote_addressing addressing;
		const char *server, *bucket_path, *object_path;
	} cases[] = {
		{ "data", NULL, "us-east-1", AUTO,
		  "https://data.s3.us-east-1.amazonaws.com", "/", "/n" },
		{ "data/a/b", NULL, "eu-west-1", AUTO,
		  "https://data.s3.eu-west-1.amazonaws.com", "/", "/a/b/n" },
		{ "data", NULL, "cn-north-1", AUTO,
		  "https://data.s3.cn-north-1.amazonaws.com.cn", "/", "/n" },
		{ "my.data", NULL, "us-east-1", AUTO,
		  "https://s3.us-east-1.amazonaws.com", "/my.data",
		  "/my.data/n" },
		{ "data", NULL, "us-east-1", PATH,
		  "https://s3.us-east-1.amazonaws.com", "/data", "/data/n" },
		{ "data", "http://127.0.0.1:8580", "us-east-1", AUTO,
		  "http://127.0.0.1:8580", "/data", "/data/n" },
		{ "data/", "http://127.0.0.1:8580/", "r", AUTO,
		  "http://127.0.0.1:8580", "/data", "/data/n" },
		{ "data", "http://s3.here:80", "r", VIRTUAL,
		  "http://data.s3.here", "/", "/n" },
		{ "data", "https://s3.here:443", "r", AUTO, "https://s3.here",
		  "/data", "/data/n" },
		{ "data", "http://s3.here:443", "r", AUTO, "http://s3.here:443",
		  "/data", "/data/n" },
		{ "data", "HTTPS://s3.here:8443/gate/way//", "r", AUTO,
		  "https://s3.here:8443", "/gate/way/data",
		  "/gate/way/data/n" },
		{ "data/p", "http://s3.here/base", "r", VIRTUAL,
		  "http://data.s3.here", "/base", "/base/p/n" },
		{ "Da_ta", "http://[::1]:80", "r", AUTO, "http://[::1]",
		  "/Da_ta", "/Da_ta/n" },
		{ "data/a b+//", "http://h", "r", AUTO, "http://h", "/data",
		  "/data/a%20b%2B/n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct s3_place place = { cases[i].location,
						{ cases[i].endpoint, "US" },
						cases[i].region,
						cases[i].addressing };
		struct s3_address a;
		char *path;

		cr_assert_eq(s3_address_make(&place, &a), 0, "%zu", i);
		cr_expect_str_eq(a.server, cases[i].server);
		cr_expect_str_eq(a.host, strstr(a.server, "//") + 2);
		cr_expect_str_eq(a.region, cases[i].region);
		cr_expect_str_eq(s3_address_bucket_path(&a),
				 cases[i].bucket_path);
		cr_assert_eq(s3_address_path(&a, "n", &path), 0);
		cr_expect_str_eq(path, cases[i].object_path);
		free(path);
		s3_address_clear(&a);
	}
}

Test(s3_address, says_what_is_wrong)
{
	static const struct {
		const char *location, *endpoint, *region, *want;
	} cases[] = {
		{ "", NULL, "r", "s3://BUCKET" },
		{ "/data", NULL, "r", "s3://BUCKET" },
		{ "da ta", NULL, "r", "only letters" },
		{ "da%2f", NULL, "r", "only letters" },
		{ "..", NULL, "r", "only letters" },
		{ "evil.com:80", NULL, "r", "only letters" },
		{ "AKID:secret@data/x", NULL, "r", "AWS_ACCESS_KEY_ID" },
		{ "AKID:a/secret+@data", NULL, "r", "AWS_ACCESS_KEY_ID" },
		{ "data/../x", NULL, "r", "'..'" },
		{ "data//x", NULL, "r", "'..'" },
		{ "data/./", NULL, "r", "'..'" },
		{ "data", "127.0.0.1:8580", "r", "want http://HOST" },
		{ "data", "ftp://host", "r", "want http://HOST" },
		{ "data", "http://", "r", "want http://HOST" },
		{ "data", "http://:80", "r", "want http://HOST" },
		{ "data", "http:///path", "r", "want http://HOST" },
		{ "data", "http://host?sig=secret", "r", "want http://HOST" },
		{ "data", "http://ho st", "r", "want http://HOST" },
		{ "data", "http://host\r\nX: y", "r", "want http://HOST" },
		{ "data", "http://me:secret@host", "r", "no user" },
		{ "data", "ftp://me:secret@host", "r", "no user" },
		{ "data", NULL, "", "us-east-1" },
		{ "data", NULL, "us/east", "us-east-1" },
		{ "data", NULL, "x.evil.com#", "us-east-1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct s3_place place = { cases[i].location,
						{ cases[i].endpoint, "US" },
						cases[i].region,
						PATH };
		struct s3_address a;
		struct capture c;
		int rc;

		capture_start(&c);
		rc = s3_address_make(&place, &a);
		capture_stop(&c);
		cr_expect_eq(rc, -EINVAL, "%zu", i);
		cr_expect(strstr(c.text, cases[i].want), "%zu: %s", i, c.text);
		cr_expect_null(strstr(c.text, "secret"));
		if (cases[i].endpoint)
			cr_expect(strstr(c.text, "US: "), "%s", c.text);
		s3_address_clear(&a);
	}
}

Test(s3_address, keys_are_encoded_and_bounded)
{
	const struct s3_place place = {
		"b/pre", { "http://h", "us" }, "r", PATH
	};
	char longest[1024 - 4 + 2];
	struct s3_address a;
	char *path;

	cr_assert_eq(s3_address_make(&place, &a), 0);
	cr_assert_eq(s3_address_path(&a, "+%&?#~'()/\xc3\xbc =", &path), 0);
	cr_expect_str_eq(path, "/b/pre/%2B%25%26%3F%23~%27%28%29/%C3%BC%20%3D");
	free(path);

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	cr_expect_eq(s3_address_path(&a, longest, &path), -ENAMETOOLONG);
	cr_assert_eq(s3_address_path(&a, longest + 1, &path), 0);
	free(path);
	s3_address_clear(&a);
}
