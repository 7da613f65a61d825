#include "lib/contract.h"

#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

enum { GUARD = 64 }; /* bytes around a buffer, to see who writes there */

/* One read into a buffer whose address is odd by so much. */
static void check_read(struct object *o, const unsigned char *bytes, size_t len,
		       uint64_t offset, size_t odd)
{
	size_t here = offset < o->size ? (size_t)(o->size - offset) : 0;
	size_t want = MIN(len, here);
	unsigned char *room = aligned_alloc(
		4096, round_up(odd + want + 2 * GUARD, 4096) + 4096);
	unsigned char *buf = room + 4096 + odd;
	ssize_t got;

	memset(buf - GUARD, 0xa5, want + 2 * GUARD);
	got = object_pread(o, buf, len, offset);
	cr_expect_eq(got, (ssize_t)want, "%zu at %lu: %zd", len,
		     (unsigned long)offset, got);
	if (got > 0)
		cr_expect_eq(memcmp(buf, bytes + offset, want), 0,
			     "%zu at %lu into odd %zu", len,
			     (unsigned long)offset, odd);
	for (size_t i = 0; i < GUARD; i++)
		cr_assert(buf[-1 - (long)i] == 0xa5 && buf[want + i] == 0xa5,
			  "%zu at %lu wrote outside", len,
			  (unsigned long)offset);
	free(room);
}

/* At hand or not, but never short and never wrong. */
static void check_nowait(struct object *o, const unsigned char *bytes,
			 size_t size)
{
	size_t half = size / 2;
	unsigned char *buf = malloc(size + 1);
	struct object_read rd = { .buf = buf,
				  .len = size,
				  .offset = half,
				  .flags = OBJECT_READ_NOWAIT };
	uint64_t before = clock_ns();
	ssize_t got = object_read(o, &rd);

	cr_expect(got == -EAGAIN || got == (ssize_t)(size - half), "%zd", got);
	if (got > 0)
		cr_expect_eq(memcmp(buf, bytes + half, size - half), 0);

	rd.flags = 0;
	cr_expect_eq(object_read(o, &rd), (ssize_t)(size - half));
	if (size > 0)
		cr_expect_eq(memcmp(buf, bytes + half, size - half), 0);
	cr_expect(rd.first_byte_ns == 0 || (rd.first_byte_ns >= before &&
					    rd.first_byte_ns <= clock_ns()));
	free(buf);
}

void contract_reads(struct backend *b, const char *name, const void *bytes,
		    size_t size)
{
	const uint64_t offsets[] = { 0,	       1,	  511,	     512,
				     4095,     4096,	  8192,	     size / 3,
				     size / 2, size - 1,  size,	     size + 1,
				     1 << 30,  INT64_MAX, UINT64_MAX };
	const size_t lens[] = { 0,    1,    511,  512,	    4096,
				4097, 8192, size, SIZE_MAX, SSIZE_MAX };
	const size_t odds[] = { 0, 1, 8, 512 };
	struct object *o;
	int rc = object_open(b, name, &o);

	cr_assert_eq(rc, 0, "open %s: %d", name, rc);
	cr_assert_eq(o->size, size);
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++)
		for (size_t j = 0; j < ARRAY_SIZE(lens); j++)
			for (size_t k = 0; k < ARRAY_SIZE(odds); k++)
				check_read(o, bytes, lens[j], offsets[i],
					   odds[k]);
	check_nowait(o, bytes, size);
	object_close(o);
}

void contract_an_object_is_what_was_appended(struct backend *b)
{
	static const size_t sizes[] = { 1,    511,  512,  513,	 4095,
					4096, 4097, 8191, 12288, 300001 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		AUTO_FREE unsigned char *bytes = malloc(sizes[i]);

		contract_fill(bytes, sizes[i], 1, 0);
		contract_put(b, "a/b", 1, sizes[i]);
		contract_reads(b, "a/b", bytes, sizes[i]);
	}
}

void contract_an_empty_object_is_an_object(struct backend *b)
{
	struct object_info info = { .size = 1 };
	struct object *o;
	char c;

	cr_assert_eq(object_create(b, "nothing", &o), 0);
	cr_expect_eq(object_append(o, &c, 0), 0);
	cr_expect_eq(object_commit(o, 0), 0);
	object_close(o);

	cr_expect_eq(backend_stat(b, "nothing", &info), 0);
	cr_expect_eq(info.size, 0);
	cr_assert_eq(object_open(b, "nothing", &o), 0);
	cr_expect_eq(o->size, 0);
	cr_expect_eq(object_pread(o, &c, 1, 0), 0);
	object_close(o);
}

void contract_a_big_object_comes_in_odd_pieces(struct backend *b)
{
	const uint64_t size = 40 * MIB + 12345;
	/* Small ones, whole blocks, and more than anybody buffers. */
	static const size_t lens[] = { 1,	1000,	 4096, 65536,  70001,
				       1048576, 5242880, 512,  9000000 };
	AUTO_FREE char *piece = aligned_alloc(4096, 9 * MIB);
	struct object *o;
	size_t i = 0;

	cr_assert_eq(object_create(b, "big", &o), 0);
	for (uint64_t done = 0; done < size; i++) {
		size_t n = (size_t)MIN(lens[i % ARRAY_SIZE(lens)], size - done);
		/* Aligned as often as not. */
		char *from = piece + i / ARRAY_SIZE(lens) % 2;

		contract_fill(from, n, 9, done);
		cr_assert_eq(object_append(o, from, n), 0, "at %lu",
			     (unsigned long)done);
		done += n;
		cr_assert_eq(o->size, done);
	}
	cr_assert_eq(object_commit(o, 0), 0);
	object_close(o);
	contract_expect(b, "big", 9, size);
}

/* ---- Threads ------------------------------------------------------------ */

enum { THREADS = 16, READS = 60, SHARED_SIZE = 1000003 };

struct reader {
	pthread_t thread;
	struct object *object;
	unsigned number;
	unsigned wrong;
};

static void *read_at_random(void *arg)
{
	struct reader *r = arg;
	uint64_t dice = r->number;
	AUTO_FREE unsigned char *buf = malloc(50000);

	for (int i = 0; i < READS; i++) {
		dice = dice * UINT64_C(6364136223846793005) + 1442695041;

		uint64_t offset = (dice >> 20) % SHARED_SIZE;
		size_t len = (size_t)(dice >> 40) % 50000;
		size_t want = (size_t)MIN(len, SHARED_SIZE - offset);
		ssize_t got = object_pread(r->object, buf, len, offset);

		r->wrong += got != (ssize_t)want;
		for (ssize_t k = 0; k < got; k++)
			r->wrong += buf[k] !=
				    contract_byte(3, offset + (uint64_t)k);
	}
	return NULL;
}

void contract_sixteen_threads_read_one_object(struct backend *b)
{
	struct reader reader[THREADS];
	struct object *o;

	contract_put(b, "shared", 3, SHARED_SIZE);
	cr_assert_eq(object_open(b, "shared", &o), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		reader[i] = (struct reader){ .object = o, .number = i };
		cr_assert_eq(pthread_create(&reader[i].thread, NULL,
					    read_at_random, &reader[i]),
			     0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(reader[i].thread, NULL);
		cr_expect_eq(reader[i].wrong, 0, "thread %u", i);
	}
	object_close(o);
}

/* ---- What is not there -------------------------------------------------- */

static void expect_missing(struct backend *b, const char *name)
{
	struct object_info info;
	struct object *o;

	cr_expect_eq(backend_stat(b, name, &info), -ENOENT, "%s", name);
	cr_expect_eq(object_open(b, name, &o), -ENOENT, "%s", name);
	cr_expect_null(o);
	cr_expect_eq(backend_remove(b, name), -ENOENT, "%s", name);
	cr_expect_eq(backend_rename(b, name, "elsewhere"), -ENOENT, "%s", name);
	cr_expect_eq(backend_stat(b, "elsewhere", &info), -ENOENT);
}

void contract_what_is_missing_is_enoent(struct backend *b)
{
	AUTO_FREE char *names = NULL;

	contract_put(b, "there/is/one", 1, 10);
	expect_missing(b, "one");
	expect_missing(b, "there/is/two");
	expect_missing(b, "there/is/no/folder");
	expect_missing(b, "there/is/one/below");
	names = contract_names(b, "", BACKEND_DEEP);
	cr_expect_str_eq(names, "there/is/one");
}

void contract_folders_are_not_objects(struct backend *b)
{
	contract_put(b, "a/b/c", 1, 10);
	expect_missing(b, "a");
	expect_missing(b, "a/b");
	contract_expect(b, "a/b/c", 1, 10);
}

void contract_the_store_says_who_it_is(struct backend *b)
{
	cr_assert_not_null(b->uri);
	cr_expect_str_not_empty(b->uri);
	cr_expect_geq(b->alignment, 1);
	cr_expect_eq(b->alignment & (b->alignment - 1), 0, "%zu", b->alignment);
}
