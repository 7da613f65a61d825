#include "config/keys.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

/* What a map of a time may hold; ends with NULL. */
static const char *const time_keys[] = { "type",  "mean", "stdev",
					 "min",	  "max",  "shape",
					 "scale", "lam",  NULL };

const struct key *keys_find(const char *path)
{
	for (size_t i = 0; i < keys_table_count; i++)
		if (!strcmp(keys_table[i].path, path))
			return &keys_table[i];
	return NULL;
}

static bool is_below(const struct key *k, const char *path, size_t len)
{
	return !strncmp(k->path, path, len) && k->path[len] == '.';
}

/* A part of what has no parts. */
static bool is_above(const struct key *k, const char *path)
{
	size_t len = strlen(k->path);

	return !strncmp(k->path, path, len) && path[len] == '.';
}

bool keys_is_section(const char *path)
{
	for (size_t i = 0; i < keys_table_count; i++)
		if (is_below(&keys_table[i], path, strlen(path)))
			return true;
	return false;
}

const char *keys_leaf(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

const char *keys_range(const struct key *k, char out[KEYS_RANGE_SIZE])
{
	int len = snprintf(out, KEYS_RANGE_SIZE, "%" PRIu64, k->least);

	if (k->most)
		snprintf(out + len, KEYS_RANGE_SIZE - (size_t)len,
			 " to %" PRIu64, k->most);
	else
		snprintf(out + len, KEYS_RANGE_SIZE - (size_t)len, " or more");
	return out;
}

static bool is_part_of_time(const char *path)
{
	const char *leaf = keys_leaf(path);

	for (size_t i = 0; i < keys_table_count; i++) {
		const struct key *k = &keys_table[i];
		size_t len = strlen(k->path);

		if (k->type != KEY_TIME || strncmp(k->path, path, len) ||
		    path + len + 1 != leaf)
			continue;
		for (const char *const *part = time_keys; *part; part++)
			if (!strcmp(*part, leaf))
				return true;
	}
	return false;
}

bool keys_is_known(const char *path)
{
	return keys_find(path) || keys_is_section(path) ||
	       is_part_of_time(path);
}

#define MOST_SECRETS 16

/* The secret that an unknown path was probably meant to name, or NULL. */
static const struct key *meant_secret(const char *path)
{
	const struct key *secret[MOST_SECRETS];
	const char *leaf[MOST_SECRETS], *found;
	size_t n = 0;

	if (keys_is_known(path))
		return NULL;
	for (size_t i = 0; i < keys_table_count && n < MOST_SECRETS; i++)
		if (keys_table[i].secret) {
			secret[n] = &keys_table[i];
			leaf[n++] = keys_leaf(keys_table[i].path);
		}
	found = text_suggest(keys_leaf(path), leaf, n);
	for (size_t i = 0; i < n; i++)
		if (leaf[i] == found)
			return secret[i];
	return NULL;
}

const struct key *keys_secret_in(const char *path)
{
	for (size_t i = 0; i < keys_table_count; i++) {
		const struct key *k = &keys_table[i];

		if (k->secret &&
		    (!strcmp(k->path, path) ||
		     is_below(k, path, strlen(path)) || is_above(k, path)))
			return k;
	}
	return meant_secret(path);
}

bool keys_is_secret(const char *path)
{
	const struct key *k = keys_find(path);

	return k ? k->secret : meant_secret(path) != NULL;
}

#define MOST_NAMES 64
#define NAME_SIZE 48

/* The names right below a section, "" for the sections themselves. */
static size_t names_below(const char *section, char out[][NAME_SIZE])
{
	size_t len = strlen(section), n = 0;

	for (size_t i = 0; i < keys_table_count && n < MOST_NAMES; i++) {
		const struct key *k = &keys_table[i];
		const char *name = k->path + (len ? len + 1 : 0);

		if (k->type >= KEY_ALIAS || (len && !is_below(k, section, len)))
			continue;
		snprintf(out[n], NAME_SIZE, "%.*s", (int)strcspn(name, "."),
			 name);
		if (!n || strcmp(out[n], out[n - 1]) != 0)
			n++;
	}
	return n;
}

/* The parts of a time have no rows of their own. */
static const char *suggest(const char *section, const char *word,
			   char names[][NAME_SIZE])
{
	const char *candidates[MOST_NAMES];
	const struct key *k = keys_find(section);
	size_t n;

	if (k && k->type == KEY_TIME)
		return text_suggest(word, time_keys, ARRAY_SIZE(time_keys) - 1);
	n = names_below(section, names);
	for (size_t i = 0; i < n; i++)
		candidates[i] = names[i];
	return text_suggest(word, candidates, n);
}

/* The right name in the wrong section. */
static const char *elsewhere(const char *word)
{
	for (size_t i = 0; i < keys_table_count; i++)
		if (keys_table[i].type < KEY_ALIAS &&
		    !strcmp(keys_leaf(keys_table[i].path), word))
			return keys_table[i].path;
	return NULL;
}

const char *keys_hint(const char *path, char out[KEYS_HINT_SIZE])
{
	char names[MOST_NAMES][NAME_SIZE], section[NAME_SIZE * 2] = "";
	char word[NAME_SIZE];
	const char *found, *rest = path;

	for (;;) {
		size_t len = strcspn(rest, "."), whole;
		const struct key *k;

		whole = (size_t)(rest - path) + len;
		snprintf(word, sizeof(word), "%.*s", (int)len, rest);
		if (!rest[len] || whole >= sizeof(section))
			break;
		snprintf(section, sizeof(section), "%.*s", (int)whole, path);
		k = keys_find(section);
		if (!keys_is_section(section) && !(k && k->type == KEY_TIME)) {
			/* This part is the first that is unknown. */
			section[rest > path ? rest - path - 1 : 0] = '\0';
			break;
		}
		rest += len + 1;
	}
	found = suggest(section, word, names);
	if (!found)
		found = elsewhere(word);
	out[0] = '\0';
	if (found)
		snprintf(out, KEYS_HINT_SIZE, "; did you mean %s?", found);
	return out;
}
