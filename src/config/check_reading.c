#include "config/check_rows.h"

#include "base/log.h"

#include <inttypes.h>
#include <sched.h>
#include <string.h>

static bool is_format(const struct config *c, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(c->dataset.format, *list))
			return true;
	return false;
}

static const char *const arrays[] = { "npz", "npy", NULL };

static bool reads(const struct config *c)
{
	return c->workflow.train || c->workflow.evaluation;
}

static bool is_pytorch(const struct config *c)
{
	return c->framework == CONFIG_PYTORCH;
}

/* ---- Data loaders -------------------------------------------------------- */

static bool loader_of_other_framework(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "Imcompatible between framework and data_loader setup. Leave "
		 "data_loader out to get the framework's own");
	return (!is_pytorch(c) &&
		c->reader.data_loader == CONFIG_LOADER_PYTORCH) ||
	       (is_pytorch(c) &&
		c->reader.data_loader == CONFIG_LOADER_TENSORFLOW);
}

static bool is_custom(const struct config *c)
{
	return c->reader.data_loader == CONFIG_LOADER_CUSTOM ||
	       c->reader.data_loader_classname;
}

static bool custom_without_sampler(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "For custom data loaders workload.reader.data_loader_sampler "
		 "needs to be defined as iter or index. (iterative is its "
		 "name)");
	return is_custom(c) && !config_given(c, "reader.data_loader_sampler");
}

static bool no_such_loader(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "Data Loader none not supported or plugins not found");
	return reads(c) && c->reader.data_loader == CONFIG_LOADER_NONE;
}

/* DALI reads these by itself. */
static bool format_dali_lacks(const struct config *c, char *why)
{
	static const char *const can[] = { "jpeg", "png", "npy", "tfrecord",
					   NULL };

	snprintf(why, WHY_SIZE,
		 "Loading data of %s format is not supported without "
		 "framework data loader; please use npy format instead.",
		 c->dataset.format);
	return reads(c) && c->reader.data_loader == CONFIG_LOADER_NATIVE_DALI &&
	       !is_format(c, can);
}

/* ---- Formats ------------------------------------------------------------- */

static bool tfrecord_with_pytorch(const struct config *c, char *why)
{
	static const char *const tfrecord[] = { "tfrecord", NULL };

	snprintf(why, WHY_SIZE,
		 "pytorch support for tfrecord is not implemented for "
		 "pytorch.");
	return reads(c) && is_format(c, tfrecord) &&
	       c->reader.data_loader == CONFIG_LOADER_PYTORCH;
}

static bool format_without_odirect(const struct config *c, char *why)
{
	static const char *const spelled[] = { "hdf5", "csv", "jpeg", "png",
					       NULL };

	snprintf(why, WHY_SIZE, "%s for %s format is not yet supported.",
		 is_format(c, spelled) ? "Odirect" : "O_DIRECT",
		 c->dataset.format);
	return c->reader.odirect && reads(c) && !is_format(c, arrays);
}

static bool unknown_hdf5_opt(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "hdf5_opt exists in name only; use hdf5");
	return !strcmp(c->dataset.format, "hdf5_opt");
}

static bool image_of_many_dims(const struct config *c, char *why)
{
	static const char *const images[] = { "jpeg", "png", NULL };

	snprintf(why, WHY_SIZE,
		 "%s format does not support more than 2 dimensions, but got "
		 "%zu dimensions.",
		 c->dataset.format, c->dataset.record_dims.n);
	return is_format(c, images) && c->dataset.record_dims.n > 2;
}

static bool dim_not_positive(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "each dimension must be 1 or more");
	for (size_t i = 0; i < c->dataset.record_dims.n; i++)
		if (c->dataset.record_dims.item[i] < 1)
			return true;
	return false;
}

static bool dims_with_stdev(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "Both record_dims and record_length_bytes_stdev are set. "
		 "This is not supported. If you need stdev on your records, "
		 "please specify record_length_bytes with "
		 "record_length_bytes_stdev instead.");
	return c->dataset.record_dims.n &&
	       c->dataset.record_length_bytes_stdev > 0;
}

static bool dims_not_divisible(const struct config *c, char *why)
{
	int64_t n = c->dataset.hdf5.num_dset_per_record;
	const struct config_ints *dims = &c->dataset.record_dims;

	snprintf(why, WHY_SIZE,
		 "hdf5.num_dset_per_record should be divisible by "
		 "record_dims[0]: 1 or more, and the first of record_dims a "
		 "multiple of it");
	return n < 1 || (dims->n && dims->item[0] % n);
}

static bool record_of_nothing(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE, "a sample has at least 1 byte");
	return c->dataset.record_length_bytes < 1;
}

/* ---- DLIO's S3 and AIStore ----------------------------------------------- */

static bool is_storage(const struct config *c, const char *type)
{
	return is_pytorch(c) && !strcmp(c->storage.storage_type, type);
}

static bool aistore_of_other_format(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "For AIStore using PyTorch framework, only NPZ or NPY formats "
		 "are supported. Got format %s",
		 c->dataset.format);
	return is_storage(c, "aistore") && !is_format(c, arrays);
}

static bool s3_of_other_format(const struct config *c, char *why)
{
	snprintf(why, WHY_SIZE,
		 "For S3 using PyTorch framework, only NPZ or NPY formats are "
		 "supported. Got format %s",
		 c->dataset.format);
	return is_storage(c, "s3") && !is_format(c, arrays);
}

static bool s3_without_key(const struct config *c, char *why)
{
	const struct {
		const char *name, *value;
	} option[] = {
		{ "access_key_id", c->storage.storage_options.access_key_id },
		{ "secret_access_key",
		  c->storage.storage_options.secret_access_key },
		{ "endpoint_url", c->storage.storage_options.endpoint_url },
	};
	size_t missing = 0;
	int len = snprintf(why, WHY_SIZE,
			   "Missing required S3 credentials for "
			   "s3torchconnector: ");

	for (size_t i = 0; i < ARRAY_SIZE(option); i++)
		if (!option[i].value || !*option[i].value)
			len += snprintf(why + len, WHY_SIZE - (size_t)len,
					"%sstorage_options['%s']",
					missing++ ? ", " : "", option[i].name);
	return missing && is_storage(c, "s3");
}

/* ---- Profilers ----------------------------------------------------------- */

static bool darshan_not_loaded(const struct config *c, char *why)
{
	const char *loaded = getenv("LD_PRELOAD");

	snprintf(why, WHY_SIZE,
		 "Please set darshan runtime library in LD_PRELOAD");
	return c->workflow.profiling &&
	       !strcmp(c->profiling.profiler, "darshan") &&
	       (!loaded || !strstr(loaded, "libdarshan"));
}

const struct check_row check_reading_rows[] = {
	{ "profiling.profiler", darshan_not_loaded },
	{ "reader.data_loader", loader_of_other_framework },
	{ "reader.data_loader", custom_without_sampler },
	{ "reader.data_loader", format_dali_lacks },
	{ "reader.odirect", format_without_odirect },
	{ "dataset.format", unknown_hdf5_opt },
	{ "dataset.hdf5.num_dset_per_record", dims_not_divisible },
	{ "dataset.record_dims", image_of_many_dims },
	{ "dataset.record_dims", dim_not_positive },
	{ "dataset.record_dims", dims_with_stdev },
	{ "dataset.record_length_bytes", record_of_nothing },
};

const size_t check_reading_count = ARRAY_SIZE(check_reading_rows);

const struct check_row check_reading_strict_rows[] = {
	{ "reader.data_loader", tfrecord_with_pytorch },
	{ "reader.data_loader", no_such_loader },
	{ "dataset.format", aistore_of_other_format },
	{ "dataset.format", s3_of_other_format },
	{ "storage.storage_options", s3_without_key },
};

const size_t check_reading_strict_count = ARRAY_SIZE(check_reading_strict_rows);

/* ---- What is only unwise ------------------------------------------------- */

static void warn_of_few_cores(const struct config *c)
{
	cpu_set_t set;
	uint64_t cores;

	if (sched_getaffinity(0, sizeof(set), &set))
		return;
	cores = (uint64_t)CPU_COUNT(&set);
	if (reads(c) && c->reader.read_threads > 1 &&
	    c->reader.read_threads > cores)
		log_warn("Running DLIO with %" PRIu64 " threads for I/O but "
			 "core available %" PRIu64 " are insufficient and can "
			 "lead to lower performance.",
			 c->reader.read_threads, cores);
}

/* DLIO stops there; we have no reason to. */
static void warn_of_tfrecord(const struct config *c)
{
	char why[WHY_SIZE];

	if (tfrecord_with_pytorch(c, why))
		log_warn("dataset.format: DLIO itself cannot read tfrecord "
			 "with the pytorch loader");
}

/* Python itself could not mix them. */
static void warn_of_sampler(const struct config *c)
{
	enum config_sampler sampler = c->reader.data_loader_sampler;
	enum config_sampler own = c->reader.data_loader ==
						  CONFIG_LOADER_TENSORFLOW ?
					  CONFIG_SAMPLER_ITERATIVE :
					  CONFIG_SAMPLER_INDEX;

	if (reads(c) && !is_custom(c) && sampler != CONFIG_SAMPLER_UNSET &&
	    c->reader.data_loader != CONFIG_LOADER_UNSET && sampler != own)
		log_warn("reader.data_loader_sampler: only custom data loaders "
			 "have a choice; the loader's own is used");
}

static void warn_of_maps(const struct config *c)
{
	if (reads(c) && c->reader.data_loader == CONFIG_LOADER_NATIVE_DALI &&
	    !c->reader.dont_use_mmap)
		log_warn("reader.data_loader: native_dali maps files into "
			 "memory, unless dont_use_mmap is true; here they are "
			 "read");
}

void check_reading_warn(const struct config *c)
{
	warn_of_few_cores(c);
	warn_of_tfrecord(c);
	warn_of_sampler(c);
	warn_of_maps(c);
}
