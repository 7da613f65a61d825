#include "train/filler.h"

#include "base/log.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

int filler_open(struct filler *f, bool randomize, uint64_t seed)
{
	*f = (struct filler){ .randomize = randomize };
	f->piece = malloc(FILLER_PIECE);
	if (!f->piece)
		return log_fail(-ENOMEM, "memory for checkpoints");
	noise_seed(&f->noise, seed);
	return 0;
}

void filler_close(struct filler *f)
{
	free(f->piece);
	f->piece = NULL;
}

static void fill_ones(struct filler *f, enum state_type type, size_t len)
{
	static const uint64_t one[STATE_TYPES] = {
		[STATE_FP16] = 0x3c00,	   [STATE_BF16] = 0x3f80,
		[STATE_FP32] = 0x3f800000, [STATE_FP64] = 0x3ff0000000000000,
		[STATE_INT8] = 1,	   [STATE_UINT8] = 1,
	};
	uint64_t le = htole64(one[type]);
	size_t size = state_type_size(type);

	for (size_t i = 0; i < len; i += size)
		memcpy(f->piece + i, &le, size);
	f->type = type;
	f->ones = len;
}

const uint8_t *filler_next(struct filler *f, enum state_type type, size_t len)
{
	if (f->randomize)
		noise_fill(&f->noise, NOISE_BITS, f->piece,
			   round_up(len, NOISE_STEP));
	else if (f->type != type || f->ones < len)
		fill_ones(f, type, len);
	return f->piece;
}
