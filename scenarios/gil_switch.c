/* SPDX-License-Identifier: MIT */
/*
 * Threads of an interpreter that only compute: small steps under the GIL, after
 * each of which the holder looks whether it must let another one go first.
 *
 * Each step reads a plain sum that the GIL guards at its start and writes it at
 * its end, so steps that overlap show in the total. Whoever notices the end of
 * the window releases the GIL for good, so nobody waits for ever.
 */
#include "../primitives/gil.h"
#include "_kit.h"

struct state {
	const struct gil_impl *impl;
	void *gil;
	uint64_t step_ns;
	uint64_t sum __attribute__((aligned(2 * CACHE_LINE))); /* plain */
} __attribute__((aligned(2 * CACHE_LINE)));

static bool setup(struct cell *c)
{
	struct state *s = c->state = cell_alloc(sizeof(*s));
	uint64_t interval = cell_param(c, "interval_us") * NS_PER_US;

	s->impl = (const void *)c->implementation->id;
	s->gil = cell_object(c->implementation);
	s->step_ns = cell_param(c, "step_ns");
	return kit_ok(c, "init", s->impl->init(s->gil, interval));
}

static void work(struct worker *w)
{
	struct state *s = w->cell->state;
	const struct gil_impl *impl = s->impl;

	impl->acquire(s->gil);
	while (worker_next(w)) {
		uint64_t start = worker_start(w);
		uint64_t sum = s->sum;

		work_ns(s->step_ns);
		s->sum = sum + 1; /* a step that overlaps is lost */
		impl->yield(s->gil);
		worker_end(w, start);
		worker_count(w, 1);
	}
	impl->release(s->gil);
}

static bool verify(struct cell *c)
{
	struct state *s = c->state;
	uint64_t steps = cell_total_ops(c);

	return s->sum == steps ||
	       cell_fail(c, "the sum is %llu, not %llu",
			 (unsigned long long)s->sum, (unsigned long long)steps);
}

static void teardown(struct cell *c)
{
	struct state *s = c->state;

	if (s->impl->destroy)
		s->impl->destroy(s->gil);
}

SCENARIO(
	.name = "gil_switch",
	.kind = "gil",
	.bound = BOUND_CPU,
	.brief = "one step of a computation under the GIL",
	.models = "CPython threads that compute in pure Python",
	.params = {
		{ "step_ns", 100, 0, NS_PER_S, "work between two yields" },
		{ "interval_us", 5000, 1, 60000000, "the switch interval" },
	},
	.setup = setup,
	.work = work,
	.verify = verify,
	.teardown = teardown);
