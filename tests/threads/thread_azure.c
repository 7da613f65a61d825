/* Threads read blobs whose sizes they know, and whose ETags nobody does yet,
 * from a server that replaces the blob all the time and does not look at
 * conditions: whatever one object delivers is of one version. */
#include "backends/azure.h"
#include "backends/remote.h"
#include "lib/fault_server.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

enum { READERS = 6, ROUNDS = 40, READS = 5, SIZE = 1000, EACH = 100 };

/* Every answer is of the next version: 100 bytes of its number. */
static void answer(void *arg, const struct fault_request *q,
		   struct fault_answer *a)
{
	_Atomic unsigned *version = arg;
	char bytes[SIZE], *body, *headers;
	unsigned now, first = 0, last = 0;
	const char *range = fault_request_header(q, "x-ms-range");

	if (!range) {
		fault_answer_print(a, "<EnumerationResults/>");
		return;
	}
	now = atomic_fetch_add(version, 1);
	sscanf(range, "bytes=%u-%u", &first, &last);
	memset(bytes, (int)(now % 251), sizeof(bytes));
	body = malloc(SIZE + 256);
	memcpy(body, bytes, last + 1 - first);
	headers = body + SIZE;
	snprintf(headers, 256,
		 "ETag: \"%u\"\r\nContent-Range: bytes %u-%u/%u\r\n", now % 251,
		 first, last, SIZE);
	a->status = 206;
	a->headers = headers;
	a->body = a->owned = body;
	a->len = last + 1 - first;
}

struct reader {
	pthread_t thread;
	struct object *object;
	unsigned number;
	int version; /* of what was read; -1: nothing was */
	unsigned wrong;
};

static void *read_some(void *arg)
{
	struct reader *r = arg;
	unsigned char buf[EACH];

	for (unsigned i = 0; i < READS; i++) {
		ssize_t got = object_pread(r->object, buf, sizeof(buf),
					   (r->number + i) % 10 * EACH);

		if (got == -ESTALE)
			continue;
		if (got != EACH || memcmp(buf, buf + 1, EACH - 1) != 0 ||
		    (r->version >= 0 && r->version != buf[0]))
			r->wrong++;
		r->version = buf[0];
	}
	return NULL;
}

/* How many were wrong, of one object that all read. */
static unsigned play(struct backend *b)
{
	const uint64_t size = SIZE;
	struct reader reader[READERS];
	unsigned wrong = 0;
	struct object *o;
	int version = -1;

	if (object_open_sized(b, "name", &size, &o))
		return 1;
	for (unsigned i = 0; i < READERS; i++) {
		reader[i] = (struct reader){ .object = o,
					     .number = i,
					     .version = -1 };
		pthread_create(&reader[i].thread, NULL, read_some, &reader[i]);
	}
	for (unsigned i = 0; i < READERS; i++) {
		pthread_join(reader[i].thread, NULL);
		wrong += reader[i].wrong;
		if (reader[i].version >= 0 && version >= 0)
			wrong += reader[i].version != version;
		version = MAX(version, reader[i].version);
	}
	object_close(o);
	return wrong + (version < 0); /* somebody came first */
}

int main(void)
{
	static char *const nothing[] = { NULL };
	_Atomic unsigned version = 0;
	const struct fault_server_options so = { .handler = answer,
						 .arg = &version,
						 .forget = true };
	struct remote_options remote = { .account_key = "c2VjcmV0",
					 .environment = nothing };
	const struct backend_options bo = { .mem_fd = -1, .remote = &remote };
	struct fault_server *s;
	unsigned wrong = 0;
	struct backend *b;

	if (fault_server_new(&so, &s))
		return 1;
	remote.endpoint = fault_server_url(s);
	if (backend_open(&azure_ops, "az://acme/data", &bo, &b))
		return 1;
	for (unsigned i = 0; i < ROUNDS; i++)
		wrong += play(b);
	if (wrong)
		fprintf(stderr, "%u reads of another version\n", wrong);
	backend_close(b);
	fault_server_free(s);
	return wrong > 0;
}
