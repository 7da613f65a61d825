/* What is remembered of files that cost to make. */
#include "data/encoded.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* A format whose file i has SIZE bytes of i.  It counts its encodings: where, its
 * number of samples says. */
#define SIZE 1000

static int encode(const struct dataset_file *f, struct format_sink *out)
{
	unsigned char bytes[SIZE / 2];

	++*(int *)(uintptr_t)f->samples;
	memset(bytes, (int)f->number, sizeof(bytes));
	if (f->ndims == 1)
		return -ENOMEM;
	for (int i = 0; i < 2; i++) {
		int rc = format_put(out, bytes, sizeof(bytes));

		if (rc)
			return rc;
	}
	return 0;
}

static const struct format toy = { .name = "toy", .encode = encode };

static struct dataset_file file(uint64_t number, int *encodings)
{
	return (struct dataset_file){ .number = number,
				      .samples = (uintptr_t)encodings };
}

static void expect_read(struct encoded *e, uint64_t i, int *encodings)
{
	struct dataset_file f = file(i, encodings);
	unsigned char buf[300];

	cr_assert_eq(encoded_read(e, i, &toy, &f, buf, sizeof(buf), 800), 200);
	cr_expect_eq(buf[0], (unsigned char)i);
	cr_expect_eq(buf[199], (unsigned char)i);
}

Test(encoded, makes_a_file_once_for_many_reads)
{
	int encodings = 0;
	struct dataset_sum sum;
	struct encoded *e;

	cr_assert_eq(encoded_new(50, &e), 0);
	cr_expect_not(encoded_known(e, 7, &sum));
	for (int i = 0; i < 10; i++)
		expect_read(e, 7, &encodings);
	cr_expect_eq(encodings, 1);
	cr_expect(encoded_known(e, 7, &sum));
	cr_expect_eq(sum.size, SIZE);
	encoded_free(e);
}

Test(encoded, keeps_the_files_read_last_and_makes_others_again)
{
	int encodings = 0;
	struct encoded *e;

	cr_assert_eq(encoded_new(50, &e), 0);
	for (uint64_t i = 0; i < 16; i++)
		expect_read(e, i, &encodings);
	expect_read(e, 0, &encodings);
	cr_expect_eq(encodings, 16);
	expect_read(e, 40, &encodings); /* in place of 1 */
	expect_read(e, 0, &encodings);
	cr_expect_eq(encodings, 17);
	expect_read(e, 1, &encodings);
	cr_expect_eq(encodings, 18);
	encoded_free(e);
}

Test(encoded, what_cannot_be_made_can_be_tried_again)
{
	int encodings = 0;
	struct dataset_file f = file(3, &encodings);
	struct dataset_sum sum;
	struct encoded *e;
	char byte;

	cr_assert_eq(encoded_new(50, &e), 0);
	f.ndims = 1;
	cr_expect_eq(encoded_read(e, 3, &toy, &f, &byte, 1, 0), -ENOMEM);
	cr_expect_not(encoded_known(e, 3, &sum));
	expect_read(e, 3, &encodings);
	cr_expect_eq(encodings, 2);
	encoded_free(e);
}

Test(encoded, believes_what_it_is_told)
{
	const struct dataset_sum told[] = { { 0, 0 }, { 77, 5 } };
	struct dataset_sum sum;
	struct encoded *e;

	cr_assert_eq(encoded_new(2, &e), 0);
	for (uint64_t i = 0; i < 2; i++) {
		encoded_learn(e, i, &told[i]);
		cr_assert(encoded_known(e, i, &sum));
		cr_expect_eq(sum.size, told[i].size);
		cr_expect_eq(sum.crc, told[i].crc);
	}
	encoded_free(e);
}
