#include "train/torchzip.h"

#include "base/crc.h"
#include "train/state.h"
#include "train/torchpickle.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* What was written, but for pieces of nothing but zeros. */
struct written {
	size_t len, pieces;
	uint32_t crc;
	bool fail;
};

static uint8_t zeros[8 * MIB];

static int take(void *arg, const void *data, size_t len)
{
	struct written *w = arg;

	if (w->fail)
		return -EIO;
	w->pieces++;
	if (data == zeros)
		return 0;
	w->len += len;
	w->crc = crc_crc32(w->crc, data, len);
	return 0;
}

static void add_zeros(struct torchzip *z, const char *name, uint64_t n)
{
	torchzip_begin(z, name, n);
	while (n > 0) {
		size_t len = MIN(n, sizeof(zeros));

		cr_assert_eq(torchzip_data(z, zeros, len), 0);
		n -= len;
	}
}

Test(torchzip, is_what_torch_save_writes_where_sizes_need_64_bits)
{
	/* torch.save({"a": torch.zeros(N, dtype=torch.int8),
	 *             "b": torch.ones(10, dtype=torch.int8)}, f)
	 * of PyTorch 1.13 and, without b, at the limit of 32 bits: length and
	 * CRC-32 of all but data/0; the pickle's from such a file, too. */
	static const struct {
		uint64_t tensor;
		bool two;
		size_t head, tail;
		uint32_t head_crc, tail_crc;
	} cases[] = {
		{ 4294967294, false, 320, 449, 0x95443736, 0x6a5da23d },
		{ 4294967295, false, 320, 468, 0xa5b5611f, 0xba109d51 },
		{ 4500000000, true, 384, 667, 0xdb03eea9, 0x279e1204 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct state s = { 0 };
		struct written w = { 0 };
		struct torchzip z;
		uint8_t *pickle;
		size_t len;

		state_tensor(&s, "a", STATE_INT8, cases[i].tensor);
		if (cases[i].two)
			state_tensor(&s, "b", STATE_INT8, 10);
		cr_assert_eq(torchpickle_make(&s, &pickle, &len), 0);
		torchzip_init(&z, take, &w);
		torchzip_add(&z, "data.pkl", pickle, len);
		torchzip_begin(&z, "data/0", cases[i].tensor);
		cr_expect_eq(w.len, cases[i].head, "%zu: head of %zu", i,
			     w.len);
		cr_expect_eq(w.crc, cases[i].head_crc, "%zu", i);
		w = (struct written){ 0 };
		for (uint64_t left = cases[i].tensor; left > 0;) {
			size_t n = MIN(left, sizeof(zeros));

			cr_assert_eq(torchzip_data(&z, zeros, n), 0);
			left -= n;
		}
		if (cases[i].two)
			torchzip_add(&z, "data/1", "\1\1\1\1\1\1\1\1\1\1", 10);
		torchzip_add(&z, "version", "3\n", 2);
		cr_expect_eq(torchzip_end(&z), 0);
		cr_expect_eq(w.len, cases[i].tail, "%zu: tail of %zu", i,
			     w.len);
		cr_expect_eq(w.crc, cases[i].tail_crc, "%zu", i);
		cr_expect_eq(z.offset,
			     cases[i].head + cases[i].tensor + cases[i].tail);
		torchzip_clear(&z);
		state_clear(&s);
		free(pickle);
	}
}

Test(torchzip, hands_over_the_pieces_that_pytorch_does)
{
	struct written w = { 0 };
	struct torchzip z;

	/* Header, name, padding, data, descriptor of each; no data, no
	 * descriptor; then directory and three records of its end. */
	torchzip_init(&z, take, &w);
	torchzip_add(&z, "data.pkl", "x", 1);
	cr_expect_eq(w.pieces, 4);
	torchzip_begin(&z, "data/0", 0);
	cr_expect_eq(w.pieces, 5 + 3);
	add_zeros(&z, "data/1", 17 * MIB);
	cr_expect_eq(w.pieces, 8 + 3 + 3);
	torchzip_add(&z, "version", "3\n", 2);
	cr_expect_eq(torchzip_end(&z), 0);
	cr_expect_eq(w.pieces, 15 + 5 + 4);
	torchzip_clear(&z);
}

Test(torchzip, writes_nothing_more_after_an_error)
{
	struct written w = { .fail = true };
	struct torchzip z;

	torchzip_init(&z, take, &w);
	torchzip_begin(&z, "data/0", 100);
	w.fail = false;
	cr_expect_eq(torchzip_data(&z, zeros, 100), -EIO);
	cr_expect_eq(torchzip_end(&z), -EIO);
	cr_expect_eq(w.pieces, 0);
	torchzip_clear(&z);
}
