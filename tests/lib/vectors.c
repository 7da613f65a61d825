#include "lib/vectors.h"

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

json_t *vectors_load(const char *path)
{
	json_error_t error;
	json_t *all = json_load_file(path, 0, &error);

	if (!all)
		errx(1, "%s: %s", path, error.text);
	return all;
}

const char *vectors_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

size_t vectors_headers(json_t *object, const char *out[VECTORS_HEADERS])
{
	const char *name;
	json_t *value;
	size_t n = 0;

	json_object_foreach(object, name, value)
	{
		char *line;

		if (n + 1 == VECTORS_HEADERS ||
		    asprintf(&line, "%s: %s", name, json_string_value(value)) <
			    0)
			errx(1, "too many headers");
		out[n++] = line;
	}
	out[n] = NULL;
	return n;
}

void vectors_free_headers(const char *const *headers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free((char *)(uintptr_t)headers[i]);
}
