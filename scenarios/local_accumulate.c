/* SPDX-License-Identifier: MIT */
/*
 * Threads add up numbers: each in a value of its own, which it adds to the
 * total at its end; or, as the variant "shared_counter", all in one counter.
 *
 * The sum of the numbers 1 .. n that a thread has added is known, so verify
 * can tell it from any other.
 */
#include <stdlib.h>

#include "../primitives/local.h"
#include "_kit.h"

static const char *const variants[] = { "shared_counter", NULL };

struct state {
	const struct local_impl *impl;
	void *local;
	_Atomic uint64_t total __attribute__((aligned(2 * CACHE_LINE)));
} __attribute__((aligned(2 * CACHE_LINE)));

static bool setup(struct cell *c)
{
	struct state *s = c->state = cell_alloc(sizeof(*s));

	if (!c->implementation)
		return true;
	s->impl = (const void *)c->implementation->id;
	s->local = cell_object(c->implementation);
	return kit_ok(c, "init", s->impl->init(s->local, free));
}

/* The caller's own sum, made at its first use as programs do. */
static inline uint64_t *own_sum(const struct local_impl *impl, void *local)
{
	uint64_t *sum = impl->get(local);

	if (unlikely(!sum)) {
		sum = aligned_alloc(CACHE_LINE, CACHE_LINE);
		if (!sum || impl->set(local, sum))
			abort();
		*sum = 0;
	}
	return sum;
}

static void add_local(struct worker *w, struct state *s)
{
	const struct local_impl *impl = s->impl;
	void *local = s->local;

	while (worker_next(w)) {
		uint64_t start = worker_start(w);

		*own_sum(impl, local) += w->turn.ops + 1;
		worker_end(w, start);
		worker_count(w, 1);
	}
	/* relaxed, here and below: the end of the threads orders the total */
	atomic_fetch_add_explicit(&s->total, *own_sum(impl, local),
				  memory_order_relaxed);
}

static void add_shared(struct worker *w, struct state *s)
{
	while (worker_next(w)) {
		uint64_t start = worker_start(w);

		atomic_fetch_add_explicit(&s->total, w->turn.ops + 1,
					  memory_order_relaxed);
		worker_end(w, start);
		worker_count(w, 1);
	}
}

static void work(struct worker *w)
{
	struct state *s = w->cell->state;

	if (s->impl)
		add_local(w, s);
	else
		add_shared(w, s);
}

static bool verify(struct cell *c)
{
	struct state *s = c->state;
	uint64_t expected = 0, total;

	for (unsigned i = 0; i < c->n_workers; i++) {
		uint64_t n = c->workers[i].turn.ops;

		expected += n * (n + 1) / 2;
	}
	total = atomic_load_explicit(&s->total, memory_order_relaxed);
	return total == expected || cell_fail(c, "the sum is %llu, not %llu",
					      (unsigned long long)total,
					      (unsigned long long)expected);
}

static void teardown(struct cell *c)
{
	struct state *s = c->state;

	if (s->impl)
		s->impl->destroy(s->local);
}

SCENARIO(.name = "local_accumulate", .kind = "local", .bound = BOUND_CPU,
	 .brief = "one number added to the thread's sum, or to a shared one",
	 .models = "an allocator's statistics, kept by thread and then merged",
	 .variants = variants, .setup = setup, .work = work, .verify = verify,
	 .teardown = teardown);
