/* A page of what a container holds: what is asked and what comes ("List Blobs",
 * Azure Storage REST API).
 *
 * A page is read as it comes and kept, packed, until it is complete: a transfer
 * may break off and begin again, and whoever is told of the blobs may take his
 * time.
 *
 *	azure_list_begin(l);            before the first byte of a page
 *	azure_list_feed(l, ...);
 *	rc = azure_list_end(l);         after the last
 *	while (azure_list_next(l, &entry))
 *		...
 *	azure_list_marker(l)            of the next page; "": there is none
 *
 * Directories of accounts with a hierarchical namespace are listed by Azure as
 * empty blobs that are marked so (ResourceType, or hdi_isfolder among the
 * metadata, which is why we ask for these); they are left out.
 *
 * Nothing is said.  One thread at a time. */
#ifndef BACKENDS_AZURE_LIST_H
#define BACKENDS_AZURE_LIST_H

#include "backends/backend.h"

struct azure_list;

struct azure_list_entry {
	const char *name; /* whole; until the next page begins */
	bool folder;	  /* all whose names begin so, up to a '/' */
	struct object_info info;
};

int azure_list_new(struct azure_list **out) MUST_USE;
void azure_list_free(struct azure_list *l); /* NULL is fine */

/* The query for a page, encoded, to be freed; NULL: no memory.  most: entries
 * in it; 0: as many as Azure gives, 5000. */
char *azure_list_query(const char *prefix, enum backend_depth depth,
		       const char *marker, unsigned most);

void azure_list_begin(struct azure_list *l);
int azure_list_feed(struct azure_list *l, const void *data,
		    size_t len) MUST_USE;

/* -EBADMSG: that was no page, or not all of one; -EMSGSIZE: it was larger than
 * a page can be; -ENOMEM. */
int azure_list_end(struct azure_list *l) MUST_USE;

bool azure_list_next(struct azure_list *l, struct azure_list_entry *out);
const char *azure_list_marker(const struct azure_list *l);

#endif
