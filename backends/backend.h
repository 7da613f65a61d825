/* A store: named byte strings, wherever they are.
 *
 * An object is written once, front to back, becomes visible at commit, and
 * does not change.  That is what a file system, S3 and Azure can all do
 * without pretence.  Names are relative paths without a leading slash:
 * "train/img_00_of_64.npz"; no "." or ".." parts, no empty parts, at most
 * BACKEND_NAME_MAX bytes.  Folders are not things; they are prefixes of names.
 *
 * Callers use the functions below, which check and clamp, so that
 * implementations hold no bounds checks.  All return 0 or a count on success
 * and a negative errno on failure: -EINVAL for a bad name, -ENAMETOOLONG for a
 * long one, -EBADF for an object in the wrong mode.  Opening a store says what
 * went wrong; the rest is silent, for only the caller knows what a missing or
 * failing object means.  Retrying is inside the store: what comes out has been
 * retried.  Stores block.
 *
 * Threads: any number may use one backend, and any number may read one object.
 * An object being written belongs to one thread at a time.
 *
 * A store embeds struct backend and struct object as the first members of its
 * own.  A filter takes an inner store and is a store (record.h, fault.h). */
#ifndef BACKENDS_BACKEND_H
#define BACKENDS_BACKEND_H

#include "base/util.h"

#include <sys/types.h>

#define BACKEND_NAME_MAX 1024 /* what S3 and Azure allow, too */

struct backend_ops;
struct remote_options;

struct backend {
	const struct backend_ops *ops;
	char *uri;	  /* for messages; no secrets; set by backend_open() */
	size_t alignment; /* buffers, offsets and lengths that are multiples of
			   * this take the fast path; 1: does not matter */
	bool local; /* opening an object waits for no network, so that it may
		     * be done where one should not wait long; set by the
		     * implementation, false if in doubt */
};

enum object_mode {
	OBJECT_READING,
	OBJECT_WRITING,
	OBJECT_COMMITTED,
	OBJECT_FAILED, /* an append or the commit did not work */
};

struct object {
	struct backend *backend;
	uint64_t size; /* reading: the object's; writing: bytes appended */
	enum object_mode mode;
};

struct object_info {
	uint64_t size;
	int64_t mtime_ns; /* since 1970; 0: the store does not know */
};

/* One read, in and out. */
struct object_read {
	void *buf;
	size_t len;
	uint64_t offset;
	unsigned flags;		    /* in: OBJECT_READ_* */
	const _Atomic bool *cancel; /* in: true: nobody wants it any more, and
				     * a wait for a network may end with
				     * -ECANCELED; or NULL */
	uint64_t first_byte_ns; /* out: clock_ns() of the first byte, or 0 */
	uint64_t version; /* out: of the object: another one when it has been
			   * replaced; 0: the store does not know */
};

/* Give -EAGAIN rather than wait for anything outside this process. */
#define OBJECT_READ_NOWAIT 1u

/* Nobody waits for it yet: where a server wants fewer requests, those that
 * somebody waits for go first. */
#define OBJECT_READ_AHEAD 2u

/* What a store may be told.  Plain values; a store takes what it knows.
 * Pointers are the caller's and are not kept. */
struct backend_options {
	bool create; /* file, direct: make the root folder if it is missing */
	bool direct_fallback; /* direct: buffered I/O where O_DIRECT is refused */
	int mem_fd;	      /* mem: memory made by another process, or -1 */
	uint64_t mem_limit;   /* mem: bytes it may hold; 0: 3/4 of what is free
			     * when it is opened */
	const struct remote_options *remote; /* s3, azure; NULL: the standard */
};

/* Called for each object; a non-zero result ends the listing and is returned.
 * name is whole (with the prefix) and is the callee's only during the call. */
typedef int (*backend_list_fn)(void *arg, const char *name,
			       const struct object_info *info);

/* Whether what is left of this object may go. */
typedef bool (*backend_sweep_fn)(void *arg, const char *name);

/* How list goes: everything below, or only to the next slash, where a name
 * that ends in '/' stands for all below it (its info is zero). */
enum backend_depth { BACKEND_DEEP, BACKEND_SHALLOW };

/* Commit: also on stable storage before it returns. */
#define OBJECT_DURABLE 1u

struct backend_ops {
	const char *scheme; /* "file" */

	/* location is what follows "scheme://".  The implementation allocates,
	 * sets alignment if it has one, and logs what went wrong.  What it
	 * hands out is zero but for that; backend.c fills in the rest, for
	 * objects too, where a reading one brings its size. */
	int (*open)(const char *location, const struct backend_options *options,
		    struct backend **out);
	void (*close)(struct backend *b);

	int (*list)(struct backend *b, const char *prefix,
		    enum backend_depth depth, backend_list_fn fn, void *arg);
	int (*stat)(struct backend *b, const char *name,
		    struct object_info *out);
	int (*remove)(struct backend *b, const char *name);
	int (*rename)(struct backend *b, const char *from, const char *to);

	/* NULL: what is not committed goes with whoever writes it. */
	int64_t (*sweep)(struct backend *b, const char *prefix,
			 backend_sweep_fn wanted, void *arg);

	/* NULL: it has no end that it knows of. */
	uint64_t (*room)(struct backend *b);

	/* What is read lies inside the object and is not empty.  Less than
	 * asked for means that the object has changed beneath the store.
	 * size: what the caller knows it to be, or NULL; see
	 * object_open_sized(). */
	int (*open_object)(struct backend *b, const char *name,
			   const uint64_t *size, struct object **out);
	ssize_t (*read)(struct object *o, struct object_read *rd);

	/* Never empty; o->size is where it goes, and moves on afterwards. */
	int (*create_object)(struct backend *b, const char *name,
			     struct object **out);
	int (*append)(struct object *o, const void *buf, size_t len);
	int (*commit)(struct object *o, unsigned flags);

	/* Not committed: leaves no trace. */
	void (*close_object)(struct object *o);
};

/* Open a store.  uri is "scheme://location" or only the location; it is kept
 * (as a copy) for messages.  options may be NULL. */
int backend_open(const struct backend_ops *ops, const char *uri,
		 const struct backend_options *options,
		 struct backend **out) MUST_USE;
void backend_close(struct backend *b); /* NULL is fine */

/* May this be an object's name, and a prefix?  Stores that others write to too
 * leave out of their listings what nobody could ask for: an object by the
 * first, a folder ("a/b/") by the second.  -EINVAL, -ENAMETOOLONG. */
int backend_check_name(const char *name) MUST_USE;
int backend_check_prefix(const char *prefix) MUST_USE;

/* Objects whose names start with prefix ("" for all), in no order; objects not
 * yet committed do not appear.  A prefix with nothing below it is not an
 * error.  What changes during the listing may or may not be in it. */
int backend_list(struct backend *b, const char *prefix,
		 enum backend_depth depth, backend_list_fn fn,
		 void *arg) MUST_USE;
int backend_stat(struct backend *b, const char *name,
		 struct object_info *out) MUST_USE;		  /* -ENOENT */
int backend_remove(struct backend *b, const char *name) MUST_USE; /* -ENOENT */

/* Replaces what is there, at once: nobody sees a moment without.  Those who
 * have the old object open go on reading it (object stores: -ESTALE). */
int backend_rename(struct backend *b, const char *from,
		   const char *to) MUST_USE;

/* Remove what writers that were killed have left of objects that they did not
 * commit: of those whose names start with prefix and are wanted.  The store
 * may not tell whether a writer lives: whoever sweeps must know.  The number of
 * such objects. */
int64_t backend_sweep(struct backend *b, const char *prefix,
		      backend_sweep_fn wanted, void *arg) MUST_USE;

/* Bytes that it can still take; UINT64_MAX: nobody knows. */
uint64_t backend_room(struct backend *b);

int object_open(struct backend *b, const char *name,
		struct object **out) MUST_USE;

/* The same for a caller who knows the size already (NULL: he does not): a store
 * that would have to ask a server for it need not, and takes his word.  If he
 * was wrong, or there is no such object, the first read says so: -ESTALE or
 * -ENOENT. */
int object_open_sized(struct backend *b, const char *name, const uint64_t *size,
		      struct object **out) MUST_USE;

/* Bytes read; short only at the object's end, 0 at and beyond it.  Any offset,
 * length and buffer alignment will do.  -ESTALE: the object is not what it was
 * when it was opened. */
ssize_t object_read(struct object *o, struct object_read *rd) MUST_USE;

/* The common case, waiting as long as it takes. */
ssize_t object_pread(struct object *o, void *buf, size_t len,
		     uint64_t offset) MUST_USE;

/* Begin an object, which replaces one of that name at commit.  Of several who
 * write the same name, the last to commit wins. */
int object_create(struct backend *b, const char *name,
		  struct object **out) MUST_USE;

/* All of buf or an error, after which the object can only be closed. */
int object_append(struct object *o, const void *buf, size_t len) MUST_USE;

/* Make it visible.  Then it can only be closed. */
int object_commit(struct object *o, unsigned flags) MUST_USE;

/* Ends reading; discards an object that was not committed.  NULL is fine. */
void object_close(struct object *o);

#endif
