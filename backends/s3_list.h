/* Listings of a bucket ("ListObjectsV2", Amazon S3 API Reference): page by page,
 * each read as it comes and told when it is whole, so that a page that had to
 * be asked for twice is told once, and whoever is told may use the store.
 *
 * Keys that could not be asked for by name (backend.h) are left out: objects
 * that stand for folders (empty, and their key ends with '/') silently, others
 * with one warning per listing.  Any thread. */
#ifndef BACKENDS_S3_LIST_H
#define BACKENDS_S3_LIST_H

#include "backends/backend.h"

struct s3_client;

/* What is asked for: keys on a page; 0: as many as the server likes. */
struct s3_listing {
	const char *prefix; /* of names */
	enum backend_depth depth;
	unsigned page;
	backend_list_fn fn;
	void *arg;
};

int s3_list(struct s3_client *c, const struct s3_listing *l) MUST_USE;

/* ---- A page, for s3_list() and its tests -------------------------------- */

struct s3_page;

int s3_list_page_new(struct s3_page **out) MUST_USE;
void s3_list_page_free(struct s3_page *p); /* NULL is fine */

/* The document to be filled; it is p's.  Then it is finished: -EBADMSG: there is
 * more, and nothing that says where. */
struct s3_document *s3_list_page_document(struct s3_page *p);
int s3_list_page_finish(struct s3_page *p) MUST_USE;

/* Its entries, i counting from 0.  False: there are no more.  key
 * ends with a NUL, and may have others in it; folder: a common prefix. */
struct s3_list_entry {
	const char *key;
	size_t len;
	bool folder;
	struct object_info info;
};
bool s3_list_page_entry(const struct s3_page *p, size_t i,
			struct s3_list_entry *out);

/* In place, as forms encode; the length. */
size_t s3_list_decode(char *text);

/* What the next page begins with, or NULL: there is none. */
const char *s3_list_page_next(const struct s3_page *p);

#endif
