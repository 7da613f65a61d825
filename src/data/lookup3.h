/* Bob Jenkins' hash of 2006, which is HDF5's checksum of its metadata ("HDF5
 * File Format Specification" 3.0, IX.A).  Reference: burtleburtle.net/bob,
 * lookup3.c, hashlittle() with initial value 0.  Pure; any thread. */
#ifndef DATA_LOOKUP3_H
#define DATA_LOOKUP3_H

#include "base/util.h"

uint32_t lookup3_hash(const void *data, size_t len);

#endif
