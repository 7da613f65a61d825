/* A mount for one test, served by a process of its own. */
#ifndef TESTS_LIB_SERVED_H
#define TESTS_LIB_SERVED_H

#include "fuse/mount.h"

#include <sys/types.h>

struct served {
	char *dir; /* where */
	pid_t pid;
	uid_t uid; /* whose; set before served_start() */
	struct mount_knob knobs[8];
	size_t n_knobs;
};

/* Mount on a new folder (or s->dir, if set) with these options; mountpoint is
 * filled in.  The result of mount_open(). */
int served_start(struct served *s, const struct mount_options *options);

/* Wait for the server: the result of mount_serve(), or 1000 + the signal that
 * killed it. */
int served_wait(struct served *s);

/* Send it a signal and wait. */
int served_end(struct served *s, int signal);

/* Remove the folder. */
void served_remove(struct served *s);

/* The same with one store at the mount's root; they must succeed, and the
 * latter removes the folder and closes the store. */
void served_start_store(struct served *s, struct backend *store,
			const struct mount_options *more);
void served_stop_store(struct served *s, struct backend *store);

/* A process that reads a byte of a file, and succeeds if there is one. */
pid_t served_fork_reader(const struct served *s, const char *name);

/* A number of a control file, by its word; ULONG_MAX: it has none. */
unsigned long served_figure(const struct served *s, const char *file,
			    const char *word);

/* The sum of several of them, which are of one moment. */
unsigned long served_sum(const struct served *s, const char *file,
			 const char *const *words, size_t n);

/* "DIR/name", in a buffer that is used again after eight calls. */
const char *served_path(const struct served *s, const char *name);

#endif
