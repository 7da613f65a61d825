/* Where a trainer's bytes come from: the stack below struct source.
 *
 * Through a mount, a source is a folder of it.  Natively it is the folder
 * itself where the store is one, and else the store (native.h). */
#ifndef APP_SOURCES_H
#define APP_SOURCES_H

#include "app/workload.h"
#include "train/source.h"

/* A source and what it stands on. */
struct sources_one {
	struct source *source;
	struct backend *store; /* NULL: a folder */
};

#define SOURCES_PATH_MAX 4096

/* mount/below, or the whole mount if it has no such part. */
int sources_folder_of_mount(const char *mount, const char *below,
			    char out[SOURCES_PATH_MAX]) MUST_USE;

/* uri: of what is mounted there, for messages, where the mount is private and
 * gone when they are read; NULL: they have the mount's paths. */
int sources_of_mount(const char *mount, const char *below, const char *uri,
		     struct sources_one *out) MUST_USE;

/* create: make the folder if it is missing. */
int sources_native(struct workload *w, const char *uri, bool create,
		   struct sources_one *out) MUST_USE;

/* Fine with a zeroed one. */
void sources_close(struct sources_one *s);

#endif
