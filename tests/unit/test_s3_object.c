/* Reading from a server that answers as it is told. */
#include "lib/capture.h"
#include "lib/contract.h"
#include "lib/s3_scripted.h"

#include <errno.h>
#include <string.h>

/* A server with one object, which a test may replace. */
struct shelf {
	struct fault_server *server;
	const char *bytes, *etag;
};

static void answer_from_shelf(void *arg, const struct fault_request *q,
			      struct fault_answer *a)
{
	const struct shelf *s = arg;

	if (strstr(q->target, "max-keys=1"))
		fault_answer_print(a, "%s", "<ListBucketResult/>");
	else if (!s->bytes)
		a->status = 404;
	else
		fault_answer_object(a, q, s->bytes, strlen(s->bytes), s->etag);
}

static struct backend *open_shelf(struct shelf *s)
{
	const struct fault_server_options o = { .handler = answer_from_shelf,
						.arg = s };

	cr_assert_eq(fault_server_new(&o, &s->server), 0);
	return s3_scripted_open(s->server);
}

static const char *last_header(struct fault_server *s, const char *name)
{
	unsigned n = fault_server_seen(s);

	return fault_request_header(fault_server_request(s, n - 1), name);
}

Test(s3_object, reads_are_conditional_on_the_etag)
{
	struct shelf shelf = { .bytes = "0123456789", .etag = "\"one\"" };
	struct backend *b = open_shelf(&shelf);
	struct fault_server *s = shelf.server;
	struct object *o;
	char buf[16];

	cr_assert_eq(object_open(b, "a b", &o), 0);
	cr_expect_eq(fault_server_count(s, "HEAD", "/bucket/pre/a%20b"), 1);
	cr_expect_eq(o->size, 10);
	cr_expect_eq(object_pread(o, buf, 3, 4), 3);
	cr_expect_eq(memcmp(buf, "456", 3), 0);
	cr_expect_str_eq(last_header(s, "If-Match"), "\"one\"");
	cr_expect_str_eq(last_header(s, "Range"), "bytes=4-6");
	cr_expect_eq(object_pread(o, buf, 16, 0), 10);
	cr_expect_null(last_header(s, "Range"));

	shelf.bytes = "abcdefghij";
	shelf.etag = "\"two\"";
	cr_expect_eq(object_pread(o, buf, 3, 4), -ESTALE);
	cr_expect_eq(object_pread(o, buf, 16, 0), -ESTALE);
	shelf.bytes = NULL;
	cr_expect_eq(object_pread(o, buf, 3, 4), -ESTALE);
	object_close(o);
	backend_close(b);
	fault_server_free(s);
}

/* As a proxy may make them, whose server knows them by their strong form. */
Test(s3_object, weak_etags_tell_objects_apart)
{
	struct shelf shelf = { .bytes = "0123456789", .etag = "W/\"one\"" };
	struct backend *b = open_shelf(&shelf);
	struct fault_server *s = shelf.server;
	const uint64_t size = 10;
	struct object *o;
	char buf[1];

	cr_assert_eq(object_open_sized(b, "a", &size, &o), 0);
	cr_expect_eq(object_pread(o, buf, 1, 0), 1);
	shelf.etag = "\"one\"";
	cr_expect_eq(object_pread(o, buf, 1, 1), 1);
	cr_expect_str_eq(last_header(s, "If-Match"), "\"one\"");
	object_close(o);
	backend_close(b);
	fault_server_free(s);
}

Test(s3_object, a_known_size_saves_the_head)
{
	struct shelf shelf = { .bytes = "0123456789", .etag = "\"one\"" };
	struct backend *b = open_shelf(&shelf);
	struct fault_server *s = shelf.server;
	const uint64_t size = 10;
	struct object *o;
	char buf[16];

	cr_assert_eq(object_open_sized(b, "a", &size, &o), 0);
	cr_expect_eq(fault_server_seen(s), 1); /* the store's */
	cr_expect_eq(object_pread(o, buf, 16, 0), 10);
	cr_expect_eq(memcmp(buf, "0123456789", 10), 0);
	cr_expect_null(last_header(s, "If-Match"));
	cr_expect_eq(object_pread(o, buf, 1, 9), 1);
	cr_expect_str_eq(last_header(s, "If-Match"), "\"one\"");
	shelf.etag = "\"two\"";
	cr_expect_eq(object_pread(o, buf, 1, 9), -ESTALE);
	cr_expect_eq(fault_server_count(s, "HEAD", NULL), 0);
	object_close(o);
	backend_close(b);
	fault_server_free(s);
}

Test(s3_object, a_wrong_size_is_found_by_the_first_read)
{
	static const uint64_t wrong[] = { 5, 9, 11, 1000 };
	struct shelf shelf = { .bytes = "0123456789", .etag = "\"one\"" };
	struct backend *b = open_shelf(&shelf);
	struct object *o;
	char buf[1000];

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		cr_assert_eq(object_open_sized(b, "a", &wrong[i], &o), 0);
		cr_expect_eq(object_pread(o, buf, sizeof(buf), 0), -ESTALE);
		cr_expect_eq(object_pread(o, buf, 1, wrong[i] - 1), -ESTALE);
		object_close(o);
	}
	shelf.bytes = NULL;
	cr_assert_eq(object_open_sized(b, "a", &wrong[0], &o), 0);
	cr_expect_eq(object_pread(o, buf, 1, 0), -ENOENT);
	object_close(o);
	backend_close(b);
	fault_server_free(shelf.server);
}

/* Each is the answer to a read of bytes 2 … 5 of 10, whose ETag is "one". */
Test(s3_object, wrong_answers_are_not_believed)
{
#define RANGE(text) "ETag: \"one\"\r\nContent-Range: " text "\r\n"
#define OTHER "ETag: \"two\"\r\nContent-Range: bytes 2-5/10\r\n"
#define WEAK(etag) "ETag: W/" etag "\r\nContent-Range: bytes 2-5/10\r\n"
	static const struct {
		int status;
		const char *headers, *body;
		ssize_t want;
	} cases[] = {
		{ 206, RANGE("bytes 2-5/10"), "2345", 4 },
		{ 206, RANGE("bytes 2-5/*"), "2345", 4 },
		{ 206, RANGE("bytes 0-3/10"), "0123", -EBADMSG },
		{ 206, RANGE("bytes 2-5/11"), "2345", -ESTALE },
		{ 206, RANGE("lines 2-5/10"), "2345", -EBADMSG },
		{ 206, RANGE("bytes 2-"), "2345", -EBADMSG },
		{ 206, "ETag: \"one\"\r\n", "2345", -EBADMSG },
		{ 200, "ETag: \"one\"\r\n", "2345", -EBADMSG },
		{ 206, RANGE("bytes 2-4/10"), "234", -EIO },
		{ 206, OTHER, "2345", -ESTALE },
		{ 206, WEAK("\"one\""), "2345", 4 },
		{ 206, WEAK("\"two\""), "2345", -ESTALE },
		{ 206, "Content-Range: bytes 2-5/10\r\n", "2345", 4 },
		{ 404, NULL, S3_SCRIPTED_ERROR("NoSuchKey"), -ESTALE },
		{ 412, NULL, S3_SCRIPTED_ERROR("PreconditionFailed"), -ESTALE },
		{ 416, NULL, S3_SCRIPTED_ERROR("InvalidRange"), -ESTALE },
		{ 403, NULL, S3_SCRIPTED_ERROR("AccessDenied"), -EACCES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rules[] = {
			S3_SCRIPTED_PROBE,
			{ .method = "HEAD",
			  .answer = { .headers = "ETag: \"one\"\r\n",
				      .body = "0123456789" } },
			{ .method = "GET",
			  .answer = { .status = cases[i].status,
				      .headers = cases[i].headers,
				      .body = cases[i].body } },
		};
		struct fault_server *s =
			s3_scripted_serve(rules, ARRAY_SIZE(rules));
		struct backend *b = s3_scripted_open(s);
		struct capture c;
		struct object *o;
		char buf[4] = "";
		ssize_t got;

		cr_assert_eq(object_open(b, "a", &o), 0);
		cr_assert_eq(o->size, 10);
		capture_start(&c);
		got = object_pread(o, buf, sizeof(buf), 2);
		capture_stop(&c);
		cr_expect_eq(got, cases[i].want, "%zu: %zd", i, got);
		cr_expect_eq(fault_server_count(s, "GET", "/a"), 1, "%zu", i);
		if (got > 0)
			cr_expect_eq(memcmp(buf, "2345", 4), 0);
		object_close(o);
		backend_close(b);
		fault_server_free(s);
	}
}

Test(s3_object, what_may_not_wait_is_not_asked)
{
	struct shelf shelf = { .bytes = "0123456789", .etag = "\"one\"" };
	struct backend *b = open_shelf(&shelf);
	struct object *o;
	char buf[4];
	struct object_read rd = { .buf = buf,
				  .len = 4,
				  .flags = OBJECT_READ_NOWAIT };
	unsigned seen;

	cr_assert_eq(object_open(b, "a", &o), 0);
	seen = fault_server_seen(shelf.server);
	cr_expect_eq(object_read(o, &rd), -EAGAIN);
	cr_expect_eq(fault_server_seen(shelf.server), seen);
	rd.flags = 0;
	cr_expect_eq(object_read(o, &rd), 4);
	cr_expect_neq(rd.first_byte_ns, 0);
	object_close(o);
	backend_close(b);
	fault_server_free(shelf.server);
}
