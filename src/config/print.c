#include "config/print.h"

#include "base/json.h"
#include "base/log.h"
#include "config/delay.h"
#include "config/keys.h"
#include "config/quote.h"
#include "config/scalar.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

static const void *field_of(const struct key *k, const struct config *c)
{
	return (const char *)c + k->offset;
}

/* Reads back as the same text without quotes? */
static bool is_plain(const char *text)
{
	struct scalar s;

	scalar_from_yaml(text, &s);
	if (s.kind != NODE_STRING || strchr("-+=%@", text[0]))
		return false;
	for (; *text; text++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789_./-+=%@:",
			    *text) ||
		    (*text == ':' && !text[1]))
			return false;
	return true;
}

static void print_text(const char *text, bool quote, FILE *out)
{
	if (quote && !is_plain(text))
		quote_print(text, out);
	else
		fputs(text, out);
}

static void print_double(double d, FILE *out)
{
	char text[JSON_DOUBLE_SIZE];

	/* 2^53: whole numbers below are exact. */
	if (d == trunc(d) && fabs(d) < 0x1p53) {
		fprintf(out, "%.0f", d);
		return;
	}
	json_double(d, text);
	fputs(text, out);
}

static void print_ints(const struct config_ints *ints, FILE *out)
{
	fputc('[', out);
	for (size_t i = 0; i < ints->n; i++)
		fprintf(out, "%s%" PRId64, i ? ", " : "", ints->item[i]);
	fputc(']', out);
}

static void print_strings(const struct config_strings *s, FILE *out)
{
	fputc('[', out);
	for (size_t i = 0; i < s->n; i++) {
		fputs(i ? ", " : "", out);
		print_text(s->item[i], true, out);
	}
	fputc(']', out);
}

/* Null would bring back a default. */
static void print_time(const struct key *k, const struct config_time *t,
		       FILE *out)
{
	char text[DELAY_SIZE];

	if (t->type == CONFIG_TIME_NONE && k->standard)
		fputs("{}", out);
	else
		fputs(delay_text(t, text), out);
}

/* quote: as YAML; else for people. */
static void print_value(const struct key *k, const struct config *c, bool quote,
			FILE *out)
{
	const void *field = field_of(k, c);
	const char *text;

	switch (k->type) {
	case KEY_STRING:
	case KEY_CHOICE:
		text = *(char *const *)field;
		if (!text)
			fputs("null", out);
		else
			print_text(k->secret ? "***" : text, quote, out);
		break;
	case KEY_ENUM:
		text = k->names[*(const int *)field];
		if (*text)
			print_text(text, quote, out);
		else
			fputs("null", out);
		break;
	case KEY_BOOL:
		fputs(*(const bool *)field ? "true" : "false", out);
		break;
	case KEY_INT:
		fprintf(out, "%" PRId64, *(const int64_t *)field);
		break;
	case KEY_UINT:
	case KEY_SIZE:
		fprintf(out, "%" PRIu64, *(const uint64_t *)field);
		break;
	case KEY_DOUBLE:
		print_double(*(const double *)field, out);
		break;
	case KEY_INTS:
		print_ints(field, out);
		break;
	case KEY_STRINGS:
		print_strings(field, out);
		break;
	case KEY_COLUMNS:
		columns_print(field, out);
		break;
	case KEY_TIME:
		print_time(k, field, out);
		break;
	default:
		break; /* holds no value of its own */
	}
}

static void indent(unsigned depth, FILE *out)
{
	fprintf(out, "%*s", (int)(2 * depth), "");
}

/* The sections of a path that the one before it was not in. */
static unsigned print_sections(const char *before, const char *path, FILE *out)
{
	unsigned depth = 0;
	bool same = true;

	for (;;) {
		size_t len = strcspn(path, ".");

		if (!path[len])
			return depth;
		same = same && !strncmp(before, path, len + 1);
		if (!same) {
			indent(depth, out);
			fprintf(out, "%.*s:\n", (int)len, path);
		}
		if (same)
			before += len + 1;
		path += len + 1;
		depth++;
	}
}

static bool is_inside(const struct key *k, const struct key *map)
{
	size_t len = strlen(map->path);

	return !strncmp(k->path, map->path, len) && k->path[len] == '.';
}

int print_settings(const struct config *c, FILE *out)
{
	const struct key *absent = NULL;
	const char *before = "";

	for (size_t i = 0; i < keys_table_count; i++) {
		const struct key *k = &keys_table[i];
		unsigned depth;

		if (k->type == KEY_PRESENT && !*(const bool *)field_of(k, c))
			absent = k;
		if (k->type >= KEY_STDEV || (absent && is_inside(k, absent)))
			continue;
		depth = print_sections(before, k->path, out);
		indent(depth, out);
		fprintf(out, "%s: ", keys_leaf(k->path));
		print_value(k, c, true, out);
		fputc('\n', out);
		before = k->path;
	}
	return ferror(out) ? -EIO : 0;
}

/* A setting's value for people, to be freed; NULL: no memory. */
static char *value_of(const struct key *k, const struct config *c)
{
	AUTO_FREE char *value = NULL;
	size_t len;
	FILE *text = open_memstream(&value, &len);

	if (!text)
		return NULL;
	print_value(k, c, false, text);
	return fclose(text) ? NULL : TAKE(value);
}

int print_one(const struct config *c, const char *path, FILE *out)
{
	static const char *const nothing[] = { "",     "0",  "false",
					       "null", "[]", "{}" };
	const struct key *k = keys_find(path);
	AUTO_FREE char *value = NULL;

	if (!k) {
		fputs("None\n", out);
		return 0;
	}
	value = value_of(k, c);
	if (!value)
		return log_fail(-ENOMEM, "configuration");
	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++)
		if (!strcmp(value, nothing[i]))
			value[0] = '\0';
	fprintf(out, "%s\n",
		!*value		    ? "None" :
		k->type == KEY_BOOL ? "True" :
				      value);
	return 0;
}

size_t print_unused(const struct config *c, FILE *out)
{
	size_t n = 0;

	for (size_t i = 0; i < keys_table_count; i++) {
		const struct key *k = &keys_table[i];

		if (!c->given[i] || !k->idle)
			continue;
		fprintf(out, "%s", k->path);
		if (k->type != KEY_PRESENT) {
			fputs(": ", out);
			print_value(k, c, false, out);
		}
		fprintf(out, ": %s\n", k->idle);
		n++;
	}
	return n;
}
