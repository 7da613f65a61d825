#include "train/tfsave.h"

#include "lib/fake_source.h"
#include "train/state.h"
#include "train/stateout.h"
#include "train/tfload.h"
#include "train/torchload.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define DATA "d/f.pb-1.data-00000-of-00001"
#define INDEX "d/f.pb-1.index"

struct world {
	struct fake_source *fake;
	struct stateout out;
	struct tfload *load;
	struct state state;
	uint64_t bytes;
	atomic_bool stop;
};

static void open_world(struct world *w, bool randomize)
{
	struct stateout_setup save = { .randomize = randomize };
	struct torchload_setup load = { .check = true };

	memset(w, 0, sizeof(*w));
	w->fake = fake_source_new(4096);
	save.source = load.source = fake_source(w->fake);
	save.stop = load.stop = &w->stop;
	cr_assert_eq(stateout_open(&w->out, &save), 0);
	cr_assert_eq(tfload_new(&load, &w->load), 0);
	state_dict_begin(&w->state, "0");
	state_tensor(&w->state, "b", STATE_FP32, 100);
	state_tensor(&w->state, "a", STATE_INT8, 7);
	state_dict_end(&w->state);
	state_same(&w->state, "1", 0);
	state_tensor(&w->state, "combined", STATE_FP16, 10);
}

static void close_world(struct world *w)
{
	cr_expect_eq(fake_source_open_files(w->fake), 0);
	stateout_close(&w->out);
	tfload_free(w->load);
	state_clear(&w->state);
	source_free(fake_source(w->fake));
}

static void save(struct world *w)
{
	cr_assert_eq(tfsave_write(&w->out, "d/f.pb", &w->state, &w->bytes), 0);
}

Test(tfsave, puts_variables_behind_each_other_sorted_by_name)
{
	static const uint8_t fp16[20] = { 0, 0x3c, 0, 0x3c, 0, 0x3c, 0, 0x3c,
					  0, 0x3c, 0, 0x3c, 0, 0x3c, 0, 0x3c,
					  0, 0x3c, 0, 0x3c };
	const uint8_t *data, *text;
	size_t len, index_len;
	struct world w;

	/* 0/a, 0/b, the graph, combined, save_counter */
	open_world(&w, false);
	save(&w);
	data = fake_source_get(w.fake, DATA, &len);
	cr_assert(data);
	cr_assert_gt(len, 7 + 400 + 20 + 8);
	cr_expect_arr_eq(data, "\1\1\1\1\1\1\1\0\0\200\77", 11);
	cr_expect_arr_eq(data + len - 8, "\1\0\0\0\0\0\0\0", 8);
	cr_expect_arr_eq(data + len - 28, fp16, 20);
	fake_source_get(w.fake, INDEX, &index_len);
	cr_expect_eq(w.bytes, len + index_len);
	text = fake_source_get(w.fake, "d/checkpoint", &len);
	cr_assert(text);
	cr_expect(!memcmp(text,
			  "model_checkpoint_path: \"f.pb-1\"\n"
			  "all_model_checkpoint_paths: \"f.pb-1\"\n",
			  len));
	close_world(&w);
}

Test(tfsave, is_read_back_with_one_read_for_each_variable)
{
	const struct fake_event *e;
	uint64_t bytes, reads = 0;
	struct world w;
	size_t n;

	open_world(&w, true);
	save(&w);
	fake_source_forget(w.fake);
	cr_expect_eq(tfload_read(w.load, "d/f.pb", &bytes), 0);
	cr_expect_eq(bytes, w.bytes);
	cr_expect_gt(tfload_check_ns(w.load), 0);
	e = fake_source_events(w.fake, &n);
	cr_expect_eq(e[1].len, 48); /* the footer */
	for (size_t i = 0; i < n; i++)
		reads += e[i].op == FAKE_READ && !strcmp(e[i].name, DATA);
	cr_expect_eq(reads, 5);
	close_world(&w);
}

static uint8_t *copy_of(struct world *w, const char *name, size_t *len)
{
	const uint8_t *file = fake_source_get(w->fake, name, len);
	uint8_t *copy = malloc(*len);

	cr_assert(file && copy);
	memcpy(copy, file, *len);
	return copy;
}

Test(tfsave, notices_damage)
{
	struct world w;
	uint64_t bytes;
	uint8_t *copy;
	size_t len;

	open_world(&w, true);
	save(&w);
	copy = copy_of(&w, DATA, &len);
	copy[100] ^= 1;
	fake_source_put(w.fake, DATA, copy, len);
	cr_expect_eq(tfload_read(w.load, "d/f.pb", &bytes), -EBADMSG);
	copy[100] ^= 1;
	fake_source_put(w.fake, DATA, copy, len - 1);
	cr_expect_eq(tfload_read(w.load, "d/f.pb", &bytes), -EBADMSG);
	fake_source_put(w.fake, DATA, copy, len);
	cr_expect_eq(tfload_read(w.load, "d/f.pb", &bytes), 0);
	free(copy);
	close_world(&w);
}

Test(tfsave, survives_every_cut_and_every_damaged_byte_of_an_index)
{
	struct world w;
	uint64_t bytes;
	uint8_t *copy;
	size_t len;

	open_world(&w, true);
	save(&w);
	copy = copy_of(&w, INDEX, &len);
	for (size_t cut = 0; cut < len; cut++) {
		fake_source_put(w.fake, INDEX, copy, cut);
		cr_expect_eq(tfload_read(w.load, "d/f.pb", &bytes), -EBADMSG,
			     "cut to %zu", cut);
	}
	for (size_t i = 0; i < len; i++) {
		int rc;

		copy[i] ^= 0xff;
		fake_source_put(w.fake, INDEX, copy, len);
		rc = tfload_read(w.load, "d/f.pb", &bytes);
		cr_expect(rc == 0 || rc == -EBADMSG, "byte %zu: %d", i, rc);
		copy[i] ^= 0xff;
	}
	free(copy);
	close_world(&w);
}

Test(tfsave, passes_on_the_error_of_any_call)
{
	static const struct {
		enum fake_op op;
		unsigned times;
	} ops[] = { { FAKE_CREATE, 3 },
		    { FAKE_APPEND, 3 },
		    { FAKE_COMMIT, 3 } };
	uint64_t bytes;
	struct world w;

	open_world(&w, true);
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		for (unsigned nth = 0; nth < ops[i].times; nth++) {
			fake_source_fail(w.fake, ops[i].op, nth, -ENOSPC);
			cr_expect_eq(tfsave_write(&w.out, "d/f.pb", &w.state,
						  &bytes),
				     -ENOSPC, "%d, %u", ops[i].op, nth);
		}
	save(&w);
	for (unsigned nth = 0; nth < 8; nth++) {
		fake_source_fail(w.fake, FAKE_READ, nth, -EIO);
		cr_expect_eq(tfload_read(w.load, "d/f.pb", &bytes), -EIO, "%u",
			     nth);
	}
	cr_expect_eq(tfload_read(w.load, "none", &bytes), -ENOENT);
	w.stop = true;
	cr_expect_eq(tfload_read(w.load, "d/f.pb", &bytes), -EINTR);
	cr_expect_eq(tfsave_write(&w.out, "d/f.pb", &w.state, &bytes), -EINTR);
	close_world(&w);
}
