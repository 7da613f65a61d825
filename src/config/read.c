#include "config/read.h"

#include "base/log.h"
#include "base/text.h"
#include "config/delay.h"
#include "config/scalar.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static void *field_of(const struct key *k, struct config *c)
{
	return (char *)c + k->offset;
}

/* No secret comes here: where one is due, any text will do. */
static int wrong(const struct key *k, const struct node *n,
		 const char *expected)
{
	return log_invalid("%s: %s: expected %s, found %s", NODE_WHERE(n->mark),
			   k->path, expected, NODE_SAY(n));
}

static int set_text(const char *text, char **field)
{
	char *copy = strdup(text);

	if (!copy)
		return log_fail(-ENOMEM, "configuration");
	free(*field);
	*field = copy;
	return 0;
}

static int set_string(const struct key *k, const struct node *n, void *field)
{
	if (n->kind >= NODE_LIST)
		return wrong(k, n, "a text");
	return set_text(n->text, field);
}

/* The index of a name among a row's, or -1.  A switch word that YAML took for
 * a boolean is the word again: `file_shuffle: off`, `compression: no`. */
static int find_name(const struct key *k, const struct node *n)
{
	static const char *const words[2][2] = { { "off", "none" },
						 { "on", "on" } };

	if (n->kind >= NODE_LIST)
		return -1;
	for (int i = 0; k->names[i]; i++) {
		const char *name = k->names[i];

		if (n->kind != NODE_BOOL) {
			if (!strcmp(name, n->text))
				return i;
		} else if (!strcmp(name, words[n->scalar.boolean][0]) ||
			   !strcmp(name, words[n->scalar.boolean][1])) {
			return i;
		}
	}
	return -1;
}

/* What DLIO calls the type of the names it checks; NULL: it does not check. */
static const char *dlio_type(const struct key *k)
{
	static const char *const types[][2] = {
		{ "framework", "FrameworkType" },
		{ "storage.storage_type", "StorageType" },
		{ "dataset.format", "FormatType" },
		{ "reader.data_loader", "DataLoaderType" },
		{ "reader.data_loader_sampler", "DataLoaderSampler" },
		{ "reader.sample_shuffle", "Shuffle" },
		{ "reader.file_access", "FileAccess" },
		{ "checkpoint.type", "CheckpointLocationType" },
		{ "checkpoint.mode", "CheckpointModeType" },
		{ "profiling.profiler", "Profiler" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(k->path, types[i][0]))
			return types[i][1];
	return NULL;
}

static int wrong_name(const struct key *k, const struct node *n)
{
	char expected[256] = "one of ";
	size_t len = strlen(expected);

	for (const char *const *name = k->names; *name; name++) {
		int more = snprintf(expected + len, sizeof(expected) - len,
				    "%s%s", *name,
				    !**name ? "" :
				    name[1] ? ", " :
					      "");

		if (more < 0 || (size_t)more >= sizeof(expected) - len)
			break;
		len += (size_t)more;
	}
	if (!dlio_type(k) || n->kind >= NODE_LIST)
		return wrong(k, n, expected);
	return log_invalid("%s: %s: '%s' is not a valid %s: expected %s",
			   NODE_WHERE(n->mark), k->path, n->text, dlio_type(k),
			   expected);
}

static int set_choice(const struct key *k, const struct node *n, void *field)
{
	int i = find_name(k, n);

	return i < 0 ? wrong_name(k, n) : set_text(k->names[i], field);
}

static int set_enum(const struct key *k, const struct node *n, void *field)
{
	int i = find_name(k, n);

	if (i < 0)
		return wrong_name(k, n);
	*(int *)field = i;
	return 0;
}

static int set_bool(const struct key *k, const struct node *n, void *field)
{
	bool *b = field;

	if (n->kind == NODE_BOOL)
		*b = n->scalar.boolean;
	else if (n->kind == NODE_INT || n->kind == NODE_FLOAT ||
		 n->kind == NODE_STRING) {
		/* `train=off` on the command line is a text in Hydra. */
		if (!scalar_switch(n->text, b))
			return wrong(k, n, "true or false");
	} else
		return wrong(k, n, "true or false");
	return 0;
}

/* A whole number, however it was written: 1e3 is one. */
static bool is_whole(const struct node *n, int64_t *out)
{
	double d = n->scalar.number;

	if (n->kind == NODE_INT) {
		*out = n->scalar.integer;
		return true;
	}
	if (n->kind != NODE_FLOAT || !(fabs(d) < 0x1p63) || d != trunc(d))
		return false;
	*out = (int64_t)d;
	return true;
}

static int set_int(const struct key *k, const struct node *n, void *field)
{
	if (!is_whole(n, field))
		return wrong(k, n, "a whole number");
	return 0;
}

static bool is_in_range(const struct key *k, uint64_t n)
{
	return n >= k->least && (!k->most || n <= k->most);
}

static int set_uint(const struct key *k, const struct node *n, void *field)
{
	char expected[80];
	int64_t i;

	if (is_whole(n, &i) && i >= 0 && is_in_range(k, (uint64_t)i)) {
		*(uint64_t *)field = (uint64_t)i;
		return 0;
	}
	snprintf(expected, sizeof(expected), "a whole number, %s",
		 KEYS_RANGE(k));
	return wrong(k, n, expected);
}

/* No more than int64_t holds: printed, it must read back as a number. */
static bool is_size(const struct node *n, uint64_t *out)
{
	int64_t i;

	if (n->kind == NODE_STRING)
		return !text_parse_size(n->text, out) && *out <= INT64_MAX;
	if (!is_whole(n, &i) || i < 0)
		return false;
	*out = (uint64_t)i;
	return true;
}

static int set_size(const struct key *k, const struct node *n, void *field)
{
	char expected[96];
	uint64_t bytes;

	if (is_size(n, &bytes) && is_in_range(k, bytes)) {
		*(uint64_t *)field = bytes;
		return 0;
	}
	snprintf(expected, sizeof(expected),
		 "a size, %s, as 8388608, 8MiB or 8MB", KEYS_RANGE(k));
	return wrong(k, n, expected);
}

static int set_double(const struct key *k, const struct node *n, void *field)
{
	char expected[64];
	double d = NAN;

	if (n->kind == NODE_INT)
		d = (double)n->scalar.integer;
	else if (n->kind == NODE_FLOAT)
		d = n->scalar.number;
	if (!isfinite(d) || d < 0 || (k->most && d > (double)k->most)) {
		snprintf(expected, sizeof(expected), "a number, %s",
			 KEYS_RANGE(k));
		return wrong(k, n, expected);
	}
	*(double *)field = d;
	return 0;
}

static int set_ints(const struct key *k, const struct node *n, void *field)
{
	struct config_ints ints = { 0 };

	if (n->kind != NODE_LIST)
		return wrong(k, n, "a list of whole numbers");
	if (n->n > CONFIG_MAX_DIMS)
		return log_invalid("%s: %s: %zu numbers, at most %d can be",
				   NODE_WHERE(n->mark), k->path, n->n,
				   CONFIG_MAX_DIMS);
	for (; ints.n < n->n; ints.n++)
		if (!is_whole(n->item[ints.n], &ints.item[ints.n]))
			return wrong(k, n->item[ints.n], "a whole number");
	*(struct config_ints *)field = ints;
	return 0;
}

static int add_string(struct config_strings *s, const char *text)
{
	char **item = reallocarray(s->item, s->n + 1, sizeof(*item));

	if (!item)
		return log_fail(-ENOMEM, "configuration");
	s->item = item;
	item[s->n] = NULL;
	return set_text(text, &item[s->n++]);
}

/* A single text is a list of one. */
static int set_strings(const struct key *k, const struct node *n, void *field)
{
	if (n->kind == NODE_MAP)
		return wrong(k, n, "a list of texts");
	if (n->kind != NODE_LIST)
		return add_string(field, n->text);
	for (size_t i = 0; i < n->n; i++) {
		int rc;

		if (n->item[i]->kind >= NODE_LIST)
			return wrong(k, n->item[i], "a text");
		rc = add_string(field, n->item[i]->text);
		if (rc)
			return rc;
	}
	return 0;
}

static int set_columns(const struct key *k, const struct node *n, void *field)
{
	return columns_read(k->path, n, field);
}

static int set_time(const struct key *k, const struct node *n, void *field)
{
	return delay_read(k->path, n, field);
}

/* Not what the row's offset says: the field is that of the time's row. */
static int set_stdev(const struct key *k, const struct node *n, void *field)
{
	double stdev = 0;
	int rc = set_double(k, n, &stdev);

	if (!rc)
		delay_add_stdev(field, stdev);
	return rc;
}

static int set_present(const struct key *k, const struct node *n, void *field)
{
	if (n->kind != NODE_MAP)
		return wrong(k, n, "a map");
	*(bool *)field = true;
	return 0;
}

static int (*const setters[])(const struct key *, const struct node *,
			      void *) = {
	[KEY_STRING] = set_string,   [KEY_CHOICE] = set_choice,
	[KEY_ENUM] = set_enum,	     [KEY_BOOL] = set_bool,
	[KEY_INT] = set_int,	     [KEY_UINT] = set_uint,
	[KEY_SIZE] = set_size,	     [KEY_DOUBLE] = set_double,
	[KEY_INTS] = set_ints,	     [KEY_STRINGS] = set_strings,
	[KEY_COLUMNS] = set_columns, [KEY_TIME] = set_time,
	[KEY_STDEV] = set_stdev,     [KEY_PRESENT] = set_present,
};

static int set_default(const struct key *k, struct config *c)
{
	struct node_mark mark = { .source = k->path };
	struct node *n = NULL;
	struct scalar s;
	int rc;

	scalar_from_yaml(k->standard, &s);
	rc = node_new_scalar(&s, k->standard, mark, &n);
	if (!rc)
		rc = setters[k->type](k, n, field_of(k, c));
	node_free(n);
	return rc;
}

/* Null is as good as not there. */
static int set_given(const struct node *root, const struct key *k,
		     struct config *c)
{
	const struct node *n = node_find(root, k->path);
	const struct key *target = k->of ? keys_find(k->of) : k;

	if (!n || n->kind == NODE_NULL)
		return 0;
	c->given[k - keys_table] = true;
	return setters[k->type](k, n, field_of(target, c));
}

int read_settings(const struct node *root, struct config *c)
{
	int result = 0;

	c->given = calloc(keys_table_count, sizeof(*c->given));
	if (!c->given)
		return log_fail(-ENOMEM, "configuration");
	for (size_t i = 0; i < keys_table_count; i++) {
		const struct key *k = &keys_table[i];
		int rc = 0;

		if (k->type > KEY_PRESENT)
			continue; /* holds no value */
		if (k->standard)
			rc = set_default(k, c);
		if (!rc)
			rc = set_given(root, k, c);
		if (rc)
			result = rc;
	}
	return result;
}

static void free_strings(struct config_strings *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->item[i]);
	free(s->item);
}

void read_free(struct config *c)
{
	for (size_t i = 0; i < keys_table_count; i++) {
		const struct key *k = &keys_table[i];

		if (k->type == KEY_STRING || k->type == KEY_CHOICE)
			free(*(char **)field_of(k, c));
		else if (k->type == KEY_STRINGS)
			free_strings(field_of(k, c));
		else if (k->type == KEY_COLUMNS)
			columns_free(field_of(k, c));
	}
	free(c->given);
}
