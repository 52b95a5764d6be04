/* SPDX-License-Identifier: MIT */
/*
 * The lab against Google Benchmark: a mutex in Google Benchmark's own loop and
 * threads, called through its table of pointers as `dispatch` with table=1
 * does. Its Time, once it is known what it divides that by, has to agree with
 * the operations that the window counts in the same loop, and with dispatch.
 *
 * The variant "sleep" shows the division: all threads sleep at the same time,
 * so an iteration takes as long with any number of them.
 *
 * Google Benchmark does a fixed number of iterations per thread, which is not
 * what a window does (M2): short runs, one after the other, fill the window.
 * Their threads act for the window's, who wait meanwhile.
 */
#include <pthread.h>

#include "../primitives/mutex.h"
#include "_gbench.h"
#include "_kit.h"

/* Long against starting threads (0.1 ms), short against a window. */
static const double RUN_NS = 10e6;

static const char *const variants[] = { "sleep", NULL };

struct state {
	const struct mutex_impl *impl; /* NULL: sleep */
	void *mutex;
	void **nodes;	/* of each thread */
	uint64_t value; /* guarded by mutex */
	uint64_t cs_ns, sleep_ns;
	pthread_barrier_t edge; /* of the part that belongs to others */
	/* sums over the runs that ended before the window did */
	double iterations, reported_ns, wall_ns;
};

static bool setup(struct cell *c)
{
	struct state *s = c->state = cell_alloc(sizeof(*s));

	pthread_barrier_init(&s->edge, NULL, c->threads);
	s->cs_ns = cell_param(c, "cs_ns");
	s->sleep_ns = cell_param(c, "sleep_ms") * NS_PER_MS;
	if (!c->implementation)
		return true;
	s->impl = (const void *)c->implementation->id;
	s->mutex = cell_object(c->implementation);
	s->nodes = cell_alloc(c->threads * sizeof(s->nodes[0]));
	for (unsigned i = 0; i < c->threads; i++)
		s->nodes[i] = kit_node(c->implementation->id);
	return !s->impl->init || kit_ok(c, "init", s->impl->init(s->mutex));
}

static void turn_mutex(void *cell, unsigned thread)
{
	struct cell *c = cell;
	struct worker *w = &c->workers[thread];
	struct state *s = c->state;

	if (!worker_next(w))
		return; /* the rest of the run is no longer of interest */
	s->impl->lock(s->mutex, s->nodes[thread]);
	s->value++;
	if (s->cs_ns)
		work_ns(s->cs_ns);
	s->impl->unlock(s->mutex, s->nodes[thread]);
	worker_count(w, 1);
}

static void turn_sleep(void *cell, unsigned thread)
{
	struct cell *c = cell;
	struct worker *w = &c->workers[thread];
	struct state *s = c->state;
	struct timespec t = { (time_t)(s->sleep_ns / NS_PER_S),
			      (long)(s->sleep_ns % NS_PER_S) };

	if (!worker_next(w))
		return;
	nanosleep(&t, NULL);
	worker_count(w, 1);
}

/* Runs that grow to RUN_NS, until the window is over. */
static void run(struct worker *w, struct state *s)
{
	struct gbench_loop loop = {
		.threads = w->cell->threads,
		.iterations = s->impl ? 1000 : 1,
		.turn = s->impl ? turn_mutex : turn_sleep,
		.context = w->cell,
	};

	for (;;) {
		struct gbench_times t = gbench_time(&loop);
		double n = (double)loop.iterations;

		if (!worker_next(w))
			return;
		s->iterations += n;
		s->reported_ns += n * t.reported_ns;
		s->wall_ns += n * t.wall_ns;
		loop.iterations = 1 + (uint64_t)(RUN_NS / t.wall_ns);
	}
}

static void work(struct worker *w)
{
	struct state *s = w->cell->state;

	pthread_barrier_wait(&s->edge);
	if (w->index == 0)
		run(w, s);
	pthread_barrier_wait(&s->edge);
}

static void say_times(struct cell *c, const struct state *s)
{
	double threads = c->threads;
	double time_ns = s->reported_ns / s->iterations;
	bool divides = gbench_divides();
	double corrected_ns = divides ? time_ns * threads : time_ns;

	cell_figure(c, "gbench_time_ns", time_ns);
	cell_figure(c, "gbench_time_times_threads_ns", time_ns * threads);
	cell_figure(c, "gbench_divides", divides);
	/* of one thread: what Time should be, and is by our clock */
	cell_figure(c, "gbench_corrected_ns", corrected_ns);
	cell_figure(c, "gbench_wall_ns", s->wall_ns / s->iterations);
	/* of all threads: next to the column ops_per_s */
	cell_figure(c, "gbench_ops_per_s",
		    threads * (double)NS_PER_S / corrected_ns);
}

static bool verify(struct cell *c)
{
	struct state *s = c->state;

	if (s->iterations > 0)
		say_times(c, s);
	if (s->impl && s->value != cell_total_ops(c))
		return cell_fail(c,
				 "%llu sections were run and %llu left a trace",
				 (unsigned long long)cell_total_ops(c),
				 (unsigned long long)s->value);
	return true;
}

SCENARIO(
	.name = "gbench_loop",
	.kind = "mutex",
	.bound = BOUND_MICRO,
	.brief = "one section, run by Google Benchmark's own loop and threads",
	.models = "a mutex benchmark as it is usually written",
	.params = {
		{ "cs_ns", 0, 0, NS_PER_S, "work inside the section" },
		{ "sleep_ms", 5, 1, 10000, "an iteration of variant sleep" },
	},
	.variants = variants,
	.setup = setup,
	.work = work,
	.verify = verify);
