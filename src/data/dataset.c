#include "data/dataset.h"

#include "data/dataset_inner.h"

#include <errno.h>
#include <inttypes.h>

static const char *const folders[DATASET_SPLITS] = {
	[DATASET_TRAIN] = "train",
	[DATASET_EVAL] = "valid",
};

const struct format *dataset_format(const struct dataset *d, uint64_t part)
{
	return part ? &d->format->sides[part - 1].as : d->format;
}

/* An object as its format sees it. */
static const struct format *object_of(const struct dataset *d, uint64_t object,
				      struct dataset_file *f)
{
	uint64_t files = dataset_files(d);

	dataset_file(d, object % files, f);
	return dataset_format(d, object / files);
}

void dataset_free(struct dataset *d)
{
	if (!d)
		return;
	encoded_free(d->encoded);
	if (d->prepared)
		d->format->dismiss(d->prepared);
	naming_clear(&d->naming);
	free(d->compression);
	columns_free(&d->layout.parquet.columns);
	shapes_clear(&d->shapes);
	free(d);
}

/* ---- Names ---- */

uint64_t dataset_files(const struct dataset *d)
{
	return naming_files(&d->naming);
}

uint64_t dataset_objects(const struct dataset *d)
{
	return dataset_files(d) * (1 + d->format->n_sides);
}

uint64_t dataset_count(const struct dataset *d, enum dataset_split split)
{
	return d->naming.files[split];
}

uint64_t dataset_first(const struct dataset *d, enum dataset_split split)
{
	return naming_first(&d->naming, split);
}

const char *dataset_folder(enum dataset_split split)
{
	return folders[split];
}

void dataset_name(const struct dataset *d, uint64_t object,
		  char buf[DATASET_MAX_NAME])
{
	naming_name(&d->naming, object, buf);
}

int dataset_find(const struct dataset *d, const char *name, uint64_t *object)
{
	return naming_find(&d->naming, name, object);
}

uint64_t dataset_folders(const struct dataset *d)
{
	return naming_folders(&d->naming);
}

void dataset_folder_name(const struct dataset *d, uint64_t folder,
			 char buf[DATASET_MAX_NAME])
{
	naming_folder(&d->naming, folder, buf);
}

/* ---- Bytes ---- */

void dataset_file(const struct dataset *d, uint64_t file,
		  struct dataset_file *out)
{
	*out = (struct dataset_file){
		.number = file,
		.dims_given = d->shapes.given,
		.payload = &d->payload,
		.layout = &d->layout,
		.prepared = d->prepared,
	};
	shapes_of(&d->shapes, out);
}

bool dataset_is_encoded(const struct dataset *d)
{
	return d->format->encode;
}

bool dataset_learns(const struct dataset *d)
{
	return d->encoded;
}

void dataset_learn(const struct dataset *d, uint64_t object,
		   const struct dataset_sum *sum)
{
	if (d->encoded)
		encoded_learn(d->encoded, object, sum);
}

bool dataset_known(const struct dataset *d, uint64_t object,
		   struct dataset_sum *out)
{
	return d->encoded && encoded_known(d->encoded, object, out);
}

/* A buffer's worth of stack, to make what is only summed. */
#define SUMMED_AT_ONCE (16 * KIB)

static int forget(void *arg, const void *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
	return 0;
}

/* Make an object to know what it comes to. */
static int find_sum(const struct dataset *d, uint64_t object,
		    struct dataset_sum *out)
{
	char buffer[SUMMED_AT_ONCE];
	int rc;

	if (dataset_known(d, object, out))
		return 0;
	rc = dataset_stream(d, object, buffer, sizeof(buffer), forget, NULL);
	if (!rc && !dataset_known(d, object, out))
		rc = -EINVAL;
	return rc;
}

uint64_t dataset_size(const struct dataset *d, uint64_t object)
{
	uint64_t same = d->size[object / MAX(dataset_files(d), 1)];
	const struct format *t;
	struct dataset_file f;
	int64_t size;

	if (same)
		return same;
	t = object_of(d, object, &f);
	if (t->encode) {
		struct dataset_sum sum;

		return find_sum(d, object, &sum) ? 0 : sum.size;
	}
	size = format_size(t, &f);
	return size < 0 ? 0 : (uint64_t)size;
}

uint64_t dataset_bytes(const struct dataset *d)
{
	uint64_t objects = dataset_objects(d), bytes = 0;

	for (uint64_t i = 0; i < objects; i++) {
		uint64_t part = i / dataset_files(d);

		if (d->size[part]) {
			bytes += d->size[part] * dataset_files(d);
			i += dataset_files(d) - 1;
		} else {
			bytes += dataset_size(d, i);
		}
	}
	return bytes;
}

int dataset_crc32(const struct dataset *d, uint64_t object, uint32_t *crc)
{
	struct dataset_file f;
	const struct format *t = object_of(d, object, &f);
	struct dataset_sum sum;
	int rc;

	if (!t->encode && !t->slow_crc)
		return format_crc32(t, &f, crc);
	rc = find_sum(d, object, &sum);
	*crc = rc ? 0 : sum.crc;
	return rc;
}

ssize_t dataset_read(const struct dataset *d, uint64_t object, void *buf,
		     size_t len, uint64_t offset)
{
	struct dataset_file f;
	const struct format *t = object_of(d, object, &f);

	if (t->encode)
		return encoded_read(d->encoded, object, t, &f, buf, len,
				    offset);
	return format_read(t, &f, buf, len, offset);
}

/* Sums what goes by. */
struct passing {
	struct dataset_sum sum;
	dataset_piece_fn fn;
	void *arg;
};

static int pass(void *arg, const void *data, size_t len)
{
	struct passing *p = arg;

	p->sum.crc = crc_crc32(p->sum.crc, data, len);
	p->sum.size += len;
	return p->fn(p->arg, data, len);
}

int dataset_stream(const struct dataset *d, uint64_t object, void *buffer,
		   size_t room, dataset_piece_fn fn, void *arg)
{
	struct passing p = { .fn = fn, .arg = arg };
	struct dataset_file f;
	const struct format *t = object_of(d, object, &f);
	int rc;

	if (!t->encode && !t->slow_crc)
		return format_stream(t, &f, buffer, room, fn, arg);
	rc = format_stream(t, &f, buffer, room, pass, &p);
	if (!rc)
		dataset_learn(d, object, &p.sum);
	return rc;
}

void dataset_describe(const struct dataset *d, FILE *out)
{
	struct dataset_file f;

	fprintf(out, "format=%s dtype=%s prefix=%s samples=%" PRIu64,
		d->format->name, d->shapes.dtype->name, d->naming.prefix,
		d->shapes.samples);
	for (int split = 0; split < DATASET_SPLITS; split++)
		fprintf(out, " %s=%" PRIu64 "/%" PRIu64, folders[split],
			d->naming.files[split], d->naming.subfolders[split]);
	shapes_describe(&d->shapes, out);
	fprintf(out, " seed=%" PRIu64, d->payload.seed);
	if (d->compress_ratio > 1)
		fprintf(out, " compress_ratio=%.17g", d->compress_ratio);
	if (d->dedupe_ratio > 1)
		fprintf(out, " dedupe_ratio=%.17g", d->dedupe_ratio);
	if (d->format->describe && dataset_files(d)) {
		dataset_file(d, 0, &f);
		d->format->describe(&f, out);
	}
}
