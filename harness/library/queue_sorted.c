/* SPDX-License-Identifier: MIT */
/*
 * LIFO and priority queues: a monitor around an array, which is a stack or a
 * binary heap.
 *
 * Source: J. W. J. Williams, "Algorithm 232: Heapsort" (CACM 1964); the number
 * that tells equal items apart is that of the recipe in Python's heapq.
 */
#include "discipline.h"
#include "monitor.h"

struct entry {
	void *item;
	uint64_t
		number; /* of its put: among equals the first one comes first */
};

/* All of it is guarded by the monitor. capacity is also read outside. */
struct sorted {
	struct monitor monitor;
	sl_compare *compare; /* NULL: LIFO, entries in the order of puts */
	void *argument;
	struct entry *entries;
	size_t n, slots;
	size_t capacity;
	uint64_t puts, unfinished;
	bool closed;
};

enum { ROOM, ITEM, ALL_DONE };
_Static_assert((int)ALL_DONE < (int)MONITOR_CONDS, "one condition each");

static int make(const struct queue_options *o, void **out)
{
	struct sorted *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return SL_NO_MEMORY;
	s->compare = o->compare;
	s->argument = o->argument;
	s->capacity = o->capacity;
	r = monitor_init(&s->monitor, o->impl->id.family);
	if (r)
		free(s);
	else
		*out = s;
	return r;
}

static void free_(void *body)
{
	struct sorted *s = body;

	monitor_free(&s->monitor);
	free(s->entries);
	free(s);
}

/* ---- the heap; all of it in the monitor ---- */

static bool before(const struct sorted *s, const struct entry *a,
		   const struct entry *b)
{
	int c = s->compare(a->item, b->item, s->argument);

	return c < 0 || (c == 0 && a->number < b->number);
}

static void insert(struct sorted *s, struct entry new)
{
	size_t i = s->n++;

	while (s->compare && i > 0 &&
	       before(s, &new, &s->entries[(i - 1) / 2])) {
		s->entries[i] = s->entries[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	s->entries[i] = new;
}

/* The place for what was last, after the first has gone. */
static void *take_least(struct sorted *s)
{
	void *least = s->entries[0].item;
	struct entry last = s->entries[--s->n];
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < s->n; i = child) {
		if (child + 1 < s->n &&
		    before(s, &s->entries[child + 1], &s->entries[child]))
			child++;
		if (!before(s, &s->entries[child], &last))
			break;
		s->entries[i] = s->entries[child];
	}
	s->entries[i] = last;
	return least;
}

static void *take(struct sorted *s)
{
	return s->compare ? take_least(s) : s->entries[--s->n].item;
}

static bool grow(struct sorted *s)
{
	size_t slots = s->slots ? 2 * s->slots : 16;
	struct entry *entries;

	if (s->n < s->slots)
		return true;
	entries = realloc(s->entries, slots * sizeof(*entries));
	if (!entries)
		return false;
	s->entries = entries;
	s->slots = slots;
	return true;
}

/* ---- the operations ---- */

static bool full(struct sorted *s)
{
	return !s->closed && s->capacity && s->n >= s->capacity;
}

static bool empty(struct sorted *s)
{
	return !s->closed && s->n == 0;
}

static bool owing(struct sorted *s)
{
	return s->unfinished != 0;
}

/* In the monitor, while it is so: 0, SL_BUSY (deadline 0) or SL_TIMEOUT. */
static int await(struct sorted *s, bool (*is_so)(struct sorted *),
		 unsigned cond, uint64_t deadline)
{
	while (is_so(s)) {
		if (!deadline)
			return SL_BUSY;
		if (monitor_wait(&s->monitor, cond, deadline) && is_so(s))
			return SL_TIMEOUT;
	}
	return SL_OK;
}

static int add(struct sorted *s, void *item)
{
	if (s->closed)
		return SL_CLOSED;
	if (!grow(s))
		return SL_NO_MEMORY;
	insert(s, (struct entry){ item, s->puts++ });
	s->unfinished++;
	monitor_signal(&s->monitor, ITEM, 1);
	return SL_OK;
}

static int put(void *body, void *item, uint64_t deadline)
{
	struct sorted *s = body;
	int r;

	monitor_enter(&s->monitor);
	r = await(s, full, ROOM, deadline);
	if (!r)
		r = add(s, item);
	monitor_leave(&s->monitor);
	return r;
}

static int get(void *body, void **item, uint64_t deadline)
{
	struct sorted *s = body;
	int r;

	monitor_enter(&s->monitor);
	r = await(s, empty, ITEM, deadline);
	if (!r && s->n == 0)
		r = SL_CLOSED;
	if (!r) {
		*item = take(s);
		monitor_signal(&s->monitor, ROOM, 1);
	}
	monitor_leave(&s->monitor);
	return r;
}

static int task_done(void *body)
{
	struct sorted *s = body;
	int r = SL_INVALID;

	monitor_enter(&s->monitor);
	if (s->unfinished) {
		r = SL_OK;
		if (--s->unfinished == 0)
			monitor_signal(&s->monitor, ALL_DONE, SL_ALL);
	}
	monitor_leave(&s->monitor);
	return r;
}

static int join(void *body, uint64_t deadline)
{
	struct sorted *s = body;
	int r;

	monitor_enter(&s->monitor);
	r = await(s, owing, ALL_DONE, deadline);
	monitor_leave(&s->monitor);
	return r;
}

static void close_(void *body)
{
	struct sorted *s = body;

	monitor_enter(&s->monitor);
	s->closed = true;
	monitor_signal(&s->monitor, ROOM, SL_ALL);
	monitor_signal(&s->monitor, ITEM, SL_ALL);
	monitor_leave(&s->monitor);
}

static int set_capacity(void *body, size_t capacity)
{
	struct sorted *s = body;

	monitor_enter(&s->monitor);
	s->capacity = capacity;
	monitor_signal(&s->monitor, ROOM, SL_ALL);
	monitor_leave(&s->monitor);
	return SL_OK;
}

static size_t capacity(void *body)
{
	struct sorted *s = body;
	size_t n;

	monitor_enter(&s->monitor);
	n = s->capacity;
	monitor_leave(&s->monitor);
	return n;
}

static size_t size(void *body)
{
	struct sorted *s = body;
	size_t n;

	monitor_enter(&s->monitor);
	n = s->n;
	monitor_leave(&s->monitor);
	return n;
}

const struct discipline queue_sorted = {
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
