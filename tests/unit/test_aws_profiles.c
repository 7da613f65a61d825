#include "backends/aws_profiles.h"

#include "lib/capture.h"
#include "lib/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct aws_profiles *parsed(const char *config, const char *credentials)
{
	struct aws_profiles *p;
	size_t line;

	cr_assert_eq(aws_profiles_new(&p), 0);
	cr_assert_eq(aws_profiles_parse(p, AWS_PROFILES_CONFIG, config,
					strlen(config), &line),
		     0, "line %zu", line);
	cr_assert_eq(aws_profiles_parse(p, AWS_PROFILES_CREDENTIALS,
					credentials, strlen(credentials),
					&line),
		     0, "line %zu", line);
	return p;
}

static void expect(const struct aws_profiles *p, const char *profile,
		   const char *name, const char *want)
{
	const char *got = aws_profiles_get(p, profile, name);

	if (want)
		cr_expect(got && !strcmp(got, want), "%s of %s: '%s'", name,
			  profile, got ? got : "(none)");
	else
		cr_expect_null(got, "%s of %s", name, profile);
}

Test(aws_profiles, are_called_profile_in_config_and_by_name_in_credentials)
{
	struct aws_profiles *p = parsed("[default]\nregion = a\n"
					"[profile x]\nregion = b\n"
					"[y]\nregion = c\n"
					"[ profile \t 'two words' ] # note\n"
					"region = d\n",
					"[default]\nregion2 = e\n"
					"[x]\nregion2 = f\n"
					"[profile z]\nregion2 = g\n");

	expect(p, "default", "region", "a");
	expect(p, "x", "region", "b");
	expect(p, "y", "region", NULL);
	expect(p, "two words", "region", "d");
	expect(p, "default", "region2", "e");
	expect(p, "x", "region2", "f");
	expect(p, "z", "region2", NULL);
	cr_expect(aws_profiles_has(p, "x"));
	cr_expect(aws_profiles_has(p, "default"));
	cr_expect_not(aws_profiles_has(p, "y"));
	cr_expect_not(aws_profiles_has(p, "z"));
	aws_profiles_free(p);
}

Test(aws_profiles, the_last_counts_and_credentials_before_config)
{
	struct aws_profiles *p = parsed("[profile default]\nb = named\n"
					"[default]\na = 1\na = 2\nb = short\n"
					"[profile x]\nc = old\nd = config\n"
					"[profile x]\nc = new\n",
					"[x]\nd = credentials\n");

	expect(p, "default", "a", "2");
	expect(p, "default", "b", "named");
	expect(p, "x", "c", "new");
	expect(p, "x", "d", "credentials");
	aws_profiles_free(p);
}

Test(aws_profiles, lines_may_be_written_in_many_ways)
{
	struct aws_profiles *p =
		parsed("\xef\xbb\xbf# first\r\n"
		       "[default]\r\n"
		       "; second\r\n"
		       "  # third\n"
		       "plain=1\n"
		       "spaced \t=  2  \r\n"
		       "colon : 3\n"
		       "noted = 4 # four\n"
		       "NoTeD2 = 5\t; five\n"
		       "glued = 6#6;6\n"
		       "equals = a=b:c\n"
		       "empty =\n"
		       "only_note = # nothing\n"
		       "credential_process = sh -c 'a ; b' # c\n"
		       "last = 7",
		       "");

	expect(p, "default", "plain", "1");
	expect(p, "default", "spaced", "2");
	expect(p, "default", "colon", "3");
	expect(p, "default", "noted", "4");
	expect(p, "default", "noted2", "5");
	expect(p, "default", "glued", "6#6;6");
	expect(p, "default", "equals", "a=b:c");
	expect(p, "default", "empty", NULL);
	expect(p, "default", "only_note", NULL);
	expect(p, "default", "credential_process", "sh -c 'a ; b' # c");
	expect(p, "default", "last", "7");
	aws_profiles_free(p);
}

Test(aws_profiles, what_is_indented_belongs_to_the_property_above)
{
	struct aws_profiles *p = parsed("[default]\n"
					"s3 =\n"
					"    endpoint_url = http://nested\n"
					"\n"
					"    region = nested\n"
					"region = mine\n"
					"[profile deep]\n"
					"   a = 1\n"
					"   b = 2\n"
					"     and 3\n",
					"");

	expect(p, "default", "region", "mine");
	expect(p, "default", "endpoint_url", NULL);
	expect(p, "deep", "a", "1");
	expect(p, "deep", "b", "2\nand 3");
	aws_profiles_free(p);
}

Test(aws_profiles, services_have_sections_of_their_own)
{
	struct aws_profiles *p = parsed("[profile x]\n"
					"services = local\n"
					"[services local]\n"
					"sts =\n"
					"  endpoint_url = http://sts\n"
					"s3 =\n"
					"  endpoint_url = http://s3\n"
					"[services other]\n"
					"s3 =\n"
					"  endpoint_url = http://other\n",
					"");

	cr_expect_str_eq(aws_profiles_get_service(p, "x", "s3", "endpoint_url"),
			 "http://s3");
	cr_expect_str_eq(aws_profiles_get_service(p, "x", "sts",
						  "endpoint_url"),
			 "http://sts");
	cr_expect_null(
		aws_profiles_get_service(p, "default", "s3", "endpoint_url"));
	cr_expect_not(aws_profiles_has(p, "local"));
	aws_profiles_free(p);
}

Test(aws_profiles, a_line_that_says_nothing_is_an_error)
{
	static const struct {
		const char *text;
		size_t len, line;
	} cases[] = {
		{ "a = 1\n", 0, 1 },
		{ "\n# x\n[default\n", 0, 3 },
		{ "[default]\nnonsense\n", 0, 2 },
		{ "[default]\n= 1\n", 0, 2 },
		{ "[]\n", 0, 1 },
		{ "[  ]\n", 0, 1 },
		{ "[default]\ns3 =\n  nonsense\n", 0, 3 },
		{ "[default]\na = \0\n", 16, 2 },
	};
	struct aws_profiles *p;
	size_t line;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = cases[i].len ? cases[i].len :
					    strlen(cases[i].text);

		cr_assert_eq(aws_profiles_new(&p), 0);
		cr_expect_eq(aws_profiles_parse(p, AWS_PROFILES_CONFIG,
						cases[i].text, len, &line),
			     -EINVAL, "case %zu", i);
		cr_expect_eq(line, cases[i].line, "case %zu: %zu", i, line);
		aws_profiles_free(p);
	}
}

Test(aws_profiles, an_error_in_a_file_names_the_line_and_not_what_is_in_it)
{
	char *folder = scratch_new(), path[256];
	struct aws_profiles *p;
	struct capture c;
	const char *said;
	FILE *f;

	snprintf(path, sizeof(path), "%s/config", folder);
	f = fopen(path, "we");
	cr_assert(f && fputs("[default]\nSECRETSECRET\n", f) >= 0);
	fclose(f);
	cr_assert_eq(aws_profiles_new(&p), 0);
	capture_start(&c);
	cr_expect_eq(aws_profiles_read(p, AWS_PROFILES_CONFIG, path), -EINVAL);
	said = capture_stop(&c);
	cr_expect(strstr(said, "/config:2: "), "%s", said);
	cr_expect_null(strstr(said, "SECRET"), "%s", said);
	cr_expect_eq(aws_profiles_read(p, AWS_PROFILES_CONFIG,
				       "/nonexistent/config"),
		     0);
	aws_profiles_free(p);
	scratch_remove(folder);
}
