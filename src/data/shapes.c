#include "data/shapes.h"

#include "base/log.h"
#include "base/rng.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* numpy.random.seed(10): DLIO's, for the sides of records. */
#define SIDES_SEED 10
#define MAX_ARRAY_BYTES ((uint64_t)1 << 62)

/* A record of these dims, times all samples, in bytes; or 0 if that is more
 * than a file can hold. */
static uint64_t array_bytes(const struct shapes *s, const uint64_t *dims)
{
	uint64_t bytes = s->dtype->size;

	if (__builtin_mul_overflow(bytes, s->samples, &bytes))
		return 0;
	for (unsigned i = 0; i < s->ndims; i++)
		if (__builtin_mul_overflow(bytes, dims[i], &bytes))
			return 0;
	return bytes < MAX_ARRAY_BYTES ? bytes : 0;
}

static int check_size(const struct shapes *s, const uint64_t *dims)
{
	if (array_bytes(s, dims) == 0)
		return log_invalid("record length and num_samples_per_file: "
				   "a file would have more than %" PRIu64
				   " bytes",
				   MAX_ARRAY_BYTES);
	return 0;
}

static int set_dims(struct shapes *s, const struct dataset_options *o)
{
	if (o->record_ndims > ARRAY_SIZE(s->dims))
		return log_invalid("record_dims: %u dimensions; a file can "
				   "have %zu",
				   o->record_ndims, ARRAY_SIZE(s->dims));
	if (o->record_length_stdev != 0)
		return log_invalid("record_length_bytes_stdev: must be 0 if "
				   "record_dims is given");
	s->ndims = o->record_ndims;
	s->given = true;
	for (unsigned i = 0; i < s->ndims; i++) {
		s->dims[i] = o->record_dims[i];
		if (s->dims[i] == 0)
			return log_invalid("record_dims: 0 is no dimension");
	}
	return check_size(s, s->dims);
}

/* Normals around `side`, cut to integers, at least 1: two a file, in order of
 * the files, as DLIO draws them. */
static int draw_sides(struct shapes *s, uint64_t files, double side,
		      double stdev)
{
	uint64_t largest[2] = { 1, 1 };
	struct rng_mt g;

	s->sides = calloc(MAX(files, 1), sizeof(s->sides[0]));
	if (!s->sides)
		return log_fail(-ENOMEM, "sizes of %" PRIu64 " files", files);
	s->side = side;
	s->side_stdev = stdev;
	rng_mt_seed(&g, SIDES_SEED);
	for (uint64_t i = 0; i < 2 * files; i++) {
		double drawn = trunc(side + stdev * rng_mt_normal(&g));

		drawn = MAX(drawn, 1);
		if (drawn > UINT32_MAX)
			return log_invalid("record_length_bytes: a record of "
					   "side %g is too large",
					   drawn);
		s->sides[i / 2][i % 2] = (uint32_t)drawn;
		largest[i % 2] = MAX(largest[i % 2], (uint64_t)drawn);
	}
	return check_size(s, largest);
}

static int set_square(struct shapes *s, const struct dataset_options *o,
		      uint64_t files)
{
	double side = floor(sqrt(o->record_length));
	double stdev = o->record_length_stdev / 2 / sqrt(o->record_length);

	if (!(side >= 1 && side <= UINT32_MAX) || !isfinite(stdev))
		return log_invalid("record_length_bytes: %g +- %g is no length",
				   o->record_length, o->record_length_stdev);
	s->ndims = 2;
	s->dims[0] = s->dims[1] = (uint64_t)side;
	return stdev > 0 ? draw_sides(s, files, side, stdev) :
			   check_size(s, s->dims);
}

int shapes_init(struct shapes *s, const struct dataset_options *o,
		const struct dtype *dtype, uint64_t samples, uint64_t files)
{
	*s = (struct shapes){ .dtype = dtype, .samples = samples };
	return o->record_ndims > 0 ? set_dims(s, o) : set_square(s, o, files);
}

void shapes_clear(struct shapes *s)
{
	free(s->sides);
	s->sides = NULL;
}

bool shapes_same(const struct shapes *s)
{
	return !s->sides;
}

uint64_t shapes_largest(const struct shapes *s, uint64_t files)
{
	uint64_t largest = 0, most = 0;

	for (uint64_t i = 0; s->sides && i < files; i++) {
		uint64_t elements = (uint64_t)s->sides[i][0] * s->sides[i][1];

		if (elements > most) {
			most = elements;
			largest = i;
		}
	}
	return largest;
}

void shapes_of(const struct shapes *s, struct dataset_file *out)
{
	out->samples = s->samples;
	out->dtype = s->dtype;
	out->ndims = s->ndims;
	memcpy(out->dims, s->dims, sizeof(out->dims));
	if (s->sides) {
		out->dims[0] = s->sides[out->number][0];
		out->dims[1] = s->sides[out->number][1];
	}
	out->record_bytes = array_bytes(s, out->dims) / s->samples;
}

void shapes_describe(const struct shapes *s, FILE *out)
{
	if (s->sides)
		fprintf(out, " side=%.17g stdev=%.17g", s->side, s->side_stdev);
	else
		for (unsigned i = 0; i < s->ndims; i++)
			fprintf(out, "%c%" PRIu64, i ? 'x' : ' ', s->dims[i]);
}
