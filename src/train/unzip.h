/* The parts of a ZIP file, from bytes: as much as reading NumPy's and PyTorch's
 * files takes.  PKWARE's APPNOTE.TXT 6.3.9, sections 4.3.6 to 4.5.3.
 *
 * Nothing here reads a file: readers differ in how they do, and that is what we
 * imitate.  Every function checks its bounds and returns what is wrong with the
 * bytes, in words that follow the file's name ("… has no ZIP directory at its
 * end"), or NULL.  Pure; any thread. */
#ifndef TRAIN_UNZIP_H
#define TRAIN_UNZIP_H

#include "base/util.h"

#define UNZIP_LOCAL_SIZE 30u   /* local header, without name and extra */
#define UNZIP_END_SIZE 22u     /* end of central directory, no comment */
#define UNZIP_LOCATOR_SIZE 20u /* of the following */
#define UNZIP_END64_SIZE 56u   /* ZIP64 end of central directory */

/* Where the central directory is. */
struct unzip_end {
	uint64_t dir_offset, dir_size;
};

struct unzip_member {
	uint64_t header_offset; /* of the local header */
	uint64_t packed, size;	/* bytes in the file, and unpacked */
	uint32_t crc;
	unsigned method, flags; /* method 0: stored */
};

const char *unzip_parse_end(const uint8_t end[UNZIP_END_SIZE],
			    struct unzip_end *out);
bool unzip_is_locator(const uint8_t locator[UNZIP_LOCATOR_SIZE]);
const char *unzip_parse_end64(const uint8_t end[UNZIP_END64_SIZE],
			      struct unzip_end *out);

/* The entry that the central directory, or what is left of it, begins with.
 * Returns its length; 0: it is damaged.  The name is no string. */
size_t unzip_entry(const uint8_t *dir, size_t len, const char **name,
		   size_t *name_len, struct unzip_member *out);

/* Look a name up in the central directory. */
const char *unzip_find(const uint8_t *dir, size_t len, const char *name,
		       struct unzip_member *out);

/* The lengths of what follows a local header before the data. */
const char *unzip_parse_local(const uint8_t local[UNZIP_LOCAL_SIZE],
			      size_t *name_len, size_t *extra_len);

/* All of it, for a whole file in memory: a member that is stored, and where its
 * data is. */
const char *unzip_locate(const uint8_t *file, size_t len, const char *name,
			 struct unzip_member *out, uint64_t *data_offset);

/* Can the member be read as it is: stored, not encrypted, and its bytes inside
 * a file of this size when they begin at data_offset? */
const char *unzip_check_stored(const struct unzip_member *m,
			       uint64_t data_offset, uint64_t file_size);

#endif
