/* SPDX-License-Identifier: MIT */
/*
 * FIFO queues: the implementation's own, until somebody sets another capacity.
 *
 * From then on the capacity is ours to keep: putters enter a monitor and wait
 * there while there are too many items, and getters tell them of room. What
 * they put into must be unbounded. If the first queue was made so, it still
 * serves; else a second one does, and the first is closed: its putters come to
 * the second, and getters drain the first before they come, which keeps FIFO.
 * Tasks that are done are counted off the first as long as it owes any.
 *
 * State  changed   the capacity was set. Written once, in the monitor, after
 *                  all that it announces.
 *        closed    by the user; in the monitor
 *        first     as made; second: NULL, first, or the unbounded one
 *
 * Edges  [A] store of changed, seq_cst, pairs with [B]
 *        [B] load of changed after an operation, seq_cst: a putter has set it
 *            (or come after who did) and looks for room, a getter has made room
 *            and looks at it. The queues' claims and lengths are seq_cst, too,
 *            or in a critical section: not both of them can miss the other.
 */
#include "discipline.h"
#include "monitor.h"

struct fifo {
	const struct queue_impl *impl;
	void *first, *second;
	bool bounded; /* the first one */
	bool closed;
	_Atomic bool changed;
	_Atomic size_t capacity;
	struct monitor monitor;
};

enum { ROOM }; /* the condition of putters */

static int make(const struct queue_options *o, void **out)
{
	struct fifo *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return SL_NO_MEMORY;
	f->impl = o->impl;
	f->first = o->object;
	f->bounded = o->capacity != 0;
	atomic_init(&f->capacity, o->capacity);
	r = monitor_init(&f->monitor, o->impl->id.family);
	if (!r) {
		r = f->impl->init(f->first, o->capacity);
		if (r)
			monitor_free(&f->monitor);
	}
	if (r)
		free(f);
	else
		*out = f;
	return r;
}

static void free_(void *body)
{
	struct fifo *f = body;

	f->impl->destroy(f->first);
	if (f->second && f->second != f->first) {
		f->impl->destroy(f->second);
		free(f->second);
	}
	monitor_free(&f->monitor);
	free(f);
}

static bool changed(struct fifo *f)
{
	/* [B] */
	return atomic_load_explicit(&f->changed, memory_order_seq_cst);
}

/* relaxed: written in the monitor; a look from outside is of the moment */
static size_t capacity(void *body)
{
	struct fifo *f = body;

	return atomic_load_explicit(&f->capacity, memory_order_relaxed);
}

static size_t size(void *body)
{
	struct fifo *f = body;
	size_t n = f->impl->length(f->first);

	if (changed(f) && f->second != f->first)
		n += f->impl->length(f->second);
	return n;
}

static bool full(struct fifo *f)
{
	size_t limit = capacity(f);

	return !f->closed && limit && size(f) >= limit;
}

/* In the monitor. */
static int await_room(struct fifo *f, uint64_t deadline)
{
	while (full(f)) {
		if (!deadline)
			return SL_BUSY;
		if (monitor_wait(&f->monitor, ROOM, deadline) && full(f))
			return SL_TIMEOUT;
	}
	return f->closed ? SL_CLOSED : SL_OK;
}

static int put_kept_back(struct fifo *f, void *item, uint64_t deadline)
{
	int r;

	monitor_enter(&f->monitor);
	r = await_room(f, deadline);
	if (!r)
		r = f->impl->tryput(f->second, item);
	monitor_leave(&f->monitor);
	return r;
}

static int put(void *body, void *item, uint64_t deadline)
{
	struct fifo *f = body;
	int r;

	if (!changed(f)) {
		r = deadline ? f->impl->timedput(f->first, item, deadline)
			     : f->impl->tryput(f->first, item);
		if (r != SYNC_CLOSED || !changed(f))
			return r;
	}
	return put_kept_back(f, item, deadline);
}

static int get_from(struct fifo *f, void *queue, void **item, uint64_t deadline)
{
	return deadline ? f->impl->timedget(queue, item, deadline)
			: f->impl->tryget(queue, item);
}

static int get(void *body, void **item, uint64_t deadline)
{
	struct fifo *f = body;
	int r = get_from(f, f->first, item, deadline);

	if (!changed(f))
		return r;
	if (r == SYNC_CLOSED && f->second != f->first)
		r = get_from(f, f->second, item, deadline);
	if (r == SYNC_OK) {
		monitor_enter(&f->monitor);
		monitor_signal(&f->monitor, ROOM, 1);
		monitor_leave(&f->monitor);
	}
	return r;
}

static int task_done(void *body)
{
	struct fifo *f = body;
	int r = f->impl->task_done(f->first);

	if (r == SYNC_INVALID && changed(f) && f->second != f->first)
		r = f->impl->task_done(f->second);
	return r;
}

static int join(void *body, uint64_t deadline)
{
	struct fifo *f = body;
	int r = f->impl->join(f->first, deadline);

	/* the first one gets no more, so it will not owe any again */
	if (!r && changed(f) && f->second != f->first)
		r = f->impl->join(f->second, deadline);
	return r;
}

static void close_(void *body)
{
	struct fifo *f = body;

	monitor_enter(&f->monitor);
	f->closed = true;
	f->impl->close(f->first);
	if (f->second)
		f->impl->close(f->second);
	monitor_signal(&f->monitor, ROOM, SL_ALL);
	monitor_leave(&f->monitor);
}

/* In the monitor: what putters put into from now on. */
static int make_second(struct fifo *f)
{
	size_t size =
		(f->impl->id.size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	void *queue;
	int r;

	if (!f->bounded) {
		f->second = f->first;
		return SL_OK;
	}
	queue = aligned_alloc(CACHE_LINE, size);
	if (!queue)
		return SL_NO_MEMORY;
	r = f->impl->init(queue, 0);
	if (r) {
		free(queue);
		return r;
	}
	if (f->closed)
		f->impl->close(queue);
	f->second = queue;
	return SL_OK;
}

static int set_capacity(void *body, size_t capacity)
{
	struct fifo *f = body;
	int r = SL_OK;

	monitor_enter(&f->monitor);
	if (!changed(f))
		r = make_second(f);
	if (!r) {
		atomic_store_explicit(&f->capacity, capacity,
				      memory_order_relaxed);
		/* [A] */
		atomic_store_explicit(&f->changed, true, memory_order_seq_cst);
		if (f->second != f->first)
			f->impl->close(f->first);
		monitor_signal(&f->monitor, ROOM, SL_ALL);
	}
	monitor_leave(&f->monitor);
	return r;
}

const struct discipline queue_fifo = {
	.make = make,
	.free = free_,
	.put = put,
	.get = get,
	.task_done = task_done,
	.join = join,
	.close = close_,
	.set_capacity = set_capacity,
	.capacity = capacity,
	.size = size,
};
