#include "train/torchzip.h"

#include "base/crc.h"
#include "train/torchpickle.h"

#include <criterion/criterion.h>
#include <string.h>

/* What comes before and after the tensor of a checkpoint. */
struct ends {
	size_t head, tail;
	uint32_t head_crc, tail_crc;
};

static struct ends make(uint64_t tensor, uint32_t tensor_crc)
{
	uint8_t pickle[TORCHPICKLE_SIZE];
	struct torchzip z;
	struct ends e;
	size_t len;

	len = torchpickle_flat(tensor, pickle);
	torchzip_init(&z);
	torchzip_begin(&z, "data.pkl", len);
	torchzip_add(&z, pickle, len);
	torchzip_begin(&z, "data/0", tensor);
	e.head = z.len;
	e.head_crc = crc_crc32(0, z.text, z.len);
	z.len = 0;
	torchzip_skip(&z, tensor, tensor_crc);
	torchzip_begin(&z, "version", 2);
	torchzip_add(&z, "3\n", 2);
	torchzip_end(&z);
	e.tail = z.len;
	e.tail_crc = crc_crc32(0, z.text, z.len);
	cr_expect_eq(z.offset, e.head + tensor + e.tail);
	return e;
}

static uint32_t crc_of_ones(uint64_t len)
{
	uint32_t crc = 0;

	while (len-- > 0)
		crc = crc_crc32(crc, "\1", 1);
	return crc;
}

Test(torchzip, is_byte_for_byte_what_torch_save_writes)
{
	/* torch.save({"a": torch.ones(N, dtype=torch.int8)}, open(F, "wb"))
	 * of PyTorch 1.13: length and CRC-32 of F. */
	static const struct {
		uint64_t tensor, file;
		uint32_t crc;
	} cases[] = {
		{ 1, 747, 0x54198881 },	      { 255, 939, 0x97b25e73 },
		{ 256, 1003, 0xd67d46b8 },    { 10240, 10987, 0xdb949baa },
		{ 70000, 70699, 0x88cc5b68 }, { 1048576, 1049323, 0x6915769d },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t n = cases[i].tensor;
		uint32_t ones = crc_of_ones(n), crc;
		struct ends e = make(n, ones);

		cr_expect_eq(e.head + n + e.tail, cases[i].file, "%lu", n);
		crc = crc_crc32_join(e.head_crc, ones, n);
		crc = crc_crc32_join(crc, e.tail_crc, e.tail);
		cr_expect_eq(crc, cases[i].crc, "%lu", n);
	}
}

Test(torchzip, is_that_too_where_sizes_and_offsets_need_64_bits)
{
	/* The same of torch.zeros(N): the first 320 bytes and those after the
	 * tensor. */
	static const struct {
		uint64_t tensor;
		uint32_t head_crc;
		size_t tail;
		uint32_t tail_crc;
	} cases[] = {
		{ 4294967294, 0x95443736, 449, 0x6a5da23d },
		{ 4294967295, 0xa5b5611f, 468, 0xba109d51 },
		{ 4500000000, 0x70b617dc, 467, 0x9104c721 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t n = cases[i].tensor;
		struct ends e = make(n, crc_zeros(n));

		cr_expect_eq(e.head, 320, "%lu", n);
		cr_expect_eq(e.head_crc, cases[i].head_crc, "%lu", n);
		cr_expect_eq(e.tail, cases[i].tail, "%lu", n);
		cr_expect_eq(e.tail_crc, cases[i].tail_crc, "%lu", n);
	}
}
