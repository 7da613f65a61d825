/* What the files of the Azure store share: the store itself, how it is opened,
 * and how it calls the server.  Any number of threads. */
#ifndef BACKENDS_AZURE_STORE_H
#define BACKENDS_AZURE_STORE_H

#include "backends/azure_address.h"
#include "backends/backend.h"
#include "backends/rest.h"

struct azure_credentials;
struct azure_list;
struct uploads;

struct azure_store {
	struct backend base;
	struct azure_address address;
	struct http *identity; /* to servers that know who we are */
	struct azure_credentials *credentials;
	struct rest *rest;
	struct uploads *uploads;
	const _Atomic bool *stop; /* or NULL */
	uint64_t deadline_ms;	  /* of a call */
	_Atomic bool left_out;	  /* it has been said that names were */
};

static inline struct azure_store *azure_store_of(struct backend *b)
{
	return CONTAINER_OF(b, struct azure_store, base);
}

/* Signed in, and seen that the container is there; what went wrong is said. */
int azure_store_open(const char *location,
		     const struct backend_options *options,
		     struct azure_store **out) MUST_USE;
void azure_store_close(struct azure_store *s); /* NULL is fine */

/* rest_call() to the store's server. */
int azure_store_call(struct azure_store *s, struct rest_call *call) MUST_USE;

struct azure_page {
	const char *prefix; /* whole, with the store's */
	const char *marker; /* of the page before, or "" */
	enum backend_depth depth;
	unsigned most; /* entries; 0: as many as the server likes */
};

/* Fetch a page of a listing.  call is zero, but for its exchange, and then
 * says how it went. */
int azure_store_page(struct azure_store *s, const struct azure_page *page,
		     struct rest_call *call, struct azure_list *l) MUST_USE;

#endif
