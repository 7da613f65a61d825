#include "train/torchsave.h"

#include "base/crc.h"
#include "lib/fake_source.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define HEAD 320 /* before the tensor */

struct world {
	struct fake_source *fake;
	struct torchsave_setup setup;
	struct torchsave *t;
	uint64_t bytes;
};

static struct world new_world(uint32_t blksize, bool randomize)
{
	struct world w = { .fake = fake_source_new(blksize) };

	w.setup.source = fake_source(w.fake);
	w.setup.randomize = randomize;
	w.setup.seed = 7;
	cr_assert_eq(torchsave_new(&w.setup, &w.t), 0);
	return w;
}

static void free_world(struct world *w)
{
	cr_expect_eq(fake_source_open_files(w->fake), 0);
	torchsave_free(w->t);
	source_free(fake_source(w->fake));
}

Test(torchsave, writes_what_torch_save_writes)
{
	/* As in test_torchzip.c; and with any size of buffer. */
	static const struct {
		uint64_t tensor, file;
		uint32_t crc;
	} cases[] = {
		{ 1, 747, 0x54198881 },
		{ 10240, 10987, 0xdb949baa },
		{ 1048576, 1049323, 0x6915769d },
	};
	static const uint32_t blksizes[] = { 0, 512, 4096, 10240, 65536 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t k = 0; k < ARRAY_SIZE(blksizes); k++) {
			struct world w = new_world(blksizes[k], false);
			const uint8_t *got;
			size_t len;

			cr_assert_eq(torchsave_write(w.t, "f", cases[i].tensor,
						     &w.bytes),
				     0);
			cr_expect_eq(w.bytes, cases[i].file);
			got = fake_source_get(w.fake, "f", &len);
			cr_expect_eq(len, cases[i].file);
			cr_expect_eq(crc_crc32(0, got, len), cases[i].crc,
				     "%lu bytes, buffer of %u", cases[i].tensor,
				     blksizes[k]);
			free_world(&w);
		}
}

Test(torchsave, writes_with_the_calls_of_python)
{
	/* strace of torch.save() to an open file on ext4: 10 MiB; and, by the
	 * size of the buffer, what fits it is one write. */
	static const struct {
		uint32_t blksize;
		uint64_t tensor;
		uint64_t writes[5];
	} cases[] = {
		{ 4096, 10485760, { 320, 8388608, 2097152, 427 } },
		{ 4096, 10240, { 320, 10240, 427 } },
		{ 65536, 10240, { 10987 } },
		{ 4096, 1000, { 1707 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world w = new_world(cases[i].blksize, false);
		const struct fake_event *e;
		size_t n, writes = 0;

		cr_assert_eq(torchsave_write(w.t, "f", cases[i].tensor,
					     &w.bytes),
			     0);
		e = fake_source_events(w.fake, &n);
		cr_expect_eq(e[0].op, FAKE_CREATE);
		for (size_t k = 1; k < n && e[k].op == FAKE_APPEND; k++)
			cr_expect_eq(e[k].len, cases[i].writes[writes++],
				     "case %zu: write of %lu", i, e[k].len);
		cr_expect_eq(cases[i].writes[writes], 0, "case %zu", i);
		cr_expect_eq(e[n - 2].op, FAKE_COMMIT);
		cr_expect_eq(e[n - 2].flags, 0);
		free_world(&w);
	}
}

Test(torchsave, syncs_when_it_must_be_durable)
{
	struct world w = new_world(4096, false);
	const struct fake_event *e;
	size_t n;

	torchsave_free(w.t);
	w.setup.durable = true;
	cr_assert_eq(torchsave_new(&w.setup, &w.t), 0);
	cr_assert_eq(torchsave_write(w.t, "f", 10, &w.bytes), 0);
	e = fake_source_events(w.fake, &n);
	cr_expect_eq(e[n - 2].op, FAKE_COMMIT);
	cr_expect_eq(e[n - 2].flags, SOURCE_DURABLE);
	free_world(&w);
}

Test(torchsave, makes_random_tensors_of_blocks_that_are_all_different)
{
	const size_t tensor = TORCHSAVE_PIECE + 2 * MIB, block = 4096;
	struct world w = new_world(4096, true);
	uint64_t *words, seen = 0;
	const uint8_t *got[2];
	size_t len;

	cr_assert_eq(torchsave_write(w.t, "f", tensor, &w.bytes), 0);
	cr_assert_eq(torchsave_write(w.t, "g", tensor, &w.bytes), 0);
	got[0] = fake_source_get(w.fake, "f", &len);
	got[1] = fake_source_get(w.fake, "g", &len);
	words = calloc(2 * tensor / block, sizeof(*words));
	cr_assert(words);
	for (size_t f = 0; f < 2; f++)
		for (size_t at = 0; at < tensor; at += block) {
			uint64_t first;

			/* The stamp tells blocks apart; what follows it is
			 * random, so it has about as many ones as zeros. */
			memcpy(&first, got[f] + HEAD + at, 8);
			cr_assert_lt(first, 2 * tensor / block + 1);
			cr_assert_eq(words[first - 1]++, 0);
			for (size_t i = 8; i < 64; i++)
				seen += (uint64_t)__builtin_popcount(
					got[f][HEAD + at + i]);
		}
	cr_expect_float_eq((double)seen / (2. * tensor / block * 56 * 8), 0.5,
			   0.01);
	free(words);
	free_world(&w);
}

Test(torchsave, leaves_nothing_behind_when_it_fails)
{
	static const enum fake_op ops[] = { FAKE_CREATE, FAKE_APPEND,
					    FAKE_COMMIT };

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		for (unsigned nth = 0; nth < (ops[i] == FAKE_APPEND ? 3 : 1);
		     nth++) {
			struct world w = new_world(4096, false);
			size_t len;

			fake_source_fail(w.fake, ops[i], nth, -ENOSPC);
			cr_expect_eq(torchsave_write(w.t, "f", 10240, &w.bytes),
				     -ENOSPC, "%d, %u", ops[i], nth);
			cr_expect_null(fake_source_get(w.fake, "f", &len));
			free_world(&w);
		}
}

Test(torchsave, gives_up_between_pieces_when_stopped)
{
	atomic_bool stop = true;
	struct world w = new_world(4096, false);

	torchsave_free(w.t);
	w.setup.stop = &stop;
	cr_assert_eq(torchsave_new(&w.setup, &w.t), 0);
	cr_expect_eq(torchsave_write(w.t, "f", 10240, &w.bytes), -EINTR);
	free_world(&w);
}
