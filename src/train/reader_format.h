/* Inside of a reader: for reader.c and the formats, reader_*.c, only. */
#ifndef TRAIN_READER_FORMAT_H
#define TRAIN_READER_FORMAT_H

#include "train/pyfile.h"
#include "train/reader.h"
#include "train/shelf.h"
#include "train/source.h"

#define READER_NAME_SIZE 512 /* the longest name of a file, and its end */

struct reader_stream;
struct reader_index;
struct reader_hdf5;
struct reader_table;

struct reader {
	struct source *source;
	const atomic_bool *stop;
	const struct reader_format *format;
	unsigned open_flags;
	bool direct, check, touch;
	uint64_t samples, transfer_size;
	unsigned datasets;
	const struct config_columns *columns;
	unsigned keep_open;

	/* Of the file being read. */
	const struct reader_file *file;
	uint64_t bytes; /* for struct reader_cost */
	uint64_t check_ns;
	char fault[2048];

	struct reader_stream *stream; /* tfrecord's */
	struct reader_hdf5 *hdf5;     /* the file at hand */
	struct reader_table *table;   /* parquet's */
	struct shelf shelf;	      /* of indexes, or open files */
	struct reader_index *at;      /* the last one used, if it is open */

	struct pyfile *py;

	/* Kept from file to file, and grown: see reader_reserve(). */
	uint8_t *image;
	size_t room;
};

/* How a format is read.  Either a file is opened, given to plain or direct, and
 * closed; or sample does all that.  Neither: no file is touched. */
struct reader_format {
	const char *name;
	enum reader_proof proof;
	bool whole; /* opening reads all of it; samples read no more */
	bool parts; /* of files are read, not all of one */
	int (*plain)(struct reader *r, struct source_file *f);
	int (*direct)(struct reader *r, struct source_file *f);

	int (*expect)(struct reader *r);  /* r->file has only a name */
	int (*sample)(struct reader *r);  /* of r->file; sets r->bytes */
	void (*forget)(struct reader *r); /* frees what those two keep */
};

/* Open a file for the one being read.  The data file itself has a size to
 * check. */
int reader_open(struct reader *r, const char *name, bool data,
		struct source_file **out) MUST_USE;
int reader_cannot_open(struct reader *r, const char *name, int rc);

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

/* All of a range of the file.  Fails as reader_failed(). */
int reader_read_range(struct reader *r, struct source_file *f, void *to,
		      size_t len, uint64_t offset) MUST_USE;

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
int reader_tfrecord_sample(struct reader *r);
void reader_tfrecord_forget(struct reader *r);
int reader_hdf5_sample(struct reader *r);
void reader_hdf5_forget(struct reader *r);
int reader_indexed_expect(struct reader *r);
int reader_indexed_sample(struct reader *r);
void reader_indexed_forget(struct reader *r);
int reader_mmap_expect(struct reader *r);
int reader_mmap_sample(struct reader *r);
void reader_mmap_forget(struct reader *r);
int reader_parquet_sample(struct reader *r);
void reader_parquet_forget(struct reader *r);

#endif
