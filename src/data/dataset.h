/* What a DLIO dataset is: how many files of which names, sizes and contents,
 * all computed from a few options; nothing is stored but two numbers a file if
 * the sizes vary.  Names, folders and sizes are DLIO's to the byte (its main
 * branch at e1919d7 with NumPy 1.24): sides of records come from
 * numpy.random.RandomState(10) in file order, so they depend on nothing but
 * record length, its deviation, and the number of the file.
 *
 * Objects are all that is stored under a name: data files, which hold the
 * samples, and the side files that some formats have beside each of them.  An
 * object's number below dataset_files() is that of the data file.
 *
 * Sizes are exact.  Most formats compute them; where a file is compressed or
 * otherwise encoded, finding its size means making the file, and so does its
 * CRC.  Both are then remembered (16 bytes an object), and whoever learns them
 * some other way, from a manifest say, tells the dataset.
 *
 * Once made a dataset is const, but for what it remembers: any number of
 * threads may use it. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include "config/columns.h"
#include "data/dtype.h"
#include "data/npy.h"
#include "data/payload.h"

enum dataset_split { DATASET_TRAIN, DATASET_EVAL, DATASET_SPLITS };

/* What only some formats ask for; zero is the default of all. */
#define DATASET_MAX_DIMS (NPY_MAX_DIMS - 1)
struct dataset_dims {
	unsigned n;
	uint64_t dim[DATASET_MAX_DIMS];
};

struct dataset_layout {
	const char *compression; /* "gzip"; NULL: none */
	int compression_level;
	struct {
		struct dataset_dims chunk_dims, max_shape;
		uint64_t dsets_per_record; /* 0 is 1 */
	} hdf5;
	struct {
		struct config_columns columns;	     /* none: one, "data" */
		uint64_t row_group_size, batch_size; /* rows; 0: DLIO's */
		const char *partition_by;	     /* a column; or NULL */
	} parquet;
};

#define DATASET_MAX_FILES ((uint64_t)1 << 40) /* of a split */

struct dataset_options {
	const char *format;	 /* "npz" */
	const char *dtype;	 /* "uint8" */
	const char *file_prefix; /* "img" */
	uint64_t files[DATASET_SPLITS];
	uint64_t subfolders[DATASET_SPLITS]; /* 0 and 1: none */
	uint64_t samples_per_file;

	/* A record is a square of about record_length elements … */
	double record_length, record_length_stdev;
	/* … or, if there are any dims, an array of just these. */
	const uint64_t *record_dims;
	unsigned record_ndims;

	uint64_t seed; /* of the payload; sizes have DLIO's */

	/* How well stores can reduce it (payload.h); 0 is 1: not at all. */
	double compress_ratio, dedupe_ratio;

	struct dataset_layout layout;
};

struct dataset;

/* Fails with -EINVAL for what cannot be (and says what), -ENOMEM.  Keeps
 * nothing of the options. */
int dataset_new(const struct dataset_options *o, struct dataset **out) MUST_USE;
void dataset_free(struct dataset *d); /* NULL is fine */

/* Files are numbered from 0: all training files first, then those for
 * evaluation. */
uint64_t dataset_files(const struct dataset *d);
uint64_t dataset_count(const struct dataset *d, enum dataset_split split);
uint64_t dataset_first(const struct dataset *d, enum dataset_split split);

/* The name of a split's folder: "train", "valid".  It is there even if no file
 * is: DLIO lists both, and fails where one is missing. */
const char *dataset_folder(enum dataset_split split);

/* Data files and those beside them.  Files, first, counts and names of splits
 * are of data files only. */
uint64_t dataset_objects(const struct dataset *d);

/* Of all objects together.  Takes time for each where sizes vary, and that of
 * making them all where they are encoded. */
uint64_t dataset_bytes(const struct dataset *d);

#define DATASET_MAX_NAME 384

/* "train/img_003_of_168.npz", "valid/07/img_19_of_42.npz". */
void dataset_name(const struct dataset *d, uint64_t object,
		  char buf[DATASET_MAX_NAME]);

/* Which object has this name?  -ENOENT: none.  Takes no time that depends on
 * how many there are. */
int dataset_find(const struct dataset *d, const char *name,
		 uint64_t *object) MUST_USE;

/* The folders that objects are in: "train/07/". */
uint64_t dataset_folders(const struct dataset *d);
void dataset_folder_name(const struct dataset *d, uint64_t folder,
			 char buf[DATASET_MAX_NAME]);

/* One file, as formats see it. */
struct dataset_file {
	uint64_t number; /* in the dataset: training files come first */
	uint64_t samples;
	unsigned ndims;
	uint64_t dims[DATASET_MAX_DIMS]; /* of one sample */
	bool dims_given;		 /* by record_dims; else a square */
	uint64_t record_bytes;		 /* of one sample */
	const struct dtype *dtype;
	const struct payload *payload;
	const struct dataset_layout *layout;
	void *prepared; /* the format's own */
};

void dataset_file(const struct dataset *d, uint64_t file,
		  struct dataset_file *out);

/* ---- Sizes and bytes of objects ---- */

/* Exact.  0 only where its format has to make it and cannot (no memory). */
uint64_t dataset_size(const struct dataset *d, uint64_t object);

/* CRC-32 of the whole.  A negative errno only where its format has to make it
 * and cannot (-ENOMEM). */
int dataset_crc32(const struct dataset *d, uint64_t object,
		  uint32_t *crc) MUST_USE;

/* Bytes of an object from offset on: len of them, fewer only at its end; or
 * -ENOMEM.  The last few encoded files are kept. */
ssize_t dataset_read(const struct dataset *d, uint64_t object, void *buf,
		     size_t len, uint64_t offset) MUST_USE;

struct dataset_sum {
	uint64_t size;
	uint32_t crc; /* CRC-32 */
};

/* The next bytes of an object.  0, or what ends dataset_stream(). */
typedef int (*dataset_piece_fn)(void *arg, const void *data, size_t len);

/* All bytes of an object, in order, in pieces of `room` bytes but for the last,
 * by way of the buffer.  This makes an encoded file just once, keeps nothing of
 * it, and remembers what it came to.  0, the first result of fn that was not,
 * or -ENOMEM. */
int dataset_stream(const struct dataset *d, uint64_t object, void *buffer,
		   size_t room, dataset_piece_fn fn, void *arg) MUST_USE;

/* Do files have to be made to know their sizes? */
bool dataset_is_encoded(const struct dataset *d);

/* Is it worth while to tell the dataset what is known of its objects from
 * elsewhere, since sizes or CRCs cost as much as the bytes? */
bool dataset_learns(const struct dataset *d);
void dataset_learn(const struct dataset *d, uint64_t object,
		   const struct dataset_sum *sum);

/* What costs as much as the bytes, if it is remembered. */
bool dataset_known(const struct dataset *d, uint64_t object,
		   struct dataset_sum *out);

/* All that decides the files' names and bytes, in one line of words. */
void dataset_describe(const struct dataset *d, FILE *out);

#endif
