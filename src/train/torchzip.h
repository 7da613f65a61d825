/* The container of torch.save(), byte for byte as PyTorch 1.13 writes it: a ZIP
 * archive whose members are stored, begin at multiples of 64 bytes, and carry
 * their sizes and CRC after their data, so that it can be written in one go.
 * PKWARE's APPNOTE.TXT 6.3.9; caffe2/serialize/inline_container.cc and miniz
 * have the odd corners, and tests have bytes that torch.save() wrote.
 *
 *	torchzip_init(&z, write, arg)
 *	torchzip_add(&z, "data.pkl", bytes, size)	a small member; or
 *	torchzip_begin(&z, "data/0", size)		for a large one
 *	  torchzip_data(&z, bytes, len)			  its bytes, in pieces
 *	torchzip_end(&z)
 *	torchzip_clear(&z)
 *
 * write() gets the pieces that PyTorch hands to Python, in order, but for the
 * data of large members, which come as they are given here.  Once it fails
 * nothing is written any more; torchzip_end() says how it went. */
#ifndef TRAIN_TORCHZIP_H
#define TRAIN_TORCHZIP_H

#include "base/util.h"

#define TORCHZIP_NAME_SIZE 40

struct torchzip_member {
	char name[TORCHZIP_NAME_SIZE]; /* with "archive/" */
	uint64_t offset, size;
	uint32_t crc;
};

struct torchzip {
	int (*write)(void *arg, const void *data, size_t len);
	void *arg;
	int rc;		 /* the first error */
	uint64_t offset; /* in the file: what was written */
	struct torchzip_member member;
	bool open; /* the member is being written */

	uint64_t members;
	uint8_t *directory;
	size_t directory_len, directory_room;
};

void torchzip_init(struct torchzip *z,
		   int (*write)(void *arg, const void *data, size_t len),
		   void *arg);
void torchzip_add(struct torchzip *z, const char *name, const void *data,
		  size_t size);

/* The member before it is complete. */
void torchzip_begin(struct torchzip *z, const char *name, uint64_t size);

/* Returns the first error so far, to be able to give up early. */
int torchzip_data(struct torchzip *z, const void *data, size_t len);
int torchzip_end(struct torchzip *z) MUST_USE;
void torchzip_clear(struct torchzip *z); /* zeroed is fine */

#endif
