/* The container of torch.save(), byte for byte as PyTorch 1.13 writes it: a ZIP
 * archive whose members are stored, begin at multiples of 64 bytes, and carry
 * their sizes and CRC after their data, so that it can be written in one go.
 * PKWARE's APPNOTE.TXT 6.3.9; caffe2/serialize/inline_container.cc and miniz
 * have the odd corners, and tests have bytes that torch.save() wrote.
 *
 *	torchzip_init(&z)
 *	torchzip_begin(&z, "data.pkl", size)	for each member
 *	  torchzip_add(&z, bytes, size)		a small one; or, for a large
 *	  torchzip_skip(&z, size, crc)		one, whose bytes follow z.text
 *	torchzip_end(&z)
 *
 * Nothing is written: what is to be written gathers in z.text, and whoever
 * streams a large member writes and empties z.text before it. */
#ifndef TRAIN_TORCHZIP_H
#define TRAIN_TORCHZIP_H

#include "base/util.h"

#define TORCHZIP_MEMBERS 4
#define TORCHZIP_TEXT 2048 /* enough for all of a file but large members */

struct torchzip_member {
	const char *name; /* without "archive/" */
	uint64_t offset, size;
	uint32_t crc;
};

struct torchzip {
	uint8_t text[TORCHZIP_TEXT];
	size_t len;
	uint64_t offset; /* in the file, after the text */
	struct torchzip_member member[TORCHZIP_MEMBERS];
	unsigned n;
};

void torchzip_init(struct torchzip *z);

/* name stays the caller's, and is constant. */
void torchzip_begin(struct torchzip *z, const char *name, uint64_t size);
void torchzip_add(struct torchzip *z, const void *data, size_t len);
void torchzip_skip(struct torchzip *z, uint64_t len, uint32_t crc);
void torchzip_end(struct torchzip *z);

#endif
