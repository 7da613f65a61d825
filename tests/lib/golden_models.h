/* Checkpoints that DLIO wrote of many models (tests/golden/dlio/models): what
 * files of what size and CRC-32, and what it said of them. */
#ifndef TESTS_LIB_GOLDEN_MODELS_H
#define TESTS_LIB_GOLDEN_MODELS_H

#include "config/config.h"

#define GOLDEN_FILES 16

struct golden_file {
	uint64_t size;
	uint32_t crc;
	char name[96];
};

struct golden_model {
	char text[512]; /* the case's line */
	unsigned ranks;
	struct config *config; /* values of tensors: ones */
	uint64_t parameters;
	double model_gb, optimizer_gb; /* to six places; 0: not said */
	struct golden_file file[GOLDEN_FILES];
	size_t files;
};

/* The next model of the list; false: that was all. */
FILE *golden_models_open(void);
bool golden_models_next(FILE *list, struct golden_model *out);
void golden_models_clear(struct golden_model *m);

#endif
