#include "data/hdf5_shape.h"

#include "base/log.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define MAX_DATASETS 64
#define MAX_CHUNK_BYTES UINT32_MAX /* HDF5's own limit */
#define MAX_LEVEL 9

static const struct {
	const char *name;
	enum hdf5_filter filter;
} filters[] = {
	{ "gzip", HDF5_GZIP },
	{ "lzf", HDF5_LZF },
	{ "szip", HDF5_SZIP },
};

static enum hdf5_filter filter_of(const struct dataset_layout *l)
{
	for (size_t i = 0; l->compression && i < ARRAY_SIZE(filters); i++)
		if (!strcmp(l->compression, filters[i].name))
			return filters[i].filter;
	return HDF5_NO_FILTER;
}

static unsigned datasets_of(const struct dataset_layout *l)
{
	return (unsigned)MAX(l->hdf5.dsets_per_record, 1);
}

bool hdf5_shape_chunked(const struct dataset_layout *l)
{
	return l->compression || l->hdf5.chunk_dims.n || l->hdf5.max_shape.n;
}

/* ---- Chunks ---- */

uint64_t hdf5_shape_bytes(const struct hdf5_shape *s)
{
	const uint64_t *dims = s->chunk[0] ? s->chunk : s->dims;
	uint64_t bytes = s->dtype->size;

	for (unsigned i = 0; i < s->ndims; i++)
		if (__builtin_mul_overflow(bytes, dims[i], &bytes))
			return UINT64_MAX;
	return bytes;
}

uint64_t hdf5_shape_chunks(const struct hdf5_shape *s)
{
	uint64_t count = 1;

	if (!s->chunk[0])
		return 0;
	for (unsigned i = 0; i < s->ndims; i++)
		count *= (s->dims[i] + s->chunk[i] - 1) / s->chunk[i];
	return count;
}

void hdf5_shape_chunk_start(const struct hdf5_shape *s, uint64_t i,
			    uint64_t start[NPY_MAX_DIMS])
{
	for (unsigned k = s->ndims; k-- > 0;) {
		uint64_t across = (s->dims[k] + s->chunk[k] - 1) / s->chunk[k];

		start[k] = i % across * s->chunk[k];
		i /= across;
	}
}

/* h5py aims at chunks between 8 KiB and 1 MiB, about the larger the larger the
 * dataset is: 16 KiB for each MiB of it to the power of log10(2).  It halves
 * one dimension after the other, rounding up, until a chunk is smaller than
 * that, or larger by less than half; and smaller than 1 MiB in any case. */
#define AIM_BASE (16.0 * 1024)
#define AIM_LEAST (8.0 * 1024)
#define AIM_MOST (1024.0 * 1024)

static bool small_enough(double bytes, double aim)
{
	return (bytes < aim || fabs(bytes - aim) / aim < 0.5) &&
	       bytes < AIM_MOST;
}

void hdf5_shape_guess_chunk(struct hdf5_shape *s)
{
	double elements = 1, size = (double)s->dtype->size, aim;

	for (unsigned i = 0; i < s->ndims; i++) {
		s->chunk[i] = s->dims[i];
		elements *= (double)s->dims[i];
	}
	aim = AIM_BASE * pow(2, log10(elements * size / AIM_MOST));
	aim = MIN(MAX(aim, AIM_LEAST), AIM_MOST);
	for (unsigned i = 0; !small_enough(elements * size, aim); i++) {
		uint64_t *dim = &s->chunk[i % s->ndims];

		if (elements <= 1)
			break;
		*dim = (*dim + 1) / 2;
		elements = 1;
		for (unsigned k = 0; k < s->ndims; k++)
			elements *= (double)s->chunk[k];
	}
}

/* ---- DLIO's rules ---- */

/* The first dim of a record is split among the datasets, and not there if it
 * would be 1; but only if dims are configured: a record of side 1 keeps it. */
static void set_dims(const struct dataset_file *f, struct hdf5_shape *s)
{
	unsigned from = 0;

	s->dims[s->ndims++] = f->samples;
	if (f->dims_given && f->ndims > 0 && f->dims[0] / s->datasets == 1)
		from = 1;
	for (unsigned i = from; i < f->ndims; i++)
		s->dims[s->ndims++] = f->dims[i] / (i == 0 ? s->datasets : 1);
}

static void set_chunks(const struct dataset_layout *l, struct hdf5_shape *s)
{
	const struct dataset_dims *chunk = &l->hdf5.chunk_dims;
	const struct dataset_dims *max = &l->hdf5.max_shape;

	memcpy(s->max, s->dims, sizeof(s->max));
	if (!hdf5_shape_chunked(l))
		return;
	for (unsigned i = 1; max->n && i < s->ndims; i++)
		s->max[i] = MAX(max->dim[i - 1], s->dims[i]);
	if (!chunk->n)
		hdf5_shape_guess_chunk(s);
	for (unsigned i = 0; chunk->n && i < s->ndims; i++)
		s->chunk[i] = MIN(chunk->dim[i], s->max[i]);
}

void hdf5_shape_of(const struct dataset_file *f, struct hdf5_shape *s)
{
	*s = (struct hdf5_shape){
		.dtype = f->dtype,
		.datasets = datasets_of(f->layout),
		.labels = f->samples,
		.filter = filter_of(f->layout),
		.level = (unsigned)f->layout->compression_level,
	};
	set_dims(f, s);
	set_chunks(f->layout, s);
}

/* ---- What cannot be ---- */

static int check_datasets(const struct dataset_file *f)
{
	uint64_t n = f->layout->hdf5.dsets_per_record;

	if (n > MAX_DATASETS)
		return log_invalid("dataset.hdf5.num_dset_per_record: %" PRIu64
				   " is more than the %d that there can be",
				   n, MAX_DATASETS);
	if (n > 1 && !f->dims_given)
		return log_invalid("dataset.hdf5.num_dset_per_record: %" PRIu64
				   " datasets need record_dims, whose first "
				   "is split among them",
				   n);
	if (n > 1 && f->dims[0] % n)
		return log_invalid("dataset.hdf5.num_dset_per_record: "
				   "record_dims[0] is %" PRIu64
				   ", no multiple of %" PRIu64,
				   f->dims[0], n);
	if (f->ndims + 1 > NPY_MAX_DIMS)
		return log_invalid("dataset.record_dims: %u are too many",
				   f->ndims);
	return 0;
}

static int check_filter(const struct dataset_file *f)
{
	const struct dataset_layout *l = f->layout;

	if (l->compression && filter_of(l) == HDF5_NO_FILTER)
		return log_invalid("dataset.compression %s: hdf5 has gzip, lzf "
				   "and szip",
				   l->compression);
	if (filter_of(l) == HDF5_GZIP &&
	    (l->compression_level < 0 || l->compression_level > MAX_LEVEL))
		return log_invalid("dataset.compression_level: %d is not from "
				   "0 to %d",
				   l->compression_level, MAX_LEVEL);
	return 0;
}

static int check_rank(const struct dataset_dims *dims, unsigned want,
		      const char *setting)
{
	if (dims->n == 0 || dims->n == want)
		return 0;
	return log_invalid("dataset.hdf5.%s: %u numbers where the dataset "
			   "takes %u",
			   setting, dims->n, want);
}

static int check_chunks(const struct dataset_file *f)
{
	const struct dataset_dims *chunk = &f->layout->hdf5.chunk_dims;
	const struct dataset_dims *max = &f->layout->hdf5.max_shape;
	struct hdf5_shape s;
	int rc;

	hdf5_shape_of(f, &s);
	rc = check_rank(chunk, s.ndims, "chunk_dims");
	if (!rc)
		rc = check_rank(max, s.ndims - 1, "max_shape");
	for (unsigned i = 0; !rc && i < max->n; i++)
		if (max->dim[i] < s.dims[i + 1])
			rc = log_invalid("dataset.hdf5.max_shape: %" PRIu64
					 " is less than the %" PRIu64
					 " of a record",
					 max->dim[i], s.dims[i + 1]);
	for (unsigned i = 0; !rc && i < chunk->n; i++)
		if (chunk->dim[i] == 0 || chunk->dim[i] > s.max[i])
			rc = log_invalid("dataset.hdf5.chunk_dims: %" PRIu64
					 " is not from 1 to the %" PRIu64
					 " of a dataset",
					 chunk->dim[i], s.max[i]);
	if (!rc && s.chunk[0] && hdf5_shape_bytes(&s) > MAX_CHUNK_BYTES)
		rc = log_invalid("dataset.hdf5.chunk_dims: a chunk of %" PRIu64
				 " bytes is too large",
				 hdf5_shape_bytes(&s));
	return rc;
}

int hdf5_shape_check(const struct dataset_file *f)
{
	int rc = check_datasets(f);

	if (!rc)
		rc = check_filter(f);
	return rc ? rc : check_chunks(f);
}
