/* SPDX-License-Identifier: MIT */
/*
 * The two bodies of a queue: the implementation's own (FIFO), and a sorted one
 * (LIFO, priority). Operations as in primitives/queue.h; a deadline of 0 is a
 * try and answers SL_BUSY.
 */
#ifndef DISCIPLINE_H
#define DISCIPLINE_H

#include "../../primitives/queue.h"
#include "library.h"

struct queue_options {
	const struct queue_impl *impl;
	void *object; /* of impl, for FIFO */
	enum sl_order order;
	size_t capacity;
	sl_compare *compare;
	void *argument;
};

struct discipline {
	int (*make)(const struct queue_options *options, void **out);
	void (*free)(void *body);
	int (*put)(void *body, void *item, uint64_t deadline);
	int (*get)(void *body, void **item, uint64_t deadline);
	int (*task_done)(void *body);
	int (*join)(void *body, uint64_t deadline);
	void (*close)(void *body);
	int (*set_capacity)(void *body, size_t capacity);
	size_t (*capacity)(void *body);
	size_t (*size)(void *body);
};

extern const struct discipline queue_fifo, queue_sorted;

#endif
