#include "config/config.h"

#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static uint64_t memory(const char *text, const char *override)
{
	struct config *c = NULL;
	uint64_t bytes;

	cr_assert_eq(config_parse("w.yaml", text, strlen(text), &override,
				  override != NULL, CONFIG_STRICT, &c),
		     0, "%s%s", text, override ? override : "");
	bytes = c->dliofs.mount.memory;
	config_free(c);
	return bytes;
}

Test(config_sizes, takes_sizes_as_numbers_and_with_units)
{
	static const struct {
		const char *text;
		uint64_t want;
	} cases[] = {
		{ "0", 0 },
		{ "268435456", 268435456 },
		{ "1e6", 1000000 },
		{ "256MiB", 268435456 },
		{ "'256 MiB'", 268435456 },
		{ "64KiB", 65536 },
		{ "64kib", 65536 },
		{ "64K", 65536 },
		{ "1GiB", 1073741824 },
		{ "1.5GiB", 1610612736 },
		{ "8MB", 8000000 },
		{ "500B", 500 },
		{ "9223372036854775807B", INT64_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *value = cases[i].text;
		char text[64], override[64];

		snprintf(text, sizeof(text), "dliofs: {mount: {memory: %s}}",
			 value);
		snprintf(override, sizeof(override), "++dliofs.mount.memory=%s",
			 value);
		cr_expect_eq(memory(text, NULL), cases[i].want, "%s", value);
		cr_expect_eq(memory("", override), cases[i].want, "%s",
			     override);
	}
}

Test(config_sizes, refuses_what_is_no_size_and_says_how_to_write_one)
{
	static const struct {
		const char *key, *value, *found;
		const char *range;
	} cases[] = {
		{ "mount: {memory", "many", "the text 'many'", "0 or more" },
		{ "mount: {memory", "256MiBs", "the text '256MiBs'",
		  "0 or more" },
		{ "mount: {memory", "MiB", "the text 'MiB'", "0 or more" },
		{ "mount: {memory", "''", "the text ''", "0 or more" },
		{ "mount: {memory", "-1MiB", "the text '-1MiB'", "0 or more" },
		{ "mount: {memory", "1MiB 5", "the text '1MiB 5'",
		  "0 or more" },
		{ "mount: {memory", "8EiB", "the text '8EiB'", "0 or more" },
		{ "mount: {memory", "8192PiB", "the text '8192PiB'",
		  "0 or more" },
		{ "mount: {memory", "99999PiB", "the text '99999PiB'",
		  "0 or more" },
		{ "mount: {memory", "-1", "-1", "0 or more" },
		{ "mount: {memory", "1.5", "1.5", "0 or more" },
		{ "mount: {memory", "1e30", "1e30", "0 or more" },
		{ "mount: {memory", "true", "true", "0 or more" },
		{ "mount: {memory", "[1]", "a list", "0 or more" },
		{ "backend: {part_size", "0", "0", "5242880 to 1073741824" },
		{ "backend: {part_size", "0MiB", "the text '0MiB'",
		  "5242880 to 1073741824" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = strcspn(cases[i].key, ":");
		struct config *c = NULL;
		struct capture said;
		char text[128], want[256];

		snprintf(text, sizeof(text), "dliofs:\n  %s: %s}\n",
			 cases[i].key, cases[i].value);
		snprintf(want, sizeof(want),
			 "dliofs: error: w.yaml:2:%zu: dliofs.%.*s.%s: "
			 "expected a size, %s, as 8388608, 8MiB or "
			 "8MB, found %s\n",
			 len + 6, (int)len, cases[i].key,
			 cases[i].key + len + 3, cases[i].range,
			 cases[i].found);
		capture_start(&said);
		cr_expect_eq(config_parse("w.yaml", text, strlen(text), NULL, 0,
					  0, &c),
			     -EINVAL, "%s", text);
		cr_expect_str_eq(capture_stop(&said), want);
	}
}
