/* A server that plays Azure with one blob, "a", for tests of what the store
 * sends and what it makes of the answers.  What rules (fault_server.h) do not
 * answer, it does: reads with their conditions, Put Blob, Put Block and Put Block
 * List, Copy Blob onto the blob, and listings that are empty.
 *
 * Between azure_play_start(), azure_play_open() and azure_play_end() tests may
 * change the options (before it is opened) and the blob.  The store is
 * az://acme/data. */
#ifndef TESTS_LIB_AZURE_PLAY_H
#define TESTS_LIB_AZURE_PLAY_H

#include "backends/backend.h"
#include "backends/remote.h"
#include "lib/fault_server.h"

#define AZURE_PLAY_KEY "c2VjcmV0IGtleSBvZiBhIHBsYXk="
#define AZURE_PLAY_BLOCKS 16

struct azure_play {
	struct fault_server *server;
	struct remote_options options;
	struct backend *store;

	/* The blob; changed by tests while nothing is under way. */
	pthread_mutex_t lock;
	char *bytes;
	size_t len;
	char **old;	    /* what was there before each write */
	char etag[32];	    /* with its quotes; changes with each write */
	unsigned writes;    /* so far */
	bool unconditional; /* does not look at If-Match */

	/* Blocks that are not committed. */
	struct {
		char *id, *bytes;
		size_t len;
	} block[AZURE_PLAY_BLOCKS];
};

/* A blob of so many bytes, contract_byte(seed). */
void azure_play_start(struct azure_play *p, size_t len, unsigned seed);
void azure_play_replace(struct azure_play *p, size_t len, unsigned seed);
void azure_play_open(struct azure_play *p);
void azure_play_end(struct azure_play *p);

/* From now on; they are kept. */
void azure_play_rules(struct azure_play *p, const struct fault_rule *rules,
		      size_t n);

/* The last request with this method and this in its target, or NULL. */
const struct fault_request *
azure_play_last(struct azure_play *p, const char *method, const char *target);

#endif
