/* Stores under threads that read, list, write, move and remove all at once, for
 * ThreadSanitizer to watch.  What they read is checked, too. */
#include "backends/fault.h"
#include "backends/file.h"
#include "backends/mem.h"
#include "backends/record.h"
#include "base/recorder.h"
#include "lib/scratch.h"

#include <err.h>
#include <errno.h>
#include <string.h>

enum { READERS = 3, WRITERS = 3, ROUNDS = 150, SIZE = 20000 };

static void check(int rc, const char *what)
{
	if (rc)
		errx(1, "%s: %s", what, strerror(-rc));
}

static int put(struct backend *b, const char *name, char byte)
{
	char bytes[SIZE];
	struct object *o;
	int rc;

	memset(bytes, byte, sizeof(bytes));
	rc = object_create(b, name, &o);
	if (rc == 0)
		rc = object_append(o, bytes, sizeof(bytes));
	if (rc == 0)
		rc = object_commit(o, 0);
	object_close(o);
	return rc;
}

static int look(void *arg, const char *name, const struct object_info *info)
{
	(void)arg;
	if (info->size != SIZE)
		errx(1, "%s: %lu bytes", name, (unsigned long)info->size);
	return 0;
}

/* All bytes of an object are one, whichever version it is. */
static void read_whole(struct object *o)
{
	char bytes[SIZE];

	if (object_pread(o, bytes, sizeof(bytes), 0) != SIZE)
		errx(1, "short read");
	for (size_t i = 1; i < SIZE; i++)
		if (bytes[i] != bytes[0])
			errx(1, "a mix of two objects");
}

static void *read_much(void *arg)
{
	struct backend *b = arg;
	struct object_info info;
	struct object *common, *o;

	check(object_open(b, "common", &common), "open");
	for (int i = 0; i < ROUNDS; i++) {
		read_whole(common);
		if (object_open(b, "moving/target", &o) == 0)
			read_whole(o);
		object_close(o);
		(void)!backend_stat(b, "moving/target", &info);
		if (i % 10 == 0)
			check(backend_list(b, "", BACKEND_DEEP, look, NULL),
			      "list");
	}
	object_close(common);
	return NULL;
}

static void *write_much(void *arg)
{
	struct backend *b = arg;
	char name[32];

	snprintf(name, sizeof(name), "own/%lx", (unsigned long)pthread_self());
	for (int i = 0; i < ROUNDS; i++) {
		check(put(b, name, (char)i), "put");
		check(backend_rename(b, name, "moving/target"), "rename");
		check(put(b, "common", (char)i), "put");
		if (i % 5 == 0) {
			int rc = backend_remove(b, "moving/target");

			check(rc == -ENOENT ? 0 : rc, "remove");
		}
	}
	return NULL;
}

static void run(struct backend *b)
{
	pthread_t thread[READERS + WRITERS];

	check(put(b, "common", 'c'), "put");
	for (int i = 0; i < READERS + WRITERS; i++)
		check(-pthread_create(&thread[i], NULL,
				      i < READERS ? read_much : write_much, b),
		      "start a thread");
	for (int i = 0; i < READERS + WRITERS; i++)
		pthread_join(thread[i], NULL);
}

static struct backend *open_mem(void)
{
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = 16 * MIB };
	struct backend *b;

	check(backend_open(&mem_ops, "mem://threads", &options, &b), "open");
	return b;
}

static void run_file(void)
{
	char *folder = scratch_new();
	struct backend *b;

	check(backend_open(&file_ops, folder, NULL, &b), "open");
	run(b);
	backend_close(b);
	scratch_remove(folder);
}

static void run_mem(void)
{
	struct backend *b = open_mem();

	run(b);
	backend_close(b);
}

static void run_filters(void)
{
	const struct fault_plan plan = {
		.seed = 1,
		.bytes_per_sec = (uint64_t)1 << 40,
		.rule[FAULT_STAT] = { .shape = FAULT_EXPONENTIAL,
				      .a_ns = 1000 },
	};
	struct backend *slow, *b;
	struct recorder *recorder;

	check(recorder_new(-1, &recorder), "recorder");
	check(fault_wrap(open_mem(), &plan, &slow), "fault");
	check(record_wrap(slow, recorder, &b), "record");
	run(b);
	backend_close(b);
	recorder_free(recorder);
}

int main(void)
{
	run_file();
	run_mem();
	run_filters();
	return 0;
}
