#include "data/thrift.h"

#include <criterion/criterion.h>

#include <string.h>

/* Struct { 1: i32 -3, 2: bool true, 20: "ab", 21: list<struct {1: i64}> of 2,
 * 22: struct { 3: byte 8 } }, from the text of the protocol. */
static const unsigned char known[] = {
	0x15, 0x05,			 /* 1: i32, zigzag of -3 */
	0x11,				 /* 2: true */
	0x08, 0x28, 0x02, 'a',	'b',	 /* 20: far away */
	0x19, 0x2c, 0x16, 0x80, 0x01, 0, /* 21: 2 structs: 64, … */
	0x16, 0x01, 0,			 /* … -1 */
	0x1c, 0x33, 0x08, 0,		 /* 22: 3: byte */
	0,
};

static void write_known(struct thrift_out *t)
{
	thrift_put_int(t, 1, THRIFT_I32, -3);
	thrift_put_bool(t, 2, true);
	thrift_put_text(t, 20, "ab");
	thrift_put_list(t, 21, THRIFT_STRUCT, 2);
	thrift_item_begin(t);
	thrift_put_int(t, 1, THRIFT_I64, 64);
	thrift_end(t);
	thrift_item_begin(t);
	thrift_put_int(t, 1, THRIFT_I64, -1);
	thrift_end(t);
	thrift_begin(t, 22);
	thrift_put_int(t, 3, THRIFT_BYTE, 8);
	thrift_end(t);
	thrift_end(t);
}

Test(thrift, writes_the_compact_protocol)
{
	struct thrift_out t = { 0 };

	write_known(&t);
	cr_assert_not(t.failed);
	cr_assert_eq(t.len, sizeof(known));
	cr_expect_arr_eq(t.bytes, known, sizeof(known));
	free(t.bytes);
}

static void expect_field(struct thrift_in *t, struct thrift_field *f, int id)
{
	cr_assert(thrift_next(t, f));
	cr_assert_eq(f->id, id);
}

Test(thrift, reads_what_it_wrote)
{
	struct thrift_field f, item;
	struct thrift_in t;
	const char *text;
	size_t len;

	thrift_read(&t, known, sizeof(known));
	expect_field(&t, &f, 1);
	cr_expect_eq(thrift_int(&t, &f), -3);
	expect_field(&t, &f, 2);
	cr_expect_eq(thrift_int(&t, &f), 1);
	expect_field(&t, &f, 20);
	text = thrift_text(&t, &f, &len);
	cr_expect(len == 2 && !memcmp(text, "ab", 2));
	expect_field(&t, &f, 21);
	cr_assert_eq(thrift_list(&t, &f, &item), 2);
	for (int i = 0; i < 2; i++) {
		thrift_open(&t, &item);
		expect_field(&t, &f, 1);
		cr_expect_eq(thrift_int(&t, &f), i ? -1 : 64);
		cr_expect_not(thrift_next(&t, &f));
	}
	expect_field(&t, &f, 22);
	thrift_skip(&t, &f);
	cr_expect_not(thrift_next(&t, &f));
	cr_expect_not(t.bad);
	cr_expect_eq(t.at, t.end);
}

Test(thrift, skips_what_nobody_asked_for)
{
	struct thrift_field f;
	struct thrift_in t;

	thrift_read(&t, known, sizeof(known));
	while (thrift_next(&t, &f))
		thrift_skip(&t, &f);
	cr_expect_not(t.bad);
	cr_expect_eq(t.at, t.end);
}

Test(thrift, notices_every_cut)
{
	for (size_t cut = 0; cut < sizeof(known); cut++) {
		struct thrift_field f;
		struct thrift_in t;

		thrift_read(&t, known, cut);
		while (thrift_next(&t, &f))
			thrift_skip(&t, &f);
		cr_expect(t.bad, "cut to %zu", cut);
	}
}

Test(thrift, has_an_end_to_structs_in_structs_and_to_long_lists)
{
	static const unsigned char endless_list[] = { 0x19, 0xf5, 0xff, 0xff,
						      0xff, 0x7f, 0 };
	unsigned char deep[1000];
	struct thrift_field f;
	struct thrift_in t;

	memset(deep, 0x1c, sizeof(deep));
	thrift_read(&t, deep, sizeof(deep));
	cr_assert(thrift_next(&t, &f));
	thrift_skip(&t, &f);
	cr_expect(t.bad);

	thrift_read(&t, endless_list, sizeof(endless_list));
	cr_assert(thrift_next(&t, &f));
	cr_expect_eq(thrift_list(&t, &f, &f), 0);
	cr_expect(t.bad);
}

Test(thrift, has_no_field_beyond_16_bits)
{
	/* Number 32767, and then the one after it. */
	static const unsigned char beyond[] = { 0x05, 0xfe, 0xff, 0x03,
						0x00, 0x15, 0x00, 0x00 };
	struct thrift_field f;
	struct thrift_in t;

	thrift_read(&t, beyond, sizeof(beyond));
	cr_assert(thrift_next(&t, &f));
	cr_expect_eq(f.id, INT16_MAX);
	cr_expect_eq(thrift_int(&t, &f), 0);
	cr_expect_not(thrift_next(&t, &f));
	cr_expect(t.bad);
}

Test(thrift, does_not_take_one_type_for_another)
{
	struct thrift_field f;
	struct thrift_in t;
	size_t len;

	thrift_read(&t, known, sizeof(known));
	cr_assert(thrift_next(&t, &f));
	thrift_text(&t, &f, &len);
	cr_expect_eq(len, 0);
	cr_expect(t.bad);
}
