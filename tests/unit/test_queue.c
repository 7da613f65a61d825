#include "base/queue.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <errno.h>

static struct queue *new_queue(size_t capacity)
{
	struct queue *q;

	cr_assert_eq(queue_new(capacity, &q), 0);
	return q;
}

/* Items are numbers, for once. */
static void put(struct queue *q, uintptr_t number)
{
	cr_assert_eq(queue_put(q, (void *)number), 0);
}

static uintptr_t get(struct queue *q)
{
	void *item;

	cr_assert_eq(queue_get(q, &item), 1);
	return (uintptr_t)item;
}

Test(queue, gives_back_in_order_what_was_put)
{
	struct queue *q = new_queue(3);
	uintptr_t in = 0, out = 0;

	/* Fill to each length, several times around the ring. */
	for (int round = 0; round < 20; round++) {
		size_t length = (size_t)round % 3 + 1;

		while (queue_length(q) < length)
			put(q, in++);
		cr_expect_eq(queue_length(q), length);
		while (queue_length(q) > 0)
			cr_expect_eq(get(q), out++);
	}
	cr_expect_eq(in, out);
	queue_free(q);
}

Test(queue, holds_one_item_if_that_is_its_capacity)
{
	struct queue *q = new_queue(1);

	for (uintptr_t i = 0; i < 5; i++) {
		put(q, i);
		cr_expect_eq(get(q), i);
	}
	queue_free(q);
}

Test(queue, a_null_pointer_is_an_item)
{
	struct queue *q = new_queue(1);
	void *item = q;

	cr_expect_eq(queue_put(q, NULL), 0);
	cr_expect_eq(queue_get(q, &item), 1);
	cr_expect_null(item);
	queue_free(q);
}

Test(queue, trying_says_empty_for_now_or_for_good)
{
	struct queue *q = new_queue(2);
	void *item;

	cr_expect_eq(queue_try_get(q, &item), -EAGAIN);
	put(q, 7);
	cr_expect_eq(queue_try_get(q, &item), 1);
	cr_expect_eq((uintptr_t)item, 7);
	cr_expect_eq(queue_try_get(q, &item), -EAGAIN);
	queue_close(q);
	cr_expect_eq(queue_try_get(q, &item), 0);
	queue_free(q);
}

Test(queue, after_closing_what_is_there_can_be_got_and_nothing_put)
{
	struct queue *q = new_queue(4);
	void *item;

	put(q, 1);
	put(q, 2);
	queue_close(q);
	queue_close(q);
	cr_expect_eq(queue_put(q, &item), -EPIPE);
	cr_expect_eq(get(q), 1);
	cr_expect_eq(get(q), 2);
	cr_expect_eq(queue_get(q, &item), 0);
	cr_expect_eq(queue_get(q, &item), 0);
	queue_free(q);
}

static void *put_from_thread(void *arg)
{
	return (void *)(intptr_t)queue_put(arg, arg);
}

static void *get_from_thread(void *arg)
{
	void *item;

	return (void *)(intptr_t)queue_get(arg, &item);
}

/* Long enough for a thread to begin to wait, on most days; if it has not, the
 * tests below pass without having tested much. */
static void let_it_wait(void)
{
	clock_sleep_until(clock_ns() + NS_PER_SEC / 50);
}

Test(queue, putting_waits_for_room)
{
	struct queue *q = new_queue(1);
	pthread_t thread;
	void *result;

	put(q, 1);
	pthread_create(&thread, NULL, put_from_thread, q);
	let_it_wait();
	cr_expect_eq(queue_length(q), 1);
	cr_expect_eq(get(q), 1);
	cr_expect_eq(get(q), (uintptr_t)q);
	pthread_join(thread, &result);
	cr_expect_eq((intptr_t)result, 0);
	queue_free(q);
}

Test(queue, closing_ends_all_waits)
{
	struct {
		void *(*wait)(void *);
		size_t full; /* items there before */
		intptr_t want;
	} cases[] = {
		{ put_from_thread, 1, -EPIPE },
		{ get_from_thread, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct queue *q = new_queue(1);
		pthread_t threads[3];
		void *result;

		if (cases[i].full)
			put(q, 1);
		for (size_t t = 0; t < ARRAY_SIZE(threads); t++)
			pthread_create(&threads[t], NULL, cases[i].wait, q);
		let_it_wait();
		queue_close(q);
		for (size_t t = 0; t < ARRAY_SIZE(threads); t++) {
			pthread_join(threads[t], &result);
			cr_expect_eq((intptr_t)result, cases[i].want, "%zu", i);
		}
		cr_expect_eq(queue_length(q), cases[i].full);
		queue_free(q);
	}
}

Test(queue, refuses_to_have_no_room_at_all)
{
	struct queue *q;

	cr_expect_eq(queue_new(0, &q), -EINVAL);
	queue_free(NULL);
}
