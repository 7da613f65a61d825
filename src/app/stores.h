/* Which store a folder is on, and the stack of filters over it.
 *
 * The scheme of a folder alone selects its store; a path without one is a
 * file store.  This is the program's one list of stores. */
#ifndef APP_STORES_H
#define APP_STORES_H

#include "backends/backend.h"
#include "base/recorder.h"

struct config;
struct dataset;

/* What the stack above a store is made of. */
struct stores_options {
	struct backend_options backend; /* but remote */
	struct recorder *recorder;	/* NULL: not recorded */
	const struct config *config; /* what remote stores are told; or NULL */
	const _Atomic bool *stop;    /* ends their waiting; or NULL */
	const struct dataset *dataset; /* what synth:// computes; or NULL */
};

/* Could uri name a store?  Nothing is opened.  -EINVAL, after saying what is
 * wrong with it. */
int stores_check(const char *uri) MUST_USE;

/* Open the store that uri names.  -EINVAL, with a list of schemes, if there is
 * none.  Filters over it are closed with it.
 *
 * The first mem:// store makes the memory that all of them share; a descriptor
 * of it is left in options->backend.mem_fd, for later ones, for processes that
 * are spawned, and to keep it: the caller's to close. */
int stores_open(const char *uri, struct stores_options *options,
		struct backend **out) MUST_USE;

/* The path of a file store's folder, or NULL if programs cannot open uri's
 * objects by path. */
const char *stores_path(const char *uri);

/* The folder of this machine in which a store keeps its objects, each a file,
 * or NULL if it does not. */
const char *stores_folder(const char *uri);

bool stores_is_synth(const char *uri);
bool stores_is_memory(const char *uri); /* of one process, and gone with it */

/* All schemes that there are: "synth, file, …". */
#define STORES_SCHEMES_SIZE 128
void stores_schemes(char out[STORES_SCHEMES_SIZE]);

#endif
