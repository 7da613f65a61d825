/* What a DLIO dataset is: how many files of which names, sizes and contents,
 * all computed from a few options; nothing is stored but two numbers a file if
 * the sizes vary.  Names, folders and sizes are DLIO's to the byte (its main
 * branch at e1919d7 with NumPy 1.24): sides of records come from
 * numpy.random.RandomState(10) in file order, so they depend on nothing but
 * record length, its deviation, and the number of the file.
 *
 * Once made a dataset is const: any number of threads may use it. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include "data/dtype.h"
#include "data/npy.h"
#include "data/payload.h"

enum dataset_split { DATASET_TRAIN, DATASET_EVAL, DATASET_SPLITS };

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

/* Of all files together.  Takes time for each file where sizes vary. */
uint64_t dataset_bytes(const struct dataset *d);

#define DATASET_MAX_NAME 320

/* "train/img_003_of_168.npz", "valid/07/img_19_of_42.npz". */
void dataset_name(const struct dataset *d, uint64_t file,
		  char buf[DATASET_MAX_NAME]);

/* Which file has this name?  -ENOENT: none.  Takes no time that depends on how
 * many there are. */
int dataset_find(const struct dataset *d, const char *name,
		 uint64_t *file) MUST_USE;

/* The files of a split go round its folders, of which there are 1 or more. */
uint64_t dataset_folders(const struct dataset *d, enum dataset_split split);

/* One file, as formats see it. */
struct dataset_file {
	uint64_t number; /* in the dataset: training files come first */
	uint64_t samples;
	unsigned ndims;
	uint64_t dims[NPY_MAX_DIMS - 1]; /* of one sample */
	uint64_t record_bytes;		 /* of one sample */
	const struct dtype *dtype;
	const struct payload *payload;
};

void dataset_file(const struct dataset *d, uint64_t file,
		  struct dataset_file *out);

/* Exact.  0 only where its format has to compute it and cannot (no memory). */
uint64_t dataset_size(const struct dataset *d, uint64_t file);

/* CRC-32 of the whole file.  A negative errno only where its format has to
 * compute it and cannot (-ENOMEM). */
int dataset_crc32(const struct dataset *d, uint64_t file,
		  uint32_t *crc) MUST_USE;

/* Bytes of a file from offset on: len of them, fewer only at its end; or
 * -ENOMEM. */
ssize_t dataset_read(const struct dataset *d, uint64_t file, void *buf,
		     size_t len, uint64_t offset) MUST_USE;

/* All that decides the files' names and bytes, in one line of words. */
void dataset_describe(const struct dataset *d, FILE *out);

#endif
