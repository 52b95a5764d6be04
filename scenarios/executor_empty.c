/* SPDX-License-Identifier: MIT */
/*
 * One thread submits batches of empty tasks and awaits their futures in order:
 * what it costs to hand over a task and to get its result back.
 *
 * `threads` is the number of workers of the executor. A task adds one to a
 * plain count of its future's, so verify sees one that ran twice or not at all.
 */
#include "../primitives/executor.h"
#include "_kit.h"

enum { BATCH = 256 };

struct state {
	const struct executor_impl *impl;
	void *executor;
	size_t stride; /* of a future and its count */
	char *futures;
	bool started;
};

static unsigned drivers(const struct cell *c)
{
	(void)c;
	return 1;
}

static bool setup(struct cell *c)
{
	struct state *s = c->state = cell_alloc(sizeof(*s));

	s->impl = (const void *)c->implementation->id;
	s->executor = cell_object(c->implementation);
	/* each on lines of its own, so workers do not slow each other down */
	s->stride = s->impl->future_size + sizeof(uint64_t);
	s->stride = (s->stride + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	s->futures = cell_alloc(BATCH * s->stride);
	s->started = kit_ok(c, "init", s->impl->init(s->executor, c->threads));
	return s->started;
}

static void *future_of(struct state *s, unsigned i)
{
	return s->futures + i * s->stride;
}

static uint64_t *count_of(struct state *s, unsigned i)
{
	return (uint64_t *)(s->futures + (i + 1) * s->stride) - 1;
}

static void *task(void *argument)
{
	++*(uint64_t *)argument;
	return argument;
}

/* Submit all, await all; one of them may be timed from end to end. */
static void batch(struct worker *w, struct state *s)
{
	uint64_t start = 0;
	unsigned timed = 0;

	for (unsigned i = 0; i < BATCH; i++) {
		if (!start) {
			start = worker_start(w);
			timed = i;
		}
		w->violations += s->impl->submit(s->executor, future_of(s, i),
						 task, count_of(s, i)) != 0;
	}
	for (unsigned i = 0; i < BATCH; i++) {
		void *value = NULL;
		int r = s->impl->result(future_of(s, i), DEADLINE_NEVER,
					&value);

		if (i == timed)
			worker_end(w, start);
		w->violations += r || value != count_of(s, i);
	}
}

static void work(struct worker *w)
{
	struct state *s = w->cell->state;
	uint64_t batches = 0;

	for (; worker_next(w) && !w->violations; batches++) {
		batch(w, s);
		worker_count(w, BATCH);
	}
	w->checksum = batches;
}

static bool verify(struct cell *c)
{
	struct state *s = c->state;
	uint64_t batches = c->workers[0].checksum;

	for (unsigned i = 0; i < BATCH; i++)
		if (*count_of(s, i) != batches)
			return cell_fail(c, "future %u: %llu runs, not %llu", i,
					 (unsigned long long)*count_of(s, i),
					 (unsigned long long)batches);
	return kit_no_violations(c,
				 "a task was refused or gave a wrong result");
}

static void teardown(struct cell *c)
{
	struct state *s = c->state;

	if (s->started)
		s->impl->destroy(s->executor);
}

SCENARIO(.name = "executor_empty", .kind = "executor", .bound = BOUND_MICRO,
	 .brief = "one empty task submitted and its result awaited",
	 .models = "a server that hands each small request to a thread pool",
	 .workers = drivers, .setup = setup, .work = work, .verify = verify,
	 .teardown = teardown);
