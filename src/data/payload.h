/* The random numbers that fill a dataset's files, computed from (seed, stream,
 * position) alone: any range at any time, and the CRC-32 of the whole without
 * generating it.
 *
 * A stream is one array in one file; its number, its length and where in the
 * file it starts are a struct payload_span.  It is made of blocks of 64 KiB,
 * each from a generator seeded by (seed, stream, block), and the blocks lie on
 * the file's grid, not the stream's: a reader of aligned ranges of the file
 * never asks for half a block.  (A number never straddles two blocks: the
 * border is the last one of a number before the grid's.)
 *
 * Why the CRC must be cheap: a ZIP header comes before its member and holds the
 * member's CRC, and reading 100 bytes of header must not cost the generation of
 * 150 MB.  How: over bytes, a CRC register moves as R -> R * x^(8 len) ^ r (see
 * base/crc.h), where r, the raw CRC of those bytes, is all that matters of
 * them.  So we choose r for each block beforehand, 32 bits hashed from (seed,
 * stream, block), and make the block have it.  r is linear in the block's bits:
 * flipping bit i flips r by a constant v_i that depends only on how far from
 * the end bit i is.  Take 32 bits near the end whose v_i are independent; they
 * are a basis, so exactly one choice of flips turns the r that came out into
 * the r that was promised, and one 32 x 32 matrix, inverted once, finds it.
 * Those 32 bits may be any value in a legal number: the low bits of the last
 * integers, the low mantissa bits of the last floats (a finite number in [0, 1)
 * stays one), the only bit of the last 32 bools.  They are as random as the
 * rest.  The CRC of a stream is then one hash, one table look-up and one xor a
 * block.  The r are hashes rather than, say, zero, so that two blocks swapped,
 * or one from another file, still change the CRC of the file.  A last block too
 * short for the 32 bits keeps the CRC it has, and that is computed from it.
 *
 * A store that compresses or deduplicates would be flattered by data of any
 * other kind than its users'; so how far that is possible can be chosen.  Of
 * each 4 KiB of a block the first part is random and the rest zeros; and of the
 * blocks that are whole, some are one of a few that come again and again.  A
 * block that comes again has its CRC, too, so all of the above holds.
 *
 * After payload_init() and payload_shape() everything is const: any thread. */
#ifndef DATA_PAYLOAD_H
#define DATA_PAYLOAD_H

#include "base/crc.h"
#include "data/dtype.h"

#define PAYLOAD_BLOCK ((uint64_t)64 * KIB)

/* What compressors see at a time, at least; and blocks that come again. */
#define PAYLOAD_UNIT ((size_t)4 * KIB)
#define PAYLOAD_REPEATED 64u

struct payload {
	const struct payload_kind *kind;
	uint64_t seed;		   /* the caller's and the kind's */
	size_t random;		   /* bytes of each unit */
	uint32_t repeats;	   /* 2^32 times the share of blocks */
	struct crc_map over_block; /* a register, moved over a block */
	struct crc_map flips;	   /* wanted change of r -> bits to flip */
};

struct payload_span {
	uint64_t stream; /* which random numbers: unique in the dataset */
	uint64_t start;	 /* of the stream in its file */
	uint64_t len;	 /* bytes */
};

/* Integers get random bits; bools 0 and 1; floats and both halves of complex
 * numbers multiples of 2^-11, 2^-24, 2^-52 (by their size) in [0, 1). */
void payload_init(struct payload *p, const struct dtype *t, uint64_t seed);

/* How many times smaller a compressor and a deduplicator (of aligned 64 KiB) are
 * to make the streams, about; 1: not at all, as after payload_init(). */
#define PAYLOAD_MAX_RATIO 64.0
void payload_shape(struct payload *p, double compress_ratio,
		   double dedupe_ratio);

/* Bytes offset … offset + len of the stream, which has them. */
void payload_fill(const struct payload *p, const struct payload_span *s,
		  uint64_t offset, void *buf, size_t len);

/* CRC-32 of the whole stream. */
uint32_t payload_crc32(const struct payload *p, const struct payload_span *s);

#endif
