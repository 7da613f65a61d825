#include "data/dataset.h"

#include "base/log.h"
#include "data/dataset_inner.h"

#include <errno.h>
#include <string.h>

/* 0 is 1. */
static int check_ratio(const char *name, double *ratio)
{
	*ratio = *ratio == 0 ? 1 : *ratio;
	if (*ratio >= 1 && *ratio <= PAYLOAD_MAX_RATIO)
		return 0;
	return log_invalid("dliofs.dataset.%s: %g is not between 1 and %g",
			   name, *ratio, PAYLOAD_MAX_RATIO);
}

static int set_content(struct dataset *d, const struct dataset_options *o)
{
	d->compress_ratio = o->compress_ratio;
	d->dedupe_ratio = o->dedupe_ratio;
	if (check_ratio("compress_ratio", &d->compress_ratio) ||
	    check_ratio("dedupe_ratio", &d->dedupe_ratio))
		return -EINVAL;
	payload_shape(&d->payload, d->compress_ratio, d->dedupe_ratio);
	return 0;
}

static int set_records(struct dataset *d, const struct dataset_options *o)
{
	const char *name = d->format->dtype ? d->format->dtype : o->dtype;
	const struct dtype *dtype = dtype_find(name);
	int rc;

	if (!dtype)
		return log_invalid("record_element_type: %s is no type of "
				   "numbers",
				   name);
	if (o->samples_per_file == 0)
		return log_invalid("num_samples_per_file: must be at least 1");
	payload_init(&d->payload, dtype, o->seed);
	rc = set_content(d, o);
	if (rc)
		return rc;
	return shapes_init(&d->shapes, o, dtype,
			   d->format->one_sample ? 1 : o->samples_per_file,
			   dataset_files(d));
}

static int set_layout(struct dataset *d, const struct dataset_options *o)
{
	struct dataset_file f;
	int rc;

	d->layout = o->layout;
	d->layout.compression = NULL;
	d->layout.parquet.partition_by = naming_column(&d->naming);
	rc = columns_copy(&o->layout.parquet.columns,
			  &d->layout.parquet.columns);
	if (rc)
		return rc;
	if (o->layout.compression && strcmp(o->layout.compression, "none")) {
		d->compression = strdup(o->layout.compression);
		if (!d->compression)
			return log_fail(-ENOMEM, "a dataset");
		d->layout.compression = d->compression;
	}
	if (d->format->choose)
		d->format = d->format->choose(&d->layout);
	if (!dataset_files(d))
		return 0;
	dataset_file(d, shapes_largest(&d->shapes, dataset_files(d)), &f);
	rc = d->format->check ? d->format->check(&f) : 0;
	if (!rc && d->format->prepare)
		rc = d->format->prepare(&f, &d->prepared);
	return rc;
}

/* What is all the same is computed once, and what costs is remembered. */
static int set_sizes(struct dataset *d)
{
	const struct format *t = d->format;
	struct dataset_file f;
	bool costs = false;

	for (unsigned part = 0; part <= t->n_sides; part++)
		costs = costs || dataset_format(d, part)->encode ||
			dataset_format(d, part)->slow_crc;
	if (costs && encoded_new(dataset_objects(d), &d->encoded))
		return log_fail(-ENOMEM, "a dataset");
	if (t->encode || t->varies || !shapes_same(&d->shapes) ||
	    !dataset_files(d))
		return 0;
	dataset_file(d, 0, &f);
	for (unsigned part = 0; part <= t->n_sides; part++) {
		int64_t size = format_size(dataset_format(d, part), &f);

		if (size < 0)
			return log_fail((int)size, "a dataset");
		d->size[part] = (uint64_t)size;
	}
	return 0;
}

static int fill(struct dataset *d, const struct dataset_options *o)
{
	int rc;

	d->format = format_find(o->format);
	if (!d->format)
		return log_invalid("dataset.format: %s is no format we write",
				   o->format);
	rc = naming_init(&d->naming, d->format, o);
	if (!rc)
		rc = set_records(d, o);
	if (!rc)
		rc = set_layout(d, o);
	return rc ? rc : set_sizes(d);
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
