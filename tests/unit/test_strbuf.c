#include "backends/strbuf.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

Test(strbuf, grows_with_what_is_written)
{
	struct strbuf b = { 0 };
	char *text, piece[16];

	for (int i = 0; i < 1000; i++)
		strbuf_printf(&b, "%04d", i);
	cr_expect_eq(b.len, 4000);
	cr_assert_eq(strbuf_take(&b, &text), 0);
	cr_expect_eq(strlen(text), 4000);
	for (int i = 0; i < 1000; i++) {
		snprintf(piece, sizeof(piece), "%04d", i);
		cr_assert_arr_eq(text + 4 * i, piece, 4);
	}
	strbuf_wipe(text);
	cr_expect_null(b.text);
}

Test(strbuf, takes_pieces_of_every_kind)
{
	struct strbuf b = { 0 };
	char *text;

	strbuf_puts(&b, "a");
	strbuf_putc(&b, ' ');
	strbuf_add(&b, "bcd", 2);
	strbuf_add(&b, NULL, 0);
	strbuf_uri(&b, "/\xc3\xbc", true);
	strbuf_uri(&b, "/", false);
	cr_assert_eq(strbuf_take(&b, &text), 0);
	cr_expect_str_eq(text, "a bc/%C3%BC%2F");
	strbuf_wipe(text);
}

Test(strbuf, of_nothing_is_an_empty_text)
{
	struct strbuf b = { 0 };
	char *text;

	cr_assert_eq(strbuf_take(&b, &text), 0);
	cr_expect_str_empty(text);
	strbuf_wipe(text);
	strbuf_wipe(NULL);
	strbuf_clear(&b);
}

Test(strbuf, keeps_its_first_failure)
{
	struct strbuf b = { 0 };
	char *text = NULL;

	strbuf_puts(&b, "a");
	strbuf_add(&b, "b", SIZE_MAX / 2);
	strbuf_puts(&b, "c");
	cr_expect_eq(strbuf_take(&b, &text), -ENOMEM);
	cr_expect_null(text);
	cr_expect_null(b.text);
}
