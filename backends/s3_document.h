/* An XML document as the answer to a call: read as it comes, from the beginning
 * for each attempt, and doubted, because S3 sends some errors with status 200
 * ("CompleteMultipartUpload", Amazon S3 API Reference), after white space that
 * kept the connection busy.
 *
 *	call.begin = s3_document_begin;
 *	call.sink = s3_document_sink;
 *	call.sink_arg = &document;
 *
 * One document belongs to one call. */
#ifndef BACKENDS_S3_DOCUMENT_H
#define BACKENDS_S3_DOCUMENT_H

#include "backends/rest.h"

struct xml;

struct s3_document {
	/* The root element that the answer has, how large it may be, and who
	 * wants to know: before each attempt, and at the end of each element,
	 * whose path begins below the root ("Contents/Key").  A result that is
	 * not 0 condemns the document. */
	const char *root;
	uint64_t max_bytes;
	void (*reset)(void *arg); /* or NULL */
	int (*element)(void *arg, const char *path, const char *text,
		       size_t len);
	void *arg;

	/* Its own. */
	struct xml *xml;
	int rc;
	bool begun, is_error;
	char code[REST_CODE];
};

void s3_document_begin(void *document);
int s3_document_sink(void *document, const void *data, size_t len);

/* When all has come.  0: it is whole and the right one; -EREMOTEIO: an error,
 * whose code it holds; -EBADMSG, -EMSGSIZE: neither, or too large; or what
 * element said. */
int s3_document_end(struct s3_document *d) MUST_USE;
void s3_document_free(struct s3_document *d); /* zero is fine */

#endif
