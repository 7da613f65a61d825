#include "backends/backend.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

/* A store that is anything but careful, to see what reaches it. */
struct naive {
	struct backend base;
	int calls;
	struct object_read last;
};

static int naive_open(const char *location,
		      const struct backend_options *options,
		      struct backend **out)
{
	(void)options;
	if (!strcmp(location, "broken"))
		return -EIO;
	*out = calloc(1, sizeof(struct naive));
	return *out ? 0 : -ENOMEM;
}

static void naive_close(struct backend *b)
{
	free(b);
}

static int naive_list(struct backend *b, const char *prefix,
		      enum backend_depth depth, backend_list_fn fn, void *arg)
{
	const struct object_info info = { .size = 1 };

	(void)depth;
	((struct naive *)b)->calls++;
	return fn(arg, prefix, &info);
}

static int naive_stat(struct backend *b, const char *name,
		      struct object_info *out)
{
	(void)name;
	((struct naive *)b)->calls++;
	out->size = 100;
	return 0;
}

static int naive_remove(struct backend *b, const char *name)
{
	(void)name;
	((struct naive *)b)->calls++;
	return 0;
}

static int naive_rename(struct backend *b, const char *from, const char *to)
{
	(void)from;
	(void)to;
	((struct naive *)b)->calls++;
	return 0;
}

static int naive_object(struct backend *b, const char *name,
			struct object **out)
{
	(void)name;
	((struct naive *)b)->calls++;
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	(*out)->size = 100;
	return 0;
}

static int naive_sized(struct backend *b, const char *name,
		       const uint64_t *size, struct object **out)
{
	(void)size;
	return naive_object(b, name, out);
}

static ssize_t naive_read(struct object *o, struct object_read *rd)
{
	struct naive *n = (struct naive *)o->backend;

	n->calls++;
	n->last = *rd;
	rd->first_byte_ns = 77;
	if (rd->offset == 50)
		return -EIO;
	return (ssize_t)(rd->offset == 60 ? rd->len - 1 : rd->len);
}

static int naive_append(struct object *o, const void *buf, size_t len)
{
	(void)buf;
	((struct naive *)o->backend)->calls++;
	return len == 13 ? -ENOSPC : 0;
}

static int naive_commit(struct object *o, unsigned flags)
{
	(void)flags;
	((struct naive *)o->backend)->calls++;
	return o->size == 3 ? -EIO : 0;
}

static void naive_close_object(struct object *o)
{
	free(o);
}

static const struct backend_ops naive_ops = {
	.scheme = "naive",
	.open = naive_open,
	.close = naive_close,
	.list = naive_list,
	.stat = naive_stat,
	.remove = naive_remove,
	.rename = naive_rename,
	.open_object = naive_sized,
	.read = naive_read,
	.create_object = naive_object,
	.append = naive_append,
	.commit = naive_commit,
	.close_object = naive_close_object,
};

static struct naive *open_naive(void)
{
	struct backend *b;

	cr_assert_eq(backend_open(&naive_ops, "naive://x", NULL, &b), 0);
	return (struct naive *)b;
}

static int ignore(void *arg, const char *name, const struct object_info *info)
{
	(void)arg;
	(void)name;
	(void)info;
	return 0;
}

Test(backend, is_opened_by_uri_or_by_location)
{
	static const struct {
		const char *uri;
		int want;
	} cases[] = {
		{ "naive://x", 0 },
		{ "naive://", 0 },
		{ "x", 0 },
		{ "/x/y", 0 },
		{ "naive://broken", -EIO },
		{ "broken", -EIO },
		{ "file://x", -EINVAL },
		{ "naiv://x", -EINVAL },
		{ "naive2://x", -EINVAL },
		{ "://x", -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct backend *b;
		int rc = backend_open(&naive_ops, cases[i].uri, NULL, &b);

		cr_expect_eq(rc, cases[i].want, "'%s': %d", cases[i].uri, rc);
		if (rc) {
			cr_expect_null(b);
			continue;
		}
		cr_expect_str_eq(b->uri, cases[i].uri);
		cr_expect_eq(b->alignment, 1);
		cr_expect_eq(b->ops, &naive_ops);
		backend_close(b);
	}
	backend_close(NULL);
	object_close(NULL);
}

static char *repeat(char c, size_t n)
{
	char *text = malloc(n + 1);

	memset(text, c, n);
	text[n] = '\0';
	return text;
}

Test(backend, lets_only_good_names_through)
{
	AUTO_FREE char *longest = repeat('n', BACKEND_NAME_MAX);
	AUTO_FREE char *too_long = repeat('n', BACKEND_NAME_MAX + 1);
	const struct {
		const char *name;
		int want;
	} cases[] = {
		{ "a", 0 },
		{ "a/b.npz", 0 },
		{ "...", 0 },
		{ "..a/b..", 0 },
		{ ".hidden", 0 },
		{ "a b/c+%d", 0 },
		{ longest, 0 },
		{ NULL, -EINVAL },
		{ "", -EINVAL },
		{ "/", -EINVAL },
		{ "/a", -EINVAL },
		{ "a/", -EINVAL },
		{ "a//b", -EINVAL },
		{ ".", -EINVAL },
		{ "..", -EINVAL },
		{ "./a", -EINVAL },
		{ "../a", -EINVAL },
		{ "a/.", -EINVAL },
		{ "a/..", -EINVAL },
		{ "a/./b", -EINVAL },
		{ "a/../b", -EINVAL },
		{ too_long, -ENAMETOOLONG },
	};
	struct naive *n = open_naive();
	struct backend *b = &n->base;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *name = cases[i].name, *what = name ? name : "NULL";
		int want = cases[i].want, before = n->calls;
		struct object_info info;
		struct object *o;

		cr_expect_eq(backend_check_name(name), want, "%s", what);
		cr_expect_eq(backend_stat(b, name, &info), want, "%s", what);
		cr_expect_eq(backend_remove(b, name), want, "%s", what);
		cr_expect_eq(backend_rename(b, name, "x"), want, "%s", what);
		cr_expect_eq(backend_rename(b, "x", name), want, "%s", what);
		cr_expect_eq(object_open(b, name, &o), want, "%s", what);
		object_close(o);
		cr_expect_eq(object_create(b, name, &o), want, "%s", what);
		object_close(o);
		cr_expect_eq(n->calls - before, want ? 0 : 6, "%s", what);
	}
	backend_close(b);
}

Test(backend, lets_only_good_prefixes_through)
{
	AUTO_FREE char *too_long = repeat('n', BACKEND_NAME_MAX + 1);
	const struct {
		const char *prefix;
		int want;
	} cases[] = {
		{ "", 0 },
		{ "a", 0 },
		{ "a/", 0 },
		{ "a/b", 0 },
		{ ".", 0 },
		{ "a/..", 0 },
		{ NULL, -EINVAL },
		{ "/", -EINVAL },
		{ "/a", -EINVAL },
		{ "../", -EINVAL },
		{ "a//", -EINVAL },
		{ "a/../", -EINVAL },
		{ "./a", -EINVAL },
		{ "a/./b", -EINVAL },
		{ too_long, -ENAMETOOLONG },
	};
	struct naive *n = open_naive();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(backend_list(&n->base, cases[i].prefix,
					  BACKEND_DEEP, ignore, NULL),
			     cases[i].want, "%s", cases[i].prefix);
		cr_expect_eq(backend_check_prefix(cases[i].prefix),
			     cases[i].want, "%s", cases[i].prefix);
	}
	cr_expect_eq(backend_list(&n->base, "", BACKEND_DEEP, NULL, NULL),
		     -EINVAL);
	backend_close(&n->base);
}

Test(backend, clamps_reads_to_the_object)
{
	static const struct {
		size_t len;
		uint64_t offset;
		ssize_t want;
		size_t reaches; /* the store; 0: nothing does */
	} cases[] = {
		{ 100, 0, 100, 100 },
		{ 10, 5, 10, 10 },
		{ 101, 0, 100, 100 },
		{ SIZE_MAX, 0, 100, 100 },
		{ SIZE_MAX, 99, 1, 1 },
		{ 1, 100, 0, 0 },
		{ 1, UINT64_MAX, 0, 0 },
		{ SIZE_MAX, UINT64_MAX, 0, 0 },
		{ 0, 0, 0, 0 },
		{ 10, 50, -EIO, 10 },
		/* Less than the store said there is. */
		{ 10, 60, -ESTALE, 10 },
	};
	struct naive *n = open_naive();
	struct object *o;
	char buf[1];

	cr_assert_eq(object_open(&n->base, "x", &o), 0);
	cr_expect_eq(o->backend, &n->base);
	cr_expect_eq(o->mode, OBJECT_READING);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct object_read rd = { .buf = buf,
					  .len = cases[i].len,
					  .offset = cases[i].offset,
					  .flags = OBJECT_READ_NOWAIT,
					  .first_byte_ns = 5 };
		int before = n->calls;

		cr_expect_eq(object_read(o, &rd), cases[i].want, "case %zu", i);
		cr_expect_eq(n->calls - before, cases[i].reaches > 0);
		cr_expect_eq(rd.first_byte_ns, cases[i].reaches ? 77 : 0);
		cr_expect_eq(rd.len, cases[i].len);
		if (!cases[i].reaches)
			continue;
		cr_expect_eq(n->last.len, cases[i].reaches, "case %zu", i);
		cr_expect_eq(n->last.flags, OBJECT_READ_NOWAIT);
		cr_expect_eq(n->last.buf, (void *)buf);
	}
	object_close(o);
	backend_close(&n->base);
}

Test(backend, refuses_reads_that_make_no_sense)
{
	struct naive *n = open_naive();
	struct object_read odd = { .buf = n, .len = 1, .flags = 4 };
	struct object *o;

	cr_assert_eq(object_open(&n->base, "x", &o), 0);
	cr_expect_eq(object_pread(o, NULL, 1, 0), -EINVAL);
	cr_expect_eq(object_pread(o, NULL, 0, 0), 0);
	cr_expect_eq(object_read(o, &odd), -EINVAL);
	cr_expect_eq(object_append(o, "x", 1), -EBADF);
	cr_expect_eq(object_commit(o, 0), -EBADF);
	object_close(o);
	backend_close(&n->base);
}

Test(backend, counts_what_is_appended)
{
	struct naive *n = open_naive();
	struct object *o;
	char c;

	cr_assert_eq(object_create(&n->base, "x", &o), 0);
	cr_expect_eq(o->mode, OBJECT_WRITING);
	cr_expect_eq(o->size, 0);
	cr_expect_eq(object_append(o, "abc", 3), 0);
	cr_expect_eq(object_append(o, NULL, 0), 0);
	cr_expect_eq(object_append(o, "abcd", 4), 0);
	cr_expect_eq(o->size, 7);
	cr_expect_eq(object_append(o, NULL, 1), -EINVAL);
	cr_expect_eq(object_append(o, "x", SIZE_MAX), -EFBIG);
	cr_expect_eq(object_pread(o, &c, 1, 0), -EBADF);
	cr_expect_eq(object_commit(o, 2), -EINVAL);
	cr_expect_eq(object_commit(o, OBJECT_DURABLE), 0);
	cr_expect_eq(o->mode, OBJECT_COMMITTED);
	object_close(o);
	backend_close(&n->base);
}

Test(backend, lets_a_finished_or_failed_object_only_be_closed)
{
	static const struct {
		const char *what;
		size_t first_len;
		int append, commit;
		enum object_mode mode;
	} cases[] = {
		{ "committed", 1, 0, 0, OBJECT_COMMITTED },
		{ "append fails", 13, -ENOSPC, -EBADF, OBJECT_FAILED },
		{ "commit fails", 3, 0, -EIO, OBJECT_FAILED },
	};
	struct naive *n = open_naive();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct object *o;
		int calls;

		cr_assert_eq(object_create(&n->base, "x", &o), 0);
		cr_expect_eq(object_append(o, "0123456789abc",
					   cases[i].first_len),
			     cases[i].append, "%s", cases[i].what);
		cr_expect_eq(object_commit(o, 0), cases[i].commit, "%s",
			     cases[i].what);
		cr_expect_eq(o->mode, cases[i].mode, "%s", cases[i].what);
		calls = n->calls;
		cr_expect_eq(object_append(o, "x", 1), -EBADF, "%s",
			     cases[i].what);
		cr_expect_eq(object_commit(o, 0), -EBADF, "%s", cases[i].what);
		cr_expect_eq(n->calls, calls, "%s", cases[i].what);
		object_close(o);
	}
	backend_close(&n->base);
}
