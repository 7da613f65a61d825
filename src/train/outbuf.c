#include "train/outbuf.h"

#include "train/source.h"

#include <errno.h>
#include <string.h>

int outbuf_open(struct outbuf *o, struct source_file *file, size_t size)
{
	*o = (struct outbuf){ .file = file, .size = size };
	o->buf = malloc(size);
	return o->buf ? 0 : -ENOMEM;
}

void outbuf_close(struct outbuf *o)
{
	free(o->buf);
	*o = (struct outbuf){ 0 };
}

int outbuf_flush(struct outbuf *o)
{
	int rc = o->used ? source_append(o->file, o->buf, o->used) : 0;

	o->used = 0;
	return rc;
}

int outbuf_write(struct outbuf *o, const void *data, size_t len)
{
	if (o->past || len > o->size - o->used || len == o->size) {
		int rc = outbuf_flush(o);

		if (rc)
			return rc;
	}
	if (o->past || len > o->size)
		return source_append(o->file, data, len);
	memcpy(o->buf + o->used, data, len);
	o->used += len;
	return 0;
}

void outbuf_begin(struct outbuf *o, uint64_t bytes)
{
	o->past = bytes > o->size;
}

void outbuf_end(struct outbuf *o)
{
	o->past = false;
}
