/* SPDX-License-Identifier: MIT */
/*
 * Scenarios around the hot loop of primitives/section.h: makes objects of any
 * kind, runs the loop, compares the witnesses with the operations.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../primitives/counter.h"
#include "../../primitives/event.h"
#include "../../primitives/gil.h"
#include "../../primitives/local.h"
#include "../../primitives/mutex.h"
#include "../../primitives/once.h"
#include "../../primitives/recursive_mutex.h"
#include "../../primitives/rwlock.h"
#include "../../primitives/semaphore.h"
#include "order_log.h"
#include "recorder.h"

struct plan {
	struct sections sections;
	struct section_object *objects;
	unsigned n; /* a power of two, unless each thread has its own */
	_Atomic uint64_t writes;
};

/* ---- what differs between the kinds ---- */

#define INIT_PLAIN(kind)                                                       \
	static int init_##kind(const void *impl, void *object,                 \
			       const struct sections *s)                       \
	{                                                                      \
		const struct kind##_impl *i = impl;                            \
                                                                               \
		(void)s;                                                       \
		return i->init ? i->init(object) : 0;                          \
	}

INIT_PLAIN(mutex)
INIT_PLAIN(recursive_mutex)
INIT_PLAIN(rwlock)
INIT_PLAIN(event)
INIT_PLAIN(once)
INIT_PLAIN(counter)

static int init_semaphore(const void *impl, void *object,
			  const struct sections *s)
{
	return ((const struct semaphore_impl *)impl)
		->init(object, s->permits, 0);
}

static int init_local(const void *impl, void *object, const struct sections *s)
{
	(void)s;
	return ((const struct local_impl *)impl)->init(object, NULL);
}

static int init_gil(const void *impl, void *object, const struct sections *s)
{
	(void)s;
	return ((const struct gil_impl *)impl)
		->init(object, GIL_SWITCH_INTERVAL_NS);
}

/* What must be true of one object when all threads have left: the number of
 * sections it has seen, to be added up; or nothing is known. */
static uint64_t seen_witness(const void *impl, const struct section_object *o)
{
	(void)impl;
	return o->lines[0].value;
}

static uint64_t seen_counter(const void *impl, const struct section_object *o)
{
	return ((const struct counter_impl *)impl)->read(o->lock);
}

/* All permits are back. */
static bool settled_semaphore(const void *impl, const struct section_object *o,
			      const struct sections *s)
{
	return ((const struct semaphore_impl *)impl)->value(o->lock) ==
	       s->permits;
}

static const struct kind_of_section {
	const char *kind;
	int (*init)(const void *impl, void *object, const struct sections *s);
	uint64_t (*seen)(const void *impl, const struct section_object *o);
	bool writes_only; /* readers leave no witness */
	bool exclusive;	  /* one section at a time */
	bool (*settled)(const void *impl, const struct section_object *o,
			const struct sections *s);
} kinds[] = {
	{ "mutex", init_mutex, seen_witness, false, true, NULL },
	{ "recursive_mutex", init_recursive_mutex, seen_witness, false, true,
	  NULL },
	{ "rwlock", init_rwlock, seen_witness, true, false, NULL },
	{ "gil", init_gil, seen_witness, false, true, NULL },
	{ "counter", init_counter, seen_counter, false, false, NULL },
	{ "semaphore", init_semaphore, NULL, false, false, settled_semaphore },
	{ "event", init_event, NULL, false, false, NULL },
	{ "once", init_once, NULL, false, false, NULL },
	{ "local", init_local, NULL, false, false, NULL },
};

static const struct kind_of_section *kind_of(const struct cell *c)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, c->implementation->kind) == 0)
			return &kinds[i];
	return NULL;
}

/* ---- the scenario ---- */

/* The same loop through a table of pointers: what inlining is worth. */
static void mutex_by_table(struct section *s, const void *impl)
{
	mutex_loop(s, impl, false);
}

bool sections_setup(struct cell *c, const struct sections *s)
{
	const struct kind_of_section *kind = kind_of(c);
	struct plan *p = cell_alloc(sizeof(*p));

	if (!kind)
		return cell_fail(c, "kind %s has no section to run",
				 c->implementation->kind);
	p->sections = *s;
	for (p->n = 1; p->n < s->locks; p->n *= 2)
		;
	if (s->own)
		p->n = c->threads;
	p->objects = cell_alloc(p->n * sizeof(p->objects[0]));
	c->exclusive = kind->exclusive;
	if (c->order && c->exclusive)
		order_log_open(c->order, p->n);
	for (unsigned i = 0; i < p->n; i++) {
		struct section_object *o = &p->objects[i];

		o->lock = cell_object(c->implementation);
		o->lines = cell_alloc(s->lines * sizeof(o->lines[0]));
		o->log = c->order ? order_log_of(c->order, i) : NULL;

		int error = kind->init(c->implementation->id, o->lock, s);

		if (error)
			return cell_fail(c, "init of object %u: %s", i,
					 strerror(error));
	}
	c->state = p;
	c->cs_ns = s->cs_ns;
	c->ncs_ns = s->ncs_ns;
	return true;
}

static uint32_t steps(uint64_t ns)
{
	double n = (double)ns / work_step_ns + 0.5;

	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* A thread's own values are seen by itself alone: add them up in here. */
static void check_locals(struct worker *w, const struct plan *p)
{
	const struct local_impl *impl =
		(const struct local_impl *)w->cell->implementation->id;
	uint64_t sum = 0;

	for (unsigned i = 0; i < p->n; i++)
		sum += (uintptr_t)impl->get(p->objects[i].lock);
	if (sum != w->turn.ops)
		w->violations++;
}

void sections_work(struct worker *w)
{
	struct cell *c = w->cell;
	struct plan *p = c->state;
	const struct implementation *id = c->implementation->id;
	struct section s = {
		.turn = w->turn,
		.objects = &p->objects[p->sections.own ? w->index : 0],
		.object_mask = p->sections.own ? 0 : p->n - 1,
		.lines = p->sections.lines,
		.cs_steps = steps(p->sections.cs_ns),
		.ncs_steps = steps(p->sections.ncs_ns),
		.write_per_256 = p->sections.write_percent * 256 / 100,
		.limit = p->sections.permits,
		.node = id->node_size ? cell_alloc(id->node_size) : NULL,
		.random = w->random,
		.stride_mask = w->stride_mask,
		.countdown = w->countdown,
		.sample = recorder_section,
		.log = c->order && c->exclusive ? order_log_take : NULL,
		.recorder = w->recorder,
	};

	if (p->sections.table)
		mutex_by_table(&s, id);
	else
		c->implementation->section(&s, id);
	w->turn = s.turn;
	w->violations += s.violations;
	atomic_fetch_add_explicit(&p->writes, s.writes, memory_order_relaxed);
	if (strcmp(c->implementation->kind, "local") == 0)
		check_locals(w, p);
	free(s.node);
}

bool sections_verify(struct cell *c)
{
	const struct kind_of_section *kind = kind_of(c);
	struct plan *p = c->state;
	uint64_t expected = kind->writes_only ? p->writes : cell_total_ops(c);
	uint64_t seen = 0;

	for (unsigned i = 0; i < c->n_workers; i++)
		if (c->workers[i].violations)
			return cell_fail(
				c,
				"thread %u saw %llu sections that "
				"were not alone",
				i,
				(unsigned long long)c->workers[i].violations);
	for (unsigned i = 0; kind->settled && i < p->n; i++)
		if (!kind->settled(c->implementation->id, &p->objects[i],
				   &p->sections))
			return cell_fail(c,
					 "object %u did not come back to "
					 "its initial state",
					 i);
	if (!kind->seen)
		return true;
	for (unsigned i = 0; i < p->n; i++)
		seen += kind->seen(c->implementation->id, &p->objects[i]);
	if (seen != expected)
		return cell_fail(c,
				 "%llu sections were run and %llu left a "
				 "trace: exclusion or visibility is broken",
				 (unsigned long long)expected,
				 (unsigned long long)seen);
	return true;
}
