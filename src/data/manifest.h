/* The manifest: what a dataset is and which files it has, beside the data.
 *
 * One text object, MANIFEST_NAME, at the dataset's root, where DLIO does not
 * look.  Lines, fields separated by tabs:
 *
 *	dliofs-manifest	1
 *	config	0123456789abcdef	format=npz train=168 …
 *	state	writing | complete
 *	file	NAME	SIZE	CRC32
 *	…
 *	end	FILES	BYTES
 *
 * The hash is of the text behind it, which holds all that decides the files'
 * bytes.  While files are being written the state is `writing` and there are
 * no file lines: that says which configuration the files already there belong
 * to, so that interrupted work resumes and never mixes two datasets.
 *
 * CRC32 is the CRC-32 (zlib's) of the whole file, in hexadecimal. */
#ifndef DATA_MANIFEST_H
#define DATA_MANIFEST_H

#include "backends/backend.h"
#include "data/dataset.h"

#define MANIFEST_NAME "manifest.dliofs"

enum manifest_state {
	MANIFEST_NONE,	/* there is none */
	MANIFEST_OTHER, /* of another configuration */
	MANIFEST_WRITING,
	MANIFEST_COMPLETE,
};

int manifest_write(struct backend *b, const struct dataset *d,
		   enum manifest_state state) MUST_USE;

/* Is what manifest_write() would write there already, byte for byte?  Whatever
 * goes wrong is a no. */
bool manifest_is(struct backend *b, const struct dataset *d,
		 enum manifest_state state);

/* How the manifest there, if any, relates to d.  Something there that is not a
 * manifest is -EINVAL. */
int manifest_state(struct backend *b, const struct dataset *d,
		   enum manifest_state *out) MUST_USE;

/* Called for each file line.  A non-zero result ends the reading and is
 * returned. */
typedef int (*manifest_file_fn)(void *arg, const char *name, uint64_t size,
				uint32_t crc32);

/* Read the manifest, whatever configuration it is of.  -ENOENT: none; -EINVAL:
 * damaged, or not complete (said, with the line's number). */
int manifest_read(struct backend *b, manifest_file_fn fn, void *arg) MUST_USE;

/* Tell the dataset what its complete manifest says of its objects, if that is
 * worth while (dataset_learns()). */
int manifest_learn(struct backend *b, const struct dataset *d) MUST_USE;

#endif
