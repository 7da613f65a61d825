/* The records of a ZIP archive whose members are stored uncompressed, as
 * Python's zipfile writes them for numpy.savez(): each local header with a
 * ZIP64 field whether needed or not, ZIP64 elsewhere from 2 GiB on, dated
 * 1980-01-01.  PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
 *
 * Each function writes one record to buf and returns its length; with buf NULL
 * it only tells the length.  Pure; any thread. */
#ifndef DATA_ZIPOUT_H
#define DATA_ZIPOUT_H

#include "base/util.h"

struct zipout_member {
	const char *name; /* ASCII */
	uint64_t size;
	uint32_t crc;	 /* CRC-32 of its bytes */
	uint64_t offset; /* of its local header */
};

/* Comes before the member's bytes. */
size_t zipout_local_header(const struct zipout_member *m, unsigned char *buf);

/* One after the other after all members: the central directory. */
size_t zipout_central_header(const struct zipout_member *m, unsigned char *buf);

/* The end of the archive, for a directory of `members` headers in `len` bytes
 * at `offset`. */
size_t zipout_end(uint64_t members, uint64_t offset, uint64_t len,
		  unsigned char *buf);

#endif
