/* Any bytes: every line that is taken has a name, and can be looked up. */
#include "backends/dotenv.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(char *const *list, const char *entry)
{
	char name[4096];
	size_t len = strcspn(entry, "=");

	if (len == 0 || !entry[len])
		__builtin_trap();
	if (len >= sizeof(name))
		return;
	memcpy(name, entry, len);
	name[len] = '\0';
	if (entry[len + 1] && !strcmp(entry, list[0]) &&
	    dotenv_get(list, name) != list[0] + len + 1)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t bad;
	char **list;

	if (dotenv_parse((const char *)data, size, &list, &bad))
		__builtin_trap();
	for (char **e = list; *e; e++)
		check(list, *e);
	dotenv_free(list);
	return 0;
}
