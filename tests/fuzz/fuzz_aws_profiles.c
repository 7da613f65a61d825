/* Any bytes as a config and as a credentials file: refused with a line that is
 * there, or profiles that can be asked. */
#include "backends/aws_profiles.h"

#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t lines_of(const char *text, size_t len)
{
	size_t n = 1;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

/* What is found is a text, and not an empty one. */
static void ask(const struct aws_profiles *p)
{
	static const char *const profiles[] = { "default", "x", "" };

	for (size_t i = 0; i < 3; i++) {
		const char *a = aws_profiles_get(p, profiles[i], "a");
		const char *s =
			aws_profiles_get_service(p, profiles[i], "s3", "a");

		if ((a || s) && !aws_profiles_has(p, profiles[i]))
			abort();
		if ((a && !*a) || (s && !*s))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct aws_profiles *p;
	size_t line;

	for (int kind = AWS_PROFILES_CONFIG; kind <= AWS_PROFILES_CREDENTIALS;
	     kind++) {
		int rc;

		if (aws_profiles_new(&p))
			abort();
		rc = aws_profiles_parse(p, (enum aws_profiles_file)kind, text,
					size, &line);
		if (rc && rc != -EINVAL)
			abort();
		if (rc && (line < 1 || line > lines_of(text, size)))
			abort();
		ask(p);
		aws_profiles_free(p);
	}
	return 0;
}
