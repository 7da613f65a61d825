/* Which objects of a dataset a store has, in their right sizes.
 *
 * Found by listing the dataset's folders, several at a time, and not by asking
 * for each file: a server lists a thousand names in the time that it takes to
 * ask for one.  A bit per object; 8 bytes where sizes cost, which are then
 * compared by whoever asks. */
#ifndef DATA_INVENTORY_H
#define DATA_INVENTORY_H

#include "data/crew.h"
#include "data/dataset.h"

struct backend;
struct inventory;

/* threads and stop as in a crew.  Says what fails. */
int inventory_new(const struct dataset *d, struct backend *b, unsigned threads,
		  const atomic_bool *stop, struct inventory **out) MUST_USE;
void inventory_free(struct inventory *i); /* NULL is fine */

/* Does the store have it, whole?  Takes what dataset_size() takes. */
bool inventory_has(const struct inventory *i, uint64_t object);

#endif
