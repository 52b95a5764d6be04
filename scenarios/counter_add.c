/* SPDX-License-Identifier: MIT */
/*
 * The classic example of a lost update: threads add one to one counter.
 *
 * The variant "unsynchronised" loads, adds and stores, which is what counter++
 * does. Its loads and stores are atomic, so it is no data race and a sanitizer
 * is right to be quiet; yet what another thread adds in between is lost. How
 * much was lost is said, and is no failure: losing is what it is there for.
 */
#include <stdio.h>

#include "../primitives/counter.h"
#include "_kit.h"

static const char *const variants[] = { "unsynchronised", NULL };

struct state {
	const struct counter_impl *impl;
	void *counter;
	_Atomic uint64_t plain __attribute__((aligned(2 * CACHE_LINE)));
} __attribute__((aligned(2 * CACHE_LINE)));

static bool setup(struct cell *c)
{
	struct state *s = c->state = cell_alloc(sizeof(*s));

	if (!c->implementation)
		return true;
	s->impl = (const void *)c->implementation->id;
	s->counter = cell_object(c->implementation);
	return !s->impl->init || kit_ok(c, "init", s->impl->init(s->counter));
}

static void add(struct worker *w)
{
	struct state *s = w->cell->state;
	const struct counter_impl *impl = s->impl;
	void *counter = s->counter;

	while (worker_next(w)) {
		uint64_t start = worker_start(w);

		impl->add(counter, 1);
		worker_end(w, start);
		worker_count(w, 1);
	}
}

static void add_unsynchronised(struct worker *w)
{
	struct state *s = w->cell->state;

	while (worker_next(w)) {
		uint64_t start = worker_start(w);
		/* relaxed, both: no order would save the update */
		uint64_t old =
			atomic_load_explicit(&s->plain, memory_order_relaxed);

		atomic_store_explicit(&s->plain, old + 1, memory_order_relaxed);
		worker_end(w, start);
		worker_count(w, 1);
	}
}

static void work(struct worker *w)
{
	if (w->cell->implementation)
		add(w);
	else
		add_unsynchronised(w);
}

static bool verify(struct cell *c)
{
	struct state *s = c->state;
	uint64_t added = cell_total_ops(c), found;

	if (s->impl)
		found = s->impl->read(s->counter);
	else
		found = atomic_load_explicit(&s->plain, memory_order_relaxed);
	if (s->impl && found != added)
		return cell_fail(c, "%llu added, %llu found",
				 (unsigned long long)added,
				 (unsigned long long)found);
	if (!s->impl)
		snprintf(c->note, sizeof(c->note), "lost %llu of %llu updates",
			 (unsigned long long)(added - found),
			 (unsigned long long)added);
	return true;
}

static void teardown(struct cell *c)
{
	struct state *s = c->state;

	if (s->impl && s->impl->destroy)
		s->impl->destroy(s->counter);
}

SCENARIO(.name = "counter_add", .kind = "counter", .bound = BOUND_CPU,
	 .brief = "one added to a counter; `unsynchronised` loses updates",
	 .models = "a server that counts its requests", .variants = variants,
	 .setup = setup, .work = work, .verify = verify, .teardown = teardown);
