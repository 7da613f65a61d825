#include "base/queue.h"

#include "base/log.h"

#include <errno.h>

struct queue {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t put;   /* something was put, or the queue was closed */
	pthread_cond_t taken; /* something was taken, or the queue was closed */
	bool closed;
	size_t capacity;
	size_t first, length; /* the oldest item, and how many there are */
	void **items;	      /* a ring */
};

int queue_new(size_t capacity, struct queue **out)
{
	AUTO_FREE struct queue *q = calloc(1, sizeof(*q));

	if (capacity == 0)
		return log_invalid("a queue needs room for one item");
	if (q)
		q->items = calloc(capacity, sizeof(q->items[0]));
	if (!q || !q->items)
		return log_fail(-ENOMEM, "queue of %zu", capacity);
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->put, NULL);
	pthread_cond_init(&q->taken, NULL);
	q->capacity = capacity;
	*out = TAKE(q);
	return 0;
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	pthread_cond_destroy(&q->taken);
	pthread_cond_destroy(&q->put);
	pthread_mutex_destroy(&q->lock);
	free(q->items);
	free(q);
}

int queue_put(struct queue *q, void *item)
{
	LOCKED(&q->lock);

	while (q->length == q->capacity && !q->closed)
		pthread_cond_wait(&q->taken, &q->lock);
	if (q->closed)
		return -EPIPE;
	q->items[(q->first + q->length) % q->capacity] = item;
	q->length++;
	pthread_cond_signal(&q->put);
	return 0;
}

/* The lock is held and length is not 0. */
static void *take_first(struct queue *q)
{
	void *item = q->items[q->first];

	q->first = (q->first + 1) % q->capacity;
	q->length--;
	pthread_cond_signal(&q->taken);
	return item;
}

int queue_get(struct queue *q, void **item)
{
	LOCKED(&q->lock);

	while (q->length == 0 && !q->closed)
		pthread_cond_wait(&q->put, &q->lock);
	if (q->length == 0)
		return 0;
	*item = take_first(q);
	return 1;
}

int queue_try_get(struct queue *q, void **item)
{
	LOCKED(&q->lock);

	if (q->length == 0)
		return q->closed ? 0 : -EAGAIN;
	*item = take_first(q);
	return 1;
}

void queue_close(struct queue *q)
{
	LOCKED(&q->lock);

	q->closed = true;
	pthread_cond_broadcast(&q->put);
	pthread_cond_broadcast(&q->taken);
}

size_t queue_length(struct queue *q)
{
	LOCKED(&q->lock);

	return q->length;
}
