/* File formats of datasets: what comes where in a file.
 *
 * A format says what its files are in one of two ways.  Best is a plan: the
 * file is cut into pieces, literal bytes that the format computes (headers),
 * random payload, zeros.  Sizes are then known without a byte being made, and
 * any range is computed by itself.  Where that cannot be (compression, images,
 * a foreign library), the format encodes the whole file, front to back, into a
 * sink; its size, its CRC and any range of it cost that much.  Everything else
 * (ranges, checksums, generation, verification, the synth store) is made from
 * these, so that a format is one file, and one row in format.c.
 *
 * A data file may have companions, side files, that are formats themselves.
 *
 * All functions are pure, given a struct dataset_file; any thread. */
#ifndef DATA_FORMAT_H
#define DATA_FORMAT_H

#include "data/dataset.h"

enum format_kind { FORMAT_LITERAL, FORMAT_PAYLOAD, FORMAT_ZEROS };

struct format_piece {
	enum format_kind kind;
	uint64_t len;
};

#define FORMAT_MAX_PIECES 132

/* A file is `copies` times the same row of pieces: 1 where a file is one array
 * of all its samples, the number of samples where each has a record of its own.
 * All payload pieces of a copy are of one length and hold the same bytes. */
struct format_plan {
	uint64_t copies;
	unsigned n;
	struct format_piece pieces[FORMAT_MAX_PIECES];
};

/* Takes the next bytes of a file.  0, or anything else to end the encoding,
 * which then returns that. */
struct format_sink {
	int (*take)(struct format_sink *s, const void *data, size_t len);
};

struct format_side;

struct format {
	const char *name; /* and the files' extension */

	/* The pieces of a file.  0, or a negative errno. */
	int (*plan)(const struct dataset_file *f, struct format_plan *out);

	/* Write literal piece number `piece` of a copy into buf, which has room
	 * for just its length.  0, or a negative errno. */
	int (*literal)(const struct dataset_file *f, uint64_t copy,
		       unsigned piece, unsigned char *buf);

	/* Instead of both: all bytes of the file, in order, the same each time.
	 * Random ones come from payload_fill() and format_random().  0, a
	 * negative errno, or what the sink returned. */
	int (*encode)(const struct dataset_file *f, struct format_sink *out);

	/* All that follows may be left out. */

	/* The format that files of this layout have: it may be another one of
	 * this name, which encodes where this one plans. */
	const struct format *(*choose)(const struct dataset_layout *l);

	/* Can it have files like this one, the dataset's largest?  -EINVAL:
	 * no, and says which setting to change. */
	int (*check)(const struct dataset_file *f);

	/* Make what is to be had for all files of a dataset, given the
	 * largest; it becomes every f->prepared, until it is dismissed. */
	int (*prepare)(const struct dataset_file *f, void **out);
	void (*dismiss)(void *prepared);

	/* Print what of f->layout decides the bytes, as " word=value". */
	void (*describe)(const struct dataset_file *f, FILE *out);

	const char *dtype; /* of all elements, whatever is configured */
	bool one_sample;   /* in a file, whatever is configured */
	bool varies;	   /* a size depends on the file's number */
	bool slow_crc;	   /* it costs as much as the bytes */
	bool partitions;   /* its folders may be named after a column */

	const struct format_side *sides; /* FORMAT_MAX_SIDES at most; the */
	unsigned n_sides;		 /* first is number 0 */
};

/* A side file: one for each data file, whose struct dataset_file it gets. */
struct format_side {
	const char *suffix; /* behind the data file's name */
	bool in_index;	    /* in index/train, index/valid; else beside it */
	struct format as;
};

#define FORMAT_MAX_SIDES 2

/* NULL: no such format. */
const struct format *format_find(const char *name);

/* Row i of the table of formats, NULL after the last. */
const struct format *format_at(size_t i);

/* The file's size; or a negative errno. */
int64_t format_size(const struct format *t, const struct dataset_file *f);

/* Bytes from offset on: len of them, fewer only at the file's end; or a
 * negative errno. */
ssize_t format_read(const struct format *t, const struct dataset_file *f,
		    void *buf, size_t len, uint64_t offset);

/* CRC-32 of the whole file; of a planned one, without generating payload and
 * zeros. */
int format_crc32(const struct format *t, const struct dataset_file *f,
		 uint32_t *out);

/* The bytes in order, in full buffers but for the last, to fn; until the end or
 * until fn returns something else than 0, which is then returned. */
int format_stream(const struct format *t, const struct dataset_file *f,
		  void *buffer, size_t room, dataset_piece_fn fn, void *arg);

/* ---- For formats ---- */

/* What a payload piece of a copy holds, for checksums of it. */
struct payload_span format_span(const struct dataset_file *f,
				const struct format_plan *plan, uint64_t copy,
				unsigned piece);

/* len random bytes of an encoded file, for payload_fill().  Of so many spans of
 * every file, number i. */
struct payload_span format_random(const struct dataset_file *f, uint64_t of,
				  uint64_t i, uint64_t len);

static inline int format_put(struct format_sink *s, const void *data,
			     size_t len)
{
	return s->take(s, data, len);
}

/* The NPY header of all samples of a file as one array, of shape
 * (*dims, samples): DLIO has the sample's number as the last index. */
size_t format_npy_header(const struct dataset_file *f,
			 char buf[NPY_MAX_HEADER]);

extern const struct format format_npz, format_npy, format_synthetic,
	format_hdf5, format_indexed_binary, format_indexed_mmap, format_csv,
	format_jpeg, format_png, format_tfrecord, format_parquet;

#endif
