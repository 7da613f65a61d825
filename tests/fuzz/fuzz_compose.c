/* Any words of dlio_benchmark's command line: composed and written as YAML that
 * reads back to the same, or refused; and whatever ${…} refers to, it ends.
 * Input: words, a line each. */
#include "config/compose.h"
#include "config/dump.h"
#include "config/hydra.h"
#include "config/interpolate.h"
#include "config/yaml.h"

#include "fuzz/quiet.h"

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

static char *dumped(const struct node *n)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	dump_tree(n, out);
	fclose(out);
	return text;
}

/* Compared as texts: nan is not equal to itself. */
static bool reads_back(const struct node *doc)
{
	AUTO_FREE char *text = dumped(doc), *again = NULL;
	struct node *n = NULL;

	if (yaml_parse("fuzz", text, strlen(text), &n))
		return strlen(text) > YAML_MAX_BYTES;
	again = dumped(n);
	node_free(n);
	return !strcmp(text, again);
}

static bool is_sound(const char *const *words, size_t n)
{
	const struct compose_options o = { .overrides = words, .n = n };
	const struct interpolate_env env = interpolate_here(0);
	struct node *doc, *resolved;
	struct compose *c = NULL;
	bool sound = true;

	if (compose_new(&o, &c))
		return true;
	if (!hydra_describe(c, NULL, "/here") &&
	    !hydra_document(c, HYDRA_ALL, &doc)) {
		sound = reads_back(doc);
		if (!interpolate_value(&env, doc, "", &resolved))
			node_free(resolved);
		node_free(doc);
	}
	compose_free(c);
	return sound;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = malloc(size + 1);
	const char *words[MOST];
	size_t n = 0;
	bool sound;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (char *at = text, *end; at && n < MOST; at = end) {
		end = strchr(at, '\n');
		if (end)
			*end++ = '\0';
		words[n++] = at;
	}
	quiet_start();
	sound = is_sound(words, n);
	quiet_end();
	if (!sound)
		abort();
	return 0;
}
