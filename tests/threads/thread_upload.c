/* Threads upload through one store's memory and threads, some in vain: every
 * upload is completed with all its parts, or aborted, and all memory comes
 * back. */
#include "backends/upload.h"

#include <errno.h>
#include <string.h>

enum { WRITERS = 6, EACH = 60, PART = 512, MAX_PARTS = 40 };

struct counts {
	_Atomic unsigned puts, begins, completes, aborts, wrong;
};

struct object {
	struct counts *counts;
	unsigned seed;
	bool failing;
	_Atomic unsigned parts;
};

static int put(void *self, const void *data, size_t len)
{
	struct object *o = self;

	o->counts->wrong += len > PART || (len > 0 && !data);
	o->counts->puts++;
	return 0;
}

static int begin(void *self)
{
	((struct object *)self)->counts->begins++;
	return 0;
}

static int part(void *self, unsigned number, const void *data, size_t len)
{
	struct object *o = self;
	const char *bytes = data;

	for (size_t i = 0; i < len; i++)
		o->counts->wrong += bytes[i] != (char)(o->seed + number);
	o->parts++;
	return o->failing && number % 3 == 2 ? -EIO : 0;
}

static int complete(void *self, unsigned parts)
{
	struct object *o = self;

	o->counts->wrong += o->parts != parts;
	o->counts->completes++;
	return 0;
}

static void abort_it(void *self)
{
	((struct object *)self)->counts->aborts++;
}

static const struct upload_ops ops = { put,	 begin,	    part, complete,
				       abort_it, MAX_PARTS, PART };

struct writer {
	pthread_t thread;
	struct uploads *all;
	struct counts counts;
	unsigned number, failed;
};

static int write_one(struct writer *w, struct object *o, unsigned parts)
{
	struct upload *u;
	char bytes[PART];
	int rc;

	if (upload_begin(w->all, &ops, o, &u) < 0)
		return -ENOMEM;
	rc = 0;
	for (unsigned i = 0; rc == 0 && i < parts; i++) {
		memset(bytes, (int)(o->seed + i), PART);
		rc = upload_append(u, bytes, PART);
	}
	if (rc == 0)
		rc = upload_commit(u);
	upload_close(u);
	return rc;
}

static void *write_many(void *arg)
{
	struct writer *w = arg;

	for (unsigned i = 0; i < EACH; i++) {
		struct object o = { .counts = &w->counts,
				    .seed = w->number * 31 + i,
				    .failing = i % 4 == 3 };

		w->failed += write_one(w, &o, i % 11) != 0;
	}
	return NULL;
}

static int check(struct writer *w)
{
	struct counts *c = &w->counts;
	unsigned ended = c->puts + c->completes + c->aborts;

	if (c->wrong == 0 && ended == EACH &&
	    c->begins == c->completes + c->aborts && c->aborts == w->failed &&
	    w->failed > 0)
		return 0;
	fprintf(stderr,
		"%u wrong, %u put, %u begun, %u completed, %u aborted, "
		"%u failed\n",
		c->wrong, c->puts, c->begins, c->completes, c->aborts,
		w->failed);
	return 1;
}

int main(void)
{
	static struct writer writers[WRITERS];
	struct uploads *all;
	int bad = 0;

	if (uploads_new(4, PART, 5 * (uint64_t)PART, &all) < 0)
		return 1;
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i].all = all;
		writers[i].number = i;
		pthread_create(&writers[i].thread, NULL, write_many,
			       &writers[i]);
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		pthread_join(writers[i].thread, NULL);
		bad |= check(&writers[i]);
	}
	if (uploads_held(all) != 0) {
		fprintf(stderr, "memory has not come back\n");
		bad = 1;
	}
	uploads_free(all);
	return bad;
}
