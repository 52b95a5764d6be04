/* SPDX-License-Identifier: MIT */
/*
 * Queue: hands pointers from producers to consumers. Python's queue.Queue.
 *
 * FIFO: of two items put by one thread the first is got first (by the queue as
 * a whole, with one consumer: in that order). Capacity 0 = unbounded. Items
 * are the caller's; the queue never looks at them; NULL is an item like others.
 *
 * A try form is refused only if the queue was full (empty) at some moment of
 * the call: operations that others have not finished are no reason.
 *
 * close: no more puts. Putters, blocked or new, get SYNC_CLOSED at once;
 * getters drain what is left and then get SYNC_CLOSED. An item whose put
 * returned 0 is got exactly once; one whose put returned anything else, never.
 *
 * Tasks: each put adds one to the unfinished, each task_done takes one away;
 * join waits for none. They count puts, not gets.
 *
 * Memory order: what happens before a put happens before the return of the get
 * of its item; what happens before task_done happens before the return of join;
 * what happens before close happens before each return of SYNC_CLOSED.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include "register.h"

struct queue_impl {
	struct implementation id;
	/* 0, SYNC_INVALID (beyond 2^30), SYNC_NO_MEMORY. */
	int (*init)(void *queue, size_t capacity);
	/* Nobody is inside; items that are left are dropped. */
	void (*destroy)(void *queue);
	/* 0, SYNC_CLOSED; SYNC_NO_MEMORY only if unbounded. */
	int (*put)(void *queue, void *item);
	int (*tryput)(void *queue, void *item); /* also SYNC_BUSY: full */
	int (*timedput)(void *queue, void *item, uint64_t deadline);
	/* 0, SYNC_CLOSED. *item is written only with 0. */
	int (*get)(void *queue, void **item);
	int (*tryget)(void *queue, void **item); /* also SYNC_BUSY: empty */
	int (*timedget)(void *queue, void **item, uint64_t deadline);
	/* The items of a moment ago. */
	size_t (*length)(void *queue);
	/* 0, or SYNC_INVALID if called more often than put. */
	int (*task_done)(void *queue);
	/* 0 or SYNC_TIMEOUT. */
	int (*join)(void *queue, uint64_t deadline);
	void (*close)(void *queue); /* may be called again: does nothing */
};

#define REGISTER_QUEUE(...)                                                    \
	static const struct queue_impl implementation = { __VA_ARGS__ };       \
	REGISTRATION("queue", NULL)

#endif
