#include "train/torchsave.h"

#include "base/crc.h"
#include "lib/fake_source.h"
#include "train/state.h"
#include "train/stateout.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define HEAD 320 /* before the tensor */

struct world {
	struct fake_source *fake;
	struct stateout_setup setup;
	struct stateout out;
	uint64_t bytes;
};

static struct world new_world(uint32_t blksize, bool randomize)
{
	struct world w = { .fake = fake_source_new(blksize) };

	w.setup.source = fake_source(w.fake);
	w.setup.randomize = randomize;
	w.setup.seed = 7;
	cr_assert_eq(stateout_open(&w.out, &w.setup), 0);
	return w;
}

/* A file "f", or of another name, of one int8 tensor. */
static int write_flat(struct world *w, const char *name, uint64_t tensor)
{
	struct state s = { 0 };
	int rc;

	state_tensor(&s, "a", STATE_INT8, tensor);
	rc = torchsave_write(&w->out, name, &s, &w->bytes);
	state_clear(&s);
	return rc;
}

static void free_world(struct world *w)
{
	cr_expect_eq(fake_source_open_files(w->fake), 0);
	stateout_close(&w->out);
	source_free(fake_source(w->fake));
}

Test(torchsave, writes_what_torch_save_writes)
{
	/* torch.save({"a": torch.ones(N, dtype=torch.int8)}, open(F, "wb"))
	 * of PyTorch 1.13: length and CRC-32 of F; with any size of buffer. */
	static const struct {
		uint64_t tensor, file;
		uint32_t crc;
	} cases[] = {
		{ 0, 683, 0x17b62a1f },		  { 1, 747, 0x54198881 },
		{ 255, 939, 0x97b25e73 },	  { 256, 1003, 0xd67d46b8 },
		{ 10240, 10987, 0xdb949baa },	  { 70000, 70699, 0x88cc5b68 },
		{ 1048576, 1049323, 0x6915769d },
	};
	static const uint32_t blksizes[] = { 0, 512, 4096, 10240, 65536 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t k = 0; k < ARRAY_SIZE(blksizes); k++) {
			struct world w = new_world(blksizes[k], false);
			const uint8_t *got;
			size_t len;

			cr_assert_eq(write_flat(&w, "f", cases[i].tensor), 0);
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

		cr_assert_eq(write_flat(&w, "f", cases[i].tensor), 0);
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

	stateout_close(&w.out);
	w.setup.durable = true;
	cr_assert_eq(stateout_open(&w.out, &w.setup), 0);
	cr_assert_eq(write_flat(&w, "f", 10), 0);
	e = fake_source_events(w.fake, &n);
	cr_expect_eq(e[n - 2].op, FAKE_COMMIT);
	cr_expect_eq(e[n - 2].flags, SOURCE_DURABLE);
	free_world(&w);
}

/* The keys 0 … n-1, a number of ones for each. */
static void number_tensors(struct state *s, size_t n)
{
	char key[24];

	for (size_t i = 0; i < n; i++) {
		snprintf(key, sizeof(key), "%zu", i);
		state_tensor(s, key, STATE_UINT8, 1);
	}
}

static void make_empty_first(struct state *s)
{
	state_tensor(s, "a", STATE_INT8, 0);
	state_tensor(s, "b", STATE_BF16, 3);
}

static void make_alias(struct state *s)
{
	state_dict_begin(s, "0");
	state_tensor(s, "0", STATE_INT8, 8);
	state_tensor(s, "1", STATE_INT8, 3);
	state_dict_end(s);
	state_same(s, "1", 0);
	state_same(s, "2", 0);
}

static void make_groups(struct state *s)
{
	state_dict_begin(s, "0");
	state_tensor(s, "a", STATE_INT8, 5);
	state_tensor(s, "b", STATE_INT8, 5);
	state_dict_end(s);
	state_dict_begin(s, "1");
	state_tensor(s, "a", STATE_INT8, 7);
	state_tensor(s, "b", STATE_INT8, 7);
	state_dict_end(s);
	state_tensor(s, "combined", STATE_INT8, 12);
}

static void make_empty_dict(struct state *s)
{
	state_dict_begin(s, "0");
	state_dict_end(s);
	state_dict_begin(s, "1");
	state_tensor(s, "7", STATE_FP64, 1);
	state_dict_end(s);
}

static void make_999(struct state *s)
{
	number_tensors(s, 999);
}

static void make_1000(struct state *s)
{
	number_tensors(s, 1000);
}

static void make_1001(struct state *s)
{
	number_tensors(s, 1001);
}

static void make_numbers(struct state *s)
{
	state_tensor(s, "0", STATE_FP32, 255);
	state_tensor(s, "1", STATE_FP32, 256);
	state_tensor(s, "2", STATE_FP32, 65535);
	state_tensor(s, "3", STATE_FP32, 65536);
	state_tensor(s, "12", STATE_FP32, 70000);
}

Test(torchsave, writes_dicts_of_any_shape_as_torch_save_does)
{
	/* The same of
	 *	{"a": ones(0, int8), "b": ones(3, bfloat16)}
	 *	{"0": d, "1": d, "2": d} of d = {"0": ones(8, int8), "1": …}
	 *	{"0": {"a": …, "b": …}, "1": {"a": …, "b": …}, "combined": …}
	 *	{"0": {}, "1": {"7": ones(1, double)}}
	 *	{"0": ones(1, uint8), …}, of 999, 1000, 1001
	 *	{"0": ones(255), "1": ones(256), …}
	 * where every number is a str(i) of its own. */
	static const struct {
		void (*make)(struct state *s);
		uint64_t file;
		uint32_t crc;
	} cases[] = {
		{ make_empty_first, 935, 0x381ecaa4 },
		{ make_alias, 999, 0xa00d4f7e },
		{ make_groups, 1755, 0x70299e42 },
		{ make_empty_dict, 747, 0xba4d89fe },
		{ make_999, 274163, 0xc65cbada },
		{ make_1000, 274417, 0x3f2e1fb2 },
		{ make_1001, 274672, 0x6fc61697 },
		{ make_numbers, 807835, 0xbcf27f25 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world w = new_world(4096, false);
		struct state s = { 0 };
		const uint8_t *got;
		size_t len;

		cases[i].make(&s);
		cr_assert_eq(torchsave_write(&w.out, "f", &s, &w.bytes), 0);
		cr_expect_eq(w.bytes, cases[i].file, "case %zu: %lu", i,
			     w.bytes);
		got = fake_source_get(w.fake, "f", &len);
		cr_expect_eq(len, cases[i].file);
		cr_expect_eq(crc_crc32(0, got, len), cases[i].crc, "case %zu",
			     i);
		state_clear(&s);
		free_world(&w);
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, 8);
	memcpy(&y, b, 8);
	return x < y ? -1 : x > y;
}

Test(torchsave, makes_random_tensors_that_nothing_repeats_in)
{
	/* Eight bytes at any multiple of 64, in this file or in the next, are
	 * found once; and ones are as many as zeros. */
	const size_t tensor = FILLER_PIECE + 2 * MIB, n = tensor / 64;
	struct world w = new_world(4096, true);
	uint64_t *word = malloc(2 * n * sizeof(*word)), ones = 0;
	size_t len;

	cr_assert(word);
	cr_assert_eq(write_flat(&w, "f", tensor), 0);
	cr_assert_eq(write_flat(&w, "g", tensor), 0);
	for (size_t i = 0; i < 2 * n; i++) {
		const uint8_t *file =
			fake_source_get(w.fake, i < n ? "f" : "g", &len);

		memcpy(&word[i], file + HEAD + i % n * 64, 8);
		ones += (uint64_t)__builtin_popcountll(word[i]);
	}
	cr_expect_float_eq((double)ones / (2. * n * 64), 0.5, 0.002);
	qsort(word, 2 * n, 8, compare);
	for (size_t i = 1; i < 2 * n; i++)
		cr_assert_neq(word[i - 1], word[i]);
	free(word);
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
			cr_expect_eq(write_flat(&w, "f", 10240), -ENOSPC,
				     "%d, %u", ops[i], nth);
			cr_expect_null(fake_source_get(w.fake, "f", &len));
			free_world(&w);
		}
}

Test(torchsave, gives_up_between_pieces_when_stopped)
{
	atomic_bool stop = true;
	struct world w = new_world(4096, false);

	stateout_close(&w.out);
	w.setup.stop = &stop;
	cr_assert_eq(stateout_open(&w.out, &w.setup), 0);
	cr_expect_eq(write_flat(&w, "f", 10240), -EINTR);
	free_world(&w);
}
