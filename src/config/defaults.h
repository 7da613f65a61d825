/* The files that a document is composed of: one is loaded, and those that its
 * defaults list names, each to its place.
 *
 * For compose.c.  -EINVAL, logged, for what cannot be. */
#ifndef CONFIG_DEFAULTS_H
#define CONFIG_DEFAULTS_H

#include "config/compose.h"

#define DEFAULTS_NAME_SIZE 256

/* A file on its way into the document. */
struct defaults_file {
	const char *name;    /* "workload/default" */
	const char *package; /* where it goes: "workload", "" is the top */
	const char *parent;  /* who named it; "" for the top file */
	unsigned depth;
	bool placed; /* there, whatever it says itself */
};

int defaults_add_file(struct compose *c,
		      const struct defaults_file *f) MUST_USE;

/* One of a group, as `- group: name` in f's list would, unless the command line
 * chooses another. */
int defaults_add_choice(struct compose *c, const struct defaults_file *f,
			const char *group, const struct node *value) MUST_USE;

/* The file that a word of the command line chooses; NULL: it names none. */
const char *defaults_value_text(const struct assign *a);

#endif
