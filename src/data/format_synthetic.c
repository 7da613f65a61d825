/* DLIO's "synthetic": each file holds its number as text, and nothing else. */
#include "data/format.h"

#include <inttypes.h>
#include <string.h>

#define MAX_DIGITS 24

static size_t number_text(const struct dataset_file *f, char buf[MAX_DIGITS])
{
	return (size_t)snprintf(buf, MAX_DIGITS, "%" PRIu64, f->number);
}

static int synthetic_plan(const struct dataset_file *f, struct format_plan *out)
{
	char text[MAX_DIGITS];

	*out = (struct format_plan){
		.copies = 1,
		.n = 1,
		.pieces = { { FORMAT_LITERAL, number_text(f, text) } },
	};
	return 0;
}

static int synthetic_literal(const struct dataset_file *f, uint64_t copy,
			     unsigned piece, unsigned char *buf)
{
	char text[MAX_DIGITS];
	size_t len = number_text(f, text);

	(void)copy, (void)piece; /* there is one */
	memcpy(buf, text, len);
	return 0;
}

const struct format format_synthetic = {
	.name = "synthetic",
	.plan = synthetic_plan,
	.literal = synthetic_literal,
	.varies = true,
};
