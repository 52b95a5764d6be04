/* SPDX-License-Identifier: MIT */
/*
 * One thread fans out 64 equal tasks with map, again and again.
 *
 * `threads` is the number of workers of the executor. An operation is one task;
 * the latencies are those of whole fans. Each task counts in plain memory how
 * often it ran and returns its input, so verify sees one that ran twice or not
 * at all, and results out of order.
 */
#include "../primitives/executor.h"
#include "_kit.h"

enum { FAN = 64 };

struct item {
	uint64_t work_ns, runs;
} __attribute__((aligned(CACHE_LINE)));

struct state {
	const struct executor_impl *impl;
	void *executor;
	struct item *items;
	bool started;
};

static unsigned drivers(const struct cell *c)
{
	(void)c;
	return 1;
}

static const char *skip(const struct cell *c)
{
	const struct executor_impl *impl = (const void *)c->implementation->id;

	return impl->map ? NULL : impl->id.unsupported;
}

static bool setup(struct cell *c)
{
	struct state *s = c->state = cell_alloc(sizeof(*s));

	s->impl = (const void *)c->implementation->id;
	s->items = cell_alloc(FAN * sizeof(*s->items));
	for (int i = 0; i < FAN; i++)
		s->items[i].work_ns = cell_param(c, "work_ns");
	s->executor = cell_object(c->implementation);
	s->started = kit_ok(c, "init", s->impl->init(s->executor, c->threads));
	return s->started;
}

static void *task(void *argument)
{
	struct item *item = argument;

	work_ns(item->work_ns);
	item->runs++;
	return item;
}

static void work(struct worker *w)
{
	struct state *s = w->cell->state;
	void *in[FAN], *out[FAN];

	for (int i = 0; i < FAN; i++)
		in[i] = &s->items[i];
	while (worker_next(w) && !w->violations) {
		uint64_t start = worker_start(w);

		memset(out, 0, sizeof(out));
		if (s->impl->map(s->executor, task, in, out, FAN))
			w->violations++;
		worker_end(w, start);
		worker_count(w, FAN);
		w->violations += memcmp(in, out, sizeof(in)) != 0;
	}
}

static bool verify(struct cell *c)
{
	struct state *s = c->state;
	uint64_t fans = cell_total_ops(c) / FAN;

	for (int i = 0; i < FAN; i++)
		if (s->items[i].runs != fans)
			return cell_fail(c, "task %d ran %llu times, not %llu",
					 i,
					 (unsigned long long)s->items[i].runs,
					 (unsigned long long)fans);
	return kit_no_violations(c, "map failed or mixed up its results");
}

static void teardown(struct cell *c)
{
	struct state *s = c->state;

	if (s->started)
		s->impl->destroy(s->executor);
}

SCENARIO(
	.name = "executor_fan",
	.kind = "executor",
	.bound = BOUND_CPU,
	.brief = "one task of a fan of 64; latency: of the whole fan",
	.models = "a search that asks all shards and merges their answers",
	.params = {
		{ "work_ns", 10000, 0, NS_PER_S, "work of a task" },
	},
	.slow = true,
	.skip = skip,
	.workers = drivers,
	.setup = setup,
	.work = work,
	.verify = verify,
	.teardown = teardown);
