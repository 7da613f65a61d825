#include "data/codec.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

static const char *const names[] = { "none", "snappy", "gzip", "zstd" };

Test(codec, gives_back_what_it_got)
{
	static const size_t lens[] = { 0, 1, 100, 70000 };
	static unsigned char in[70000], out[70000];

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(i * i >> 7);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		for (size_t k = 0; k < ARRAY_SIZE(lens); k++) {
			const struct codec *c = codec_find(names[i]);
			size_t room = codec_bound(c, lens[k]), len = room;
			AUTO_FREE unsigned char *small = malloc(room + 1);

			cr_assert_eq(codec_pack(c, in, lens[k], small, &len), 0,
				     "%s %zu", names[i], lens[k]);
			cr_expect_leq(len, room);
			memset(out, 0, sizeof(out));
			cr_assert_eq(codec_expand(c, small, len, out, lens[k]),
				     0, "%s %zu", names[i], lens[k]);
			cr_expect_eq(memcmp(in, out, lens[k]), 0);
			/* A byte more or less than there is. */
			if (lens[k] > 0)
				cr_expect_eq(codec_expand(c, small, len, out,
							  lens[k] - 1),
					     -EBADMSG, "%s", names[i]);
			if (lens[k] < sizeof(out))
				cr_expect_eq(codec_expand(c, small, len, out,
							  lens[k] + 1),
					     -EBADMSG, "%s", names[i]);
		}
}

Test(codec, is_known_by_name_and_by_parquets_number)
{
	static const int numbers[] = { 0, 1, 2, 6 };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		cr_expect_eq(codec_number(codec_find(names[i])), numbers[i]);
		cr_expect_eq(codec_at(numbers[i]), codec_find(names[i]));
	}
	cr_expect_null(codec_find("lzo"));
	cr_expect_null(codec_at(3));
}

Test(codec, refuses_what_it_did_not_make)
{
	static const unsigned char junk[] = "this is no compressed block";
	unsigned char out[100];

	for (size_t i = 1; i < ARRAY_SIZE(names); i++)
		cr_expect_eq(codec_expand(codec_find(names[i]), junk,
					  sizeof(junk), out, sizeof(out)),
			     -EBADMSG, "%s", names[i]);
}
