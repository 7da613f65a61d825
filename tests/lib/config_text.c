#include "lib/config_text.h"

#include <string.h>

char *config_text(const struct config *c)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out || config_print(c, out) || fclose(out))
		abort();
	return text;
}

static char *difference(const char *a, const char *b)
{
	char *text = NULL;

	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (*a || *b)
		return asprintf(&text, "'%.40s' became '%.40s'", a, b) < 0 ?
			       NULL :
			       text;
	return strdup("");
}

char *config_text_reload(const char *printed)
{
	struct config *c = NULL;
	char *again, *text;

	if (config_parse("printed", printed, strlen(printed), NULL, 0,
			 CONFIG_STRICT, &c))
		return strdup("does not load");
	again = config_text(c);
	config_free(c);
	text = difference(printed, again);
	free(again);
	return text;
}
