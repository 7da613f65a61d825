/* Sizes of TFRecords, as TensorFlow and the rules of Protocol Buffers make
 * them; that all bytes are right, an independent reader says (e2e/formats). */
#include "base/crc.h"
#include "data/format.h"
#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct dataset *make(const char *format, uint64_t bytes,
			    uint64_t samples)
{
	const struct dataset_options o = { .format = format,
					   .dtype = "uint8",
					   .file_prefix = "img",
					   .files = { 2, 1 },
					   .samples_per_file = samples,
					   .record_dims = &bytes,
					   .record_ndims = 1 };
	struct dataset *d = NULL;

	return dataset_new(&o, &d) ? NULL : d;
}

static uint64_t v(uint64_t n)
{
	return n < 1 << 7 ? 1 : n < 1 << 14 ? 2 : n < 1 << 21 ? 3 : 4;
}

/* The formula of dlio.md 5.10. */
static uint64_t size_of_record(uint64_t n)
{
	uint64_t b = 1 + v(n) + n, f = 1 + v(b) + b, e1 = 7 + 1 + v(f) + f,
		 e2 = 6 + 1 + 1 + (2 + 2 + v(n)),
		 m = (1 + v(e1) + e1) + (1 + v(e2) + e2);

	return 16 + 1 + v(m) + m;
}

Test(format_records, has_the_sizes_of_the_formula)
{
	static const uint64_t around[] = { 1, 10, 100, 128, 16384, 2097152 };

	for (size_t i = 0; i < ARRAY_SIZE(around); i++)
		for (uint64_t n = MAX(around[i], 40) - 39; n <= around[i];
		     n++) {
			struct dataset *d = make("tfrecord", n, 3);

			cr_assert_not_null(d);
			cr_expect_eq(dataset_size(d, 1), 3 * size_of_record(n),
				     "%zu", (size_t)n);
			dataset_free(d);
		}
}

Test(format_records, is_an_example_around_the_sample)
{
	static const unsigned char head[] = { 42, 0, 0, 0, 0, 0, 0, 0 },
				   before[] = { 10,  40,  10,  23,  10,	 5,
						'i', 'm', 'a', 'g', 'e', 18,
						14,  10,  12,  10,  10 },
				   after[] = { 10,  13,	 10,  4,  's',
					       'i', 'z', 'e', 18, 5,
					       26,  3,	 10,  1,  10 };
	struct dataset *d = make("tfrecord", 10, 1);
	unsigned char bytes[58];

	cr_assert_not_null(d);
	cr_assert_eq(dataset_read(d, 0, bytes, 58, 0), 58);
	cr_expect_arr_eq(bytes, head, sizeof(head));
	cr_expect_arr_eq(bytes + 12, before, sizeof(before));
	cr_expect_arr_eq(bytes + 12 + sizeof(before) + 10, after,
			 sizeof(after));
	dataset_free(d);
}

/* TensorFlow's way to store a CRC: turned, and with a constant added. */
static bool is_crc_of(const unsigned char *stored, const void *data, size_t len)
{
	uint32_t crc = crc_crc32c(0, data, len), got = 0;

	for (unsigned i = 4; i-- > 0;)
		got = got << 8 | stored[i];
	return got ==
	       (uint32_t)(((uint64_t)crc << 32 | crc) >> 15) + 0xa282ead8;
}

Test(format_records, has_the_masked_crcs_of_length_and_message)
{
	enum { N = 5000, HEAD = 12, TAIL = 4 };
	size_t len = size_of_record(N);
	struct dataset *d = make("tfrecord", N, 2);
	unsigned char bytes[2 * N + 200];

	cr_assert_not_null(d);
	cr_assert_eq(dataset_read(d, 0, bytes, sizeof(bytes), 0),
		     2 * (ssize_t)len);
	for (unsigned char *at = bytes; at < bytes + 2 * len; at += len) {
		cr_expect(is_crc_of(at + 8, at, 8));
		cr_expect(is_crc_of(at + len - TAIL, at + HEAD,
				    len - HEAD - TAIL));
	}
	dataset_free(d);
}

Test(format_records, larger_than_a_message_is_refused)
{
	struct capture said;

	capture_start(&said);
	cr_expect_null(make("tfrecord", 2147483600, 1));
	capture_stop(&said);
	cr_expect(strstr(said.text, "below 2 GiB"), "%s", said.text);
	dataset_free(make("tfrecord", 2147483500, 1));
}

static void expect_text(const struct dataset *d, const char *name,
			const char *want)
{
	uint64_t object = 0;
	char text[200] = "";

	cr_assert_eq(dataset_find(d, name, &object), 0, "%s", name);
	cr_assert_eq(dataset_read(d, object, text, sizeof(text) - 1, 0),
		     (ssize_t)strlen(want), "%s: %s", name, text);
	cr_expect_str_eq(text, want, "%s", name);
}

Test(format_records, has_an_index_for_dali_in_a_tree_of_its_own)
{
	struct dataset *d = make("tfrecord", 1000, 3);
	uint64_t object;

	cr_assert_not_null(d);
	expect_text(d, "index/train/img_1_of_2.tfrecord.idx",
		    "0 1054\n1054 1054\n2108 1054\n");
	expect_text(d, "index/valid/img_0_of_1.tfrecord.idx",
		    "0 1054\n1054 1054\n2108 1054\n");
	cr_expect_eq(dataset_find(d, "train/img_1_of_2.tfrecord.idx", &object),
		     -ENOENT);
	cr_expect_eq(dataset_find(d, "index/train/img_1_of_2.tfrecord",
				  &object),
		     -ENOENT);
	dataset_free(d);
}

static uint64_t number_at(const struct dataset *d, const char *name, uint64_t i)
{
	uint64_t object, number = 0;

	cr_assert_eq(dataset_find(d, name, &object), 0, "%s", name);
	cr_assert_eq(dataset_read(d, object, &number, 8, 8 * i), 8);
	return number;
}

/* Where DLIO begins at 0 again. */
Test(format_records, has_offsets_beyond_2_gib)
{
	struct dataset *d = make("indexed_binary", 1000000000, 5);

	cr_assert_not_null(d);
	cr_expect_eq(dataset_objects(d), 9);
	cr_expect_eq(dataset_files(d), 3);
	cr_expect_eq(dataset_size(d, 2), 5000000000);
	for (uint64_t i = 0; i < 5; i++) {
		cr_expect_eq(number_at(d,
				       "train/"
				       "img_1_of_2.indexed_binary.off.idx",
				       i),
			     i * 1000000000);
		cr_expect_eq(number_at(d,
				       "valid/img_0_of_1.indexed_binary.sz.idx",
				       i),
			     1000000000);
	}
	dataset_free(d);
}
