#include "train/stateout.h"

#include "base/log.h"
#include "train/source.h"

#include <errno.h>

/* CPython's io.DEFAULT_BUFFER_SIZE. */
#define DEFAULT_BUFFER 8192

int stateout_open(struct stateout *s, const struct stateout_setup *setup)
{
	s->setup = *setup;
	return filler_open(&s->filler, setup->randomize, setup->seed);
}

void stateout_close(struct stateout *s)
{
	filler_close(&s->filler);
}

int stateout_file(struct stateout *s, const char *name, size_t buffer,
		  stateout_fill_fn fill, void *arg)
{
	struct outbuf w = { 0 };
	struct source_file *f;
	int rc = source_create(s->setup.source, name, &f);

	if (rc)
		return log_fail(rc, "create checkpoint %s%s",
				source_place(s->setup.source), name);
	if (!buffer)
		buffer = f->blksize > 1 ? f->blksize : DEFAULT_BUFFER;
	rc = outbuf_open(&w, f, buffer);
	if (!rc)
		rc = fill(s, &w, arg);
	if (!rc)
		rc = outbuf_flush(&w);
	if (!rc)
		rc = source_commit(f, s->setup.durable ? SOURCE_DURABLE : 0);
	source_close(f);
	outbuf_close(&w);
	if (rc && rc != -EINTR)
		log_fail(rc, "write checkpoint %s%s",
			 source_place(s->setup.source), name);
	return rc;
}

int stateout_tensor(struct stateout *s, struct outbuf *w,
		    const struct state_item *tensor, stateout_take_fn take,
		    void *arg)
{
	uint64_t left = state_tensor_bytes(tensor);
	int rc = 0;

	outbuf_begin(w, left);
	while (left > 0 && !rc) {
		size_t len = MIN(left, FILLER_PIECE);

		if (s->setup.stop && atomic_load(s->setup.stop))
			return -EINTR;
		rc = take(arg, filler_next(&s->filler, tensor->type, len), len);
		left -= len;
	}
	outbuf_end(w);
	return rc;
}
