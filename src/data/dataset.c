#include "data/dataset.h"

#include "base/log.h"
#include "base/rng.h"
#include "data/format.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* numpy.random.seed(10): DLIO's, for the sides of records. */
#define SIDES_SEED 10
#define MAX_FILE_NAME 255 /* Linux's NAME_MAX */
#define MAX_ARRAY_BYTES ((uint64_t)1 << 62)
#define MAX_FILES ((uint64_t)1 << 40)

static const char *const folders[DATASET_SPLITS] = {
	[DATASET_TRAIN] = "train",
	[DATASET_EVAL] = "valid",
};

struct dataset {
	const struct format *format;
	const struct dtype *dtype;
	char *prefix;
	uint64_t files[DATASET_SPLITS];
	uint64_t subfolders[DATASET_SPLITS]; /* 0: none */
	uint64_t samples;
	unsigned ndims;
	uint64_t dims[NPY_MAX_DIMS - 1]; /* unless: */
	uint32_t (*sides)[2];		 /* by file number, if they vary: */
	double side, side_stdev;	 /* drawn from these */
	uint64_t size;			 /* of every file, if they do not */
	struct payload payload;
};

/* ---- Sizes ---- */

/* A record of these dims, times all samples, in bytes; or 0 if that is more
 * than a file can hold. */
static uint64_t array_bytes(const struct dataset *d, const uint64_t *dims)
{
	uint64_t bytes = d->dtype->size;

	if (__builtin_mul_overflow(bytes, d->samples, &bytes))
		return 0;
	for (unsigned i = 0; i < d->ndims; i++)
		if (__builtin_mul_overflow(bytes, dims[i], &bytes))
			return 0;
	return bytes < MAX_ARRAY_BYTES ? bytes : 0;
}

static int check_size(const struct dataset *d, const uint64_t *dims)
{
	if (array_bytes(d, dims) == 0)
		return log_invalid("record length and num_samples_per_file: "
				   "a file would have more than %" PRIu64
				   " bytes",
				   MAX_ARRAY_BYTES);
	return 0;
}

static int set_dims(struct dataset *d, const struct dataset_options *o)
{
	if (o->record_ndims > ARRAY_SIZE(d->dims))
		return log_invalid("record_dims: %u dimensions; a file can "
				   "have %zu",
				   o->record_ndims, ARRAY_SIZE(d->dims));
	if (o->record_length_stdev != 0)
		return log_invalid("record_length_bytes_stdev: must be 0 if "
				   "record_dims is given");
	d->ndims = o->record_ndims;
	for (unsigned i = 0; i < d->ndims; i++) {
		d->dims[i] = o->record_dims[i];
		if (d->dims[i] == 0)
			return log_invalid("record_dims: 0 is no dimension");
	}
	return check_size(d, d->dims);
}

/* Normals around `side`, cut to integers, at least 1: two a file, in order of
 * the files, as DLIO draws them. */
static int draw_sides(struct dataset *d, double side, double stdev)
{
	uint64_t files = dataset_files(d);
	uint64_t largest[2] = { 1, 1 };
	struct rng_mt g;

	d->sides = calloc(MAX(files, 1), sizeof(d->sides[0]));
	if (!d->sides)
		return log_fail(-ENOMEM, "sizes of %" PRIu64 " files", files);
	d->side = side;
	d->side_stdev = stdev;
	rng_mt_seed(&g, SIDES_SEED);
	for (uint64_t i = 0; i < 2 * files; i++) {
		double drawn = trunc(side + stdev * rng_mt_normal(&g));

		drawn = MAX(drawn, 1);
		if (drawn > UINT32_MAX)
			return log_invalid("record_length_bytes: a record of "
					   "side %g is too large",
					   drawn);
		d->sides[i / 2][i % 2] = (uint32_t)drawn;
		largest[i % 2] = MAX(largest[i % 2], (uint64_t)drawn);
	}
	return check_size(d, largest);
}

static int set_square(struct dataset *d, const struct dataset_options *o)
{
	double side = floor(sqrt(o->record_length));
	double stdev = o->record_length_stdev / 2 / sqrt(o->record_length);

	if (!(side >= 1 && side <= UINT32_MAX) || !isfinite(stdev))
		return log_invalid("record_length_bytes: %g +- %g is no length",
				   o->record_length, o->record_length_stdev);
	d->ndims = 2;
	d->dims[0] = d->dims[1] = (uint64_t)side;
	return stdev > 0 ? draw_sides(d, side, stdev) : check_size(d, d->dims);
}

/* ---- Names ---- */

static int digits(uint64_t n)
{
	int count = 1;

	while (n >= 10) {
		n /= 10;
		count++;
	}
	return count;
}

/* The set that a file belongs to; *i becomes its number in there. */
static enum dataset_split place(const struct dataset *d, uint64_t *i)
{
	if (*i < d->files[DATASET_TRAIN])
		return DATASET_TRAIN;
	*i -= d->files[DATASET_TRAIN];
	return DATASET_EVAL;
}

/* Numbers are padded with zeros to the digits of their count. */
void dataset_name(const struct dataset *d, uint64_t file,
		  char buf[DATASET_MAX_NAME])
{
	uint64_t i = file;
	enum dataset_split split = place(d, &i);
	uint64_t subs = d->subfolders[split], n = d->files[split];
	int len = snprintf(buf, DATASET_MAX_NAME, "%s/", folders[split]);

	if (subs > 0)
		len += snprintf(buf + len, (size_t)(DATASET_MAX_NAME - len),
				"%0*" PRIu64 "/", digits(subs), i % subs);
	snprintf(buf + len, (size_t)(DATASET_MAX_NAME - len),
		 "%s_%0*" PRIu64 "_of_%" PRIu64 ".%s", d->prefix, digits(n), i,
		 n, d->format->name);
}

/* A number, if there is one; at most 19 digits, so it fits. */
static bool take_number(const char **at, uint64_t *out)
{
	const char *start = *at;

	for (*out = 0; **at >= '0' && **at <= '9' && *at - start < 19; ++*at)
		*out = *out * 10 + (uint64_t)(**at - '0');
	return *at > start;
}

static bool take(const char **at, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

/* The number of a file is read where it must stand; then only the name of that
 * very file is right. */
static bool is_name(const struct dataset *d, enum dataset_split split,
		    const char *name, uint64_t *i)
{
	char right[DATASET_MAX_NAME];
	const char *at = name;
	uint64_t sub;

	if (!take(&at, folders[split]) || !take(&at, "/"))
		return false;
	if (d->subfolders[split] > 0 &&
	    (!take_number(&at, &sub) || !take(&at, "/")))
		return false;
	if (!take(&at, d->prefix) || !take(&at, "_") || !take_number(&at, i) ||
	    *i >= d->files[split])
		return false;
	*i += dataset_first(d, split);
	dataset_name(d, *i, right);
	return strcmp(name, right) == 0;
}

int dataset_find(const struct dataset *d, const char *name, uint64_t *file)
{
	for (int split = 0; split < DATASET_SPLITS; split++)
		if (is_name(d, (enum dataset_split)split, name, file))
			return 0;
	return -ENOENT;
}

static int set_names(struct dataset *d, const struct dataset_options *o)
{
	uint64_t most = MAX(d->files[DATASET_TRAIN], d->files[DATASET_EVAL]);
	size_t longest = strlen(o->file_prefix) + strlen("__of_.") +
			 2 * (size_t)digits(most) + strlen(d->format->name);

	if (strpbrk(o->file_prefix, "/\t\n"))
		return log_invalid("file_prefix: %s: no slashes, tabs or line "
				   "ends",
				   o->file_prefix);
	if (longest > MAX_FILE_NAME)
		return log_invalid("file_prefix: %s: too long", o->file_prefix);
	d->prefix = strdup(o->file_prefix);
	if (!d->prefix)
		return log_fail(-ENOMEM, "names of a dataset");
	return 0;
}

/* ---- Making and asking ---- */

static uint64_t plan_size(const struct dataset *d, uint64_t file)
{
	struct dataset_file f;
	int64_t size;

	dataset_file(d, file, &f);
	size = format_size(d->format, &f);
	return size < 0 ? 0 : (uint64_t)size;
}

static int fill(struct dataset *d, const struct dataset_options *o)
{
	int rc;

	d->format = format_find(o->format);
	if (!d->format)
		return log_invalid("dataset.format: %s is no format we write",
				   o->format);
	d->dtype = dtype_find(o->dtype);
	if (!d->dtype)
		return log_invalid("record_element_type: %s is no type of "
				   "numbers",
				   o->dtype);
	if (o->samples_per_file == 0)
		return log_invalid("num_samples_per_file: must be at least 1");
	d->samples = o->samples_per_file;
	for (int split = 0; split < DATASET_SPLITS; split++) {
		if (o->files[split] > MAX_FILES)
			return log_invalid("%" PRIu64 " files are too many",
					   o->files[split]);
		d->files[split] = o->files[split];
		/* One subfolder is none, as DLIO generates it. */
		if (o->subfolders[split] > 1)
			d->subfolders[split] = o->subfolders[split];
	}
	rc = set_names(d, o);
	if (rc < 0)
		return rc;
	payload_init(&d->payload, d->dtype, o->seed);
	rc = o->record_ndims > 0 ? set_dims(d, o) : set_square(d, o);
	if (rc == 0 && !d->sides)
		d->size = plan_size(d, 0);
	return rc;
}

int dataset_new(const struct dataset_options *o, struct dataset **out)
{
	struct dataset *d = calloc(1, sizeof(*d));
	int rc;

	if (!d)
		return log_fail(-ENOMEM, "a dataset");
	rc = fill(d, o);
	if (rc < 0)
		goto fail;
	*out = d;
	return 0;
fail:
	dataset_free(d);
	return rc;
}

void dataset_free(struct dataset *d)
{
	if (!d)
		return;
	free(d->sides);
	free(d->prefix);
	free(d);
}

uint64_t dataset_files(const struct dataset *d)
{
	return d->files[DATASET_TRAIN] + d->files[DATASET_EVAL];
}

uint64_t dataset_count(const struct dataset *d, enum dataset_split split)
{
	return d->files[split];
}

uint64_t dataset_first(const struct dataset *d, enum dataset_split split)
{
	return split == DATASET_TRAIN ? 0 : d->files[DATASET_TRAIN];
}

const char *dataset_folder(enum dataset_split split)
{
	return folders[split];
}

uint64_t dataset_folders(const struct dataset *d, enum dataset_split split)
{
	return MAX(d->subfolders[split], 1);
}

uint64_t dataset_bytes(const struct dataset *d)
{
	uint64_t files = dataset_files(d), bytes = 0;

	if (!d->sides)
		return files ? files * dataset_size(d, 0) : 0;
	for (uint64_t i = 0; i < files; i++)
		bytes += dataset_size(d, i);
	return bytes;
}

void dataset_file(const struct dataset *d, uint64_t file,
		  struct dataset_file *out)
{
	*out = (struct dataset_file){
		.number = file,
		.samples = d->samples,
		.ndims = d->ndims,
		.dtype = d->dtype,
		.payload = &d->payload,
	};
	memcpy(out->dims, d->dims, sizeof(out->dims));
	if (d->sides) {
		out->dims[0] = d->sides[file][0];
		out->dims[1] = d->sides[file][1];
	}
	out->record_bytes = array_bytes(d, out->dims) / d->samples;
}

uint64_t dataset_size(const struct dataset *d, uint64_t file)
{
	return d->sides ? plan_size(d, file) : d->size;
}

int dataset_crc32(const struct dataset *d, uint64_t file, uint32_t *crc)
{
	struct dataset_file f;

	dataset_file(d, file, &f);
	return format_crc32(d->format, &f, crc);
}

ssize_t dataset_read(const struct dataset *d, uint64_t file, void *buf,
		     size_t len, uint64_t offset)
{
	struct dataset_file f;

	dataset_file(d, file, &f);
	return format_read(d->format, &f, buf, len, offset);
}

void dataset_describe(const struct dataset *d, FILE *out)
{
	fprintf(out, "format=%s dtype=%s prefix=%s samples=%" PRIu64,
		d->format->name, d->dtype->name, d->prefix, d->samples);
	for (int split = 0; split < DATASET_SPLITS; split++)
		fprintf(out, " %s=%" PRIu64 "/%" PRIu64, folders[split],
			d->files[split], d->subfolders[split]);
	if (d->sides)
		fprintf(out, " side=%.17g stdev=%.17g", d->side, d->side_stdev);
	else
		for (unsigned i = 0; i < d->ndims; i++)
			fprintf(out, "%c%" PRIu64, i ? 'x' : ' ', d->dims[i]);
	fprintf(out, " seed=%" PRIu64, d->payload.seed);
}
