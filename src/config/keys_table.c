#include "config/keys.h"

/* clang-format off */

/* A field's offset, and an error from the compiler if it is not of this type. */
#define AT(field, ctype) \
	(offsetof(struct config, field) + \
	 0 * sizeof(char[__builtin_types_compatible_p( \
		__typeof__(((struct config *)0)->field), ctype) ? 1 : -1]))

#define ROW(kind, field, ctype, value, text, ...) \
	{ .path = #field, .type = kind, .offset = AT(field, ctype), \
	  .standard = value, .help = text, ##__VA_ARGS__ }

#define STRING(field, ...)  ROW(KEY_STRING, field, char *, __VA_ARGS__)
#define BOOL(field, ...)    ROW(KEY_BOOL, field, bool, __VA_ARGS__)
#define INT(field, ...)     ROW(KEY_INT, field, int64_t, __VA_ARGS__)
#define UINT(field, ...)    ROW(KEY_UINT, field, uint64_t, __VA_ARGS__)
#define COUNT(field, ...)   ROW(KEY_UINT, field, uint64_t, __VA_ARGS__, .least = 1)
#define SIZE(field, ...)    ROW(KEY_SIZE, field, uint64_t, __VA_ARGS__, UNIT("bytes"))
#define DOUBLE(field, ...)  ROW(KEY_DOUBLE, field, double, __VA_ARGS__)
#define INTS(field, ...)    ROW(KEY_INTS, field, struct config_ints, NULL, __VA_ARGS__)
#define STRINGS(field, ...) ROW(KEY_STRINGS, field, struct config_strings, NULL, __VA_ARGS__)
#define CHOICE(field, list, ...) \
	ROW(KEY_CHOICE, field, char *, __VA_ARGS__, .names = list)
#define ENUM(field, ctype, list, ...) \
	ROW(KEY_ENUM, field, enum ctype, __VA_ARGS__, .names = list)

/* A time has a sibling for its deviation. */
#define TIME(field, ...) \
	ROW(KEY_TIME, field, struct config_time, __VA_ARGS__, .unit = "s"), \
	{ .path = #field "_stdev", .type = KEY_STDEV, .of = #field, .unit = "s", \
	  .help = "Standard deviation of " #field }

#define ALIAS(name, target) \
	{ .path = name, .type = KEY_ALIAS, .of = target, \
	  .help = "Other name of " target }
#define IGNORED(name, why) \
	{ .path = name, .type = KEY_IGNORED, .help = why }

#define UNIT(name) .unit = name
#define THREADS	   .most = 4096
#define STEPS	   .most = INT32_MAX
#define A_YEAR	   31536000 /* seconds: as nanoseconds it still fits */

/* S3 takes parts of 5 MiB to 5 GiB, Azure blocks of up to 4000 MiB. */
#define PART	   .least = 5 * MIB, .most = GIB
#define NEVER	   .idle = "has no effect, in DLIO neither"
#define PYTHON	   .idle = "names a Python class; there is no Python here"
#define STREAMED   .idle = "checkpoints are streamed: there are no pages to merge"
#define MEMORY	   .idle = "shapes Python objects; there are none here"
#define ANY_SIZE   .idle = "files are written as a stream, of any size"

static const char *const datatypes[] = {
	"fp16", "bf16", "fp32", "fp64", "int8", "uint8", NULL
};
static const char *const frameworks[] = { "tensorflow", "pytorch", NULL };
static const char *const storages[] = {
	"local_fs", "parallel_fs", "s3", "aistore", "direct_fs", NULL
};
static const char *const addressings[] = { "auto", "path", "virtual", NULL };
static const char *const compressions[] = {
	"none", "gzip", "lzf", "szip", "bz2", "zip", "xz", "zstd", "tar", "snappy",
	NULL
};
static const char *const formats[] = {
	"tfrecord", "hdf5", "csv", "npz", "npy", "hdf5_opt", "jpeg", "png",
	"indexed_binary", "mmap_indexed_binary", "synthetic", "parquet", NULL
};
static const char *const loaders[] = {
	"", "tensorflow", "pytorch", "dali", "native_dali", "custom", "none",
	"synthetic", NULL
};
static const char *const samplers[] = { "", "iterative", "index", "none", NULL };
static const char *const contexts[] = { "fork", "spawn", "forkserver", NULL };
static const char *const shuffles[] = { "off", "seed", "random", NULL };
static const char *const read_types[] = { "on_demand", "memory", NULL };
static const char *const accesses[] = {
	"multi", "shared", "collective", "mpio", "posix", NULL
};
static const char *const writers[] = { "rank_zero", "all_ranks", NULL };
static const char *const modes[] = { "default", "subset", NULL };
static const char *const profilers[] = {
	"none", "iostat", "darshan", "tensorboard", NULL
};
static const char *const caches[] = { "warm", "cold", "direct", NULL };
static const char *const listings[] = { "auto", "lazy", "all", NULL };

const struct key keys_table[] = {
	STRING(model.name, "default", "Name of the run, in folders and reports"),
	STRING(model.type, NULL,
	       "transformer: checkpoints hold layers; anything else: one flat file a rank"),
	UINT(model.model_size_bytes, "10240", "Size of the flat model file of each rank",
	     UNIT("bytes")),
	CHOICE(model.model_datatype, datatypes, "fp16", "Type of a model's parameters"),
	CHOICE(model.optimizer_datatype, datatypes, "fp32", "Type of the optimizer's values"),
	INTS(model.optimization_groups, "Sizes of given optimizer tensors"),
	INT(model.num_layers, "-1", "Layers of the model; 0 or less: none"),
	INTS(model.layer_parameters, "Sizes of given tensors of a layer"),
	INT(model.parallelism.tensor, "1", "Ranks that share each layer"),
	INT(model.parallelism.pipeline, "1", "Ranks that share the layers out"),
	INT(model.parallelism.data, "-1", "Replicas; -1: as many as the ranks make"),
	INT(model.parallelism.zero_stage, "0", "ZeRO stage: 0, 1, 2 or 3"),
	INT(model.transformer.vocab_size, "32000", "Words of the vocabulary"),
	INT(model.transformer.hidden_size, "2048", "Width of a layer"),
	INT(model.transformer.ffn_hidden_size, "8192", "Width of the feed-forward part"),
	INT(model.transformer.num_attention_heads, "32", "Attention heads"),
	INT(model.transformer.num_kv_heads, "8", "Heads of keys and values"),
	ALIAS("model.model_size", "model.model_size_bytes"),

	ENUM(framework, config_framework, frameworks, "tensorflow",
	     "Whose data loader to be, unless reader.data_loader says, and whose checkpoints to write"),

	BOOL(workflow.train, "true", "Train"),
	BOOL(workflow.generate_data, "false", "Write the dataset first"),
	BOOL(workflow.evaluation, "false", "Evaluate between epochs"),
	BOOL(workflow.checkpoint, "false", "Write checkpoints"),
	BOOL(workflow.profiling, "false", "Run a profiler beside"),
	IGNORED("workflow.debug", "DLIO ignores it"),
	IGNORED("workflow.evaluate", "DLIO ignores it; the key is evaluation"),
	IGNORED("workflow.query", "for dlio_benchmark_query"),

	CHOICE(storage.storage_type, storages, "local_fs",
	       "Kind of store; aistore is asked through its S3 interface"),
	STRING(storage.storage_root, "./", "Folder or bucket that data_folder is in"),
	STRING(storage.storage_options.access_key_id, NULL,
	       "S3: name of the key; not set: AWS_ACCESS_KEY_ID and wherever else AWS's tools look",
	       .secret = true),
	STRING(storage.storage_options.secret_access_key, NULL, "S3: the key", .secret = true),
	STRING(storage.storage_options.endpoint_url, NULL,
	       "S3: server, as https://host:port; not set: AWS_ENDPOINT_URL_S3 and so on, or Amazon's"),
	STRING(storage.storage_options.region, NULL,
	       "S3: region; not set: AWS_REGION and so on, or us-east-1"),
	BOOL(storage.storage_options.s3_force_path_style, "false",
	     "S3: bucket in the path, not in the host's name; false: dliofs.s3.addressing says"),
	UINT(storage.storage_options.s3_max_attempts, "0",
	     "S3: tries per call; 0: dliofs.backend.attempts", .most = 1000),
	ALIAS("storage.s3_force_path_style", "storage.storage_options.s3_force_path_style"),
	IGNORED("storage.storage_library", "chooses a Python client"),
	IGNORED("storage.post_generation_settle_seconds", "MLPerf's; there is nothing to settle"),
	IGNORED("storage.storage_options.storage_library", "chooses a Python client"),
	IGNORED("storage.storage_options.uri_scheme", "MLPerf's; the folder's own scheme decides"),
	IGNORED("storage.storage_options.prefetch_window", "for a Python client"),
	IGNORED("storage.storage_options.endpoint_uris", "for a Python client"),
	IGNORED("storage.storage_options.load_balance_strategy", "for a Python client"),

	DOUBLE(dataset.record_length_bytes, "65536", "Size of a sample", UNIT("bytes")),
	DOUBLE(dataset.record_length_bytes_stdev, "0", "Standard deviation of it", UNIT("bytes")),
	DOUBLE(dataset.record_length_bytes_resize, "0", "Size of a sample in memory",
	       UNIT("bytes"), MEMORY),
	UINT(dataset.num_files_train, "8", "Files to train on"),
	UINT(dataset.num_files_eval, "0", "Files to evaluate on"),
	COUNT(dataset.num_samples_per_file, "1", "Samples in each file"),
	UINT(dataset.generation_buffer_size, "2147483648",
	     "indexed_binary: written at once", UNIT("bytes"), ANY_SIZE),
	STRING(dataset.data_folder, "./data/", "Where the dataset is: a folder or a URI"),
	UINT(dataset.num_subfolders_train, "0", "Folders the training files are dealt to"),
	UINT(dataset.num_subfolders_eval, "0", "Folders the evaluation files are dealt to"),
	BOOL(dataset.enable_chunking, "false", "Chunked files", NEVER),
	UINT(dataset.chunk_size, "0", "Size of a chunk", UNIT("bytes"), NEVER),
	CHOICE(dataset.compression, compressions, "none", "Compression of files"),
	INT(dataset.compression_level, "4", "Its level, for hdf5 with gzip"),
	STRING(dataset.file_prefix, "img", "What file names begin with"),
	CHOICE(dataset.format, formats, "tfrecord", "Format of files"),
	BOOL(dataset.keep_files, "true", "false: remove what was generated at the end"),
	INTS(dataset.record_dims, "Exact shape of a sample, instead of its size"),
	STRING(dataset.record_element_type, "uint8", "Type of a sample's elements, as NumPy names it"),
	IGNORED("dataset.record_element_bytes", "follows from record_element_type"),
	INTS(dataset.hdf5.chunk_dims, "hdf5: shape of a chunk, samples first"),
	INT(dataset.hdf5.num_dset_per_record, "1", "hdf5: datasets a sample is split into"),
	INTS(dataset.hdf5.max_shape, "hdf5: largest shape of a sample"),
	ALIAS("dataset.record_length", "dataset.record_length_bytes"),
	ALIAS("dataset.record_length_stdev", "dataset.record_length_bytes_stdev"),
	ALIAS("dataset.record_length_resize", "dataset.record_length_bytes_resize"),
	ROW(KEY_COLUMNS, dataset.parquet.columns, struct config_columns, NULL,
	    "parquet: maps of name, dtype, size (more than 1: a list) and read; none: data, of uint8"),
	UINT(dataset.parquet.row_group_size, "1024", "parquet: rows of a row group"),
	UINT(dataset.parquet.generation_batch_size, "0",
	     "parquet: rows after which a row group ends in any case; 0: a row group's"),
	STRING(dataset.parquet.partition_by, NULL,
	       "parquet: column that is in no file, but in the subfolders' names: num_subfolders_* of its values, or all"),
	IGNORED("dataset.parquet.read_mode", "row_group is how it is read"),
	IGNORED("dataset.parquet.use_s3dlio_gen", "chooses a Python client"),
	IGNORED("dataset.skip_listing", "MLPerf's; we never list what we generated"),
	IGNORED("dataset.listing_validation_interval", "MLPerf's; we never list what we generated"),
	IGNORED("dataset.num_files_generated", "MLPerf's; we never list what we generated"),
	IGNORED("dataset.data_gen_method", "MLPerf's; there is one way here"),

	ENUM(reader.data_loader, config_loader, loaders, NULL,
	     "Data loader to read like; not set: the framework's own"),
	ENUM(reader.data_loader_sampler, config_sampler, samplers, NULL,
	     "custom: whose loader to be like, PyTorch's (index) or TensorFlow's (iterative)"),
	STRING(reader.data_loader_classname, NULL, "Python class of a data loader", PYTHON),
	STRING(reader.reader_classname, NULL, "Python class of a reader", PYTHON),
	CHOICE(reader.multiprocessing_context, contexts, "fork", "How Python starts its workers",
	       .idle = "workers are threads here, and start at once"),
	UINT(reader.read_threads, "1", "Workers that read; 0: the trainer itself reads", THREADS),
	UINT(reader.computation_threads, "1", "tfrecord: parallel parsers",
	     .idle = "what a record holds is not parsed"),
	COUNT(reader.batch_size, "1", "Samples of a training step"),
	COUNT(reader.batch_size_eval, "1", "Samples of an evaluation step"),
	UINT(reader.prefetch_size, "2", "Batches read ahead", UNIT("batches")),
	ENUM(reader.file_shuffle, config_shuffle, shuffles, "off", 
	     "Order of files; seed and random are the same"),
	ENUM(reader.sample_shuffle, config_shuffle, shuffles, "off", 
	     "Order of samples; seed and random are the same"),
	UINT(reader.shuffle_size, "1024", "tensorflow with tfrecord: records to shuffle among"),
	ENUM(reader.read_type, config_read_type, read_types, "on_demand",
	     "memory: keep each file open once it is"),
	CHOICE(reader.file_access, accesses, "multi", "How ranks share files", NEVER),
	UINT(reader.transfer_size, "0", "tfrecord: size of a read; 0: 256 KiB", UNIT("bytes")),
	BOOL(reader.odirect, "false", "npz, npy: read with O_DIRECT"),
	TIME(reader.preprocess_time, NULL, "Time to prepare a sample, in a worker"),
	BOOL(reader.pin_memory, "true", "Batches in pinned memory", MEMORY),
	BOOL(reader.dont_use_mmap, "false", "native_dali: read, do not map",
	     .idle = "files are never mapped"),
	INTS(reader.transformed_record_dims, "Shape of a sample in memory", MEMORY),
	STRING(reader.transformed_record_element_type, "uint8", "Type of a sample in memory", MEMORY),
	IGNORED("reader.write_threads", "MLPerf's; see dliofs.dataset.threads"),

	UINT(train.epochs, "1", "Times to go through the dataset"),
	TIME(train.computation_time, NULL, "Time a training step computes"),
	INT(train.total_training_steps, "-1", "Steps of an epoch, at most; -1: all"),
	BOOL(train.seed_change_epoch, "true", "Another seed in each epoch"),
	INT(train.seed, "123", "Of emulated times and shuffling"),

	TIME(evaluation.eval_time, NULL, "Time an evaluation step computes"),
	UINT(evaluation.eval_after_epoch, "1", "First epoch with an evaluation"),
	UINT(evaluation.epochs_between_evals, "1", "Epochs from one to the next"),

	STRING(checkpoint.checkpoint_folder, "./checkpoints/", "Where checkpoints go: a folder or a URI"),
	UINT(checkpoint.checkpoint_after_epoch, "1", "First epoch that ends with one"),
	UINT(checkpoint.epochs_between_checkpoints, "1", "Epochs from one to the next"),
	INT(checkpoint.steps_between_checkpoints, "-1", "Steps from one to the next; -1: by epochs"),
	CHOICE(checkpoint.type, writers, "rank_zero", "Who writes", NEVER),
	CHOICE(checkpoint.mode, modes, "default",
	       "subset: the ranks that there are stand for the first of tensor * pipeline * data"),
	BOOL(checkpoint.fsync, "false", "Wait until it is on stable storage"),
	TIME(checkpoint.time_between_checkpoints, "-1",
	     "Pause between checkpoints without training; the sign does not count"),
	INT(checkpoint.num_checkpoints_write, "-1", "How many to write without training"),
	INT(checkpoint.num_checkpoints_read, "-1", "How many to read back then"),
	BOOL(checkpoint.recovery_rank_shift, "false", "Read what was written on the next host"),
	BOOL(checkpoint.rank_sync, "false", "Ranks wait for each other inside the timed part"),
	BOOL(checkpoint.randomize_tensor, "true", "false: tensors are all ones"),
	STRING(checkpoint.checkpoint_mechanism_classname, NULL, "Python class", PYTHON),
	{ .path = "checkpoint.ksm", .type = KEY_PRESENT, .offset = AT(checkpoint.ksm.present, bool),
	  .help = "A map; there at all: merge equal pages of memory", STREAMED },
	INT(checkpoint.ksm.madv_mergeable_id, "12", "madvise()'s number", STREAMED),
	DOUBLE(checkpoint.ksm.high_ram_trigger, "30", "Memory in use to wait above", UNIT("%"), STREAMED),
	DOUBLE(checkpoint.ksm.low_ram_exit, "15", "Memory in use to go on below", UNIT("%"), STREAMED),
	DOUBLE(checkpoint.ksm.await_time, "200", "Longest wait", UNIT("s"), STREAMED),
	ALIAS("checkpoint.model_size", "model.model_size_bytes"),

	STRING(output.folder, NULL, "Where results go; not set: a folder for the run"),
	STRING(output.log_file, "dlio.log", "Name of the log there"),
	UINT(output.metric.exclude_start_steps, "1", "Steps at an epoch's start that do not count", STEPS),
	UINT(output.metric.exclude_end_steps, "0", "Steps at an epoch's end that do not count", STEPS),

	CHOICE(profiling.profiler, profilers, "iostat",
	       "Profiler to run; tensorboard: none, with a warning; darshan: must be loaded already"),
	STRINGS(profiling.iostat_devices, "Devices iostat looks at; none: all"),

	DOUBLE(metric.au, "0.9", "Accelerator utilization to meet, as a share of 1", .most = 1),

	UINT(dliofs.dataset.seed, "42", "Of the random payload: the same seed, the same bytes"),
	DOUBLE(dliofs.dataset.compress_ratio, "1",
	       "How many times smaller a store that compresses can make the samples; 1: they are random"),
	DOUBLE(dliofs.dataset.dedupe_ratio, "1",
	       "The same of a store that keeps equal, aligned 64 KiB of files once"),
	UINT(dliofs.dataset.threads, "0", "Files to generate, verify or remove at a time; 0: one for each core, or dliofs.backend.threads on a network",
	     THREADS),
	BOOL(dliofs.backend.direct_fallback, "false",
	     "direct://: buffered I/O where O_DIRECT is refused"),
	COUNT(dliofs.backend.threads, "16",
	      "Requests to a store at a time: reads, uploads and listings", THREADS),
	SIZE(dliofs.backend.part_size, "8MiB",
	     "s3, az: part of a large upload; grows beyond 5000 (az: 25000) of them",
	     PART),
	SIZE(dliofs.backend.upload_memory, "0", "s3, az: for all uploads; 0: 16 parts"),
	COUNT(dliofs.backend.attempts, "10", "s3, az: tries per call", .most = 1000),
	DOUBLE(dliofs.backend.connect_timeout, "5", "s3, az: for name, connection and TLS", UNIT("s")),
	DOUBLE(dliofs.backend.first_byte_timeout, "30",
	       "s3, az: from a request sent to the first byte", UNIT("s")),
	DOUBLE(dliofs.backend.stall_timeout, "10", "s3, az: for each KiB, either way", UNIT("s")),
	DOUBLE(dliofs.backend.deadline, "120", "s3, az: for a call with all its tries", UNIT("s")),
	STRING(dliofs.backend.ca_file, NULL,
	       "s3, az: certificates to trust; not set: AWS_CA_BUNDLE, for s3 the profile's ca_bundle, CURL_CA_BUNDLE, or the system's"),
	STRING(dliofs.s3.profile, NULL, "Profile of ~/.aws; not set: AWS_PROFILE"),
	STRING(dliofs.s3.session_token, NULL, "Of a temporary key in storage_options", .secret = true),
	BOOL(dliofs.s3.anonymous, "false", "Do not sign: for public buckets"),
	ENUM(dliofs.s3.addressing, config_addressing, addressings, "auto",
	     "Where the bucket's name goes; auto: into the path if an endpoint is given"),
	STRING(dliofs.azure.endpoint, NULL,
	       "Server, as https://host:port, with the account if it is in the path; not set: AZURE_STORAGE_BLOB_ENDPOINT, or Azure's"),
	STRING(dliofs.azure.account_key, NULL, "Not set: AZURE_STORAGE_KEY and wherever else",
	       .secret = true),
	STRING(dliofs.azure.connection_string, NULL, "Not set: AZURE_STORAGE_CONNECTION_STRING",
	       .secret = true),
	STRING(dliofs.azure.sas, NULL, "Shared access signature; not set: AZURE_STORAGE_SAS_TOKEN",
	       .secret = true),
	BOOL(dliofs.mount.enabled, "true", "Read through the mount; false: natively"),
	ENUM(dliofs.mount.cache, config_cache, caches, "warm",
	     "Page cache: warm keeps, cold drops at open, direct goes around it"),
	SIZE(dliofs.mount.blksize, "4KiB",
	     "st_blksize to report; buffered readers read in pieces of it",
	     .least = 512, .most = GIB),
	UINT(dliofs.mount.read_ahead_kb, "1024", "The kernel's read-ahead; set as root only", UNIT("KiB"),
	     .most = GIB / KIB),
	COUNT(dliofs.mount.max_background, "64",
	      "Requests the kernel sends ahead of readers; set as root only", .most = UINT16_MAX),
	COUNT(dliofs.mount.threads, "16", "Threads that serve the mount, at most", THREADS),
	SIZE(dliofs.mount.memory, "0",
	     "Stores on a network: for blocks of objects; 0: a quarter of the RAM, or of the control group's limit"),
	BOOL(dliofs.mount.allow_other, "false", "Other users may see the mount"),
	ENUM(dliofs.mount.listing, config_listing, listings, "auto",
	     "Folders and buckets by URI: all, before mounting; lazy, each folder when first looked into; auto, lazy on a network"),
	DOUBLE(dliofs.mount.refresh, "0",
	       "lazy: how old a folder's listing may be before it is listed again; 0: for ever", UNIT("s"),
	       .most = A_YEAR),
	BOOL(dliofs.train.announce, "true",
	     "Tell the mount what will be read next, so that it fetches ahead; never with --dlio-compat=strict"),
	BOOL(dliofs.train.check_data, "true", "Check what is read against what was generated"),
	BOOL(dliofs.train.drop_caches, "false", "Drop the page cache before each epoch, and before checkpoints are read"),
	BOOL(dliofs.train.touch_mapped, "false",
	     "mmap_indexed_binary: have the pages of samples read; DLIO maps files and never looks"),
	COUNT(dliofs.train.accelerators_per_rank, "1",
	      "Accelerators of each process: each is a rank, with workers of its own", THREADS),
	BOOL(dliofs.train.compat_strict, "false", "DLIO's own figures, its defects included"),
	BOOL(dliofs.record, "true", "Record the latency of each operation"),
};

/* clang-format on */

const size_t keys_table_count = ARRAY_SIZE(keys_table);
