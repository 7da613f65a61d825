/* Any text: refused with a reason, or what comes of it can go into headers and
 * URLs. */
#include "backends/azure_connection.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_plain(const char *text)
{
	for (; text && *text; text++)
		if (*text <= ' ' || *text > '~')
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = strndup((const char *)data, size);
	struct azure_connection c;
	const char *why;

	if (azure_connection_parse(text, &c, &why)) {
		if (!why)
			__builtin_trap();
		return 0;
	}
	if (!c.key && !c.sas)
		__builtin_trap();
	expect_plain(c.account);
	expect_plain(c.key);
	expect_plain(c.sas);
	expect_plain(c.endpoint);
	azure_connection_clear(&c);
	return 0;
}
