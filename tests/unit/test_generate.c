/* Generation, manifest, verification and the synth store, on mem:// stores. */
#include "data/generate.h"

#include "backends/fault.h"
#include "backends/file.h"
#include "backends/mem.h"
#include "base/crc.h"
#include "data/format.h"
#include "data/manifest.h"
#include "data/synth.h"
#include "data/verify.h"
#include "lib/capture.h"
#include "lib/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct dataset *small(uint64_t seed)
{
	const struct dataset_options o = {
		.format = "npz",
		.dtype = "uint8",
		.file_prefix = "img",
		.files = { 13, 4 },
		.subfolders = { 3, 0 },
		.samples_per_file = 1,
		.record_length = 200000,
		.record_length_stdev = 50000,
		.seed = seed,
	};
	struct dataset *d;

	cr_assert_eq(dataset_new(&o, &d), 0);
	return d;
}

static struct backend *store(void)
{
	const struct backend_options options = { .mem_fd = -1 };
	struct backend *b;

	cr_assert_eq(backend_open(&mem_ops, "mem://t", &options, &b), 0);
	return b;
}

static int generate(const struct dataset *d, struct backend *b,
		    struct generate_result *r)
{
	struct crew crew = { .threads = 3 };

	return generate_dataset(d, b, &crew, r);
}

static int verify(const struct dataset *d, struct backend *b,
		  struct verify_result *r)
{
	struct crew crew = { .threads = 2 };

	return verify_dataset(d, b, &crew, r);
}

/* Replace an object's byte at offset by another, or cut it there. */
static void damage(struct backend *b, const char *name, uint64_t offset,
		   bool cut)
{
	AUTO_FREE char *bytes = NULL;
	struct object *o;
	size_t size;

	cr_assert_eq(object_open(b, name, &o), 0);
	size = o->size;
	bytes = malloc(size);
	cr_assert_eq(object_pread(o, bytes, size, 0), (ssize_t)size);
	object_close(o);
	bytes[offset] ^= 1;
	cr_assert_eq(object_create(b, name, &o), 0);
	cr_assert_eq(object_append(o, bytes, cut ? offset : size), 0);
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
}

Test(generate, writes_every_file_and_skips_finished_ones)
{
	struct dataset *d = small(1);
	struct backend *b = store();
	struct generate_result r;
	struct verify_result v;

	cr_assert_eq(generate(d, b, &r), 0);
	cr_expect_eq(r.written, 17);
	cr_expect_eq(r.skipped, 0);
	cr_expect_eq(r.written_bytes, dataset_bytes(d));
	cr_expect_eq(verify(d, b, &v), 0);
	cr_expect_eq(v.good, 17);
	cr_expect(v.manifest);

	cr_assert_eq(backend_remove(b, "train/1/img_04_of_13.npz"), 0);
	cr_assert_eq(generate(d, b, &r), 0);
	cr_expect_eq(r.written, 1);
	cr_expect_eq(r.skipped, 16);
	backend_close(b);
	dataset_free(d);
}

/* ---- What a run that was killed has left -------------------------------- */

/* Hidden temporaries of a file store (newfile.h), by what they were to be. */
#define HIDDEN(name) ".dliofs-0123456789abcdef-" name ".tmp"

static bool is_there(const char *folder, const char *name)
{
	AUTO_FREE char *path = NULL;

	cr_assert_gt(asprintf(&path, "%s/%s", folder, name), 0);
	return access(path, F_OK) == 0;
}

static void leave(const char *folder, const char *name)
{
	AUTO_FREE char *path = NULL;
	FILE *f;

	cr_assert_gt(asprintf(&path, "%s/%s", folder, name), 0);
	f = fopen(path, "we");
	cr_assert_not_null(f, "%s", path);
	fclose(f);
}

Test(generate, takes_away_what_was_left_of_files_that_it_writes)
{
	static const struct {
		const char *name;
		bool stays;
	} left[] = {
		{ "train/1/" HIDDEN("img_04_of_13.npz"), false },
		{ HIDDEN("train%2F1%2Fimg_04_of_13.npz"), false },
		{ HIDDEN("manifest.dliofs"), false },
		{ "train/1/" HIDDEN("img_07_of_13.npz"), true }, /* is there */
		{ "train/1/" HIDDEN("img_04_of_13.npz.old"), true },
		{ "train/2/" HIDDEN("img_04_of_13.npz"), true },
		{ HIDDEN("img_04_of_13.npz"), true },
	};
	char *folder = scratch_new();
	struct dataset *d = small(1);
	struct generate_result r;
	struct capture said;
	struct backend *b;

	cr_assert_eq(backend_open(&file_ops, folder, NULL, &b), 0);
	cr_assert_eq(generate(d, b, &r), 0);
	for (size_t i = 0; i < ARRAY_SIZE(left); i++)
		leave(folder, left[i].name);

	/* A complete dataset may be where nobody can write. */
	cr_assert_eq(generate(d, b, &r), 0);
	cr_expect(is_there(folder, left[0].name));

	cr_assert_eq(backend_remove(b, "train/1/img_04_of_13.npz"), 0);
	capture_start(&said);
	cr_assert_eq(generate(d, b, &r), 0);
	capture_stop(&said);
	cr_expect(strstr(said.text, "what was left of 3 files"), "%s",
		  said.text);
	for (size_t i = 0; i < ARRAY_SIZE(left); i++)
		cr_expect_eq(is_there(folder, left[i].name), left[i].stays,
			     "%s", left[i].name);
	backend_close(b);
	dataset_free(d);
	scratch_remove(folder);
}

Test(generate, goes_on_where_nothing_can_be_looked_for)
{
	static const struct fault_plan refused = {
		.rule[FAULT_LIST] = { .error = -EACCES, .error_limit = 1 },
	};
	struct dataset *d = small(1);
	struct generate_result r;
	struct capture said;
	struct backend *b;

	cr_assert_eq(fault_wrap(store(), &refused, &b), 0);
	capture_start(&said);
	cr_expect_eq(generate(d, b, &r), 0);
	capture_stop(&said);
	cr_expect_eq(r.written, 17);
	cr_expect(strstr(said.text, "warning: mem://t: what a run that was "
				    "killed may have left of its files cannot "
				    "be looked for: Permission denied\n"),
		  "%s", said.text);
	backend_close(b);
	dataset_free(d);
}

/* Each part of the work for each format, on all its objects. */
static struct dataset *tiny(const struct format *t, uint64_t seed)
{
	const struct dataset_options o = {
		.format = t->name,
		.dtype = "uint8",
		.file_prefix = "img",
		.files = { 5, 2 },
		.subfolders = { 2, 0 },
		.samples_per_file = 3,
		.record_length = 2000,
		.seed = seed,
	};
	struct dataset *d;

	cr_assert_eq(dataset_new(&o, &d), 0);
	return d;
}

/* One byte more. */
static void lengthen(struct backend *b, const char *name)
{
	AUTO_FREE char *bytes = NULL;
	struct object *o;
	size_t size;

	cr_assert_eq(object_open(b, name, &o), 0);
	size = o->size;
	bytes = calloc(1, size + 1);
	cr_assert_eq(object_pread(o, bytes, size, 0), (ssize_t)size);
	object_close(o);
	cr_assert_eq(object_create(b, name, &o), 0);
	cr_assert_eq(object_append(o, bytes, size + 1), 0);
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
}

/* The middle byte of an object of each kind, and what is said of it. */
static void damage_each(const struct dataset *d, struct backend *b)
{
	for (uint64_t i = 1; i < dataset_objects(d); i += dataset_files(d)) {
		char name[DATASET_MAX_NAME];
		struct generate_result r;
		struct verify_result v;

		dataset_name(d, i, name);
		damage(b, name, dataset_size(d, i) / 2, false);
		cr_expect_eq(verify(d, b, &v), -EBADMSG, "%s", name);
		cr_expect_eq(v.damaged, 1, "%s", name);
		cr_expect_eq(v.good, dataset_objects(d) - 1, "%s", name);
		cr_assert_eq(backend_remove(b, name), 0);
		cr_expect_eq(verify(d, b, &v), -EBADMSG);
		cr_expect_eq(v.missing, 1, "%s", name);
		cr_assert_eq(generate(d, b, &r), 0);
		cr_expect_eq(r.written, 1, "%s", name);
		cr_expect_eq(r.skipped, dataset_objects(d) - 1, "%s", name);
		lengthen(b, name);
		cr_expect_eq(verify(d, b, &v), -EBADMSG, "%s", name);
		cr_expect_eq(v.damaged, 1, "%s", name);
		cr_assert_eq(generate(d, b, &r), 0);
		cr_expect_eq(r.written, 1, "%s, of another size", name);
	}
}

static int none(void *arg, const char *name, const struct object_info *info)
{
	(void)arg, (void)info;
	cr_expect_fail("%s is still there", name);
	return 0;
}

/* A dataset that has not seen the other's work. */
static void check_as_a_stranger(const struct format *t, struct backend *b)
{
	struct dataset *d = tiny(t, 1);
	struct generate_result r;
	struct verify_result v;

	cr_expect_eq(verify(d, b, &v), 0, "%s", t->name);
	cr_expect(v.manifest, "%s", t->name);
	dataset_free(d);
	d = tiny(t, 1);
	cr_assert_eq(manifest_write(b, d, MANIFEST_WRITING), 0);
	cr_assert_eq(generate(d, b, &r), 0);
	cr_expect_eq(r.written, 0, "%s, interrupted", t->name);
	dataset_free(d);
	d = tiny(t, 1);
	cr_expect_eq(verify(d, b, &v), 0, "%s", t->name);
	dataset_free(d);
}

Test(generate, and_verify_know_all_objects_of_each_format)
{
	const struct format *t;

	for (size_t i = 0; (t = format_at(i)); i++) {
		struct dataset *d = tiny(t, 1);
		struct backend *b = store();
		struct crew crew = { .threads = 2 };
		struct generate_result r;

		cr_assert_eq(generate(d, b, &r), 0, "%s", t->name);
		cr_expect_eq(r.written, dataset_objects(d), "%s", t->name);
		cr_expect_eq(r.written_bytes, dataset_bytes(d), "%s", t->name);
		check_as_a_stranger(t, b);
		damage_each(d, b);
		cr_assert_eq(generate_remove(d, b, &crew), 0);
		cr_assert_eq(backend_list(b, "", BACKEND_DEEP, none, NULL), 0);
		backend_close(b);
		dataset_free(d);
	}
}

Test(generate, finds_what_is_finished_without_asking_for_each_file)
{
	const struct fault_plan plan = {
		.rule[FAULT_STAT] = { .error = -EIO },
	};
	struct dataset *d = small(1);
	struct backend *b = store(), *faulty;
	struct generate_result r;

	cr_assert_eq(fault_wrap(b, &plan, &faulty), 0);
	cr_assert_eq(generate(d, faulty, &r), 0);
	damage(b, "valid/img_2_of_4.npz", 100, true);
	cr_assert_eq(generate(d, faulty, &r), 0);
	cr_expect_eq(r.written, 1, "the one of another size");
	cr_expect_eq(r.skipped, 16);
	backend_close(faulty); /* and b */
	dataset_free(d);
}

Test(generate, that_cannot_list_what_is_there_says_so)
{
	const struct fault_plan plan = {
		.rule[FAULT_LIST] = { .error = -EACCES },
	};
	struct dataset *d = small(1);
	struct backend *b = store(), *faulty;
	struct generate_result r;
	struct capture said;

	cr_assert_eq(fault_wrap(b, &plan, &faulty), 0);
	cr_assert_eq(generate(d, b, &r), 0);
	capture_start(&said);
	cr_expect_eq(generate(d, faulty, &r), -EACCES);
	capture_stop(&said);
	cr_expect(strstr(said.text, "list mem://t/train/"), "%s", said.text);
	backend_close(faulty); /* and b */
	dataset_free(d);
}

Test(generate, of_a_complete_dataset_writes_nothing)
{
	const struct fault_plan plan = {
		.rule[FAULT_CREATE] = { .error = -EROFS },
	};
	struct dataset *d = small(1);
	struct backend *b = store(), *faulty;
	struct generate_result r;
	struct verify_result v;

	cr_assert_eq(fault_wrap(b, &plan, &faulty), 0);
	cr_assert_eq(generate(d, b, &r), 0);
	cr_expect_eq(generate(d, faulty, &r), 0);
	cr_expect_eq(r.skipped, 17);

	/* Its head is right, the files' lines are not: written anew. */
	damage(b, MANIFEST_NAME, 400, false);
	cr_expect_eq(generate(d, faulty, &r), -EROFS);
	cr_expect_eq(generate(d, b, &r), 0);
	cr_expect_eq(verify(d, b, &v), 0);
	cr_expect(v.manifest);
	backend_close(faulty); /* and b */
	dataset_free(d);
}

Test(generate, never_mixes_two_datasets)
{
	struct dataset *one = small(1), *two = small(2);
	struct backend *b = store();
	struct generate_result r;
	struct verify_result v;

	cr_assert_eq(generate(one, b, &r), 0);
	cr_expect_eq(verify(two, b, &v), -EINVAL);
	cr_assert_eq(generate(two, b, &r), 0);
	cr_expect_eq(r.skipped, 0);
	cr_expect_eq(verify(two, b, &v), 0);
	backend_close(b);
	dataset_free(one);
	dataset_free(two);
}

Test(generate, an_error_ends_it_and_the_next_run_goes_on)
{
	const struct fault_plan plan = {
		.rule[FAULT_COMMIT] = { .error = -ENOSPC, .error_every = 6 },
	};
	struct dataset *d = small(1);
	struct backend *b = store(), *faulty;
	struct generate_result r;
	struct verify_result v;
	uint64_t done;

	cr_assert_eq(fault_wrap(b, &plan, &faulty), 0);
	cr_expect_eq(generate(d, faulty, &r), -ENOSPC);
	done = r.written;
	cr_expect_gt(done, 0);
	cr_expect_lt(done, 17);
	cr_expect_eq(verify(d, b, &v), -EINVAL, "not finished");
	cr_assert_eq(generate(d, b, &r), 0);
	cr_expect_eq(r.skipped, done);
	cr_expect_eq(verify(d, b, &v), 0);
	backend_close(faulty); /* and b */
	dataset_free(d);
}

Test(generate, stops_when_told)
{
	const atomic_bool stop = true;
	struct crew crew = { .threads = 1, .stop = &stop };
	struct dataset *d = small(1);
	struct backend *b = store();
	struct generate_result r;

	cr_expect_eq(generate_dataset(d, b, &crew, &r), -EINTR);
	backend_close(b);
	dataset_free(d);
}

static int count(void *arg, const char *name, const struct object_info *info)
{
	(void)name;
	(void)info;
	++*(int *)arg;
	return 0;
}

Test(generate, removes_its_files_and_nothing_else)
{
	struct dataset *d = small(1);
	struct backend *b = store();
	struct crew crew = { .threads = 3 };
	struct generate_result r;
	struct object *o;
	int left = 0;

	cr_assert_eq(generate(d, b, &r), 0);
	cr_assert_eq(object_create(b, "train/mine", &o), 0);
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
	cr_assert_eq(generate_remove(d, b, &crew), 0);
	cr_assert_eq(backend_list(b, "", BACKEND_DEEP, count, &left), 0);
	cr_expect_eq(left, 1);
	backend_close(b);
	dataset_free(d);
}

Test(verify, finds_each_kind_of_damage)
{
	struct dataset *d = small(1);
	struct backend *b = store();
	struct generate_result g;
	struct verify_result v;

	cr_assert_eq(generate(d, b, &g), 0);
	damage(b, "train/0/img_03_of_13.npz", 12345, false);
	cr_expect_eq(verify(d, b, &v), -EBADMSG);
	cr_expect_eq(v.damaged, 1);
	damage(b, "valid/img_2_of_4.npz", 1000, true);
	cr_assert_eq(backend_remove(b, "train/2/img_05_of_13.npz"), 0);
	cr_expect_eq(verify(d, b, &v), -EBADMSG);
	cr_expect_eq(v.damaged, 2);
	cr_expect_eq(v.missing, 1);
	cr_expect_eq(v.good, 14);
	backend_close(b);
	dataset_free(d);
}

Test(verify, names_what_is_missing_and_stops_naming_at_some_point)
{
	const struct dataset_options o = { .format = "npy",
					   .dtype = "uint8",
					   .file_prefix = "img",
					   .files = { 50, 0 },
					   .samples_per_file = 1,
					   .record_length = 10 };
	static const struct {
		uint64_t removed; /* files 0 … */
		const char *last, *not_said;
	} cases[] = {
		{ 3, "img_02_of_50.npy: missing", "img_03_of_50" },
		{ 50, "missing", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct generate_result g;
		struct verify_result v;
		struct capture said;
		struct backend *b = store();
		struct dataset *d;

		cr_assert_eq(dataset_new(&o, &d), 0);
		cr_assert_eq(generate(d, b, &g), 0);
		for (uint64_t file = 0; file < cases[i].removed; file++) {
			char name[DATASET_MAX_NAME];

			dataset_name(d, file, name);
			cr_assert_eq(backend_remove(b, name), 0);
		}
		capture_start(&said);
		cr_expect_eq(verify(d, b, &v), -EBADMSG);
		capture_stop(&said);
		cr_expect_eq(v.missing, cases[i].removed);
		cr_expect_not_null(strstr(said.text, cases[i].last), "%s",
				   said.text);
		cr_expect(!cases[i].not_said ||
				  !strstr(said.text, cases[i].not_said),
			  "%s", said.text);
		cr_expect_lt(strlen(said.text), 2000, "fifty lines of them");
		backend_close(b);
		dataset_free(d);
	}
}

/* One line of the manifest goes, and its end says so. */
Test(verify, finds_a_manifest_that_lists_too_little)
{
	struct dataset *d = small(1);
	struct backend *b = store();
	AUTO_FREE char *text = NULL;
	struct generate_result g;
	struct verify_result v;
	struct object *o;
	size_t size;
	char *at;

	cr_assert_eq(generate(d, b, &g), 0);
	cr_assert_eq(object_open(b, MANIFEST_NAME, &o), 0);
	size = o->size;
	text = calloc(1, size + 1);
	cr_assert_eq(object_pread(o, text, size, 0), (ssize_t)size);
	object_close(o);
	at = strstr(text, "file\t");
	snprintf(at, size - (size_t)(at - text), "end\t0\t0\n");
	cr_assert_eq(object_create(b, MANIFEST_NAME, &o), 0);
	cr_assert_eq(object_append(o, text, strlen(text)), 0);
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
	cr_expect_eq(verify(d, b, &v), -EBADMSG);
	cr_expect_eq(v.damaged, 1);
	cr_expect_eq(v.good, 17);
	backend_close(b);
	dataset_free(d);
}

Test(manifest, says_whose_dataset_it_is)
{
	struct dataset *one = small(1), *two = small(2);
	struct backend *b = store();
	enum manifest_state state;

	cr_assert_eq(manifest_state(b, one, &state), 0);
	cr_expect_eq(state, MANIFEST_NONE);
	cr_assert_eq(manifest_write(b, one, MANIFEST_WRITING), 0);
	cr_assert_eq(manifest_state(b, one, &state), 0);
	cr_expect_eq(state, MANIFEST_WRITING);
	cr_assert_eq(manifest_write(b, one, MANIFEST_COMPLETE), 0);
	cr_assert_eq(manifest_state(b, one, &state), 0);
	cr_expect_eq(state, MANIFEST_COMPLETE);
	cr_assert_eq(manifest_state(b, two, &state), 0);
	cr_expect_eq(state, MANIFEST_OTHER);
	backend_close(b);
	dataset_free(one);
	dataset_free(two);
}

static int check_line(void *arg, const char *name, uint64_t size, uint32_t crc)
{
	const struct dataset *d = arg;
	AUTO_FREE char *bytes = malloc(size);
	uint64_t file;

	cr_assert_eq(dataset_find(d, name, &file), 0, "%s", name);
	cr_expect_eq(size, dataset_size(d, file));
	cr_assert_eq(dataset_read(d, file, bytes, size, 0), (ssize_t)size);
	cr_expect_eq(crc, crc_crc32(0, bytes, size), "%s", name);
	return 0;
}

Test(manifest, lists_sizes_and_checksums_of_the_bytes)
{
	struct dataset *d = small(1);
	struct backend *b = store();

	cr_assert_eq(manifest_write(b, d, MANIFEST_COMPLETE), 0);
	cr_expect_eq(manifest_read(b, check_line, d), 0);
	backend_close(b);
	dataset_free(d);
}

static int ignore_line(void *arg, const char *name, uint64_t size, uint32_t crc)
{
	(void)arg;
	(void)name;
	(void)size;
	(void)crc;
	return 0;
}

Test(manifest, any_damage_is_an_error_and_never_worse)
{
	struct dataset *d = small(1);
	struct object *o;
	uint64_t size;

	struct backend *b = store();
	cr_assert_eq(manifest_write(b, d, MANIFEST_COMPLETE), 0);
	cr_assert_eq(object_open(b, MANIFEST_NAME, &o), 0);
	size = o->size;
	object_close(o);
	for (uint64_t cut = 0; cut < size; cut += 7) {
		cr_assert_eq(manifest_write(b, d, MANIFEST_COMPLETE), 0);
		damage(b, MANIFEST_NAME, cut, true);
		cr_expect_eq(manifest_read(b, ignore_line, NULL), -EINVAL,
			     "cut at %lu", (unsigned long)cut);
	}
	backend_close(b);
	dataset_free(d);
}

/* ---- synth ---- */

Test(synth, reads_what_generate_writes_at_any_offset_and_length)
{
	static const size_t lengths[] = { 1, 7, 4096, 65536, 100001, 1 << 20 };
	struct dataset *d = small(1);
	struct backend *b = store(), *s;
	struct generate_result g;

	cr_assert_eq(synth_open(d, &s), 0);
	cr_assert_eq(generate(d, b, &g), 0);
	for (uint64_t file = 0; file < dataset_files(d); file++) {
		static char truth[MIB], got[MIB];
		char name[DATASET_MAX_NAME];
		struct object *real, *computed;
		ssize_t size;

		dataset_name(d, file, name);
		cr_assert_eq(object_open(b, name, &real), 0);
		cr_assert_eq(object_open(s, name, &computed), 0);
		cr_expect_eq(real->size, computed->size);
		size = object_pread(real, truth, sizeof(truth), 0);
		for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
			for (uint64_t at = i; at < real->size; at += 33333) {
				ssize_t n = object_pread(computed, got,
							 lengths[i], at);

				cr_assert_eq(n, MIN((ssize_t)lengths[i],
						    size - (ssize_t)at));
				cr_assert(!memcmp(got, truth + at, (size_t)n),
					  "%s at %lu", name, (unsigned long)at);
			}
		object_close(real);
		object_close(computed);
	}
	backend_close(s);
	backend_close(b);
	dataset_free(d);
}

Test(synth, lists_files_and_folders_once)
{
	static const struct {
		const char *prefix;
		enum backend_depth depth;
		int count;
	} cases[] = {
		{ "", BACKEND_DEEP, 17 },
		{ "", BACKEND_SHALLOW, 2 },
		{ "train/", BACKEND_SHALLOW, 3 },
		{ "train/", BACKEND_DEEP, 13 },
		{ "train/1/", BACKEND_SHALLOW, 4 },
		{ "valid/", BACKEND_SHALLOW, 4 },
		{ "none/", BACKEND_DEEP, 0 },
	};
	struct dataset *d = small(1);
	struct backend *s;

	cr_assert_eq(synth_open(d, &s), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int n = 0;

		cr_assert_eq(backend_list(s, cases[i].prefix, cases[i].depth,
					  count, &n),
			     0);
		cr_expect_eq(n, cases[i].count, "'%s'", cases[i].prefix);
	}
	backend_close(s);
	dataset_free(d);
}

Test(synth, cannot_be_changed)
{
	struct dataset *d = small(1);
	struct backend *s;
	struct object *o;

	cr_assert_eq(synth_open(d, &s), 0);
	cr_expect_eq(object_create(s, "x", &o), -EROFS);
	cr_expect_eq(backend_remove(s, "train/0/img_00_of_13.npz"), -EROFS);
	cr_expect_eq(backend_rename(s, "train/0/img_00_of_13.npz", "x"),
		     -EROFS);
	cr_expect_eq(object_open(s, "train/none", &o), -ENOENT);
	backend_close(s);
	dataset_free(d);
}
