/* A value as it is written in an override, by Hydra 1.3's grammar
 * (hydra.cc, "Override grammar"): null, true, 5, 1e3, 'quoted', bare words,
 * [lists], {maps: of}, backslashes before what would end a word, casts (cast.h),
 * and ${…}, which stays as it is (interpolate.h).
 *
 * What Hydra makes several runs of (a,b and functions) is refused. */
#ifndef CONFIG_LITERAL_H
#define CONFIG_LITERAL_H

#include "config/node.h"

/* What is wrong and where in the text. */
struct literal_error {
	const char *what;
	size_t at;
	bool several; /* it is a,b: Hydra would make a run of each */
};

/* The nodes get this mark.  -EINVAL fills error and logs nothing. */
int literal_parse(const char *text, struct node_mark mark, struct node **out,
		  struct literal_error *error) MUST_USE;

#endif
