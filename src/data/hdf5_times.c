#include "data/hdf5_times.h"

#include "data/lookup3.h"

#include <endian.h>
#include <string.h>

/* Flags: how many bytes the length of the first part has, and what there is. */
#define FLAGS 5
#define SIZED 0x3
#define LIMITS 0x10
#define TIMES 0x20

size_t hdf5_times_find(const unsigned char *at, size_t len)
{
	size_t length = HDF5_TIMES + HDF5_TIMES_BYTES, sized;
	uint64_t messages = 0;

	if (len < 64 || memcmp(at, "OHDR\2", FLAGS) || !(at[FLAGS] & TIMES))
		return 0;
	length += at[FLAGS] & LIMITS ? 4 : 0;
	sized = (size_t)1 << (at[FLAGS] & SIZED);
	for (size_t i = 0; i < sized; i++)
		messages |= (uint64_t)at[length + i] << 8 * i;
	length += sized;
	if (messages > len || length + messages + HDF5_TIMES_SUM > len)
		return 0;
	return length + messages;
}

void hdf5_times_clear(unsigned char *at, size_t sum)
{
	uint32_t right;

	memset(at + HDF5_TIMES, 0, HDF5_TIMES_BYTES);
	right = htole32(lookup3_hash(at, sum));
	memcpy(at + sum, &right, sizeof(right));
}

bool hdf5_times_sound(const unsigned char *at, size_t sum)
{
	uint32_t right = htole32(lookup3_hash(at, sum));

	return memcmp(at + sum, &right, sizeof(right)) == 0;
}
