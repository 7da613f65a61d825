#include "train/pyfile.h"

#include "lib/fake_source.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define SIZE 10000
#define BLOCK 1000
#define SCRATCH 4000

struct world {
	struct fake_source *fake;
	struct source_file *f;
	struct pyfile *p;
	uint8_t bytes[SIZE];
};

static struct world new_world(void)
{
	struct world w = { .fake = fake_source_new(BLOCK) };

	for (size_t i = 0; i < SIZE; i++)
		w.bytes[i] = (uint8_t)(i * 7 + i / 256);
	fake_source_put(w.fake, "f", w.bytes, SIZE);
	cr_assert_eq(source_open(fake_source(w.fake), "f", 0, &w.f), 0);
	cr_assert_eq(pyfile_new(SCRATCH, &w.p), 0);
	cr_assert_eq(pyfile_open(w.p, w.f), 0);
	fake_source_forget(w.fake);
	return w;
}

static void free_world(struct world *w)
{
	pyfile_free(w->p);
	source_close(w->f);
	source_free(fake_source(w->fake));
}

struct read {
	uint64_t offset, len;
};

/* The reads since the last call are these. */
static void expect_reads(struct world *w, const struct read *want, size_t n,
			 const char *when)
{
	const struct fake_event *got;
	size_t got_n;

	got = fake_source_events(w->fake, &got_n);
	cr_expect_eq(got_n, n, "%s: %zu reads", when, got_n);
	for (size_t i = 0; i < MIN(n, got_n); i++) {
		cr_expect_eq(got[i].offset, want[i].offset, "%s: read %zu",
			     when, i);
		cr_expect_eq(got[i].len, want[i].len, "%s: read %zu", when, i);
	}
	fake_source_forget(w->fake);
}
#define EXPECT_READS(w, when, ...)                                             \
	expect_reads(w, (const struct read[]){ __VA_ARGS__ },                  \
		     sizeof((const struct read[]){ __VA_ARGS__ }) /            \
			     sizeof(struct read),                              \
		     when)

static void expect_read(struct world *w, uint64_t at, size_t n)
{
	uint8_t got[SIZE];

	cr_expect_eq(pyfile_read(w->p, got, n), (ssize_t)n);
	cr_expect_arr_eq(got, w->bytes + at, n);
}

Test(pyfile, small_reads_come_from_a_buffer_of_one_block)
{
	struct world w = new_world();

	expect_read(&w, 0, 10);
	EXPECT_READS(&w, "first", { 0, BLOCK });
	expect_read(&w, 10, 990);
	expect_reads(&w, NULL, 0, "rest of the block");
	expect_read(&w, 1000, 1);
	EXPECT_READS(&w, "next block", { 1000, BLOCK });
	free_world(&w);
}

Test(pyfile, a_large_read_takes_whole_blocks_directly_and_buffers_the_rest)
{
	struct world w = new_world();

	expect_read(&w, 0, 100);
	fake_source_forget(w.fake);
	/* 900 buffered, 3 whole blocks of the other 3500, then a block. */
	expect_read(&w, 100, 4400);
	EXPECT_READS(&w, "large", { 1000, 3000 }, { 4000, BLOCK });
	expect_read(&w, 4500, 500);
	expect_reads(&w, NULL, 0, "what was buffered");
	expect_read(&w, 5000, 2000);
	EXPECT_READS(&w, "whole blocks only", { 5000, 2000 });
	free_world(&w);
}

Test(pyfile, readinto_takes_all_that_is_more_than_a_block_directly)
{
	struct world w = new_world();
	uint8_t got[4400];

	expect_read(&w, 0, 100);
	fake_source_forget(w.fake);
	cr_expect_eq(pyfile_readinto(w.p, got, 4400), 4400);
	cr_expect_arr_eq(got, w.bytes + 100, 4400);
	EXPECT_READS(&w, "more than a block", { 1000, 3500 });
	cr_expect_eq(pyfile_readinto(w.p, got, 1000), 1000);
	cr_expect_arr_eq(got, w.bytes + 4500, 1000);
	EXPECT_READS(&w, "one block", { 4500, BLOCK });
	free_world(&w);
}

Test(pyfile, seeks_within_the_buffer_cost_nothing_and_others_forget_it)
{
	struct world w = new_world();

	expect_read(&w, 0, 500);
	fake_source_forget(w.fake);
	pyfile_seek(w.p, 20);
	expect_read(&w, 20, 100);
	pyfile_seek(w.p, 900);
	expect_read(&w, 900, 50);
	expect_reads(&w, NULL, 0, "within");
	pyfile_seek(w.p, 5000);
	expect_read(&w, 5000, 1);
	EXPECT_READS(&w, "out", { 5000, BLOCK });
	pyfile_seek_end(w.p, 5500);
	expect_read(&w, 5500, 1);
	EXPECT_READS(&w, "from the end", { 5500, BLOCK });
	/* Used up: CPython does not look whether it could go back. */
	expect_read(&w, 5501, 999);
	pyfile_seek(w.p, 5500);
	expect_read(&w, 5500, 1);
	EXPECT_READS(&w, "used up", { 5500, BLOCK });
	free_world(&w);
}

Test(pyfile, read_all_asks_for_one_byte_more_until_nothing_comes)
{
	struct world w = new_world();
	uint8_t got[23];

	pyfile_seek_end(w.p, SIZE - 22);
	cr_expect_eq(pyfile_read_all(w.p, got, 22), 22);
	cr_expect_arr_eq(got, w.bytes + SIZE - 22, 22);
	EXPECT_READS(&w, "all", { SIZE - 22, 23 }, { SIZE, 1 });
	pyfile_seek_end(w.p, SIZE - 23);
	cr_expect_eq(pyfile_read_all(w.p, got, 22), 23, "one too many");
	free_world(&w);
}

Test(pyfile, is_short_only_at_the_end)
{
	struct world w = new_world();
	uint8_t got[SIZE];

	pyfile_seek(w.p, SIZE - 1500);
	cr_expect_eq(pyfile_read(w.p, got, 5000), 1500);
	cr_expect_arr_eq(got, w.bytes + SIZE - 1500, 1500);
	cr_expect_eq(pyfile_read(w.p, got, 1), 0);
	pyfile_seek(w.p, 0);
	/* The storage gives less than asked for: the rest is asked for. */
	fake_source_fail(w.fake, FAKE_READ, 0, 700);
	cr_expect_eq(pyfile_read(w.p, got, 3000), 3000);
	cr_expect_arr_eq(got, w.bytes, 3000);
	free_world(&w);
}

struct seen {
	uint8_t bytes[SIZE];
	size_t len;
};

static void see(void *arg, const void *data, size_t n)
{
	struct seen *seen = arg;

	memcpy(seen->bytes + seen->len, data, n);
	seen->len += n;
}

Test(pyfile, reads_past_bytes_with_the_same_reads_in_pieces_of_scratch)
{
	struct seen seen = { .len = 0 };
	struct world w = new_world();

	expect_read(&w, 0, 100);
	fake_source_forget(w.fake);
	cr_expect_eq(pyfile_read_past(w.p, 4400, see, &seen), 4400);
	EXPECT_READS(&w, "read", { 1000, 3000 }, { 4000, BLOCK });
	cr_expect_eq(pyfile_readinto_past(w.p, 5000, see, &seen), 5000);
	EXPECT_READS(&w, "readinto", { 5000, 4000 }, { 9000, BLOCK });
	cr_expect_eq(seen.len, 9400);
	cr_expect_arr_eq(seen.bytes, w.bytes + 100, 9400);
	cr_expect_eq(pyfile_read_past(w.p, 9999, NULL, NULL), 500);
	free_world(&w);
}

Test(pyfile, passes_errors_on_and_says_where)
{
	struct world w = new_world();
	uint8_t got[SIZE];

	fake_source_fail(w.fake, FAKE_READ, 1, -EIO);
	cr_expect_eq(pyfile_read(w.p, got, 4400), -EIO);
	cr_expect_eq(pyfile_offset(w.p), 4000);
	pyfile_seek(w.p, 0);
	fake_source_fail(w.fake, FAKE_READ, 0, -ESTALE);
	cr_expect_eq(pyfile_read_past(w.p, 5, NULL, NULL), -ESTALE);
	pyfile_seek(w.p, 0);
	expect_read(&w, 0, 5);
	free_world(&w);
}
