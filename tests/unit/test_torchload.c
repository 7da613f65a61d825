#include "train/torchload.h"

#include "lib/fake_source.h"
#include "train/state.h"
#include "train/stateout.h"
#include "train/torchsave.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

struct world {
	struct fake_source *fake;
	struct torchload *t;
	uint64_t bytes;
	uint8_t *file;
	size_t len;
};

static struct world new_world_of(uint32_t blksize, const struct state *state)
{
	struct world w = { .fake = fake_source_new(blksize) };
	struct stateout_setup save = { .source = fake_source(w.fake),
				       .randomize = true };
	struct torchload_setup load = { .source = fake_source(w.fake),
					.check = true };
	const uint8_t *saved;
	struct stateout out;

	cr_assert_eq(stateout_open(&out, &save), 0);
	cr_assert_eq(torchsave_write(&out, "f", state, &w.bytes), 0);
	stateout_close(&out);
	cr_assert_eq(torchload_new(&load, &w.t), 0);
	saved = fake_source_get(w.fake, "f", &w.len);
	w.file = malloc(w.len);
	cr_assert(w.file);
	memcpy(w.file, saved, w.len);
	fake_source_forget(w.fake);
	return w;
}

/* A file of one int8 tensor. */
static struct world new_world(uint32_t blksize, uint64_t tensor)
{
	struct state s = { 0 };
	struct world w;

	state_tensor(&s, "a", STATE_INT8, tensor);
	w = new_world_of(blksize, &s);
	state_clear(&s);
	return w;
}

static void free_world(struct world *w)
{
	cr_expect_eq(fake_source_open_files(w->fake), 0);
	torchload_free(w->t);
	source_free(fake_source(w->fake));
	free(w->file);
}

Test(torchload, reads_with_the_calls_of_torch_load)
{
	/* strace of torch.load(F) of PyTorch 1.13, on ext4 and on FUSE mounts
	 * with other block sizes; in the last of each, what is more than
	 * TORCHLOAD_PIECE is cut. */
	static const struct {
		uint32_t blksize;
		uint64_t tensor;
		struct {
			uint64_t offset, len;
		} read[12];
	} traces[] = {
		{ 4096,
		  10240,
		  { { 0, 4096 },
		    { 0, 4096 },
		    { 6891, 4096 },
		    { 10965, 4096 },
		    { 10945, 4096 },
		    { 10889, 4096 },
		    { 10706, 4096 },
		    { 10576, 4096 },
		    { 0, 4096 },
		    { 4096, 6464 } } },
		{ 4096,
		  1,
		  { { 0, 4096 },
		    { 0, 4096 },
		    { 725, 4096 },
		    { 705, 4096 },
		    { 649, 4096 },
		    { 466, 4096 },
		    { 337, 4096 },
		    { 0, 4096 } } },
		{ 65536,
		  10240,
		  { { 0, 65536 },
		    { 0, 65536 },
		    { 10965, 65536 },
		    { 10945, 65536 },
		    { 10889, 65536 },
		    { 10706, 65536 },
		    { 10576, 65536 },
		    { 0, 65536 } } },
		{ 65536,
		  10485760,
		  { { 0, 65536 },
		    { 0, 65536 },
		    { 10482411, 65536 },
		    { 10486485, 65536 },
		    { 10486465, 65536 },
		    { 10486409, 65536 },
		    { 10486226, 65536 },
		    { 10486096, 65536 },
		    { 0, 65536 },
		    { 65536, 8388608 },
		    { 8454144, 2031936 } } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(traces); i++) {
		struct world w = new_world(traces[i].blksize, traces[i].tensor);
		const struct fake_event *e;
		size_t n, want = 0;

		cr_assert_eq(torchload_read(w.t, "f", &w.bytes), 0);
		cr_expect_eq(w.bytes, w.len);
		cr_expect_gt(torchload_check_ns(w.t), 0);
		e = fake_source_events(w.fake, &n);
		while (traces[i].read[want].len)
			want++;
		cr_expect_eq(n, want + 2, "trace %zu: %zu events", i, n);
		for (size_t k = 0; k < MIN(n - 2, want); k++) {
			cr_expect_eq(e[1 + k].offset, traces[i].read[k].offset,
				     "trace %zu, read %zu at %lu", i, k,
				     e[1 + k].offset);
			cr_expect_eq(e[1 + k].len, traces[i].read[k].len,
				     "trace %zu, read %zu of %lu", i, k,
				     e[1 + k].len);
		}
		free_world(&w);
	}
}

Test(torchload, reads_tensors_in_the_order_of_the_pickle)
{
	/* The same trace of a file of 13 tensors, whose places are sorted as
	 * text; some are in the buffer already. */
	static const struct {
		uint64_t offset, got;
	} trace[] = {
		{ 0, 4096 },   { 0, 4096 },    { 6718, 4096 }, { 10792, 22 },
		{ 10772, 42 }, { 10716, 98 },  { 9810, 1004 }, { 9736, 1078 },
		{ 0, 4096 },   { 5204, 4096 }, { 9300, 1514 }, { 1234, 4096 },
	};
	struct state s = { 0 };
	const struct fake_event *e;
	struct world w;
	size_t n;

	state_dict_begin(&s, "0");
	state_tensor(&s, "0", STATE_FP16, 4);
	state_dict_end(&s);
	state_dict_begin(&s, "1");
	for (unsigned i = 0; i < 6; i++)
		state_tensor(&s, (char[]){ (char)('0' + i), 0 }, STATE_FP16,
			     i + 1);
	state_dict_end(&s);
	state_dict_begin(&s, "12");
	for (unsigned i = 0; i < 6; i++)
		state_tensor(&s, (char[]){ (char)('0' + i), 0 }, STATE_FP32,
			     300 + i);
	state_dict_end(&s);
	w = new_world_of(4096, &s);
	state_clear(&s);

	cr_assert_eq(torchload_read(w.t, "f", &w.bytes), 0);
	e = fake_source_events(w.fake, &n);
	cr_expect_eq(n, ARRAY_SIZE(trace) + 2, "%zu events", n);
	for (size_t k = 0; k < MIN(n - 2, ARRAY_SIZE(trace)); k++) {
		cr_expect_eq(e[1 + k].offset, trace[k].offset,
			     "read %zu at %lu", k, e[1 + k].offset);
		cr_expect_eq(e[1 + k].result, trace[k].got, "read %zu: %ld", k,
			     e[1 + k].result);
	}
	free_world(&w);
}

Test(torchload, notices_a_damaged_tensor)
{
	struct world w = new_world(4096, 100000);

	w.file[50000] ^= 1;
	fake_source_put(w.fake, "f", w.file, w.len);
	cr_expect_eq(torchload_read(w.t, "f", &w.bytes), -EBADMSG);
	free_world(&w);
}

Test(torchload, notices_that_a_tensor_is_missing)
{
	static const char name[] = "archive/data/1";
	struct state s = { 0 };
	struct world w;
	size_t at = 0;

	state_tensor(&s, "a", STATE_INT8, 100);
	state_tensor(&s, "b", STATE_INT8, 100);
	w = new_world_of(4096, &s);
	state_clear(&s);
	/* In the directory, the last of its kind in the file. */
	for (size_t i = 0; i + sizeof(name) < w.len; i++)
		if (!memcmp(w.file + i, name, sizeof(name) - 1))
			at = i + sizeof(name) - 2;
	for (const char *c = "0x7"; *c; c++) {
		w.file[at] = (uint8_t)*c;
		fake_source_put(w.fake, "f", w.file, w.len);
		cr_expect_eq(torchload_read(w.t, "f", &w.bytes),
			     *c == 'x' ? 0 : -EBADMSG, "data/%c", *c);
	}
	free_world(&w);
}

Test(torchload, survives_every_cut_and_every_damaged_byte)
{
	struct state s = { 0 };
	struct world w;

	state_tensor(&s, "a", STATE_INT8, 100);
	state_tensor(&s, "b", STATE_FP16, 50);
	w = new_world_of(512, &s);
	state_clear(&s);
	for (size_t cut = 0; cut < w.len; cut++) {
		fake_source_put(w.fake, "f", w.file, cut);
		cr_expect_eq(torchload_read(w.t, "f", &w.bytes), -EBADMSG,
			     "cut to %zu", cut);
	}
	for (size_t i = 0; i < w.len; i++) {
		int rc;

		w.file[i] ^= 0xff;
		fake_source_put(w.fake, "f", w.file, w.len);
		rc = torchload_read(w.t, "f", &w.bytes);
		cr_expect(rc == 0 || rc == -EBADMSG, "byte %zu: %d", i, rc);
		w.file[i] ^= 0xff;
	}
	free_world(&w);
}

Test(torchload, passes_on_the_error_of_any_read)
{
	struct world w = new_world(4096, 10240);

	for (unsigned nth = 0; nth < 10; nth++) {
		fake_source_fail(w.fake, FAKE_READ, nth, -EIO);
		cr_expect_eq(torchload_read(w.t, "f", &w.bytes), -EIO, "%u",
			     nth);
	}
	cr_expect_eq(torchload_read(w.t, "none", &w.bytes), -ENOENT);
	cr_expect_eq(torchload_read(w.t, "f", &w.bytes), 0);
	free_world(&w);
}
