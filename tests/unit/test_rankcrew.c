/* Ranks that generate and verify one dataset together; they are threads here. */
#include "app/rankcrew.h"

#include "app/workload.h"
#include "backends/mem.h"
#include "data/generate.h"
#include "data/manifest.h"
#include "data/verify.h"
#include "lib/capture.h"
#include "lib/thread_ranks.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

TestSuite(rankcrew);

#define RANKS 3

static struct dataset *small(const char *format)
{
	const struct dataset_options o = {
		.format = format,
		.dtype = "uint8",
		.file_prefix = "img",
		.files = { 8, 3 },
		.samples_per_file = 1,
		.record_length = 4096,
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

/* What ranks share, and what came of each. */
struct world {
	const char *format;
	struct backend *store;
	struct generate_result generated[RANKS];
	struct verify_result verified[RANKS];
	int rc[RANKS];
};

/* A rank's part of the work that fn has to do, which gives what it came to. */
static void as_rank(struct thread_rank *t, const char *what,
		    int (*fn)(struct world *w, unsigned rank, struct dataset *d,
			      struct crew *crew))
{
	struct world *w = t->arg;
	struct dataset *d = small(w->format);
	struct crew crew = { .threads = 1 };
	struct ranks *ranks;
	struct rankcrew part;
	int rc;

	cr_assert_eq(ranks_open_by(t->wire, &ranks), 0);
	rankcrew_start(&part, ranks, &crew, what, true);
	rc = fn(w, ranks->rank, d, &crew);
	rankcrew_end(&part);
	cr_expect_eq(ranks_close(ranks, rc), 0);
	dataset_free(d);
}

static int generate_part(struct world *w, unsigned rank, struct dataset *d,
			 struct crew *crew)
{
	w->rc[rank] = generate_dataset(d, w->store, crew, &w->generated[rank]);
	return w->rc[rank];
}

/* What is found to be damaged is no failure of the rank. */
static int verify_part(struct world *w, unsigned rank, struct dataset *d,
		       struct crew *crew)
{
	w->rc[rank] = verify_dataset(d, w->store, crew, &w->verified[rank]);
	return 0;
}

static void generate_as_rank(struct thread_rank *t)
{
	as_rank(t, "generate", generate_part);
}

static void verify_as_rank(struct thread_rank *t)
{
	as_rank(t, "verify", verify_part);
}

static char *manifest_of(struct backend *b)
{
	char *text = calloc(1, 65536);
	struct object *o;

	cr_assert_eq(object_open(b, MANIFEST_NAME, &o), 0);
	cr_assert_gt(object_pread(o, text, 65535, 0), 0);
	object_close(o);
	return text;
}

static char *manifest_alone(const char *format)
{
	struct dataset *d = small(format);
	struct backend *b = store();
	struct crew crew = { .threads = 1 };
	struct generate_result result;
	char *text;

	cr_assert_eq(generate_dataset(d, b, &crew, &result), 0);
	text = manifest_of(b);
	backend_close(b);
	dataset_free(d);
	return text;
}

Test(rankcrew, generates_each_file_once_and_one_manifest_of_all)
{
	/* Sizes are computed; only the writer knows them; side files. */
	static const char *const formats[] = { "npz", "png", "indexed_binary" };

	for (size_t k = 0; k < ARRAY_SIZE(formats); k++) {
		struct world w = { .format = formats[k], .store = store() };
		AUTO_FREE char *want = manifest_alone(formats[k]);
		AUTO_FREE char *got = NULL;
		struct dataset *d = small(formats[k]);
		uint64_t n = dataset_objects(d), written = 0;

		thread_ranks_run(RANKS, generate_as_rank, &w);
		for (unsigned i = 0; i < RANKS; i++) {
			cr_expect_eq(w.rc[i], 0);
			cr_expect_eq(w.generated[i].written,
				     (n - i + RANKS - 1) / RANKS, "rank %u", i);
			written += w.generated[i].written;
		}
		cr_expect_eq(written, n, "%s", formats[k]);
		got = manifest_of(w.store);
		cr_expect_str_eq(got, want, "%s", formats[k]);
		dataset_free(d);
		backend_close(w.store);
	}
}

Test(rankcrew, goes_on_with_what_is_missing_and_verifies_a_share_each)
{
	struct world w = { .format = "npz", .store = store() };
	struct dataset *d = small("npz");
	char name[DATASET_MAX_NAME];
	struct capture said;
	uint64_t good = 0;

	thread_ranks_run(RANKS, generate_as_rank, &w);
	dataset_name(d, 4, name);
	cr_assert_eq(backend_remove(w.store, name), 0);

	capture_start(&said);
	thread_ranks_run(RANKS, verify_as_rank, &w);
	capture_stop(&said);
	for (unsigned i = 0; i < RANKS; i++) {
		cr_expect_eq(w.rc[i], i == 4 % RANKS ? -EBADMSG : 0);
		cr_expect_eq(w.verified[i].missing, i == 4 % RANKS);
		good += w.verified[i].good;
	}
	cr_expect_eq(good, 10);

	thread_ranks_run(RANKS, generate_as_rank, &w);
	for (unsigned i = 0; i < RANKS; i++)
		cr_expect_eq(w.generated[i].written, i == 4 % RANKS);
	dataset_free(d);
	backend_close(w.store);
}

Test(rankcrew, refuses_stores_that_only_one_process_sees)
{
	static const struct {
		const char *uri;
		unsigned size;
		int want;
	} cases[] = {
		{ "mem://d", 2, -EINVAL },
		{ "mem://d", 1, 0 },
		{ "/d", 2, 0 },
		{ "s3://mem/d", 2, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ranks ranks = { .size = cases[i].size };
		struct workload w = { .data_uri = strdup(cases[i].uri) };
		struct capture said;
		int rc;

		capture_start(&said);
		rc = workload_check_ranks(&w, &ranks);
		capture_stop(&said);
		cr_expect_eq(rc, cases[i].want, "%s", cases[i].uri);
		free(w.data_uri);
	}
}
