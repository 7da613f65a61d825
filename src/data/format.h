/* File formats of datasets: what comes where in a file.
 *
 * A format cuts a file into pieces: literal bytes that it computes (headers),
 * random payload, zeros.  Everything else (reading any range, checksums of
 * whole files, generation, the synth store) is made here from the pieces, so
 * that a format is one file of two functions, and one row in format.c.
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

#define FORMAT_MAX_PIECES 8

/* A file is `copies` times the same row of pieces: 1 where a file is one array
 * of all its samples, the number of samples where each has a record of its own.
 * The payload pieces of a copy hold the same random stream. */
struct format_plan {
	uint64_t copies;
	unsigned n;
	struct format_piece pieces[FORMAT_MAX_PIECES];
};

struct format {
	const char *name; /* and the files' extension */

	/* The pieces of a file.  0, or a negative errno. */
	int (*plan)(const struct dataset_file *f, struct format_plan *out);

	/* Write literal piece number `piece` of a copy into buf, which has room
	 * for just its length.  0, or a negative errno. */
	int (*literal)(const struct dataset_file *f, uint64_t copy,
		       unsigned piece, unsigned char *buf);
};

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

/* CRC-32 of the whole file, without generating payload and zeros. */
int format_crc32(const struct format *t, const struct dataset_file *f,
		 uint32_t *out);

/* ---- For formats ---- */

/* What a payload piece of a copy holds, for checksums of it. */
struct payload_span format_span(const struct dataset_file *f,
				const struct format_plan *plan, uint64_t copy,
				unsigned piece);

/* The NPY header of all samples of a file as one array, of shape
 * (*dims, samples): DLIO has the sample's number as the last index. */
size_t format_npy_header(const struct dataset_file *f,
			 char buf[NPY_MAX_HEADER]);

extern const struct format format_npz, format_npy;

#endif
