/* SPDX-License-Identifier: MIT */
/*
 * Threads that want different things of one mutex: what the scenarios share in
 * which not all threads are alike.
 *
 * cell->state begins with a struct roles; each worker brings its queue node
 * (roles_enter) before its first section. An operation is one section, and what
 * is timed of it is the wait for the mutex.
 */
#ifndef ROLES_H
#define ROLES_H

#include <math.h>
#include <stdlib.h>

#include "../primitives/mutex.h"
#include "_kit.h"

struct roles {
	const struct mutex_impl *impl;
	void *mutex;
	/* Plain, on a line of its own: guarded by the mutex, its witness. */
	_Alignas(2 * CACHE_LINE) uint64_t sections;
};

/* In setup: makes the mutex, in a state of so many bytes. */
static inline bool roles_make(struct cell *c, size_t size)
{
	struct roles *r = c->state = cell_alloc(size);

	r->impl = (const struct mutex_impl *)c->implementation->id;
	r->mutex = cell_object(c->implementation);
	return !r->impl->init || kit_ok(c, "mutex", r->impl->init(r->mutex));
}

/* As .setup, if there is nothing else to share. */
static inline bool roles_setup(struct cell *c)
{
	return roles_make(c, sizeof(struct roles));
}

static inline void roles_enter(struct worker *w)
{
	w->own = kit_node(w->cell->implementation->id);
}

static inline void roles_leave(struct worker *w)
{
	free(w->own);
	w->own = NULL;
}

/* Returns how many sections there have been, for roles_unlock: which adds one
 * to that, so that a section beside it is lost from the sum, however long. */
static inline uint64_t roles_lock(struct roles *r, struct worker *w)
{
	r->impl->lock(r->mutex, w->own);
	return r->sections;
}

static inline void roles_unlock(struct roles *r, struct worker *w,
				uint64_t before)
{
	r->sections = before + 1;
	r->impl->unlock(r->mutex, w->own);
}

/* One operation: wait, work inside for so long, leave. */
static inline void roles_section(struct roles *r, struct worker *w,
				 uint64_t hold_ns)
{
	uint64_t start = worker_start(w);
	uint64_t before = roles_lock(r, w), inside;

	worker_end(w, start);
	inside = start ? now_ns() : 0;
	work_ns(hold_ns);
	if (inside)
		worker_record_section(w, now_ns() - inside);
	roles_unlock(r, w, before);
	worker_count(w, 1);
}

/* In verify, or as it: no section was lost. */
static inline bool roles_verify(struct cell *c)
{
	unsigned long long run = cell_total_ops(c);
	unsigned long long seen = ((struct roles *)c->state)->sections;

	return seen == run ||
	       cell_fail(c,
			 "%llu sections were run and %llu left a trace: "
			 "exclusion or visibility is broken",
			 run, seen);
}

/* In verify: operations of n workers from the first on within the window. */
static inline double roles_ops(const struct cell *c, unsigned first, unsigned n)
{
	double sum = 0;

	for (unsigned i = first; i < first + n; i++)
		sum += (double)worker_window_ops(&c->workers[i]);
	return sum;
}

#endif
