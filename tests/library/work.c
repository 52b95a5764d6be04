/* SPDX-License-Identifier: MIT */
/* Laws of what passes work on: queues, executors, threads, locals, counters. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "laws.h"

/* Items are small numbers. */
static void *item(uintptr_t n)
{
	return (void *)n; /* NOLINT */
}

/* ---- queue ---- */

static int create_queue(const char *name, void **out)
{
	return sl_queue_create(name, SL_FIFO, 0, NULL, NULL, (sl_queue **)out);
}

static int destroy_queue(void *queue)
{
	return sl_queue_destroy(queue);
}

/* By the tens alone, so that there are equal items. */
static int compare(const void *a, const void *b, void *argument)
{
	uintptr_t x = (uintptr_t)a / 10, y = (uintptr_t)b / 10;

	HOLDS(argument == &compare);
	return (x > y) - (x < y);
}

static int make(const char *name, enum sl_order order, size_t capacity,
		sl_queue **out)
{
	return sl_queue_create(name, order, capacity,
			       order == SL_PRIORITY ? compare : NULL,
			       (void *)&compare, out);
}

static int put_one(void *queue, uint64_t timeout)
{
	return sl_queue_put(queue, item(1), timeout);
}

static int get_one(void *queue, uint64_t timeout)
{
	void *got;
	int r = sl_queue_get(queue, &got, timeout);

	return r ? -r : (int)(uintptr_t)got;
}

static void queue_order(sl_queue *q, enum sl_order order)
{
	static const uintptr_t in[] = { 31, 12, 30, 11, 20, 0, 15 };
	static const uintptr_t out[3][7] = {
		[SL_FIFO] = { 31, 12, 30, 11, 20, 0, 15 },
		[SL_LIFO] = { 15, 0, 20, 11, 30, 12, 31 },
		[SL_PRIORITY] = { 0, 12, 11, 15, 20, 31, 30 },
	};

	for (size_t i = 0; i < 7; i++)
		IS(0, sl_queue_put(q, item(in[i]), SL_FOREVER));
	IS(7, sl_queue_size(q));
	for (size_t i = 0; i < 7; i++)
		IS(out[order][i], get_one(q, SL_FOREVER));
	IS(0, sl_queue_size(q));
	for (size_t i = 0; i < 7; i++) {
		IS(SL_BUSY, sl_queue_join(q, SL_TRY));
		IS(SL_TIMEOUT, sl_queue_join(q, MS));
		IS(0, sl_queue_task_done(q));
	}
	IS(SL_INVALID, sl_queue_task_done(q));
	IS(0, sl_queue_join(q, SL_FOREVER));
}

static void queue_capacity(sl_queue *q)
{
	struct call *c;

	IS(2, sl_queue_capacity(q));
	IS(-SL_BUSY, get_one(q, SL_TRY));
	IS(-SL_TIMEOUT, get_one(q, MS));
	IS(0, put_one(q, MS));
	IS(0, put_one(q, SL_TRY));
	IS(SL_BUSY, put_one(q, SL_TRY));
	IS(SL_TIMEOUT, put_one(q, MS));
	c = begin_and_wait(put_one, q, SL_FOREVER);
	IS(SL_BUSY, sl_queue_destroy(q));
	IS(1, get_one(q, SL_TRY));
	IS(0, end(c));
	IS(2, sl_queue_size(q));
}

/* With two items in a queue of two: more room, less room, any room. */
static void queue_new_capacity(sl_queue *q)
{
	struct call *c = begin_and_wait(put_one, q, SL_FOREVER);

	IS(0, sl_queue_set_capacity(q, 3));
	IS(0, end(c));
	IS(3, sl_queue_capacity(q));
	IS(3, sl_queue_size(q));
	IS(SL_BUSY, put_one(q, SL_TRY));
	IS(SL_TIMEOUT, put_one(q, MS));
	IS(0, sl_queue_set_capacity(q, 1));
	IS(1, get_one(q, SL_TRY));
	IS(SL_BUSY, put_one(q, SL_TRY));
	IS(1, get_one(q, MS));
	IS(SL_BUSY, put_one(q, SL_TRY));
	c = begin_and_wait(put_one, q, SL_FOREVER);
	IS(1, get_one(q, MS));
	IS(0, end(c));
	IS(1, sl_queue_size(q));
	IS(0, sl_queue_set_capacity(q, 0));
	for (int i = 0; i < 100; i++)
		IS(0, put_one(q, SL_TRY));
	IS(101, sl_queue_size(q));
	for (int i = 0; i < 101; i++)
		IS(1, get_one(q, SL_TRY));
	for (int i = 0; i < 106; i++) /* of both halves */
		IS(i < 105 ? 0 : SL_INVALID, sl_queue_task_done(q));
	IS(0, sl_queue_join(q, SL_TRY));
	IS(SL_INVALID, sl_queue_set_capacity(q, SL_CAPACITY_MAX + 1));
	IS(0, sl_queue_set_capacity(q, 1));
}

/* Empty, with room for one. */
static void queue_closes(sl_queue *q)
{
	struct call *c = begin_and_wait(get_one, q, SL_FOREVER);

	IS(SL_BUSY, sl_queue_destroy(q));
	IS(0, put_one(q, SL_FOREVER));
	IS(1, end(c));
	IS(0, put_one(q, SL_FOREVER));
	c = begin_and_wait(put_one, q, SL_FOREVER);
	IS(0, sl_queue_close(q));
	IS(0, sl_queue_close(q));
	IS(SL_CLOSED, end(c));
	IS(SL_CLOSED, put_one(q, SL_TRY));
	IS(1, get_one(q, SL_FOREVER));
	IS(-SL_CLOSED, get_one(q, SL_FOREVER));
	IS(-SL_CLOSED, get_one(q, SL_TRY));
	IS(0, sl_queue_set_capacity(q, 5));
	IS(SL_CLOSED, put_one(q, SL_FOREVER));
}

enum { PRODUCERS = 2, ITEMS = 3000 };

static int produce(void *queue, uint64_t timeout)
{
	for (uintptr_t i = 1; i <= ITEMS; i++)
		if (sl_queue_put(queue, item(i), timeout))
			return -1;
	return 0;
}

/* The sum of what it got, until the queue is closed. */
static int consume(void *queue, uint64_t timeout)
{
	void *got;
	int sum = 0, r;

	while (!(r = sl_queue_get(queue, &got, timeout))) {
		sum += (int)(uintptr_t)got;
		if (sl_queue_task_done(queue))
			return -1;
	}
	return r == SL_CLOSED ? sum : -1;
}

/* Nothing is lost nor doubled while the capacity changes. */
static void queue_loses_nothing(sl_queue *q)
{
	struct call *in[PRODUCERS], *out[PRODUCERS];
	int sum = 0;

	for (int i = 0; i < PRODUCERS; i++) {
		in[i] = begin(produce, q, SL_FOREVER);
		out[i] = begin(consume, q, SL_FOREVER);
	}
	for (size_t i = 0; i < 100; i++)
		IS(0, sl_queue_set_capacity(q, i * 7 % 5));
	IS(0, sl_queue_set_capacity(q, 1));
	for (int i = 0; i < PRODUCERS; i++)
		IS(0, end(in[i]));
	IS(0, sl_queue_join(q, SL_FOREVER));
	IS(0, sl_queue_close(q));
	for (int i = 0; i < PRODUCERS; i++)
		sum += end(out[i]);
	IS(PRODUCERS * ITEMS * (ITEMS + 1) / 2, sum);
}

static void queue_of(const char *name, enum sl_order order)
{
	sl_queue *q = NULL;

	IS(0, make(name, order, 2, &q));
	queue_capacity(q);
	queue_new_capacity(q);
	IS(0, sl_queue_set_capacity(q, 7));
	queue_order(q, order);
	IS(0, sl_queue_set_capacity(q, 1));
	queue_closes(q);
	IS(0, sl_queue_destroy(q));
	for (size_t capacity = 0; capacity < 2; capacity++) {
		IS(0, make(name, order, capacity, &q));
		queue_loses_nothing(q);
		IS(0, sl_queue_destroy(q));
	}
	IS(0, make(name, order, 1, &q));
	queue_closes(q);
	IS(0, sl_queue_destroy(q));
	IS(0, make(name, order, 0, &q));
	queue_order(q, order);
	IS(0, sl_queue_put(q, NULL, SL_FOREVER));
	no_memory = true;
	for (int i = 0, r = 0; !r && i < 100000; i++) {
		r = put_one(q, SL_TRY);
		HOLDS(r == 0 || r == SL_NO_MEMORY);
	}
	no_memory = false;
	IS(SL_NO_MEMORY, (no_memory = true, put_one(q, SL_TRY)));
	no_memory = false;
	IS(0, sl_queue_destroy(q));
}

static void laws_of_queue(const char *name)
{
	sl_queue *q = NULL;

	for (int order = SL_FIFO; order <= SL_PRIORITY; order++)
		queue_of(name, (enum sl_order)order);
	IS(SL_INVALID, sl_queue_create(name, SL_PRIORITY, 0, NULL, NULL, &q));
	IS(SL_INVALID, sl_queue_create(name, SL_FIFO, 0, compare, NULL, &q));
	IS(SL_INVALID, sl_queue_create(name, SL_LIFO, 0, compare, NULL, &q));
	IS(SL_INVALID,
	   sl_queue_create(name, (enum sl_order)7, 0, NULL, NULL, &q));
	IS(SL_INVALID, make(name, SL_FIFO, SL_CAPACITY_MAX + 1, &q));
	IS(SL_INVALID, sl_queue_put(NULL, NULL, SL_TRY));
	IS(SL_INVALID, sl_queue_get(NULL, NULL, SL_TRY));
	IS(SL_INVALID, sl_queue_task_done(NULL));
	IS(SL_INVALID, sl_queue_join(NULL, SL_TRY));
	IS(SL_INVALID, sl_queue_close(NULL));
	IS(SL_INVALID, sl_queue_set_capacity(NULL, 1));
	IS(0, sl_queue_size(NULL) + sl_queue_capacity(NULL));
}

const struct kind law_queue = { "queue", create_queue, destroy_queue,
				laws_of_queue };

/* ---- executor ---- */

static int create_executor(const char *name, void **out)
{
	return sl_executor_create(name, 1, (sl_executor **)out);
}

static int destroy_executor(void *executor)
{
	return sl_executor_destroy(executor);
}

static sl_executor *executor;
static sl_event *started, *go_on;

static void *wait_to_go_on(void *argument)
{
	sl_event_set(started);
	sl_event_wait(go_on, SL_FOREVER);
	return argument;
}

static void *one_more(void *number)
{
	return item((uintptr_t)number + 1);
}

static void *shut_down_own(void *unused)
{
	(void)unused;
	IS(SL_DEADLOCK, sl_executor_shutdown(executor, 1, 0));
	IS(SL_DEADLOCK, sl_executor_destroy(executor));
	return NULL;
}

/* The digits in the order in which they came. */
static atomic_int digits;

static void add_digit(sl_future *f, void *digit)
{
	int state = (int)sl_future_state(f);

	HOLDS(state == SL_FUTURE_DONE || state == SL_FUTURE_CANCELED);
	HOLDS(sl_future_result(f, SL_TRY, NULL) != SL_BUSY);
	digits = digits * 10 + (int)(uintptr_t)digit;
}

static void destroy_it(sl_future *f, void *unused)
{
	(void)unused;
	IS(0, sl_future_destroy(f));
}

/* One worker, busy with the first; the second has to wait. */
static void futures(sl_future *first, sl_future *second)
{
	void *value = NULL;

	IS(0, sl_event_wait(started, SL_FOREVER));
	IS(SL_FUTURE_RUNNING, sl_future_state(first));
	IS(SL_FUTURE_PENDING, sl_future_state(second));
	IS(SL_BUSY, sl_future_result(first, SL_TRY, &value));
	IS(SL_TIMEOUT, sl_future_result(first, MS, &value));
	IS(SL_BUSY, sl_future_cancel(first));
	for (uintptr_t i = 1; i <= 3; i++)
		IS(0, sl_future_on_done(first, add_digit, item(i)));
	IS(0, sl_future_on_done(second, add_digit, item(4)));
	IS(0, sl_future_cancel(second));
	IS(0, sl_future_cancel(second));
	IS(4, digits);
	IS(SL_CANCELED, sl_future_result(second, SL_FOREVER, &value));
	IS(SL_FUTURE_CANCELED, sl_future_state(second));
	IS(0, sl_event_set(go_on));
	IS(0, sl_future_result(first, SL_FOREVER, &value));
	IS(7, (uintptr_t)value);
	IS(4123, digits);
	IS(SL_FUTURE_DONE, sl_future_state(first));
	IS(0, sl_future_on_done(first, add_digit, item(5)));
	IS(41235, digits);
}

static void executor_maps(void)
{
	void *numbers[100];

	for (uintptr_t i = 0; i < 100; i++)
		numbers[i] = item(i);
	IS(0, sl_executor_map(executor, one_more, numbers, numbers, 100));
	for (uintptr_t i = 0; i < 100; i++)
		IS(i + 1, (uintptr_t)numbers[i]);
	IS(0, sl_executor_map(executor, one_more, NULL, NULL, 0));
	IS(SL_INVALID, sl_executor_map(executor, one_more, NULL, numbers, 1));
	IS(SL_INVALID, sl_executor_map(executor, NULL, numbers, numbers, 1));
}

static void executor_ends(sl_future *last)
{
	sl_future *f = NULL;
	void *number = NULL;

	IS(0, sl_executor_shutdown(executor, 0, 1));
	IS(0, sl_executor_shutdown(executor, 1, 0));
	IS(0, sl_executor_shutdown(executor, 1, 1));
	IS(SL_CLOSED, sl_executor_submit(executor, one_more, NULL, &f));
	HOLDS(f == NULL);
	IS(SL_CLOSED, sl_executor_map(executor, one_more, &number, &number, 1));
	IS(0, sl_executor_destroy(executor));
	HOLDS(sl_future_result(last, SL_FOREVER, NULL) != SL_BUSY);
	IS(0, sl_future_destroy(last));
}

static void laws_of_executor(const char *name)
{
	sl_future *first = NULL, *second = NULL;

	IS(SL_INVALID, sl_executor_create(name, 0, &executor));
	no_threads = true;
	IS(SL_NO_THREAD, sl_executor_create(name, 2, &executor));
	no_threads = false;
	IS(0, sl_event_create(NULL, &started));
	IS(0, sl_event_create(NULL, &go_on));
	IS(0, sl_executor_create(name, 1, &executor));
	IS(0, sl_executor_submit(executor, wait_to_go_on, item(7), &first));
	IS(0, sl_executor_submit(executor, one_more, item(7), &second));
	no_memory = true;
	IS(SL_NO_MEMORY, sl_executor_submit(executor, one_more, NULL, NULL));
	IS(SL_NO_MEMORY, sl_future_on_done(first, add_digit, NULL));
	no_memory = false;
	futures(first, second);
	IS(0, sl_future_destroy(first));
	IS(0, sl_future_destroy(second));
	executor_maps();
	IS(0, sl_executor_submit(executor, shut_down_own, NULL, NULL));
	IS(0, sl_executor_submit(executor, one_more, item(1), &first));
	IS(0, sl_future_on_done(first, destroy_it, NULL));
	IS(0, sl_executor_submit(executor, one_more, item(1), &first));
	executor_ends(first);
	IS(0, sl_event_destroy(started));
	IS(0, sl_event_destroy(go_on));
	IS(SL_INVALID, sl_executor_submit(NULL, one_more, NULL, NULL));
	IS(SL_INVALID, sl_executor_map(NULL, one_more, NULL, NULL, 0));
	IS(SL_INVALID, sl_executor_shutdown(NULL, 1, 1));
	IS(SL_INVALID, sl_future_result(NULL, SL_TRY, NULL));
	IS(SL_INVALID, sl_future_cancel(NULL));
	IS(SL_INVALID, sl_future_on_done(NULL, add_digit, NULL));
	IS(0, sl_future_destroy(NULL));
}

const struct kind law_executor = { "executor", create_executor,
				   destroy_executor, laws_of_executor };

/* ---- thread ---- */

static void nothing(void *argument)
{
	(void)argument;
}

static int create_thread(const char *name, void **out)
{
	return sl_thread_create(name, nothing, NULL, (sl_thread **)out);
}

static int destroy_thread(void *thread)
{
	return sl_thread_destroy(thread);
}

static void look_at_own(void *own)
{
	sl_thread *t = *(sl_thread **)own;

	IS(1, sl_thread_alive(t));
	IS(SL_DEADLOCK, sl_thread_join(t, SL_FOREVER));
	IS(SL_BUSY, sl_thread_destroy(t));
	sl_event_wait(go_on, SL_FOREVER);
}

static void thread_before_start(sl_thread *t)
{
	IS(SL_INVALID, sl_thread_join(t, SL_FOREVER));
	IS(0, sl_thread_alive(t));
	IS(0, strcmp("", sl_thread_name(t)));
	IS(0, sl_thread_set_name(t, "a name of more than 15 bytes"));
	IS(0, strcmp("a name of more than 15 bytes", sl_thread_name(t)));
	IS(0, sl_thread_daemon(t));
	IS(0, sl_thread_set_daemon(t, 5));
	IS(1, sl_thread_daemon(t));
	no_threads = true;
	IS(SL_NO_THREAD, sl_thread_start(t));
	no_threads = false;
	IS(0, sl_thread_alive(t));
}

static void laws_of_thread(const char *name)
{
	sl_thread *t = NULL;

	IS(SL_INVALID, sl_thread_create(name, NULL, NULL, &t));
	IS(0, sl_event_create(NULL, &go_on));
	IS(0, sl_thread_create(name, look_at_own, &t, &t));
	thread_before_start(t);
	IS(0, sl_thread_start(t));
	IS(SL_INVALID, sl_thread_start(t));
	IS(SL_INVALID, sl_thread_set_name(t, "late"));
	IS(SL_INVALID, sl_thread_set_daemon(t, 0));
	IS(1, sl_thread_alive(t));
	IS(SL_BUSY, sl_thread_join(t, SL_TRY));
	IS(SL_TIMEOUT, sl_thread_join(t, MS));
	IS(SL_BUSY, sl_thread_destroy(t));
	IS(0, sl_event_set(go_on));
	IS(0, sl_thread_join(t, SL_FOREVER));
	IS(0, sl_thread_join(t, SL_TRY));
	IS(0, sl_thread_alive(t));
	IS(SL_INVALID, sl_thread_start(t));
	IS(0, sl_thread_destroy(t));
	IS(0, sl_event_destroy(go_on));
	IS(SL_INVALID, sl_thread_start(NULL));
	IS(SL_INVALID, sl_thread_join(NULL, SL_TRY));
	IS(SL_INVALID, sl_thread_set_name(NULL, ""));
	IS(SL_INVALID, sl_thread_set_daemon(NULL, 1));
	IS(0, sl_thread_alive(NULL) + sl_thread_daemon(NULL));
	IS(0, strcmp("", sl_thread_name(NULL)));
}

const struct kind law_thread = { "thread", create_thread, destroy_thread,
				 laws_of_thread };

/* ---- local ---- */

static int create_local(const char *name, void **out)
{
	return sl_local_create(name, NULL, (sl_local **)out);
}

static int destroy_local(void *local)
{
	return sl_local_destroy(local);
}

static atomic_int destroyed;

static void destructor(void *value)
{
	destroyed = (int)(uintptr_t)value;
}

static int set_own(void *local, uint64_t unused)
{
	(void)unused;
	HOLDS(sl_local_get(local) == NULL);
	IS(0, sl_local_set(local, item(42)));
	return (int)(uintptr_t)sl_local_get(local);
}

enum { MANY = 5000 };

static void too_many_locals(const char *name)
{
	static sl_local *locals[MANY];
	int n = 0, r;

	while (n < MANY && !(r = sl_local_create(name, NULL, &locals[n])))
		n++;
	HOLDS(n >= 128);
	IS(SL_OVERFLOW, r);
	while (n-- > 0)
		IS(0, sl_local_destroy(locals[n]));
}

static void laws_of_local(const char *name)
{
	sl_local *l = NULL;

	IS(0, sl_local_create(name, destructor, &l));
	HOLDS(sl_local_get(l) == NULL);
	IS(0, sl_local_set(l, item(1)));
	IS(42, elsewhere(set_own, l, 0));
	IS(42, destroyed);
	IS(1, (uintptr_t)sl_local_get(l));
	IS(0, sl_local_destroy(l));
	too_many_locals(name);
	IS(SL_INVALID, sl_local_set(NULL, NULL));
	HOLDS(sl_local_get(NULL) == NULL);
}

const struct kind law_local = { "local", create_local, destroy_local,
				laws_of_local };

/* ---- counter ---- */

static int create_counter(const char *name, void **out)
{
	return sl_counter_create(name, (sl_counter **)out);
}

static int destroy_counter(void *counter)
{
	return sl_counter_destroy(counter);
}

static int add_many(void *counter, uint64_t n)
{
	for (int i = 0; i < ITEMS; i++)
		if (sl_counter_add(counter, n))
			return -1;
	return 0;
}

static void laws_of_counter(const char *name)
{
	sl_counter *c = NULL;
	struct call *adds;

	IS(0, sl_counter_create(name, &c));
	IS(0, sl_counter_read(c));
	adds = begin(add_many, c, 3);
	IS(0, add_many(c, 4));
	IS(0, end(adds));
	IS(7 * ITEMS, sl_counter_read(c));
	IS(0, sl_counter_add(c, -(uint64_t)(7 * ITEMS + 1)));
	IS(UINT64_MAX, sl_counter_read(c));
	IS(0, sl_counter_destroy(c));
	IS(SL_INVALID, sl_counter_add(NULL, 1));
	IS(0, sl_counter_read(NULL));
}

const struct kind law_counter = { "counter", create_counter, destroy_counter,
				  laws_of_counter };
