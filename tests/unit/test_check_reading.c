#include "config/check_rows.h"

#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define STRICT "dliofs: {train: {compat_strict: true}}"

/* What DLIO refuses, in DLIO's words. */
static const struct {
	const char *text, *want;
} refused[] = {
	{ "{workflow: {profiling: true}, profiling: {profiler: darshan}}",
	  "profiling.profiler: Please set darshan runtime library in "
	  "LD_PRELOAD" },
	{ "{framework: tensorflow, reader: {data_loader: pytorch}}",
	  "reader.data_loader: Imcompatible between framework and data_loader "
	  "setup." },
	{ "{framework: pytorch, reader: {data_loader: tensorflow}}",
	  "reader.data_loader: Imcompatible between framework and data_loader "
	  "setup." },
	{ "{reader: {data_loader: custom}}",
	  "reader.data_loader: For custom data loaders "
	  "workload.reader.data_loader_sampler needs to be defined as iter or "
	  "index." },
	{ "{reader: {data_loader_classname: a.B}}",
	  "reader.data_loader: For custom data loaders" },
	{ "{dataset: {format: npz}, reader: {data_loader: native_dali}}",
	  "reader.data_loader: Loading data of npz format is not supported "
	  "without framework data loader; please use npy format instead." },
	{ "{dataset: {format: csv}, reader: {odirect: true}}",
	  "reader.odirect: Odirect for csv format is not yet supported." },
	{ "{dataset: {format: hdf5}, reader: {odirect: true}}",
	  "reader.odirect: Odirect for hdf5 format is not yet supported." },
	{ "{dataset: {format: tfrecord}, reader: {odirect: true}}",
	  "reader.odirect: O_DIRECT for tfrecord format is not yet "
	  "supported." },
	{ "{dataset: {format: indexed_binary}, reader: {odirect: true}}",
	  "reader.odirect: O_DIRECT for indexed_binary format is not yet "
	  "supported." },
	{ "{dataset: {record_dims: [3], hdf5: {num_dset_per_record: 2}}}",
	  "dataset.hdf5.num_dset_per_record: hdf5.num_dset_per_record should "
	  "be divisible by record_dims[0]" },
	{ "{dataset: {format: png, record_dims: [1, 2, 3]}}",
	  "dataset.record_dims: png format does not support more than 2 "
	  "dimensions, but got 3 dimensions." },
	{ "{dataset: {format: jpeg, record_dims: [1, 2, 3, 4]}}",
	  "dataset.record_dims: jpeg format does not support more than 2 "
	  "dimensions, but got 4 dimensions." },
	{ "{dataset: {record_dims: [1], record_length_bytes_stdev: 1}}",
	  "dataset.record_dims: Both record_dims and "
	  "record_length_bytes_stdev are set. This is not supported. If you "
	  "need stdev on your records, please specify record_length_bytes "
	  "with record_length_bytes_stdev instead." },
	{ "{dataset: {record_dims: [1, 0]}}",
	  "dataset.record_dims: each dimension must be 1 or more" },
	{ "{dataset: {record_length_bytes: 0}}",
	  "dataset.record_length_bytes: a sample has at least 1" },
	{ "{dataset: {format: hdf5_opt}}", "dataset.format: hdf5_opt" },
	{ "{dataset: {format: hdf6}}",
	  "dataset.format: 'hdf6' is not a valid FormatType" },
	{ "{framework: caffe}", "framework: 'caffe' is not a valid "
				"FrameworkType" },
	{ "{storage: {storage_type: tape}}",
	  "storage.storage_type: 'tape' is not a valid StorageType" },
	{ "{reader: {data_loader: grain}}",
	  "reader.data_loader: 'grain' is not a valid DataLoaderType" },
	{ "{reader: {data_loader_sampler: any}}",
	  "reader.data_loader_sampler: 'any' is not a valid "
	  "DataLoaderSampler" },
	{ "{reader: {sample_shuffle: well}}",
	  "reader.sample_shuffle: 'well' is not a valid Shuffle" },
	{ "{reader: {file_access: none}}",
	  "reader.file_access: 'none' is not a valid FileAccess" },
	{ "{checkpoint: {type: some}}",
	  "checkpoint.type: 'some' is not a valid CheckpointLocationType" },
	{ "{checkpoint: {mode: most}}",
	  "checkpoint.mode: 'most' is not a valid CheckpointModeType" },
	{ "{profiling: {profiler: perf}}",
	  "profiling.profiler: 'perf' is not a valid Profiler" },
};

/* What DLIO cannot do and we can. */
static const struct {
	const char *text, *want;
} only_strict[] = {
	{ "framework: pytorch, reader: {data_loader: pytorch}, "
	  "dataset: {format: tfrecord}",
	  "reader.data_loader: pytorch support for tfrecord is not "
	  "implemented for pytorch." },
	{ "framework: pytorch, reader: {data_loader: none}",
	  "reader.data_loader: Data Loader none not supported or plugins not "
	  "found" },
	{ "framework: pytorch, storage: {storage_type: s3, storage_root: b}, "
	  "dataset: {format: hdf5}",
	  "dataset.format: For S3 using PyTorch framework, only NPZ or NPY "
	  "formats are supported. Got format hdf5" },
	{ "framework: pytorch, storage: {storage_type: aistore, storage_root: "
	  "b, storage_options: {endpoint_url: 'http://h'}}, dataset: {format: "
	  "csv}",
	  "dataset.format: For AIStore using PyTorch framework, only NPZ or "
	  "NPY formats are supported. Got format csv" },
	{ "framework: pytorch, storage: {storage_type: s3, storage_root: b, "
	  "storage_options: {access_key_id: a, secret_access_key: b}}, "
	  "dataset: {format: npz}",
	  "storage.storage_options: Missing required S3 credentials for "
	  "s3torchconnector: storage_options['endpoint_url']" },
	{ "framework: pytorch, storage: {storage_type: s3, storage_root: b}, "
	  "dataset: {format: npz}",
	  "storage.storage_options: Missing required S3 credentials for "
	  "s3torchconnector: storage_options['access_key_id'], "
	  "storage_options['secret_access_key'], "
	  "storage_options['endpoint_url']" },
};

static int parse(const char *text, struct capture *said)
{
	struct config *c = NULL;
	int rc;

	capture_start(said);
	rc = config_parse("w.yaml", text, strlen(text), NULL, 0, 0, &c);
	capture_stop(said);
	config_free(c);
	return rc;
}

Test(check_reading, refuses_what_dlio_refuses_before_anything_is_written)
{
	unsetenv("LD_PRELOAD");
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct capture said;

		cr_expect_eq(parse(refused[i].text, &said), -EINVAL, "%s",
			     refused[i].text);
		cr_expect(strstr(said.text, refused[i].want), "%s is not in %s",
			  refused[i].want, said.text);
		cr_expect(!strncmp(said.text, "dliofs: error: w.yaml", 21),
			  "%s", said.text);
	}
}

Test(check_reading, refuses_strictly_what_only_dlio_cannot_do)
{
	for (size_t i = 0; i < ARRAY_SIZE(only_strict); i++) {
		struct capture said;
		char text[512];

		snprintf(text, sizeof(text), "{%s}", only_strict[i].text);
		cr_expect_eq(parse(text, &said), 0, "%s: %s", text, said.text);
		snprintf(text, sizeof(text), "{%s, " STRICT "}",
			 only_strict[i].text);
		cr_expect_eq(parse(text, &said), -EINVAL, "%s", text);
		cr_expect(strstr(said.text, only_strict[i].want),
			  "%s is not in %s", only_strict[i].want, said.text);
	}
}

Test(check_reading, warns_of_more_readers_than_cores_as_dlio_does)
{
	struct capture said;

	cr_expect_eq(parse("{reader: {read_threads: 4000}}", &said), 0);
	cr_expect(strstr(said.text,
			 "Running DLIO with 4000 threads for I/O but core "
			 "available "),
		  "%s", said.text);
	cr_expect(strstr(said.text, " are insufficient and can lead to lower "
				    "performance."),
		  "%s", said.text);
	cr_expect_eq(parse("{reader: {read_threads: 1}}", &said), 0);
	cr_expect_null(strstr(said.text, "Running DLIO"));
}

Test(check_reading, warns_where_a_sampler_is_asked_for_in_vain)
{
	struct capture said;

	cr_expect_eq(parse("{framework: pytorch, reader: {data_loader: "
			   "pytorch, data_loader_sampler: iterative}}",
			   &said),
		     0);
	cr_expect(strstr(said.text, "reader.data_loader_sampler: only custom"),
		  "%s", said.text);
	cr_expect_eq(parse("{framework: pytorch, reader: {data_loader: "
			   "pytorch, data_loader_sampler: index}}",
			   &said),
		     0);
	cr_expect_null(strstr(said.text, "data_loader_sampler"));
}

Test(check_reading, warns_that_nothing_is_mapped_for_dali)
{
	struct capture said;

	cr_expect_eq(parse("{dataset: {format: npy}, reader: {data_loader: "
			   "native_dali}}",
			   &said),
		     0);
	cr_expect(strstr(said.text, "native_dali maps files"), "%s", said.text);
	cr_expect_eq(parse("{dataset: {format: npy}, reader: {data_loader: "
			   "native_dali, dont_use_mmap: true}}",
			   &said),
		     0);
	cr_expect_null(strstr(said.text, "native_dali maps"));
	cr_expect_eq(parse("{framework: pytorch, dataset: {format: npy}, "
			   "reader: {data_loader: dali}}",
			   &said),
		     0);
	cr_expect_null(strstr(said.text, "native_dali maps"));
}

Test(check_reading, lets_darshan_run_where_it_is_loaded)
{
	struct capture said;

	setenv("LD_PRELOAD", "/usr/lib/libdarshan.so", 1);
	cr_expect_eq(parse("{workflow: {profiling: true}, profiling: "
			   "{profiler: darshan}}",
			   &said),
		     0);
	unsetenv("LD_PRELOAD");
}
