#include "backends/answer.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#define ANSWER_MAX ((size_t)1 << 20)

struct answer {
	json_t *root;
};

int answer_new(const char *text, size_t len, struct answer **out)
{
	AUTO_FREE struct answer *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	if (len > ANSWER_MAX)
		return -EBADMSG;
	a->root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(a->root)) {
		json_decref(a->root);
		return -EBADMSG;
	}
	*out = TAKE(a);
	return 0;
}

/* Any string may be a secret. */
static void clear(json_t *value)
{
	if (json_is_string(value))
		explicit_bzero((char *)json_string_value(value),
			       json_string_length(value));
	for (void *i = json_object_iter(value); i;
	     i = json_object_iter_next(value, i))
		clear(json_object_iter_value(i));
	for (size_t i = 0; i < json_array_size(value); i++)
		clear(json_array_get(value, i));
}

void answer_free(struct answer *a)
{
	if (!a)
		return;
	clear(a->root);
	json_decref(a->root);
	free(a);
}

const char *answer_text(const struct answer *a, const char *name)
{
	return json_string_value(json_object_get(a->root, name));
}

static int number_of(const char *digits, int64_t *out)
{
	long long value;
	char *end;

	errno = 0;
	value = strtoll(digits, &end, 10);
	if (errno || end == digits || *end || strspn(digits, " \t\n+"))
		return -EINVAL;
	*out = value;
	return 0;
}

int answer_number(const struct answer *a, const char *name, int64_t *out)
{
	const json_t *value = json_object_get(a->root, name);

	if (!value)
		return -ENOENT;
	if (json_is_string(value))
		return number_of(json_string_value(value), out);
	if (!json_is_integer(value))
		return -EINVAL;
	*out = json_integer_value(value);
	return 0;
}
