/* Files and folders that are open through a mount: what the kernel gives back as
 * fh.
 *
 * All are in one set, because the kernel does not promise to release what is
 * open when a mount ends: handle_set_free() closes the rest. */
#ifndef FUSE_HANDLE_H
#define FUSE_HANDLE_H

#include "base/util.h"

#include <sys/types.h>

struct branch;
struct cache_reader;
struct dirlist;
struct handle_set;
struct object;
struct prefetch_file;
struct strand;
struct writer;

enum handle_kind {
	HANDLE_FOLDER,	 /* lists a folder */
	HANDLE_OBJECT,	 /* reads an object */
	HANDLE_CACHED,	 /* the same, through the block cache */
	HANDLE_WRITER,	 /* writes one */
	HANDLE_TEXT,	 /* reads a control file */
	HANDLE_PREFETCH, /* writes one */
};

struct handle {
	enum handle_kind kind;
	union {
		struct {
			union {
				struct object *object;
				struct cache_reader *reader;
			};
			struct branch *branch; /* where it may be written
						* anew, or NULL */
			uint64_t number, edition;
		};
		struct dirlist *list;
		struct prefetch_file *prefetch;
		struct {
			struct writer *writer; /* the strand's */
			struct strand *strand;
			pid_t thread;	 /* the last to write, and ... */
			int64_t process; /* ... whose it is; the strand's */
			void *release; /* memory for that, which cannot fail */
		};
		struct {
			char *text;
			size_t text_len;
		};
	};
	_Atomic unsigned holds;	   /* 1 while it is open */
	struct handle *next, **at; /* in the set */
};

int handle_set_new(struct handle_set **out) MUST_USE;

/* Close all that is open.  Blocks.  commit: files being written are finished,
 * as their last close() would have; else they leave no trace. */
void handle_set_free(struct handle_set *hs, bool commit);

/* Keeps a copy.  NULL: no memory. */
struct handle *handle_add(struct handle_set *hs,
			  const struct handle *h) MUST_USE;

/* Take it out of the set and close it, as handle_set_free() would, when nobody
 * holds it.  The result is the writer's, for whoever counts. */
int handle_close(struct handle_set *hs, struct handle *h, bool commit);

/* For reads that may last longer than it is open. */
void handle_hold(struct handle *h);
void handle_drop(struct handle *h);

#endif
