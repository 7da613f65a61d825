#include "backends/exchange.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define MS UINT64_C(1000000)

static const struct http_options options = {
	.first_byte_ms = 3000,
	.stall_ms = 1000,
};

static struct http_exchange x;
static struct exchange e;

static void begin(void)
{
	exchange_begin(&e, &x, &options);
}

static int line(const char *text)
{
	return exchange_line(&e, text, strlen(text));
}

static int receive(const char *text)
{
	return exchange_receive(&e, text, strlen(text));
}

TestSuite(exchange, .init = begin);

/* ---- There --------------------------------------------------------------- */

Test(exchange, sends_pieces_as_one_whatever_the_room)
{
	static const struct http_piece pieces[] = {
		{ "abc", 3 }, { NULL, 0 }, { "d", 1 }, { "efgh", 4 }, { "", 0 },
	};

	x.body = pieces;
	x.n_body = ARRAY_SIZE(pieces);
	for (size_t room = 1; room < 12; room++) {
		char got[16] = "";
		size_t len = 0, now;

		begin();
		cr_expect(!e.sent);
		while ((now = exchange_send(&e, got + len, room)) > 0)
			len += now;
		cr_expect_str_eq(got, "abcdefgh", "%zu: %s", room, got);
		cr_expect(e.sent);
	}
}

Test(exchange, sends_it_again_from_the_begin)
{
	static const struct http_piece pieces[] = { { "ab", 2 }, { "cd", 2 } };
	char got[8] = "";

	x.body = pieces;
	x.n_body = 2;
	begin();
	cr_expect_eq(exchange_send(&e, got, 3), 3);
	exchange_rewind(&e);
	cr_expect_eq(exchange_send(&e, got, 8), 4);
	cr_expect_str_eq(got, "abcd");
	exchange_rewind(&e);
	cr_expect(!e.sent);
}

/* ---- And back ------------------------------------------------------------ */

Test(exchange, keeps_the_headers_of_the_last_reply)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "etag", "\"a b\"" },	 { "ETag", "\"a b\"" },
		{ "Empty", "" },	 { "Content-Length", "5" },
		{ "Early", NULL },	 { "ETa", NULL },
		{ "TTP/1.1", NULL },	 { "Content-Lengt", NULL },
		{ "Trailer-Sum", NULL },
	};

	line("HTTP/1.1 100 Continue\r\n");
	line("Early: 1\r\n");
	line("\r\n");
	line("HTTP/1.1 206 Partial Content\r\n");
	line("ETag: \t \"a b\" \t\r\n");
	line("Empty:\r\n");
	line("content-length:5\n");
	line("\r\n");
	line("Trailer-Sum: 1\r\n");
	cr_expect_eq(x.status, 206);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = 99;
		const char *value = http_reply_header(&x, cases[i].name, &len);

		if (!cases[i].want) {
			cr_expect_null(value, "%s", cases[i].name);
			continue;
		}
		cr_assert_not_null(value, "%s", cases[i].name);
		cr_expect_eq(len, strlen(cases[i].want), "%s", cases[i].name);
		cr_expect(!strncmp(value, cases[i].want, len), "%s", value);
	}
}

Test(exchange, a_status_is_three_digits_and_the_last_word)
{
	static const struct {
		const char *line;
		int want;
	} cases[] = {
		{ "HTTP/1.1 200 OK\r\n", 200 }, { "HTTP/1.0 404\r\n", 404 },
		{ "HTTP/2 503 \r\n", 503 },	{ "HTTP/1.1\r\n", 0 },
		{ "HTTP/1.1 OK\r\n", 0 },	{ "HTTP/1.1 2000 O\r\n", 0 },
		{ "HTTP/1.1 100 C\r\n", 0 },	{ "HTTP/1.1 103 E\r\n", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		begin();
		line(cases[i].line);
		cr_expect_eq(x.status, cases[i].want, "%s", cases[i].line);
	}
}

Test(exchange, headers_are_bounded)
{
	char text[1001];
	int rc = 0, n = 0;

	memset(text, 'h', sizeof(text));
	text[1000] = '\0';
	line("HTTP/1.1 200 OK\r\n");
	for (; n < 1000 && rc == 0; n++)
		rc = line(text);
	cr_expect_eq(rc, -EMSGSIZE);
	cr_expect_eq(n, HTTP_REPLY_HEADERS / 1000 + 1);
	cr_expect(strstr(x.why, "16384"), "%s", x.why);

	begin();
	line("HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 16; i++)
		cr_expect_eq(line(text), 0);
	text[HTTP_REPLY_HEADERS - 16 * 1001 - 2] = '\0';
	cr_expect_eq(line(text), 0, "just fits");
	cr_expect_eq(line("\r\n"), 0);
}

Test(exchange, a_body_lands_in_the_buffer_if_it_fits)
{
	char buf[6] = "zzzzz";

	x.into = buf;
	x.into_size = 5;
	begin();
	line("HTTP/1.1 200 OK\r\n");
	cr_expect_eq(receive("ab"), 0);
	cr_expect_eq(receive(""), 0);
	cr_expect_eq(receive("cde"), 0);
	cr_expect_eq(x.got, 5);
	cr_expect_str_eq(buf, "abcde");
	cr_expect_eq(receive("f"), -EMSGSIZE);
	cr_expect_str_eq(buf, "abcde");
	cr_expect(strstr(x.why, "5 bytes"), "%s", x.why);
}

static int take(void *arg, const void *data, size_t len)
{
	char *text = arg;

	strncat(text, data, len);
	return strchr(text, '!') ? -EBADMSG : 0;
}

Test(exchange, a_sink_may_end_it)
{
	char text[32] = "";

	x.sink = take;
	x.sink_arg = text;
	begin();
	line("HTTP/1.1 201 Created\r\n");
	cr_expect_eq(receive("ab"), 0);
	cr_expect_eq(receive("c!"), -EBADMSG);
	cr_expect_eq(e.rc, -EBADMSG);
	cr_expect_str_eq(text, "abc!");
}

Test(exchange, a_refusal_never_reaches_buffer_or_sink)
{
	char buf[4] = "abc", text[32] = "";

	for (int i = 0; i < 2; i++) {
		x.into = buf;
		x.into_size = sizeof(buf);
		x.sink = i ? take : NULL;
		x.sink_arg = text;
		begin();
		line("HTTP/1.1 404 Not Found\r\n");
		cr_expect_eq(receive("not "), 0);
		cr_expect_eq(receive("here!"), 0);
		cr_expect_str_eq(x.refusal, "not here!");
		cr_expect_eq(x.refusal_len, 9);
		cr_expect_eq(x.got, 0);
	}
	cr_expect_str_eq(buf, "abc");
	cr_expect_str_eq(text, "");
}

Test(exchange, of_a_long_refusal_the_begin_is_kept)
{
	char block[1024];
	int n = 0;

	memset(block, 'r', sizeof(block));
	line("HTTP/1.1 500 Oh\r\n");
	while (n < 1000 && exchange_receive(&e, block, sizeof(block)) == 0)
		n++;
	cr_expect_eq(n, 64);
	cr_expect(exchange_has_enough(&e));
	cr_expect_eq(x.refusal_len, HTTP_REFUSAL - 1);
	cr_expect_eq(strlen(x.refusal), HTTP_REFUSAL - 1);
}

/* ---- Time ---------------------------------------------------------------- */

Test(exchange, each_phase_has_its_time)
{
	static const struct http_piece piece = { "body", 4 };
	uint64_t now = clock_ns();
	char buf[4];

	x.body = &piece;
	x.n_body = 1;
	begin();
	cr_expect_eq(exchange_check(&e, now + 999999 * MS), 0, "connecting");
	exchange_connected(&e, now);
	cr_expect_eq(exchange_check(&e, now + 999 * MS), 0);
	cr_expect_eq(exchange_check(&e, now + 1000 * MS), -ETIMEDOUT);
	cr_expect_str_eq(x.why, "less than a KiB in 1000 ms");

	cr_expect_eq(exchange_send(&e, buf, 4), 4);
	now = clock_ns();
	cr_expect_eq(exchange_check(&e, now + 2900 * MS), 0, "waiting");
	cr_expect_eq(exchange_check(&e, now + 3000 * MS), -ETIMEDOUT);
	cr_expect_str_eq(x.why, "no answer in 3000 ms");

	line("HTTP/1.1 100 Continue\r\n");
	line("\r\n");
	cr_expect_eq(x.status, 0, "not yet");
	cr_expect_eq(x.first_byte_ns, 0);
	cr_expect_eq(exchange_check(&e, now + 2900 * MS), 0, "still waiting");

	line("HTTP/1.1 200 OK\r\n");
	now = clock_ns();
	cr_expect_eq(exchange_check(&e, now + 900 * MS), 0, "receiving");
	cr_expect_eq(exchange_check(&e, now + 1000 * MS), -ETIMEDOUT);
}

Test(exchange, a_stall_ends_with_a_kib_and_not_with_a_byte)
{
	static const struct {
		size_t bytes;
		int rc;
	} cases[] = { { 1, -ETIMEDOUT }, { 1000, -ETIMEDOUT }, { 1024, 0 } };
	char block[1024] = "";

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t now;
		int rc;

		begin();
		now = clock_ns();
		exchange_connected(&e, now);
		line("HTTP/1.1 200 OK\r\n");
		now = clock_ns();
		cr_expect_eq(exchange_check(&e, now), 0);
		exchange_receive(&e, block, cases[i].bytes);
		rc = exchange_check(&e, now + 900 * MS);
		cr_expect_eq(rc, 0);
		rc = exchange_check(&e, now + 1800 * MS);
		cr_expect_eq(rc, cases[i].rc, "%zu", cases[i].bytes);
	}
}

Test(exchange, who_is_patient_waits_once_all_is_sent)
{
	static const struct http_piece piece = { "body", 4 };
	uint64_t now = clock_ns();
	char buf[4];

	x.body = &piece;
	x.n_body = 1;
	x.patient = true;
	begin();
	exchange_connected(&e, now);
	cr_expect_eq(exchange_check(&e, now + 1000 * MS), -ETIMEDOUT);
	cr_expect_eq(exchange_send(&e, buf, 4), 4);
	cr_expect_eq(exchange_check(&e, now + 99999 * MS), 0, "waiting");
	line("HTTP/1.1 200 OK\r\n");
	cr_expect_eq(exchange_check(&e, now + 99999 * MS), 0, "receiving");
	x.deadline_ns = now + 5000 * MS;
	cr_expect_eq(exchange_check(&e, now + 5000 * MS), -ETIMEDOUT);
}

Test(exchange, ends_at_the_deadline_and_when_told_to)
{
	_Atomic bool stop = false, cancel = false;

	x.deadline_ns = 1000;
	x.stop = &stop;
	x.cancel = &cancel;
	begin();
	cr_expect_eq(exchange_check(&e, 999), 0);
	cr_expect_eq(exchange_check(&e, 1000), -ETIMEDOUT);
	cr_expect_str_eq(x.why, "the time is up");
	stop = true;
	cr_expect_eq(exchange_check(&e, 1), -ECANCELED);
	stop = false;
	cancel = true;
	cr_expect_eq(exchange_check(&e, 1), -ECANCELED);
}

Test(exchange, nothing_of_the_last_one_is_left)
{
	char buf[4];

	x.into = buf;
	x.into_size = 2;
	line("HTTP/1.1 200 OK\r\n");
	line("ETag: 1\r\n");
	receive("abc");
	line("HTTP/1.1 500 Oh\r\n");
	receive("abc");
	begin();
	cr_expect(x.status == 0 && x.got == 0 && x.refusal_len == 0);
	cr_expect(!*x.reply && !*x.refusal && !*x.why && !x.first_byte_ns);
	cr_expect(e.rc == 0 && e.moved == 0 && e.sent);
}
