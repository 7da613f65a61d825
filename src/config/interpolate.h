/* ${…} in a configuration, as OmegaConf puts something in its place:
 *
 *	${a.b.0}		another value, by its path from the top
 *	${.b}, ${..b}		the same from the map it is in, or the one above
 *	${oc.env:VAR,default}	a variable of the environment
 *	${now:%Y-%m-%d}		the time, by strftime(3)
 *	${hydra:run.dir}	hydra.run.dir
 *
 * A text that is nothing else becomes that value, a number or a map, too; in
 * the middle of a text it is Python's text of the value.  They nest, and \${ is
 * no interpolation.
 *
 * Trees are only read; what is made is bounded, whatever refers to what. */
#ifndef CONFIG_INTERPOLATE_H
#define CONFIG_INTERPOLATE_H

#include "config/node.h"

#include <time.h>

struct interpolate_env {
	const char *(*variable)(const char *name); /* NULL: there is none */
	struct tm now;
};

/* A copy of the value at a path from the root, "" being the root, with nothing
 * left to put in.  -EINVAL: it was logged what refers to nothing, and where;
 * -ENOENT, without a word: there is nothing at the path. */
int interpolate_value(const struct interpolate_env *env,
		      const struct node *root, const char *path,
		      struct node **out) MUST_USE;

/* The program's own environment, and now as local time. */
struct interpolate_env interpolate_here(time_t now);

#endif
