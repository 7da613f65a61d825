/* The table of settings (keys_table.c): one row each, and everything that is
 * known about a setting is in its row.  Reading, overriding, printing, help and
 * the README's reference go through these rows.
 *
 * To add a setting: a field in struct config, and a row here under the same
 * name.  The table is const; any thread. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config/config.h"

enum key_type {
	KEY_STRING, /* char *; NULL: not set */
	KEY_CHOICE, /* char *, one of names */
	KEY_ENUM,   /* an enum, whose values are the indexes of names */
	KEY_BOOL,
	KEY_INT,     /* int64_t */
	KEY_UINT,    /* uint64_t */
	KEY_SIZE,    /* uint64_t: bytes, or with a unit: 256MiB */
	KEY_DOUBLE,  /* 0 or more, finite */
	KEY_INTS,    /* struct config_ints */
	KEY_STRINGS, /* struct config_strings */
	KEY_COLUMNS, /* struct config_columns */
	KEY_TIME,    /* struct config_time: a number or a map */
	KEY_STDEV,   /* adds a deviation to the time `of` */
	KEY_PRESENT, /* bool: this map is there at all */
	KEY_ALIAS,   /* another name for `of` */
	KEY_IGNORED, /* somebody's key that means nothing to us */
};

struct key {
	const char *path; /* "dataset.hdf5.chunk_dims" */
	enum key_type type;
	size_t offset;	      /* in struct config */
	const char *standard; /* default, as YAML; NULL: not set, or empty */
	const char *help;     /* a sentence without its dot */
	const char *unit;     /* or NULL */
	const char *const *names;
	const char *of;
	uint64_t least; /* KEY_UINT, KEY_SIZE */
	uint64_t most;	/* those and KEY_DOUBLE; 0: no limit */

	const char *idle; /* why giving it changes nothing; NULL: it does */
	bool secret;
};

extern const struct key keys_table[];
extern const size_t keys_table_count;

/* The row of a path, or NULL. */
const struct key *keys_find(const char *path);

/* Is there a row below this path: "dataset", "dataset.hdf5"? */
bool keys_is_section(const char *path);

/* May an override name this path?  A row, a section, a part of a time. */
bool keys_is_known(const char *path);

/* The row of a secret at this path, below it or above it, or NULL.  What nobody
 * knows, and is called almost like a secret, is that one misspelt. */
const struct key *keys_secret_in(const char *path);

/* Is the value at this very path a secret, misspelt or not? */
bool keys_is_secret(const char *path);

/* "batch_size" of "reader.batch_size". */
const char *keys_leaf(const char *path);

/* What a row's numbers may be: "1 or more", "1 to 4096". */
#define KEYS_RANGE_SIZE 48
const char *keys_range(const struct key *k, char out[KEYS_RANGE_SIZE]);
#define KEYS_RANGE(k) keys_range(k, (char[KEYS_RANGE_SIZE]){ 0 })

/* What to say after "unknown": "; did you mean batch_size?", or "".  Looks at
 * the first part of the path that is unknown. */
#define KEYS_HINT_SIZE 128
const char *keys_hint(const char *path, char out[KEYS_HINT_SIZE]);
#define KEYS_HINT(path) keys_hint(path, (char[KEYS_HINT_SIZE]){ 0 })

#endif
