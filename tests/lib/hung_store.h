/* A store whose server has gone silent: one file "f" of 100 bytes, of which
 * nobody ever gets any, and objects that take everything and are never
 * committed.  Whoever waits goes on when the store's stop flag is set, as with
 * backends/remote.h. */
#ifndef TESTS_LIB_HUNG_STORE_H
#define TESTS_LIB_HUNG_STORE_H

#include "backends/backend.h"

/* On a page that forked processes share. */
struct hung_flags {
	_Atomic bool stop;
	_Atomic unsigned asked;	  /* calls that wait, or did */
	_Atomic unsigned stopped; /* calls that were */
	_Atomic unsigned undone;  /* objects closed while stop was not set */
	_Atomic unsigned left;	  /* and while it was */
};

struct backend *hung_store(struct hung_flags *flags);

#endif
