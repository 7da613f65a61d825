/* Threads look into the folders of a lazy branch, all into the same at once,
 * while others rename and remove there: each folder is listed once, and whoever
 * waits is told once. */
#include "backends/fault.h"
#include "backends/mem.h"
#include "backends/record.h"
#include "base/buffers.h"
#include "base/clock.h"
#include "base/recorder.h"
#include "fuse/branch.h"
#include "fuse/draft.h"
#include "io/crawl.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

enum { THREADS = 8, FOLDERS = 12, FILES = 5 };

struct shared {
	struct recorder *recorder;
	struct backend *store;
	struct buffers *buffers;
	struct branch *branch;
	_Atomic unsigned complaints, told;
	unsigned crawled; /* crawl() gives one at a time */
};

#define CHECK(s, condition)                                                    \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
				__LINE__, #condition);                         \
			(s)->complaints++;                                     \
		}                                                              \
	} while (0)

struct waiter {
	struct branch_wait wait;
	struct shared *s;
	_Atomic int told;
};

static void ready(struct branch_wait *w, int rc)
{
	struct waiter *me = CONTAINER_OF(w, struct waiter, wait);

	CHECK(me->s, rc == 0);
	me->s->told++;
	me->told++;
}

/* As a handler and the pool would, but waiting. */
static void have_listed(struct shared *s, uint64_t folder)
{
	struct waiter w = { .wait.ready = ready, .s = s };

	switch (branch_fetch_join(s->branch, folder, &w.wait)) {
	case BRANCH_LISTED:
		return;
	case BRANCH_UNLISTED:
		branch_fetch(s->branch, folder);
		break;
	case BRANCH_BEING_LISTED:
		break;
	}
	while (!w.told)
		clock_sleep_until(clock_ns() + NS_PER_SEC / 10000);
	CHECK(s, w.told == 1);
}

static void look_into(struct shared *s, unsigned i)
{
	struct branch_attr folder, file;
	struct branch_list *list;
	char name[16];

	snprintf(name, sizeof(name), "d%u", i);
	have_listed(s, BRANCH_ROOT);
	if (branch_lookup(s->branch, BRANCH_ROOT, name, &folder) < 0)
		return; /* renamed meanwhile */
	have_listed(s, folder.number);
	CHECK(s, branch_list(s->branch, folder.number, &list) == 0);
	CHECK(s, list->n == FILES);
	free(list);
	CHECK(s, branch_lookup(s->branch, folder.number, "f1", &file) == 0);
	CHECK(s, file.size == 1);
	branch_forget(s->branch, file.number, 1);
	branch_forget(s->branch, folder.number, 1);
}

static void *work(void *arg)
{
	struct shared *s = arg;

	for (unsigned i = 0; i < FOLDERS; i++)
		look_into(s, i);
	return NULL;
}

static void *rename_some(void *arg)
{
	struct shared *s = arg;

	have_listed(s, BRANCH_ROOT);
	for (unsigned i = 0; i < FOLDERS; i += 3) {
		char from[16], to[16];

		snprintf(from, sizeof(from), "d%u", i);
		snprintf(to, sizeof(to), "e%u", i);
		CHECK(s,
		      branch_rmdir(s->branch, BRANCH_ROOT, from) == -ENOTEMPTY);
		CHECK(s, branch_move(s->branch, BRANCH_ROOT, from, BRANCH_ROOT,
				     to, 0) == 0);
	}
	return NULL;
}

static int put(struct backend *b, unsigned folder, unsigned file)
{
	struct object *o;
	char name[32];
	int rc;

	snprintf(name, sizeof(name), "d%u/f%u", folder, file);
	rc = object_create(b, name, &o);
	if (rc < 0)
		return rc;
	rc = object_append(o, "x", 1);
	if (rc == 0)
		rc = object_commit(o, 0);
	object_close(o);
	return rc;
}

static int make_store(struct shared *s)
{
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = 64 * MIB };
	const struct fault_plan plan = {
		.rule[FAULT_LIST] = { .shape = FAULT_UNIFORM,
				      .b_ns = NS_PER_SEC / 500 },
		.rule[FAULT_OPEN] = { .shape = FAULT_FIXED, .a_ns = 1 },
	};
	struct backend *bare, *slow;
	int rc = recorder_new(-1, &s->recorder);

	if (rc == 0)
		rc = backend_open(&mem_ops, "mem://t", &options, &bare);
	for (unsigned i = 0; rc == 0 && i < FOLDERS * FILES; i++)
		rc = put(bare, i / FILES, i % FILES);
	if (rc == 0)
		rc = fault_wrap(bare, &plan, &slow);
	return rc < 0 ? rc : record_wrap(slow, s->recorder, &s->store);
}

static uint64_t listings(const struct shared *s)
{
	static struct rec_figures f;

	recorder_get(s->recorder, REC_STORE, REC_LIST, &f);
	return f.count;
}

static int crawled(void *arg, const char *name, const struct object_info *info)
{
	struct shared *s = arg;

	(void)name;
	(void)info;
	s->crawled++;
	return 0;
}

int main(void)
{
	const struct branch_options options = { .uid = 0 };
	static struct shared s;
	pthread_t threads[THREADS];

	if (make_store(&s) < 0 ||
	    buffers_new(DRAFT_PIECE, 4096, THREADS, &s.buffers) < 0 ||
	    branch_new(s.store, s.buffers, &options, &s.branch) < 0)
		return 1;
	for (unsigned i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, i ? work : rename_some, &s);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK(&s, listings(&s) == 1 + FOLDERS);
	CHECK(&s, s.told > 0);

	CHECK(&s, crawl(s.store, "", THREADS, crawled, &s) == 0);
	CHECK(&s, s.crawled == FOLDERS * FILES);

	branch_free(s.branch);
	buffers_free(s.buffers);
	backend_close(s.store);
	recorder_free(s.recorder);
	return s.complaints ? 1 : 0;
}
