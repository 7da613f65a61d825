/* The configuration of a run: DLIO's YAML, our own section `dliofs:`, and
 * overrides, as one typed and checked struct.
 *
 * Every setting is a row of keys_table.c: its place in the YAML, type,
 * default, meaning.  The parser, the overrides, --help-config, and the printed
 * configuration all come from those rows; a field's name here is its key's name
 * there.
 *
 * Built once by config_load(); const afterwards; any thread may read it. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/util.h"
#include "config/columns.h"

#define CONFIG_MAX_DIMS 16

/* An emulated time, in seconds (dlio.md 9): how long a step computes. */
enum config_time_type {
	CONFIG_TIME_NONE,
	CONFIG_TIME_CONSTANT,	 /* a = mean */
	CONFIG_TIME_NORMAL,	 /* a = mean, b = stdev */
	CONFIG_TIME_UNIFORM,	 /* a = min, b = max */
	CONFIG_TIME_GAMMA,	 /* a = shape, b = scale */
	CONFIG_TIME_EXPONENTIAL, /* a = scale */
	CONFIG_TIME_POISSON,	 /* a = lam */
};

struct config_time {
	enum config_time_type type;
	double a, b;
};

struct config_ints {
	size_t n;
	int64_t item[CONFIG_MAX_DIMS];
};

struct config_strings {
	size_t n;
	char **item;
};

enum config_framework { CONFIG_TENSORFLOW, CONFIG_PYTORCH };
enum config_loader {
	CONFIG_LOADER_UNSET,
	CONFIG_LOADER_TENSORFLOW,
	CONFIG_LOADER_PYTORCH,
	CONFIG_LOADER_DALI,
	CONFIG_LOADER_NATIVE_DALI,
	CONFIG_LOADER_CUSTOM,
	CONFIG_LOADER_NONE,
	CONFIG_LOADER_SYNTHETIC,
};
enum config_sampler {
	CONFIG_SAMPLER_UNSET,
	CONFIG_SAMPLER_ITERATIVE,
	CONFIG_SAMPLER_INDEX,
	CONFIG_SAMPLER_NONE
};
enum config_shuffle {
	CONFIG_SHUFFLE_OFF,
	CONFIG_SHUFFLE_SEED,
	CONFIG_SHUFFLE_RANDOM
};
enum config_read_type { CONFIG_ON_DEMAND, CONFIG_MEMORY };
enum config_addressing {
	CONFIG_ADDRESSING_AUTO,
	CONFIG_ADDRESSING_PATH,
	CONFIG_ADDRESSING_VIRTUAL
};
enum config_listing { CONFIG_LIST_AUTO, CONFIG_LIST_LAZY, CONFIG_LIST_ALL };
enum config_cache { CONFIG_CACHE_WARM, CONFIG_CACHE_COLD, CONFIG_CACHE_DIRECT };

struct config {
	struct {
		char *name, *type;
		uint64_t model_size_bytes; /* 10240 */
		char *model_datatype, *optimizer_datatype;
		struct config_ints optimization_groups;
		int64_t num_layers; /* -1 */
		struct config_ints layer_parameters;
		struct {
			int64_t tensor, pipeline, data, zero_stage;
		} parallelism;
		struct {
			int64_t vocab_size, hidden_size, ffn_hidden_size,
				num_attention_heads, num_kv_heads;
		} transformer;
	} model;

	enum config_framework framework;

	struct {
		bool train, generate_data, evaluation, checkpoint, profiling;
	} workflow;

	struct {
		char *storage_type; /* local_fs parallel_fs s3 aistore … */
		char *storage_root; /* ./ */
		struct {
			char *access_key_id, *secret_access_key, *endpoint_url,
				*region;
			bool s3_force_path_style;
			uint64_t s3_max_attempts; /* 0: ours */
		} storage_options;
	} storage;

	struct {
		double record_length_bytes, record_length_bytes_stdev,
			record_length_bytes_resize;
		uint64_t num_files_train, num_files_eval, num_samples_per_file;
		uint64_t generation_buffer_size;
		char *data_folder;
		uint64_t num_subfolders_train, num_subfolders_eval;
		bool enable_chunking;
		uint64_t chunk_size;
		char *compression;
		int64_t compression_level;
		char *file_prefix;
		char *format;
		bool keep_files;
		struct config_ints record_dims;
		char *record_element_type;
		struct {
			struct config_ints chunk_dims, max_shape;
			int64_t num_dset_per_record;
		} hdf5;
		struct {
			struct config_columns columns;
			uint64_t row_group_size, generation_batch_size;
			char *partition_by;
		} parquet;
	} dataset;

	struct {
		enum config_loader data_loader;
		enum config_sampler data_loader_sampler;
		char *data_loader_classname, *reader_classname;
		char *multiprocessing_context;
		uint64_t read_threads, computation_threads;
		uint64_t batch_size, batch_size_eval;
		uint64_t prefetch_size;
		enum config_shuffle file_shuffle, sample_shuffle;
		uint64_t shuffle_size;
		enum config_read_type read_type;
		char *file_access;
		uint64_t transfer_size;
		bool odirect;
		struct config_time preprocess_time;
		bool pin_memory, dont_use_mmap;
		struct config_ints transformed_record_dims;
		char *transformed_record_element_type;
	} reader;

	struct {
		uint64_t epochs;
		struct config_time computation_time;
		int64_t total_training_steps; /* per epoch; -1: no limit */
		bool seed_change_epoch;
		int64_t seed;
	} train;

	struct {
		struct config_time eval_time;
		uint64_t eval_after_epoch, epochs_between_evals;
	} evaluation;

	struct {
		char *checkpoint_folder;
		uint64_t checkpoint_after_epoch, epochs_between_checkpoints;
		int64_t steps_between_checkpoints; /* -1: by epoch */
		char *type, *mode;
		bool fsync;
		struct config_time time_between_checkpoints;
		int64_t num_checkpoints_write, num_checkpoints_read;
		bool recovery_rank_shift, rank_sync, randomize_tensor;
		char *checkpoint_mechanism_classname;
		struct {
			bool present;
			int64_t madv_mergeable_id;
			double high_ram_trigger, low_ram_exit, await_time;
		} ksm;
	} checkpoint;

	struct {
		char *folder, *log_file;
		struct {
			uint64_t exclude_start_steps, exclude_end_steps;
		} metric;
	} output;

	struct {
		char *profiler;
		struct config_strings iostat_devices;
	} profiling;

	struct {
		double au; /* 0.90 */
	} metric;

	/* Ours.  DLIO ignores this section. */
	struct {
		struct {
			uint64_t seed; /* of the random payload */
			double compress_ratio, dedupe_ratio;
			uint64_t threads; /* generation; 0: every core */
		} dataset;
		struct {
			bool direct_fallback;
			uint64_t threads; /* concurrency against a store */
			uint64_t part_size, upload_memory, attempts;
			double connect_timeout, first_byte_timeout,
				stall_timeout, deadline; /* seconds */
			char *ca_file;
		} backend;
		struct {
			char *profile, *session_token;
			bool anonymous;
			enum config_addressing addressing;
		} s3;
		struct {
			char *endpoint, *account_key, *connection_string, *sas;
		} azure;
		struct {
			bool enabled; /* false: the trainer reads natively */
			enum config_cache cache;
			uint64_t blksize;	 /* st_blksize reported */
			uint64_t read_ahead_kb;	 /* root only */
			uint64_t max_background; /* root only */
			uint64_t threads; /* FUSE worker threads, at most */
			uint64_t memory;  /* of the block cache; 0: auto */
			bool allow_other;
			enum config_listing listing;
			double refresh; /* seconds; 0: never */
		} mount;
		struct {
			bool announce;	  /* what will be read, to the mount */
			bool check_data;  /* CRC or content of what is read */
			bool drop_caches; /* before each epoch */
			uint64_t accelerators_per_rank;
			bool touch_mapped;  /* samples, not only map them */
			bool compat_strict; /* DLIO's own figures */
		} train;
		bool record; /* latencies at all; true */
	} dliofs;

	bool *given; /* config.c's: rows of the key table the user has set */
};

enum config_flags {
	CONFIG_STRICT = 1, /* unknown keys are errors */
};

/* Read a YAML file (NULL: defaults only), apply overrides in DLIO's grammar
 * ("a.b=v", "+a.b=v", "++a.b=v", "~a.b"; a leading "workload." is dropped) in
 * order, check, and give the result.  Errors are logged with file, line and
 * column, or the override's text; then -EINVAL, or the errno of reading. */
int config_load(const char *path, const char *const *overrides, size_t n,
		unsigned flags, struct config **out) MUST_USE;

/* The same for text in memory; name stands for the file in messages. */
int config_parse(const char *name, const char *text, size_t len,
		 const char *const *overrides, size_t n, unsigned flags,
		 struct config **out) MUST_USE;

/* The same from a tree: what is under `workload` in a composed document, with
 * no ${…} left in it.  The tree is changed, and stays the caller's. */
struct node;
int config_from_tree(struct node *root, unsigned flags,
		     struct config **out) MUST_USE;
void config_free(struct config *c); /* NULL is fine */

/* Where the dataset and the checkpoints are: "scheme://…", or a path.  A
 * scheme in the folder's name wins; else storage_type says (s3, aistore:
 * storage_root is the bucket), and storage_root comes in front of a relative
 * data_folder.  The checkpoint folder without a scheme is relative to the
 * current directory, whatever the storage, as in DLIO.  The caller frees. */
int config_data_uri(const struct config *c, char **out) MUST_USE;
int config_checkpoint_uri(const struct config *c, char **out) MUST_USE;

/* Did the user give this setting a value?  Some things of DLIO depend on it. */
bool config_given(const struct config *c, const char *path);

/* Print every setting, as YAML that config_load() reads back to the same,
 * except secrets, which are shown as "***". */
int config_print(const struct config *c, FILE *out) MUST_USE;

/* One setting for dlio_benchmark_query: as Python would print it, "None" for all
 * that is nothing to it (0, false, ""), and for what there is no setting of. */
int config_print_one(const struct config *c, const char *path, FILE *out);

/* Settings that were given and do nothing, a line each; their number. */
size_t config_print_unused(const struct config *c, FILE *out);

/* A reference of all settings, for --help-config: text, or Markdown tables. */
void config_print_help(FILE *out, bool markdown);

#endif
