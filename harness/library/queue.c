/* SPDX-License-Identifier: MIT */
/* Queues: what both bodies have in common. */
#include "discipline.h"

struct sl_queue {
	const struct discipline *discipline;
	void *body;
	OWN_LINE _Atomic unsigned waiting;
};

static bool make_sense(const struct queue_options *o)
{
	if (o->capacity > SL_CAPACITY_MAX)
		return false;
	switch (o->order) {
	case SL_FIFO:
	case SL_LIFO:
		return !o->compare;
	case SL_PRIORITY:
		return o->compare;
	}
	return false;
}

int sl_queue_create(const char *implementation, enum sl_order order,
		    size_t capacity, sl_compare *compare, void *argument,
		    sl_queue **out)
{
	struct made made =
		library_make("queue", implementation, sizeof(**out), out);
	struct queue_options options = {
		.impl = made.impl,
		.object = made.object,
		.order = order,
		.capacity = capacity,
		.compare = compare,
		.argument = argument,
	};
	sl_queue *q = made.header;
	int r = made.result;

	if (r)
		return r;
	q->discipline = order == SL_FIFO ? &queue_fifo : &queue_sorted;
	r = make_sense(&options) ? q->discipline->make(&options, &q->body)
				 : SL_INVALID;
	if (r)
		free(q);
	else
		*out = q;
	return r;
}

int sl_queue_destroy(sl_queue *q)
{
	if (!q)
		return SL_OK;
	if (anybody(&q->waiting))
		return SL_BUSY;
	q->discipline->free(q->body);
	free(q);
	return SL_OK;
}

int sl_queue_put(sl_queue *q, void *item, uint64_t timeout)
{
	int r;

	if (!q)
		return SL_INVALID;
	r = q->discipline->put(q->body, item, 0);
	if (r != SL_BUSY || timeout == SL_TRY)
		return r;
	arrived(&q->waiting);
	r = q->discipline->put(q->body, item, until(timeout));
	departed(&q->waiting);
	return r;
}

int sl_queue_get(sl_queue *q, void **item, uint64_t timeout)
{
	int r;

	if (!q || !item)
		return SL_INVALID;
	r = q->discipline->get(q->body, item, 0);
	if (r != SL_BUSY || timeout == SL_TRY)
		return r;
	arrived(&q->waiting);
	r = q->discipline->get(q->body, item, until(timeout));
	departed(&q->waiting);
	return r;
}

int sl_queue_task_done(sl_queue *q)
{
	return q ? q->discipline->task_done(q->body) : SL_INVALID;
}

int sl_queue_join(sl_queue *q, uint64_t timeout)
{
	int r;

	if (!q)
		return SL_INVALID;
	arrived(&q->waiting);
	r = answer(q->discipline->join(q->body, until(timeout)), timeout);
	departed(&q->waiting);
	return r;
}

int sl_queue_close(sl_queue *q)
{
	if (!q)
		return SL_INVALID;
	q->discipline->close(q->body);
	return SL_OK;
}

int sl_queue_set_capacity(sl_queue *q, size_t capacity)
{
	if (!q || capacity > SL_CAPACITY_MAX)
		return SL_INVALID;
	return q->discipline->set_capacity(q->body, capacity);
}

size_t sl_queue_capacity(const sl_queue *q)
{
	return q ? q->discipline->capacity(q->body) : 0;
}

size_t sl_queue_size(const sl_queue *q)
{
	return q ? q->discipline->size(q->body) : 0;
}
