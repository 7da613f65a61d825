/* A word of the command line that changes the configuration, taken apart by
 * Hydra's grammar (hydra.cc, "Override grammar"):
 *
 *	a.b=v	change what is there	+a.b=v	add what is not
 *	++a.b=v	either			~a.b	take out; ~a.b=v: only if it is v
 *
 * and, where the key is a group of files, group=FILE, group@package=FILE.
 * What the key names, and whether it may be changed, is for the caller. */
#ifndef CONFIG_ASSIGN_H
#define CONFIG_ASSIGN_H

#include "config/node.h"

enum assign_what { ASSIGN_CHANGE, ASSIGN_ADD, ASSIGN_FORCE, ASSIGN_DELETE };

struct assign {
	enum assign_what what;
	const char *text;   /* the word; it must outlive this and the value */
	const char *source; /* for messages: the word, or what hides a secret */
	char *key;	    /* "train.epochs", "workload", "hydra/help" */
	char *package;	    /* behind '@', or NULL */
	size_t key_at, key_end; /* in text */
	struct node *value;	/* NULL: none was given */
	bool used;		/* its caller's: it has had an effect */
};

/* -EINVAL: logged, with the word and a mark under the place.  Then there is
 * nothing to free. */
int assign_parse(const char *text, struct assign *out) MUST_USE;

/* Fine with a zeroed one. */
void assign_free(struct assign *a);

/* Log what is wrong, the word, and a mark under a place in it.  -EINVAL. */
int assign_broken(const struct assign *a, size_t at, const char *what);

/* Is its key a group's for sure: with a '/' or a package? */
bool assign_is_group(const struct assign *a);

#endif
