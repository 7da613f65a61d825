/* A crew's part in what all ranks do together: its share of the files, its
 * progress on rank 0's terminal, and an end when another rank fails. */
#ifndef APP_RANKCREW_H
#define APP_RANKCREW_H

#include "app/progress.h"
#include "app/ranks.h"
#include "data/crew.h"

struct rankcrew {
	struct crew_team base;
	struct progress bar;
	struct ranks *ranks;
};

/* Before the work, and after it.  Sets the crew's progress, stop and team, which
 * stays where it is.  ranks may be NULL: alone. */
void rankcrew_start(struct rankcrew *r, struct ranks *ranks, struct crew *crew,
		    const char *doing, bool quiet);
void rankcrew_end(struct rankcrew *r);

#endif
