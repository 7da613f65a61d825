/* What is read as a manifest, and what is said of what is not. */
#include "data/manifest.h"

#include "backends/fault.h"
#include "backends/mem.h"
#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define HEAD                                                                   \
	"dliofs-manifest\t1\n"                                                 \
	"config\t0123456789abcdef\tformat=npz\n"                               \
	"state\tcomplete\n"
#define A "file\ta\t5\t0000000f\n"
#define END "end\t1\t5\n"

static struct backend *store_with(const char *text, size_t len)
{
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = 64 * MIB };
	struct backend *b;
	struct object *o;

	cr_assert_eq(backend_open(&mem_ops, "mem://x", &options, &b), 0);
	cr_assert_eq(object_create(b, MANIFEST_NAME, &o), 0);
	cr_assert_eq(object_append(o, text, len), 0);
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
	return b;
}

struct files {
	char text[256];
	int answer;
};

static int add_file(void *arg, const char *name, uint64_t size, uint32_t crc)
{
	struct files *f = arg;
	size_t len = strlen(f->text);

	snprintf(f->text + len, sizeof(f->text) - len,
		 "%s %" PRIu64 " %" PRIx32 ";", name, size, crc);
	return f->answer;
}

static int read_text(const char *text, size_t len, struct files *f,
		     struct capture *said)
{
	struct backend *b = store_with(text, len);
	int rc;

	capture_start(said);
	rc = manifest_read(b, add_file, f);
	capture_stop(said);
	backend_close(b);
	return rc;
}

Test(manifest, lists_the_files_of_any_configuration)
{
	static const struct {
		const char *text, *files;
	} cases[] = {
		{ HEAD "end\t0\t0\n", "" },
		{ HEAD A END, "a 5 f;" },
		{ HEAD "file\ttrain/b c\t18446744073709551615\tFFFFFFFF\n" A
		       "end\t2\t4\n",
		  "train/b c 18446744073709551615 ffffffff;a 5 f;" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct files f = { .answer = 0 };
		struct capture said;

		cr_expect_eq(read_text(cases[i].text, strlen(cases[i].text), &f,
				       &said),
			     0, "%s", said.text);
		cr_expect_str_eq(f.text, cases[i].files, "%s", f.text);
		cr_expect_str_empty(said.text);
	}
}

Test(manifest, a_damaged_line_is_said_with_its_number)
{
	static const struct {
		const char *text;
		unsigned line;
	} cases[] = {
		{ "", 1 },
		{ "dliofs-manifest\t1", 1 },
		{ "dliofs-manifest\t2\n", 1 },
		{ "\n" HEAD A END, 1 },
		{ "dliofs-manifest\t1\n", 2 },
		{ "dliofs-manifest\t1\nconfig\tx\ty\nstate\tcomplete\n" A END,
		  2 },
		{ "dliofs-manifest\t1\nconfig\t1\nstate\tcomplete\n" A END, 2 },
		{ "dliofs-manifest\t1\nconfig\t1\ty\nstate\tdone\n" A END, 3 },
		{ "dliofs-manifest\t1\nconfig\t1\ty\nstat\twriting\n", 3 },
		{ HEAD, 4 },
		{ HEAD A, 5 },
		{ HEAD A "file\tb\t6", 5 },
		{ HEAD A "end\t1\t5", 5 },
		{ HEAD A "\n" END, 5 },
		{ HEAD A "files\tb\t6\t7\n" END, 5 },
		{ HEAD "file\ta\t5\n" END, 4 },
		{ HEAD "file\ta\t5\tf\tmore\n" END, 4 },
		{ HEAD "file\ta\t\tf\n" END, 4 },
		{ HEAD "file\ta\t-5\tf\n" END, 4 },
		{ HEAD "file\ta\t+5\tf\n" END, 4 },
		{ HEAD "file\ta\t 5\tf\n" END, 4 },
		{ HEAD "file\ta\t5x\tf\n" END, 4 },
		{ HEAD "file\ta\t18446744073709551616\tf\n" END, 4 },
		{ HEAD "file\ta\t5\t100000000\n" END, 4 },
		{ HEAD "file\ta\t5\t0xf\n" END, 4 },
		{ HEAD "file\ta\t5\tg\n" END, 4 },
		{ HEAD A A END, 6 },
		{ HEAD A "end\t1\t6\n", 5 },
		{ HEAD A "end\t1\n", 5 },
		{ HEAD A END A, 6 },
		{ HEAD A END "rest", 6 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct files f = { .answer = 0 };
		struct capture said;
		char line[32];

		cr_expect_eq(read_text(cases[i].text, strlen(cases[i].text), &f,
				       &said),
			     -EINVAL, "case %zu", i);
		snprintf(line, sizeof(line), ", line %u:", cases[i].line);
		cr_expect_not_null(strstr(said.text, line), "case %zu: %s", i,
				   said.text);
	}
}

Test(manifest, a_zero_byte_is_damage)
{
	static const char text[] = HEAD "file\ta\t5\tf\0\t\n" END;
	struct files f = { .answer = 0 };
	struct capture said;

	cr_expect_eq(read_text(text, sizeof(text) - 1, &f, &said), -EINVAL);
	cr_expect_not_null(strstr(said.text, "line 4"), "%s", said.text);
}

Test(manifest, a_line_without_an_end_is_damage)
{
	static char text[200000] = HEAD "file\t";
	struct files f = { .answer = 0 };
	struct capture said;

	memset(text + strlen(text), 'x', sizeof(text) - strlen(text));
	cr_expect_eq(read_text(text, sizeof(text), &f, &said), -EINVAL);
	cr_expect_not_null(strstr(said.text, "line 4"), "%s", said.text);
}

Test(manifest, says_that_generation_was_not_finished)
{
	static const char text[] = "dliofs-manifest\t1\nconfig\t1\ty\n"
				   "state\twriting\n";
	struct files f = { .answer = 0 };
	struct capture said;

	cr_expect_eq(read_text(text, strlen(text), &f, &said), -EINVAL);
	cr_expect_not_null(strstr(said.text, "not finished"), "%s", said.text);
}

Test(manifest, what_the_callback_answers_ends_it_and_is_no_damage)
{
	static const int answers[] = { -EINVAL, -EBADMSG, -EIO, 7 };

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct files f = { .answer = answers[i] };
		struct capture said;

		cr_expect_eq(read_text(HEAD A A END, strlen(HEAD A A END), &f,
				       &said),
			     answers[i]);
		cr_expect_str_eq(f.text, "a 5 f;");
		cr_expect_str_empty(said.text, "%s", said.text);
	}
}

Test(manifest, a_store_that_cannot_read_is_no_damage)
{
	const struct fault_plan plan = {
		.rule[FAULT_READ] = { .error = -EIO },
	};
	struct backend *b = store_with(HEAD A END, strlen(HEAD A END));
	struct files f = { .answer = 0 };
	struct capture said;

	cr_assert_eq(fault_wrap(b, &plan, &b), 0);
	capture_start(&said);
	cr_expect_eq(manifest_read(b, add_file, &f), -EIO);
	capture_stop(&said);
	cr_expect_not_null(strstr(said.text, "Input/output error"), "%s",
			   said.text);
	cr_expect_null(strstr(said.text, "generate again"), "%s", said.text);
	backend_close(b);
}

Test(manifest, none_is_enoent_and_no_message)
{
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = 64 * MIB };
	struct files f = { .answer = 0 };
	struct capture said;
	struct backend *b;

	cr_assert_eq(backend_open(&mem_ops, "mem://x", &options, &b), 0);
	capture_start(&said);
	cr_expect_eq(manifest_read(b, add_file, &f), -ENOENT);
	cr_expect_str_empty(capture_stop(&said));
	backend_close(b);
}
