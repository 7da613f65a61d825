#include "train/torchsave.h"

#include "base/log.h"
#include "data/noise.h"
#include "train/source.h"
#include "train/state.h"
#include "train/torchpickle.h"
#include "train/torchzip.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

struct torchsave {
	struct torchsave_setup setup;
	struct noise noise;
	uint8_t *piece; /* of a tensor */
};

int torchsave_new(const struct torchsave_setup *setup, struct torchsave **out)
{
	AUTO_FREE struct torchsave *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (!t || !(t->piece = malloc(TORCHSAVE_PIECE)))
		return log_fail(-ENOMEM, "memory for checkpoints");
	t->setup = *setup;
	noise_seed(&t->noise, setup->seed);
	*out = TAKE(t);
	return 0;
}

void torchsave_free(struct torchsave *t)
{
	if (t)
		free(t->piece);
	free(t);
}

/* CPython's io.BufferedWriter, which torch.save() writes through. */
struct writer {
	struct source_file *f;
	uint8_t *buf;
	size_t size, used;
	bool past; /* what comes is part of more than the buffer takes */
};

static int flush(struct writer *w)
{
	int rc = w->used ? source_append(w->f, w->buf, w->used) : 0;

	w->used = 0;
	return rc;
}

static int write_through(void *arg, const void *data, size_t len)
{
	struct writer *w = arg;
	int rc;

	if (w->past || len > w->size - w->used || len == w->size) {
		rc = flush(w);
		if (rc)
			return rc;
	}
	/* To the last byte, not only whole buffers. */
	if (w->past || len > w->size)
		return source_append(w->f, data, len);
	memcpy(w->buf + w->used, data, len);
	w->used += len;
	return 0;
}

static void fill_ones(uint8_t *piece, size_t len, enum state_type type)
{
	static const uint64_t one[STATE_TYPES] = {
		[STATE_FP16] = 0x3c00,	   [STATE_BF16] = 0x3f80,
		[STATE_FP32] = 0x3f800000, [STATE_FP64] = 0x3ff0000000000000,
		[STATE_INT8] = 1,	   [STATE_UINT8] = 1,
	};
	uint64_t le = htole64(one[type]);
	size_t size = state_type_size(type);

	for (size_t i = 0; i < len; i += size)
		memcpy(piece + i, &le, size);
}

static int write_tensor(struct torchsave *t, struct torchzip *z,
			const struct state_item *tensor)
{
	uint64_t left = state_tensor_bytes(tensor);

	if (!t->setup.randomize)
		fill_ones(t->piece, MIN(left, TORCHSAVE_PIECE), tensor->type);
	while (left > 0) {
		size_t len = MIN(left, TORCHSAVE_PIECE);
		int rc;

		if (t->setup.stop && atomic_load(t->setup.stop))
			return -EINTR;
		if (t->setup.randomize)
			noise_fill(&t->noise, NOISE_BITS, t->piece,
				   round_up(len, NOISE_STEP));
		rc = torchzip_data(z, t->piece, len);
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

static int write_storages(struct torchsave *t, struct writer *w,
			  struct torchzip *z, const struct state *state)
{
	size_t n;
	AUTO_FREE struct storage *list = list_storages(state, &n);
	int rc = list ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && !rc; i++) {
		uint64_t bytes = state_tensor_bytes(list[i].tensor);

		torchzip_begin(z, list[i].name, bytes);
		w->past = bytes > w->size;
		rc = write_tensor(t, z, list[i].tensor);
		w->past = false;
	}
	return rc;
}

static int write_file(struct torchsave *t, struct writer *w,
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
	return rc ? rc : flush(w);
}

int torchsave_write(struct torchsave *t, const char *name,
		    const struct state *state, uint64_t *bytes)
{
	struct writer w = { 0 };
	int rc;

	rc = source_create(t->setup.source, name, &w.f);
	if (rc)
		return log_fail(rc, "create checkpoint %s", name);
	w.size = w.f->blksize > 1 ? w.f->blksize : 8192;
	w.buf = malloc(w.size);
	rc = w.buf ? write_file(t, &w, state, bytes) : -ENOMEM;
	if (!rc)
		rc = source_commit(w.f, t->setup.durable ? SOURCE_DURABLE : 0);
	source_close(w.f);
	free(w.buf);
	if (rc && rc != -EINTR)
		log_fail(rc, "write checkpoint %s", name);
	return rc;
}
