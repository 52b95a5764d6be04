/* SPDX-License-Identifier: MIT */
/*
 * Start a slow thread, give it less time than it needs, then go on waiting in
 * steps of the same length until it has ended.
 *
 * The first join must say timeout, and none may before its deadline; the last
 * must say 0, and not before the thread is done. So that this depends on no
 * timing, the thread also waits until the first join has returned, which it
 * has unless the starter was held up for longer than the work takes.
 */
#include "../primitives/thread.h"
#include "_kit.h"

struct slow_start {
	void *thread;
	uint64_t work_ns, join_ns;
	_Atomic bool joined; /* the first join has returned */
	bool done;	     /* plain: join orders it */
};

static const char *skip(const struct cell *c)
{
	return cell_param(c, "join_us") < cell_param(c, "work_us")
		       ? NULL
		       : "join_us must be less than work_us";
}

static bool setup(struct cell *c)
{
	(void)c; /* each worker makes its own */
	return true;
}

static void sleep_until(uint64_t deadline)
{
	struct timespec t = deadline_timespec(deadline);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
		;
}

static void body(void *argument)
{
	struct slow_start *s = argument;

	sleep_until(deadline_in(s->work_ns));
	/* relaxed: join orders what follows */
	while (!atomic_load_explicit(&s->joined, memory_order_relaxed))
		sleep_until(deadline_in(50 * NS_PER_US));
	s->done = true;
}

/* 0 or SYNC_TIMEOUT; a join that says anything else, or too early, is wrong. */
static int join(struct worker *w, const struct thread_impl *impl)
{
	struct slow_start *s = w->own;
	uint64_t deadline = deadline_in(s->join_ns);
	int r = impl->join(s->thread, deadline);

	w->violations += r == SYNC_TIMEOUT ? !deadline_passed(deadline) : r;
	return r;
}

static bool start_and_join(struct worker *w, const struct thread_impl *impl)
{
	struct slow_start *s = w->own;
	struct thread_options options = { .function = body, .argument = s };
	int r;

	s->done = false;
	atomic_store_explicit(&s->joined, false, memory_order_relaxed);
	r = impl->start(s->thread, &options);
	if (r) {
		w->violations++;
		return cell_fail(w->cell, "start: %s", strerror(r));
	}
	r = join(w, impl);
	w->violations += r != SYNC_TIMEOUT;
	atomic_store_explicit(&s->joined, true, memory_order_relaxed);
	while (r == SYNC_TIMEOUT)
		r = join(w, impl);
	w->violations += r || !s->done;
	return w->violations == 0;
}

static void work(struct worker *w)
{
	struct cell *c = w->cell;
	const struct thread_impl *impl = (const void *)c->implementation->id;
	struct slow_start *s = w->own = cell_alloc(sizeof(*s));

	s->thread = cell_object(c->implementation);
	s->work_ns = cell_param(c, "work_us") * NS_PER_US;
	s->join_ns = cell_param(c, "join_us") * NS_PER_US;
	while (worker_next(w)) {
		uint64_t start = worker_start(w);

		if (!start_and_join(w, impl))
			return;
		worker_end(w, start);
		worker_count(w, 1);
	}
}

static bool verify(struct cell *c)
{
	return kit_no_violations(c, "a timed join answered wrongly");
}

SCENARIO(
	.name = "thread_timed_join",
	.kind = "thread",
	.bound = BOUND_IO,
	.brief = "one slow thread started, given up on once, then joined",
	.models = "a service that starts up and says what it still waits for",
	.params = {
		{ "work_us", 2000, 1, 60000000, "how long the thread takes" },
		{ "join_us", 500, 0, 60000000, "how long a join waits" },
	},
	.slow = true,
	.skip = skip,
	.setup = setup,
	.work = work,
	.verify = verify);
