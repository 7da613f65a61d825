/* Reading one object of S3: ranges of it, by any number of threads, as long as
 * it is what it was.
 *
 * The first answer's ETag is the object's (that of a HEAD, or if the size was
 * known already, that of the first read); every request from then on is
 * conditional on it (If-Match), and every answer must have it, so that bytes of
 * two versions never meet.  Checksums are not asked for: S3 has them of whole
 * objects, and what is read are ranges, as TCP and TLS deliver them. */
#ifndef BACKENDS_S3_OBJECT_H
#define BACKENDS_S3_OBJECT_H

#include "backends/backend.h"

struct s3_client;
struct s3_object;

/* size: what the caller knows it to be, or NULL: the server is asked. */
int s3_object_open(struct s3_client *c, const char *name, const uint64_t *size,
		   struct s3_object **out) MUST_USE;
uint64_t s3_object_size(const struct s3_object *o);
ssize_t s3_object_read(struct s3_object *o, struct object_read *rd) MUST_USE;
void s3_object_close(struct s3_object *o); /* NULL is fine */

#endif
