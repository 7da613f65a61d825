#include "backends/canon.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

/* "name=value;" of each. */
static const char *text_of(const struct canon_pair *pairs, int n)
{
	static char out[512];
	size_t len = 0;

	out[0] = '\0';
	for (int i = 0; i < n; i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len,
					"%.*s=%.*s;", (int)pairs[i].name_len,
					pairs[i].name, (int)pairs[i].value_len,
					pairs[i].value);
	return out;
}

Test(canon, takes_headers_in_the_order_of_their_names)
{
	static const char *const headers[] = { "b: 2", "A:  x y\t", "ab:",
					       "B:1",  "a-c: :",    NULL };
	struct canon_pair pairs[CANON_MAX];
	int n = canon_headers(headers, pairs);

	cr_assert_eq(n, 5);
	cr_expect_str_eq(text_of(pairs, n), "A=x y;a-c=:;ab=;b=2;B=1;");
	cr_expect(canon_same_name(&pairs[3], &pairs[4]));
	cr_expect_not(canon_same_name(&pairs[0], &pairs[2]));
	cr_expect_eq(canon_headers(NULL, pairs), 0);
}

Test(canon, refuses_what_is_no_header)
{
	static const char *const no_colon[] = { "a: b", "words", NULL };
	static const char *const no_name[] = { ": b", NULL };
	struct canon_pair pairs[CANON_MAX];

	cr_expect_eq(canon_headers(no_colon, pairs), -EINVAL);
	cr_expect_eq(canon_headers(no_name, pairs), -EINVAL);
}

Test(canon, takes_a_query_as_it_comes_and_sorts_it)
{
	struct canon_pair pairs[CANON_MAX];
	int n = canon_query("b=2&a=x=y&&c&a-b=&a=1&", pairs);

	cr_assert_eq(n, 5);
	cr_expect_str_eq(text_of(pairs, n), "b=2;a=x=y;c=;a-b=;a=1;");
	canon_sort(pairs, (size_t)n);
	cr_expect_str_eq(text_of(pairs, n), "a=1;a=x=y;a-b=;b=2;c=;");
	cr_expect_eq(canon_query(NULL, pairs), 0);
	cr_expect_eq(canon_query("", pairs), 0);
}

Test(canon, writes_names_in_lower_case_and_values_with_single_blanks)
{
	static const char *const headers[] = { "X-Ab_1: a \t b\r\n c", NULL };
	struct canon_pair pairs[CANON_MAX];
	struct strbuf b = { 0 };
	char *text;

	cr_assert_eq(canon_headers(headers, pairs), 1);
	canon_put_lower(&b, pairs[0].name, pairs[0].name_len);
	strbuf_putc(&b, ':');
	canon_put_value(&b, &pairs[0]);
	cr_assert_eq(strbuf_take(&b, &text), 0);
	cr_expect_str_eq(text, "x-ab_1:a b c");
	strbuf_wipe(text);
}
