#include "train/tfsave.h"

#include "base/crc.h"
#include "base/log.h"
#include "train/filler.h"
#include "train/outbuf.h"
#include "train/source.h"
#include "train/tfbundle.h"
#include "train/torchsave.h"

#include <errno.h>
#include <string.h>

#define NAME_SIZE 256

struct tfsave {
	struct torchsave_setup setup;
	struct filler filler;
};

int tfsave_new(const struct torchsave_setup *setup, struct tfsave **out)
{
	AUTO_FREE struct tfsave *t = calloc(1, sizeof(*t));
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

void tfsave_free(struct tfsave *t)
{
	if (t)
		filler_close(&t->filler);
	free(t);
}

static int write_tensor(struct tfsave *t, struct outbuf *w,
			struct tfbundle_entry *e)
{
	uint64_t left = e->size;
	int rc = 0;

	outbuf_begin(w, left);
	while (left > 0 && !rc) {
		size_t len = MIN(left, FILLER_PIECE);
		const uint8_t *piece;

		if (t->setup.stop && atomic_load(t->setup.stop))
			return -EINTR;
		piece = filler_next(&t->filler, e->tensor->type, len);
		e->crc = crc_crc32c(e->crc, piece, len);
		rc = outbuf_write(w, piece, len);
		left -= len;
	}
	outbuf_end(w);
	return rc;
}

static int fill_data(struct tfsave *t, struct outbuf *w, void *arg)
{
	struct tfbundle *b = arg;
	int rc = 0;

	for (size_t i = 0; i < b->n && !rc; i++)
		if (b->entry[i].tensor)
			rc = write_tensor(t, w, &b->entry[i]);
		else
			rc = outbuf_write(w, b->entry[i].text,
					  b->entry[i].size);
	return rc;
}

struct text {
	const void *data;
	size_t len;
};

static int fill_text(struct tfsave *t, struct outbuf *w, void *arg)
{
	const struct text *text = arg;

	(void)t;
	return outbuf_write(w, text->data, text->len);
}

/* A file that fill() gives the bytes of. */
static int write_file(struct tfsave *t, const char *name,
		      int (*fill)(struct tfsave *t, struct outbuf *w,
				  void *arg),
		      void *arg)
{
	struct outbuf w = { 0 };
	struct source_file *f;
	int rc = source_create(t->setup.source, name, &f);

	if (rc)
		return log_fail(rc, "create checkpoint %s", name);
	rc = outbuf_open(&w, f, FILLER_PIECE);
	if (!rc)
		rc = fill(t, &w, arg);
	if (!rc)
		rc = outbuf_flush(&w);
	if (!rc)
		rc = source_commit(f, t->setup.durable ? SOURCE_DURABLE : 0);
	source_close(f);
	outbuf_close(&w);
	if (rc && rc != -EINTR)
		log_fail(rc, "write checkpoint %s", name);
	return rc;
}

static int write_index(struct tfsave *t, const char *name,
		       const struct tfbundle *b, uint64_t *bytes)
{
	AUTO_FREE uint8_t *index = NULL;
	char path[NAME_SIZE];
	size_t len;

	if (tfbundle_index(b, &index, &len))
		return log_fail(-ENOMEM, "memory for the index of %s", name);
	*bytes = b->bytes + len;
	snprintf(path, sizeof(path), "%s-1.index", name);
	return write_file(t, path, fill_text, &(struct text){ index, len });
}

/* CheckpointState, as text. */
static int write_latest(struct tfsave *t, const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	char path[NAME_SIZE], text[2 * NAME_SIZE];
	int len = snprintf(text, sizeof(text),
			   "model_checkpoint_path: \"%s-1\"\n"
			   "all_model_checkpoint_paths: \"%s-1\"\n",
			   base, base);

	snprintf(path, sizeof(path), "%.*scheckpoint", (int)(base - name),
		 name);
	return write_file(t, path, fill_text,
			  &(struct text){ text, (size_t)len });
}

int tfsave_write(struct tfsave *t, const char *name, const struct state *state,
		 uint64_t *bytes)
{
	char path[NAME_SIZE];
	struct tfbundle b;
	int rc = tfbundle_make(state, &b);

	if (rc)
		return log_fail(rc, "memory for checkpoint %s", name);
	snprintf(path, sizeof(path), "%s-1.data-00000-of-00001", name);
	rc = write_file(t, path, fill_data, &b);
	if (!rc)
		rc = write_index(t, name, &b, bytes);
	if (!rc)
		rc = write_latest(t, name);
	tfbundle_clear(&b);
	return rc;
}
