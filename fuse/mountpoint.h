/* Folders with something mounted on them, and how to take it off.
 *
 * What is mounted is read from /proc/self/mountinfo, which never waits for a
 * server.  Any thread, any process, root or not: what umount2(2) refuses to
 * an ordinary user, fusermount3 does for him. */
#ifndef FUSE_MOUNTPOINT_H
#define FUSE_MOUNTPOINT_H

#include "base/util.h"

struct mountpoint_info {
	unsigned major, minor; /* of the device: also the connection's name */
	bool ours;	       /* of type fuse.dliofs */
	uid_t user;	       /* who mounted it, if it is a FUSE mount */
	char source[512];      /* the fsname, cut if longer */
};

/* What is mounted on exactly this folder.  -ENOENT: nothing. */
int mountpoint_info(const char *path, struct mountpoint_info *out) MUST_USE;

/* Show every folder with a mount of ours, also dead ones, as mountinfo names
 * them. */
void mountpoint_each(void (*show)(void *arg, const char *path), void *arg);

/* Its server is gone: whoever looks gets ENOTCONN.  Asks the server, so never
 * to be called by one about its own mount.  One that does not answer within
 * two seconds is stuck, but there. */
bool mountpoint_is_dead(const char *path);

/* Take a dead mount off, if there is one.  0: the folder is usable. */
int mountpoint_clear(const char *path) MUST_USE;

/* Fit to be mounted on: a folder, empty, nothing of ours on it; clears a dead
 * mount.  -EALREADY: source is mounted there and alive.  Logs what is wrong. */
int mountpoint_check(const char *path, const char *source) MUST_USE;

/* Unmount.  -EBUSY: in use; with lazy it then disappears from the tree and
 * ends when the last user has left.  -EPERM: another user's, or there is no
 * fusermount3.  Does not log, nor wait for a server. */
int mountpoint_unmount(const char *path, bool lazy) MUST_USE;

#endif
