/* A mount served by a process of its own, spawned from this binary, so that it
 * inherits no threads and no state.  (A process must never read its own mount:
 * it can hang beyond any signal.)
 *
 * The server gets the recorder's and mem://'s memory by descriptor and tells
 * by a pipe when it is ready, or what went wrong. */
#ifndef APP_MOUNTED_H
#define APP_MOUNTED_H

#include "app/cli.h"
#include "base/recorder.h"

struct mounted;

struct mounted_options {
	const char *mountpoint;	   /* NULL: a new private folder */
	const char *cache;	   /* policy, or NULL: as configured */
	struct recorder *recorder; /* NULL: the server's own */
	int mem_fd;		   /* mem://, or -1 */
	bool background;	   /* outlives this process */
	bool quiet;		   /* do not print the report on knobs */
};

/* Start a server for what cli names (its configuration and overrides, or its
 * URI) and wait until the mount is there.  The server has said what went
 * wrong when this fails. */
int mounted_start(const struct cli *cli, const struct mounted_options *options,
		  struct mounted **out) MUST_USE;

const char *mounted_path(const struct mounted *m);

/* Unmount, wait for the server's end, remove a private folder.  A server in
 * the background is left alone.  NULL is fine. */
void mounted_stop(struct mounted *m);

#endif
