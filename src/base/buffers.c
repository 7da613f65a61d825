#include "base/buffers.h"

#include <errno.h>

struct buffers {
	size_t size, alignment, keep;

	pthread_mutex_t lock; /* guards what follows */
	size_t out;	      /* given */
	size_t n_unused;
	void *unused[];
};

int buffers_new(size_t size, size_t alignment, size_t keep,
		struct buffers **out)
{
	struct buffers *b = calloc(1, sizeof(*b) + keep * sizeof(*b->unused));

	if (!b)
		return -ENOMEM;
	b->size = round_up(size, alignment);
	b->alignment = alignment;
	b->keep = keep;
	pthread_mutex_init(&b->lock, NULL);
	*out = b;
	return 0;
}

void buffers_free(struct buffers *b)
{
	if (!b)
		return;
	while (b->n_unused > 0)
		free(b->unused[--b->n_unused]);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

void *buffers_get(struct buffers *b)
{
	void *buf = NULL;

	pthread_mutex_lock(&b->lock);
	b->out++;
	if (b->n_unused > 0)
		buf = b->unused[--b->n_unused];
	pthread_mutex_unlock(&b->lock);
	if (buf)
		return buf;

	buf = aligned_alloc(b->alignment, b->size);
	if (!buf) {
		LOCKED(&b->lock);
		b->out--;
	}
	return buf;
}

void buffers_put(struct buffers *b, void *buf)
{
	if (!buf)
		return;
	pthread_mutex_lock(&b->lock);
	b->out--;
	if (b->n_unused < b->keep)
		b->unused[b->n_unused++] = TAKE(buf);
	pthread_mutex_unlock(&b->lock);
	free(buf);
}

size_t buffers_out(struct buffers *b)
{
	LOCKED(&b->lock);

	return b->out;
}
