/* A bounded queue of pointers between threads.  Whoever puts a pointer in has
 * given it away.  All functions may be called from any thread, except
 * queue_free(), which comes after everybody has left. */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include "base/util.h"

struct queue;

/* capacity: at least 1. */
int queue_new(size_t capacity, struct queue **out) MUST_USE;
void queue_free(struct queue *q); /* NULL is fine; leftovers are the caller's */

/* Wait for room and put.  -EPIPE once the queue is closed (item stays the
 * caller's). */
int queue_put(struct queue *q, void *item) MUST_USE;

/* Wait for an item.  1: here it is; 0: closed and empty. */
int queue_get(struct queue *q, void **item) MUST_USE;

/* As queue_get(), but never waits: 1: here it is; 0: closed and empty;
 * -EAGAIN: empty for now. */
int queue_try_get(struct queue *q, void **item) MUST_USE;

/* No more puts; those waiting to put give up, those waiting to get drain what
 * is there.  May be called more than once. */
void queue_close(struct queue *q);

size_t queue_length(struct queue *q);

#endif
