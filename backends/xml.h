/* Reads the XML that object stores answer with, as it comes: an event at the
 * beginning and at the end of each element.  The only user of Expat.
 *
 * Bounded, because a server may be anybody: no document type (and with it no
 * entities), at most XML_DEPTH elements deep, XML_TEXT bytes of text in one
 * element, XML_PATH bytes of names, and what the caller allows in all.  One
 * thread at a time. */
#ifndef BACKENDS_XML_H
#define BACKENDS_XML_H

#include "base/util.h"

#define XML_DEPTH 16
#define XML_TEXT 8192
#define XML_PATH 512

struct xml;

struct xml_handler {
	/* path: names from the root, joined by '/', without namespaces:
	 * "ListBucketResult/Contents/Key".  text is UTF-8, ends with a NUL, and
	 * is empty for an element that has others in it.  A non-zero result
	 * ends it and comes out of xml_feed().  Each may be NULL. */
	int (*begin)(void *arg, const char *path);
	int (*end)(void *arg, const char *path, const char *text, size_t len);
	/* Of the element that has just begun. */
	int (*attribute)(void *arg, const char *path, const char *name,
			 const char *value);
};

int xml_new(const struct xml_handler *handler, void *arg, uint64_t max_bytes,
	    struct xml **out) MUST_USE;
void xml_free(struct xml *x); /* NULL is fine */

/* -EBADMSG: that is no such XML; -EMSGSIZE: too much of it.  The first error
 * is given again whatever follows. */
int xml_feed(struct xml *x, const void *data, size_t len) MUST_USE;

/* No more comes: -EBADMSG if it is not complete. */
int xml_end(struct xml *x) MUST_USE;

#endif
