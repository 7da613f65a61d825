/* Inside of a reader: for reader.c and the formats, reader_*.c, only. */
#ifndef TRAIN_READER_FORMAT_H
#define TRAIN_READER_FORMAT_H

#include "train/pyfile.h"
#include "train/reader.h"
#include "train/source.h"

struct reader {
	struct source *source;
	int (*read)(struct reader *r, struct source_file *f);
	bool whole;
	unsigned open_flags;
	bool check;

	/* Of the file being read. */
	const struct reader_file *file;
	uint64_t check_ns;
	char fault[512];

	struct pyfile *py;

	/* Kept from file to file, and grown: see reader_reserve(). */
	uint8_t *image;
	size_t room;
};

/* At least this many bytes at r->image, aligned for O_DIRECT.  What was there is
 * lost when it grows. */
#define READER_ALIGN 4096u
int reader_reserve(struct reader *r, uint64_t bytes) MUST_USE;

/* "NAME WRONG": -EBADMSG. */
int reader_wrong(struct reader *r, const char *wrong);

/* The same, with numbers in what is wrong. */
int reader_wrong_in(struct reader *r, const char *fmt, ...) PRINTF(2, 3);

/* A read at this offset did not give what is there: rc is its errno, or a
 * count, which means that the file ended early. */
int reader_failed(struct reader *r, int64_t rc, uint64_t offset);

/* A pyfile_take that adds to a CRC-32 when the reader checks; its argument is
 * the struct. */
struct reader_sum {
	struct reader *reader;
	uint32_t crc;
};
void reader_add(void *arg, const void *data, size_t n);

/* The whole file was added: is the CRC the one that is known, if any is? */
int reader_check_sum(const struct reader_sum *sum);

/* Begin with a file as Pillow does: 16 bytes tell what it is, and it is back at
 * its start. */
int reader_look(struct reader *r, struct source_file *f);

/* An array in NumPy's format. */
struct reader_array {
	uint64_t data_offset; /* the header's length */
	uint64_t item_bytes;
	uint64_t data_bytes; /* of all items */
};

/* Parse the header at the start of `size` bytes, of which `have` are at data:
 * all of them if it is not longer.  The array must fill those bytes. */
int reader_parse(struct reader *r, const void *data, size_t have, uint64_t size,
		 struct reader_array *out);

/* A whole NPY file in r->image: its CRC, where one is known. */
int reader_check_whole(struct reader *r, uint64_t size);

/* One format each. */
int reader_npz_read(struct reader *r, struct source_file *f);
int reader_npy_read(struct reader *r, struct source_file *f);
int reader_csv_read(struct reader *r, struct source_file *f);
int reader_jpeg_read(struct reader *r, struct source_file *f);
int reader_png_read(struct reader *r, struct source_file *f);
int reader_direct_npz(struct reader *r, struct source_file *f);
int reader_direct_npy(struct reader *r, struct source_file *f);

#endif
