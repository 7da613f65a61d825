/* Any YAML and any overrides: loads or is refused, and what loads prints as
 * something that loads to the same.  Input: overrides, a line each, up to an
 * empty line, then the file. */
#include "config/config.h"

#include "fuzz/quiet.h"
#include "lib/config_text.h"

#include <string.h>

#define MOST 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	quiet_prepare();
	return 0;
}

static bool is_sound(const char *text, size_t len, const char *const *overrides,
		     size_t n)
{
	AUTO_FREE char *printed = NULL, *wrong = NULL;
	struct config *c = NULL;

	if (config_parse("fuzz", text, len, overrides, n, 0, &c))
		return true;
	printed = config_text(c);
	wrong = config_text_reload(printed);
	config_free(c);
	return !*wrong;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = malloc(size + 1);
	const char *overrides[MOST];
	size_t n = 0, at = 0;
	bool sound;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	while (n < MOST && at < size) {
		size_t len = strcspn(text + at, "\n");

		if (!len || at + len >= size)
			break;
		text[at + len] = '\0';
		overrides[n++] = text + at;
		at += len + 1;
	}
	quiet_start();
	sound = is_sound(text + at, size - at, overrides, n);
	quiet_end();
	if (!sound)
		abort();
	return 0;
}
