/* HTTP/1.1 messages as they come over a connection: a head, then a body. */
#ifndef TESTS_LIB_FAULT_STREAM_H
#define TESTS_LIB_FAULT_STREAM_H

#include "lib/fault_server.h"
#include "lib/fault_wire.h"

struct fault_stream {
	struct fault_wire *wire;
	size_t at, end;
	char buf[16384];
};

/* The lines up to the empty one, which is taken away.  To be freed.  -ENODATA:
 * the connection has ended. */
int fault_stream_head(struct fault_stream *s, char **head) MUST_USE;

/* So many bytes; room for one more (a NUL) is in *body.  To be freed. */
int fault_stream_body(struct fault_stream *s, size_t len, char **body) MUST_USE;

/* All until the connection ends, or, chunked, until the last chunk. */
int fault_stream_rest(struct fault_stream *s, char **body,
		      size_t *len) MUST_USE;
int fault_stream_chunks(struct fault_stream *s, char **body,
			size_t *len) MUST_USE;

/* Cut a head into its first line and headers, in place. */
void fault_stream_split(char *head, char **line, struct fault_header *headers,
			size_t *n);

const char *fault_stream_find(const struct fault_header *headers, size_t n,
			      const char *name);

#endif
