/* A result file appears whole under its name, or not at all: it is written
 * beside it and renamed.  Any thread. */
#ifndef TRAIN_SAVEFILE_H
#define TRAIN_SAVEFILE_H

#include "base/util.h"

/* Make a folder and those above it; fine if it is there. */
int savefile_make_folder(const char *path) MUST_USE;

/* The same for the folder that a file is to be in. */
int savefile_make_folder_of(const char *file) MUST_USE;

/* Make the file of what fill() writes to the stream; fill() gives 0 or a
 * negative errno.  An earlier file of that name is replaced. */
int savefile_replace(const char *path, int (*fill)(void *arg, FILE *stream),
		     void *arg) MUST_USE;

/* The same of folder/name, and the folder is made if it is missing. */
int savefile_write(const char *folder, const char *name,
		   int (*fill)(void *arg, FILE *stream), void *arg) MUST_USE;

/* Remove what an earlier run has saved, if it is there. */
void savefile_forget(const char *folder, const char *name);

#endif
