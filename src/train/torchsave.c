#include "train/torchsave.h"

#include "base/log.h"
#include "train/filler.h"
#include "train/outbuf.h"
#include "train/source.h"
#include "train/state.h"
#include "train/torchpickle.h"
#include "train/torchzip.h"

#include <errno.h>
#include <string.h>

struct torchsave {
	struct torchsave_setup setup;
	struct filler filler;
};

int torchsave_new(const struct torchsave_setup *setup, struct torchsave **out)
{
	AUTO_FREE struct torchsave *t = calloc(1, sizeof(*t));
	int rc;

	*out = NULL;
	if (!t)
		return log_fail(-ENOMEM, "memory for checkpoints");
	t->setup = *setup;
	rc = filler_open(&t->filler, setup->randomize, setup->seed);
	if (rc)
		return rc;
	*out = TAKE(t);
	return 0;
}

void torchsave_free(struct torchsave *t)
{
	if (t)
		filler_close(&t->filler);
	free(t);
}

static int write_through(void *arg, const void *data, size_t len)
{
	return outbuf_write(arg, data, len);
}

static int write_tensor(struct torchsave *t, struct torchzip *z,
			const struct state_item *tensor)
{
	uint64_t left = state_tensor_bytes(tensor);

	while (left > 0) {
		size_t len = MIN(left, FILLER_PIECE);
		int rc;

		if (t->setup.stop && atomic_load(t->setup.stop))
			return -EINTR;
		rc = torchzip_data(
			z, filler_next(&t->filler, tensor->type, len), len);
		if (rc)
			return rc;
		left -= len;
	}
	return 0;
}

/* A tensor, and the name of its member. */
struct storage {
	const struct state_item *tensor;
	char name[STATE_KEY_SIZE];
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct storage *)a)->name,
		      ((const struct storage *)b)->name);
}

/* In the order of the file, which is that of the names as text: 0, 1, 10, … */
static struct storage *list_storages(const struct state *s, size_t *n)
{
	struct storage *list = calloc(s->items + 1, sizeof(*list));

	*n = 0;
	if (!list)
		return NULL;
	for (size_t i = 0; i < s->items; i++) {
		struct storage *next = &list[*n];

		if (s->item[i].kind != STATE_TENSOR)
			continue;
		next->tensor = &s->item[i];
		snprintf(next->name, sizeof(next->name), "data/%zu", *n);
		++*n;
	}
	qsort(list, *n, sizeof(*list), compare);
	return list;
}

static int write_storages(struct torchsave *t, struct outbuf *w,
			  struct torchzip *z, const struct state *state)
{
	size_t n;
	AUTO_FREE struct storage *list = list_storages(state, &n);
	int rc = list ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && !rc; i++) {
		uint64_t bytes = state_tensor_bytes(list[i].tensor);

		torchzip_begin(z, list[i].name, bytes);
		outbuf_begin(w, bytes);
		rc = write_tensor(t, z, list[i].tensor);
		outbuf_end(w);
	}
	return rc;
}

static int write_file(struct torchsave *t, struct outbuf *w,
		      const struct state *state, uint64_t *bytes)
{
	AUTO_FREE uint8_t *pickle = NULL;
	struct torchzip z;
	size_t len;
	int rc = torchpickle_make(state, &pickle, &len);

	if (rc)
		return rc;
	torchzip_init(&z, write_through, w);
	torchzip_add(&z, "data.pkl", pickle, len);
	rc = write_storages(t, w, &z, state);
	if (!rc) {
		torchzip_add(&z, "version", "3\n", 2);
		rc = torchzip_end(&z);
	}
	*bytes = z.offset;
	torchzip_clear(&z);
	return rc ? rc : outbuf_flush(w);
}

int torchsave_write(struct torchsave *t, const char *name,
		    const struct state *state, uint64_t *bytes)
{
	struct outbuf w = { 0 };
	struct source_file *f;
	int rc;

	rc = source_create(t->setup.source, name, &f);
	if (rc)
		return log_fail(rc, "create checkpoint %s", name);
	rc = outbuf_open(&w, f, f->blksize > 1 ? f->blksize : 8192);
	if (!rc)
		rc = write_file(t, &w, state, bytes);
	if (!rc)
		rc = source_commit(f, t->setup.durable ? SOURCE_DURABLE : 0);
	source_close(f);
	outbuf_close(&w);
	if (rc && rc != -EINTR)
		log_fail(rc, "write checkpoint %s", name);
	return rc;
}
