#include "train/torchsave.h"

#include "base/crc.h"
#include "base/log.h"
#include "base/rng.h"
#include "train/source.h"
#include "train/torchpickle.h"
#include "train/torchzip.h"

#include <errno.h>
#include <string.h>

/* One stamp in each: no block is like another, for stores that look. */
#define STAMP_EVERY 4096u

struct torchsave {
	struct torchsave_setup setup;
	uint64_t stamp;
	uint8_t *piece; /* what tensors are made of */
};

static void fill(uint8_t *piece, uint64_t seed)
{
	struct rng rng;

	rng_seed(&rng, seed);
	for (size_t i = 0; i < TORCHSAVE_PIECE; i += sizeof(uint64_t)) {
		uint64_t v = rng_u64(&rng);

		memcpy(piece + i, &v, sizeof(v));
	}
}

int torchsave_new(const struct torchsave_setup *setup, struct torchsave **out)
{
	AUTO_FREE struct torchsave *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (!t || !(t->piece = malloc(TORCHSAVE_PIECE)))
		return log_fail(-ENOMEM, "memory for checkpoints");
	t->setup = *setup;
	if (setup->randomize)
		fill(t->piece, setup->seed);
	else
		memset(t->piece, 1, TORCHSAVE_PIECE);
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
};

static int flush(struct writer *w)
{
	int rc = w->used ? source_append(w->f, w->buf, w->used) : 0;

	w->used = 0;
	return rc;
}

static int write_through(struct writer *w, const void *data, size_t len)
{
	int rc;

	if (len > w->size - w->used || len == w->size) {
		rc = flush(w);
		if (rc)
			return rc;
	}
	if (len > w->size)
		return source_append(w->f, data, len);
	memcpy(w->buf + w->used, data, len);
	w->used += len;
	return 0;
}

static void stamp(struct torchsave *t, size_t len)
{
	for (size_t i = 0; i + sizeof(t->stamp) <= len; i += STAMP_EVERY) {
		t->stamp++;
		memcpy(t->piece + i, &t->stamp, sizeof(t->stamp));
	}
}

static int write_tensor(struct torchsave *t, struct writer *w, uint64_t bytes,
			uint32_t *crc)
{
	/* A tensor that does not fit the buffer goes past it, to its last
	 * byte. */
	bool past = bytes > w->size;
	int rc = past ? flush(w) : 0;

	*crc = 0;
	while (!rc && bytes > 0) {
		size_t len = MIN(bytes, TORCHSAVE_PIECE);

		if (t->setup.stop && atomic_load(t->setup.stop))
			return -EINTR;
		if (t->setup.randomize)
			stamp(t, len);
		*crc = crc_crc32(*crc, t->piece, len);
		rc = past ? source_append(w->f, t->piece, len) :
			    write_through(w, t->piece, len);
		bytes -= len;
	}
	return rc;
}

static int write_text(struct writer *w, struct torchzip *z)
{
	size_t len = z->len;

	z->len = 0;
	return write_through(w, z->text, len);
}

static int write_file(struct torchsave *t, struct writer *w, uint64_t tensor,
		      uint64_t *bytes)
{
	uint8_t pickle[TORCHPICKLE_SIZE];
	size_t len = torchpickle_flat(tensor, pickle);
	struct torchzip z;
	uint32_t crc;
	int rc;

	torchzip_init(&z);
	torchzip_begin(&z, "data.pkl", len);
	torchzip_add(&z, pickle, len);
	torchzip_begin(&z, "data/0", tensor);
	rc = write_text(w, &z);
	if (!rc)
		rc = write_tensor(t, w, tensor, &crc);
	if (rc)
		return rc;
	torchzip_skip(&z, tensor, crc);
	torchzip_begin(&z, "version", 2);
	torchzip_add(&z, "3\n", 2);
	torchzip_end(&z);
	*bytes = z.offset;
	rc = write_text(w, &z);
	return rc ? rc : flush(w);
}

int torchsave_write(struct torchsave *t, const char *name,
		    uint64_t tensor_bytes, uint64_t *bytes)
{
	struct writer w = { 0 };
	int rc;

	rc = source_create(t->setup.source, name, &w.f);
	if (rc)
		return log_fail(rc, "create checkpoint %s", name);
	w.size = w.f->blksize > 1 ? w.f->blksize : 8192;
	w.buf = malloc(w.size);
	rc = w.buf ? write_file(t, &w, tensor_bytes, bytes) : -ENOMEM;
	if (!rc)
		rc = source_commit(w.f, t->setup.durable ? SOURCE_DURABLE : 0);
	source_close(w.f);
	free(w.buf);
	if (rc && rc != -EINTR)
		log_fail(rc, "write checkpoint %s", name);
	return rc;
}
