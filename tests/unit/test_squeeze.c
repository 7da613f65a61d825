#include "data/squeeze.h"

#include "lib/pile.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

static const char *const methods[] = { "gzip", "bz2", "xz", "zstd" };

/* All of data through it, in pieces of `step` bytes. */
static int run(const char *method, enum squeeze_way way, const void *data,
	       size_t len, size_t step, struct pile *out)
{
	struct squeeze *s;
	int rc = squeeze_new(method, way, pile_up, out, &s);

	cr_assert_eq(rc, 0, "%s", method);
	for (size_t at = 0; at < len && !rc; at += step)
		rc = squeeze_add(s, (const char *)data + at,
				 MIN(step, len - at));
	if (!rc)
		rc = squeeze_end(s);
	squeeze_free(s);
	return rc;
}

Test(squeeze, gives_back_what_it_got_in_pieces_of_any_size)
{
	static const struct {
		size_t len, step;
	} cases[] = { { 0, 1 },
		      { 1, 1 },
		      { 3000, 7 },
		      { 120000, 65536 },
		      { 150000, 150000 } };
	static unsigned char in[150000];

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
			size_t len = cases[k].len, step = cases[k].step;
			struct pile small = { 0 }, big = { 0 };

			pile_digits(in, len);
			cr_assert_eq(run(methods[i], SQUEEZE_PACK, in, len,
					 step, &small),
				     0);
			if (len >= 3000)
				cr_expect_lt(small.len, len * 7 / 10, "%s",
					     methods[i]);
			cr_expect_str_eq(squeeze_of(small.bytes, small.len),
					 methods[i]);
			cr_assert_eq(run(methods[i], SQUEEZE_EXPAND,
					 small.bytes, small.len, step, &big),
				     0, "%s case %zu", methods[i], k);
			cr_assert_eq(big.len, len, "%s case %zu", methods[i],
				     k);
			if (len)
				cr_expect_arr_eq(big.bytes, in, len);
			free(small.bytes);
			free(big.bytes);
		}
}

Test(squeeze, makes_the_same_of_the_same)
{
	static unsigned char in[100000];

	pile_digits(in, sizeof(in));
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		struct pile a = { 0 }, b = { 0 };

		cr_assert_eq(run(methods[i], SQUEEZE_PACK, in, sizeof(in), 999,
				 &a),
			     0);
		cr_assert_eq(run(methods[i], SQUEEZE_PACK, in, sizeof(in), 999,
				 &b),
			     0);
		cr_assert_eq(a.len, b.len);
		cr_expect_arr_eq(a.bytes, b.bytes, a.len);
		free(a.bytes);
		free(b.bytes);
	}
}

Test(squeeze, notices_streams_that_are_cut_continued_or_damaged)
{
	static unsigned char in[20000];

	pile_digits(in, sizeof(in));
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		struct pile small = { 0 }, out = { 0 };

		cr_assert_eq(run(methods[i], SQUEEZE_PACK, in, sizeof(in),
				 sizeof(in), &small),
			     0);
		for (size_t len = 1; len < small.len; len += 211) {
			out.len = 0;
			cr_expect_eq(run(methods[i], SQUEEZE_EXPAND,
					 small.bytes, len, len, &out),
				     -EBADMSG, "%s cut at %zu", methods[i],
				     len);
		}
		pile_up(&small, "more", 4);
		cr_expect_eq(run(methods[i], SQUEEZE_EXPAND, small.bytes,
				 small.len, small.len, &out),
			     -EBADMSG, "%s", methods[i]);
		memset(small.bytes + 60, 0x55, 60);
		out.len = 0;
		(void)!run(methods[i], SQUEEZE_EXPAND, small.bytes,
			   small.len - 4, small.len, &out);
		cr_expect(out.len != sizeof(in) ||
				  memcmp(out.bytes, in, sizeof(in)) != 0,
			  "%s", methods[i]);
		free(small.bytes);
		free(out.bytes);
	}
}

Test(squeeze, stops_when_nobody_takes_what_comes_out)
{
	static unsigned char in[950000];

	pile_digits(in, sizeof(in));
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		struct pile out = { .rc = -ENOSPC };

		cr_expect_eq(run(methods[i], SQUEEZE_PACK, in, sizeof(in),
				 sizeof(in), &out),
			     -ENOSPC, "%s", methods[i]);
		cr_expect_leq(out.len, 65536);
		free(out.bytes);
	}
}

Test(squeeze, knows_methods_by_name_and_by_their_first_bytes)
{
	struct squeeze *s;

	cr_expect(squeeze_knows("zstd"));
	cr_expect_not(squeeze_knows("zip"));
	cr_expect_null(squeeze_of("12,34", 5));
	cr_expect_null(squeeze_of("", 0));
	cr_expect_eq(squeeze_new("tar", SQUEEZE_PACK, pile_up, NULL, &s),
		     -EINVAL);
	cr_expect_null(s);
}
