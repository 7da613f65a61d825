#include "lib/source_contract.h"

#include <errno.h>
#include <string.h>

void source_contract_run(const struct source_contract_maker *maker,
			 void (*rule)(struct source *s))
{
	void *state = NULL;
	struct source *s = maker->open(&state);

	rule(s);
	source_free(s);
	if (maker->drop)
		maker->drop(state);
}

static void put(struct source *s, const char *name, const char *text,
		unsigned flags)
{
	struct source_file *f;

	cr_assert_eq(source_create(s, name, &f), 0, "%s", name);
	cr_expect_eq(f->source, s);
	cr_assert_eq(source_append(f, text, strlen(text)), 0, "%s", name);
	cr_assert_eq(source_commit(f, flags), 0, "%s", name);
	source_close(f);
}

void source_contract_put(struct source *s, const char *name, const char *text)
{
	put(s, name, text, 0);
}

void source_contract_expect(struct source *s, const char *name,
			    const char *text)
{
	size_t len = strlen(text);
	AUTO_FREE char *got = malloc(len + 1);
	struct source_file *f;

	cr_assert_eq(source_open(s, name, 0, &f), 0, "%s", name);
	cr_expect_eq(f->source, s);
	cr_expect_eq(f->size, len, "%s: %lu", name, (unsigned long)f->size);
	cr_expect_gt(f->blksize, 0);
	cr_expect_eq(source_read(f, got, len + 1, 0), (ssize_t)len, "%s", name);
	cr_expect(!memcmp(got, text, len), "%s", name);
	source_close(f);
}

void source_contract_a_file_is_what_was_appended(struct source *s)
{
	struct source_file *f;

	cr_assert_eq(source_create(s, "a", &f), 0);
	cr_expect_eq(source_append(f, "0123", 4), 0);
	cr_expect_eq(source_append(f, "", 0), 0);
	cr_expect_eq(source_append(f, "456789", 6), 0);
	cr_expect_eq(source_commit(f, 0), 0);
	source_close(f);
	source_contract_expect(s, "a", "0123456789");
}

void source_contract_an_empty_file_is_a_file(struct source *s)
{
	source_contract_put(s, "nothing", "");
	source_contract_expect(s, "nothing", "");
}

void source_contract_reads_are_short_only_at_the_end(struct source *s)
{
	static const char bytes[] = "0123456789";
	static const struct {
		uint64_t offset;
		size_t len;
		ssize_t want;
	} cases[] = {
		{ 0, 10, 10 }, { 0, 0, 0 },  { 3, 4, 4 },	{ 8, 8, 2 },
		{ 9, 1, 1 },   { 10, 8, 0 }, { 11, 1, 0 },	{ 99, 16, 0 },
		{ 0, 16, 10 }, { 10, 0, 0 }, { 1 << 30, 9, 0 },
	};
	struct source_file *f;

	source_contract_put(s, "a", bytes);
	cr_assert_eq(source_open(s, "a", 0, &f), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char got[17] = "................";
		ssize_t want = cases[i].want;

		cr_expect_eq(source_read(f, got, cases[i].len, cases[i].offset),
			     want, "case %zu", i);
		cr_expect(!want || !memcmp(got, bytes + cases[i].offset,
					   (size_t)want),
			  "case %zu", i);
		cr_expect_eq(got[want], '.', "case %zu", i);
	}
	source_close(f);
}

/* ---- Threads ------------------------------------------------------------- */

enum { THREADS = 4, READS = 500, SIZE = 26 * 1000 };

struct reader {
	pthread_t thread;
	struct source_file *file;
	unsigned seed;
	unsigned wrong;
};

static void *read_pieces(void *arg)
{
	struct reader *r = arg;

	for (unsigned i = 0; i < READS; i++) {
		uint64_t at = (r->seed + i * 7919) % (SIZE - 100);
		char got[100];

		if (source_read(r->file, got, sizeof(got), at) != sizeof(got))
			r->wrong++;
		for (size_t k = 0; k < sizeof(got); k++)
			r->wrong += got[k] != (char)('a' + (at + k) % 26);
	}
	return NULL;
}

void source_contract_threads_read_one_file(struct source *s)
{
	struct reader readers[THREADS];
	char *text = malloc(SIZE + 1);
	struct source_file *f;

	for (unsigned i = 0; i < SIZE; i++)
		text[i] = (char)('a' + i % 26);
	text[SIZE] = '\0';
	source_contract_put(s, "a", text);
	free(text);
	cr_assert_eq(source_open(s, "a", 0, &f), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		readers[i] = (struct reader){ .file = f, .seed = i * 1009 };
		cr_assert_eq(pthread_create(&readers[i].thread, NULL,
					    read_pieces, &readers[i]),
			     0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(readers[i].thread, NULL);
		cr_expect_eq(readers[i].wrong, 0, "%u", readers[i].wrong);
	}
	source_close(f);
}

/* ---- Names and writing --------------------------------------------------- */

void source_contract_what_is_missing_is_enoent(struct source *s)
{
	struct source_file *f = (void *)s;
	uint64_t n = 7;

	cr_expect_eq(source_open(s, "none", 0, &f), -ENOENT);
	cr_expect_null(f);
	cr_expect_eq(source_open(s, "none/below", 0, &f), -ENOENT);
	cr_expect_eq(source_count(s, "none", &n), -ENOENT);
	cr_expect_eq(n, 0);
	source_contract_put(s, "nonesuch/a", "x");
	cr_expect_eq(source_count(s, "none", &n), -ENOENT);
	source_close(NULL);
}

void source_contract_nothing_is_left_without_commit(struct source *s)
{
	struct source_file *f;

	cr_assert_eq(source_create(s, "a", &f), 0);
	cr_assert_eq(source_append(f, "x", 1), 0);
	source_close(f);
	cr_expect_eq(source_open(s, "a", 0, &f), -ENOENT);
}

void source_contract_nothing_goes_in_after_commit(struct source *s)
{
	struct source_file *f;

	cr_assert_eq(source_create(s, "a", &f), 0);
	cr_assert_eq(source_append(f, "x", 1), 0);
	cr_assert_eq(source_commit(f, 0), 0);
	cr_expect_lt(source_append(f, "y", 1), 0);
	source_close(f);
	source_contract_expect(s, "a", "x");
}

void source_contract_a_new_file_takes_the_place_of_the_old(struct source *s)
{
	source_contract_put(s, "a", "first and long");
	source_contract_put(s, "a", "second");
	source_contract_expect(s, "a", "second");
	source_contract_put(s, "a", "");
	source_contract_expect(s, "a", "");
}

void source_contract_folders_are_made(struct source *s)
{
	source_contract_put(s, "one/two/file", "x");
	source_contract_put(s, "one/two/other", "y");
	source_contract_put(s, "one/file", "z");
	source_contract_expect(s, "one/two/file", "x");
	source_contract_expect(s, "one/two/other", "y");
	source_contract_expect(s, "one/file", "z");
}

void source_contract_names_in_a_folder_are_counted(struct source *s)
{
	static const struct {
		const char *folder;
		uint64_t want;
	} cases[] = {
		{ "", 3 }, { "c", 3 }, { "c/1", 2 }, { "c/2", 1 }, { "cc", 1 },
	};
	uint64_t n = 7;

	cr_expect_eq(source_count(s, "", &n), 0);
	cr_expect_eq(n, 0);
	source_contract_put(s, "c/1/x", "");
	source_contract_put(s, "c/1/y", "");
	source_contract_put(s, "c/2/x", "");
	source_contract_put(s, "c/file", "");
	source_contract_put(s, "cc/file", "");
	source_contract_put(s, "file", "");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(source_count(s, cases[i].folder, &n), 0, "'%s'",
			     cases[i].folder);
		cr_expect_eq(n, cases[i].want, "'%s': %lu", cases[i].folder,
			     (unsigned long)n);
	}
}

void source_contract_commit_can_be_durable(struct source *s)
{
	put(s, "folder/a", "x", SOURCE_DURABLE);
	source_contract_expect(s, "folder/a", "x");
}

void source_contract_what_is_dropped_is_still_there(struct source *s)
{
	source_contract_put(s, "a", "x");
	cr_expect_eq(source_drop(s, "a"), 0);
	source_contract_expect(s, "a", "x");
}
