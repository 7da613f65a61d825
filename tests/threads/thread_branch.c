/* Threads write, rename, list, read and remove in one branch over one store,
 * while others look names up in a sealed tree: every file is whole whenever it
 * is seen, and in the end the branch and the store agree. */
#include "backends/fault.h"
#include "backends/mem.h"
#include "base/buffers.h"
#include "base/clock.h"
#include "fuse/branch.h"
#include "fuse/draft.h"
#include "fuse/tree.h"
#include "fuse/writer.h"
#include "lib/listed.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

enum { THREADS = 4, ROUNDS = 300, NAMES = 3, TREE_FILES = 2000 };

struct shared {
	struct backend *store;
	struct buffers *buffers;
	struct branch *branch;
	struct tree *tree;
	pthread_mutex_t folder; /* for changes of names, as the kernel has it */
	_Atomic unsigned complaints, saved, seen;
};

struct worker {
	pthread_t thread;
	struct shared *s;
	unsigned id;
};

#define CHECK(s, condition)                                                    \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
				__LINE__, #condition);                         \
			(s)->complaints++;                                     \
		}                                                              \
	} while (0)

static int create(struct shared *s, unsigned id, const char *name,
		  struct branch_attr *a, struct writer **w)
{
	LOCKED(&s->folder);

	return writer_create(s->branch, BRANCH_ROOT, name, 0644, 0, 0, id, a,
			     w);
}

static void rename_file(struct shared *s, const char *from, const char *to)
{
	LOCKED(&s->folder);
	int rc = branch_move(s->branch, BRANCH_ROOT, from, BRANCH_ROOT, to, 0);

	CHECK(s, rc == 0 || rc == -ENOENT || rc == -EBUSY);
}

static void remove_file(struct shared *s, const char *name)
{
	LOCKED(&s->folder);
	int rc = branch_unlink(s->branch, BRANCH_ROOT, name);

	CHECK(s, rc == 0 || rc == -ENOENT);
}

/* A file is its writer's letter, a thousand times. */
static void save(struct shared *s, unsigned id, const char *name)
{
	char bytes[1000];
	struct branch_attr a;
	struct writer *w;
	int rc;

	memset(bytes, (int)('a' + id), sizeof(bytes));
	if (create(s, id, name, &a, &w) < 0)
		return;
	CHECK(s, writer_accept(w, bytes, 500, 0, id) == 0);
	rc = writer_write(w, bytes, 500, 500, id);
	/* -EBUSY: another file was begun under this name and renamed. */
	CHECK(s, rc == 0 || rc == -EBUSY);
	if (rc < 0 || a.number % 4 == 0) {
		/* Let others get at a file that is about to vanish. */
		clock_sleep_until(clock_ns() + 100000);
		writer_abandon(w);
	} else {
		rc = writer_flush(w, id);
		CHECK(s, rc == 0 || rc == -EIO || rc == -EBUSY);
		rc = writer_close(w);
		CHECK(s, rc == 0 || rc == -EIO || rc == -EBUSY);
		s->saved += rc == 0;
	}
	branch_forget(s->branch, a.number, 1);
}

static void look(struct shared *s, const char *name)
{
	char bytes[1001];
	struct branch_attr a;
	struct object *o;
	uint64_t edition;
	ssize_t got;

	if (branch_lookup(s->branch, BRANCH_ROOT, name, &a) < 0)
		return;
	if (branch_open(s->branch, a.number, &o, &edition) == 0) {
		got = object_pread(o, bytes, sizeof(bytes), 0);
		CHECK(s, got == 1000);
		for (ssize_t i = 1; i < got; i++)
			if (bytes[i] != bytes[0])
				s->complaints++;
		object_close(o);
		s->seen++;
	}
	branch_forget(s->branch, a.number, 1);
}

static void look_up_in_tree(struct shared *s, unsigned n)
{
	char name[32];
	struct tree_node node;
	uint32_t number;

	snprintf(name, sizeof(name), "f%u", n % TREE_FILES);
	number = tree_lookup(s->tree, TREE_ROOT, name);
	CHECK(s, number != 0 && tree_get(s->tree, number, &node) &&
			 node.size == n % TREE_FILES);
}

static void *work(void *arg)
{
	const struct worker *w = arg;
	struct shared *s = w->s;

	for (unsigned i = 0; i < ROUNDS; i++) {
		char name[16], other[16];
		struct branch_list *list;

		snprintf(name, sizeof(name), "n%u", (i + w->id) % NAMES);
		snprintf(other, sizeof(other), "n%u", i * 7 % NAMES);
		save(s, w->id, name);
		look(s, other);
		rename_file(s, name, other);
		if (i % 5 == 0)
			remove_file(s, other);
		CHECK(s, branch_list(s->branch, BRANCH_ROOT, &list) == 0);
		CHECK(s, list->n <= NAMES);
		free(list);
		look_up_in_tree(s, i * 31);
	}
	return NULL;
}

/* Some commits fail, and renames take their time. */
static int make_store(struct backend **out)
{
	static const struct backend_options options = { .mem_fd = -1,
							.mem_limit = 64 * MIB };
	struct fault_plan plan = { 0 };
	struct backend *inner;
	int rc = backend_open(&mem_ops, "mem://t", &options, &inner);

	plan.rule[FAULT_COMMIT] = (struct fault_rule){ .shape = FAULT_UNIFORM,
						       .b_ns = 300000,
						       .error = -EIO,
						       .error_every = 4 };
	plan.rule[FAULT_RENAME] =
		(struct fault_rule){ .shape = FAULT_FIXED, .a_ns = 200000 };
	plan.rule[FAULT_REMOVE] = plan.rule[FAULT_RENAME];
	return rc == 0 ? fault_wrap(inner, &plan, out) : rc;
}

static int make_tree(struct tree **out)
{
	int rc = tree_new(0, out);

	if (rc == 0)
		rc = tree_add_export(*out, 0, "");
	for (unsigned i = 0; rc == 0 && i < TREE_FILES; i++) {
		char name[32];

		snprintf(name, sizeof(name), "f%u", i);
		rc = tree_add_file(*out, 0, name, i, 0);
	}
	return rc == 0 ? tree_seal(*out) : rc;
}

/* Each object has a name in the branch, and each name is an object. */
static int listed(void *arg, const char *name, const struct object_info *info)
{
	struct shared *s = arg;
	struct branch_attr a;

	CHECK(s, branch_lookup(s->branch, BRANCH_ROOT, name, &a) == 0);
	CHECK(s, a.size == info->size);
	s->seen--;
	return 0;
}

static void compare(struct shared *s)
{
	struct branch_list *list;

	CHECK(s, branch_list(s->branch, BRANCH_ROOT, &list) == 0);
	s->seen = (unsigned)list->n;
	free(list);
	CHECK(s, backend_list(s->store, "", BACKEND_DEEP, listed, s) == 0);
	CHECK(s, s->seen == 0);
}

int main(void)
{
	static struct worker workers[THREADS];
	static struct shared s = { .folder = PTHREAD_MUTEX_INITIALIZER };

	if (make_store(&s.store) < 0 ||
	    buffers_new(DRAFT_PIECE, 4096, THREADS, &s.buffers) < 0 ||
	    listed_branch(s.store, s.buffers, &s.branch) < 0 ||
	    make_tree(&s.tree) < 0)
		return 1;
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i].s = &s;
		workers[i].id = i;
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);

	CHECK(&s, s.saved > 0);
	CHECK(&s, s.seen > 0);
	compare(&s);
	CHECK(&s, buffers_out(s.buffers) == 0);
	branch_free(s.branch);
	buffers_free(s.buffers);
	tree_free(s.tree);
	backend_close(s.store);
	return s.complaints ? 1 : 0;
}
