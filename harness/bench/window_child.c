/* SPDX-License-Identifier: MIT */
#include "window_child.h"

#include <alloca.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "../command.h"
#include "../registry.h"
#include "exchange.h"
#include "fairness.h"
#include "layout.h"
#include "machine.h"
#include "order_log.h"
#include "pace.h"
#include "ramp.h"

/* A scenario may add a few workers of its own (drivers) to the threads. */
enum { WORKERS_MAX = THREADS_MAX + 16 };

/* Of operations that cost less than microseconds: one in so many is timed. */
enum { STRIDE_THROUGHPUT = 1024, STRIDE_LATENCY = 16 };

/* What the process and the machine had used up at one moment. */
struct usage {
	uint64_t ns;
	uint64_t cpu_ns;
	uint64_t voluntary, involuntary;
	uint64_t idle_involuntary; /* of this thread, which waits */
	struct machine_reading machine;
	struct counter_reading counters;
};

struct shared {
	_Alignas(2 * CACHE_LINE) _Atomic uint32_t phase;
	_Alignas(2 * CACHE_LINE) pthread_barrier_t ready;
	bool unsynced; /* nobody waits at it */
};

static struct shared shared;

static uint64_t timeval_ns(struct timeval t)
{
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_usec * NS_PER_US;
}

/* What this process has used; its children as the scenario counts them. */
static void read_usage(struct cell *c, struct usage *u)
{
	struct rusage r, controller;

	counters_now(&u->counters);
	getrusage(RUSAGE_SELF, &r);
	getrusage(RUSAGE_THREAD, &controller);
	u->cpu_ns =
		timeval_ns(r.ru_utime) + timeval_ns(r.ru_stime) +
		atomic_load_explicit(&c->children_cpu_ns, memory_order_relaxed);
	u->voluntary = (uint64_t)r.ru_nvcsw;
	u->involuntary = (uint64_t)r.ru_nivcsw;
	u->idle_involuntary = (uint64_t)controller.ru_nivcsw;
}

/* At the edges of the window: the usage lies next to it on either side. */
static void read_before(struct cell *c, struct usage *u)
{
	u->machine = machine_read();
	read_usage(c, u);
	u->ns = now_ns();
}

static void read_after(struct cell *c, struct usage *u)
{
	read_usage(c, u);
	u->machine = machine_read();
}

static void *worker_main(void *argument)
{
	struct worker *w = argument;
	/* what is below it on the stack lies elsewhere in each window */
	/* cppcheck-suppress allocaCalled ; its other way is barred by -Wvla */
	void *shift = alloca(layout_stack(w->cell->seed, w->index) + 1);

	__asm__ volatile("" ::"r"(shift)); /* or it would be left out */
	/* sleeps of the workload end when they should, not 50 us later */
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	if (!shared.unsynced)
		pthread_barrier_wait(&shared.ready);
	w->turn.first_ns = now_ns();
	w->cell->scenario->work(w);
	if (!w->turn.last_ns)
		w->turn.last_ns = now_ns();
	pace_left(w);
	return NULL;
}

static void make_workers(struct cell *c, const struct window_plan *plan)
{
	const struct scenario *s = c->scenario;
	uint32_t stride = s->slow || plan->mode == OPEN ? 1
			  : plan->mode == LATENCY	? STRIDE_LATENCY
							: STRIDE_THROUGHPUT;

	c->n_workers = s->workers ? s->workers(c) : c->threads;
	if (c->n_workers > WORKERS_MAX)
		abort();
	c->workers = cell_alloc(c->n_workers * sizeof(c->workers[0]));
	for (unsigned i = 0; i < c->n_workers; i++) {
		struct worker *w = &c->workers[i];

		w->turn.phase = &shared.phase;
		w->cell = c;
		w->index = i;
		/* never 0: the generators would stay there */
		w->random =
			(c->seed + i + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
		w->stride_mask = stride - 1;
		w->countdown = 1 + i * 7 % stride;
		w->recorder = cell_alloc(sizeof(*w->recorder));
		w->recorder->thread = i;
		pace_worker(w, plan, c->threads);
	}
	ramp_prepare(c);
}

static bool start_threads(struct cell *c, pthread_t *threads,
			  struct window_result *r)
{
	for (unsigned i = 0; i < c->n_workers; i++) {
		int error = pthread_create(&threads[i], NULL, worker_main,
					   &c->workers[i]);

		if (!error)
			continue;
		r->environment = true;
		snprintf(
			r->why, sizeof(r->why),
			"cannot start thread %u of %u: %s: use fewer --threads "
			"or raise the limit (ulimit -u)",
			i + 1, c->n_workers, strerror(error));
		return false;
	}
	return true;
}

void sleep_until(uint64_t deadline)
{
	struct timespec t = deadline_timespec(deadline);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
		;
}

static void set_phase(uint32_t phase)
{
	/* relaxed: the value is the message */
	atomic_store_explicit(&shared.phase, phase, memory_order_relaxed);
}

/* Run the phases; before and after are the edges of the measured one, read as
 * close to it as can be, and without a part in it. */
static void run_phases(struct cell *c, const struct window_plan *plan,
		       const pthread_t *threads, struct window_result *r,
		       struct usage *before, struct usage *after)
{
	pthread_barrier_wait(&shared.ready);
	r->ramp_ns = now_ns();
	r->ramp_slope = ramp_run(c, plan->ramp_ns, &shared.phase);
	read_before(c, before);
	set_phase(MEASURE);
	r->ramp_ns = before->ns - r->ramp_ns;
	sleep_until(before->ns + plan->measure_ns);
	after->ns = now_ns();
	set_phase(DRAIN);
	read_after(c, after);
	if (c->scenario->stop)
		c->scenario->stop(c);
	for (unsigned i = 0; i < c->n_workers; i++)
		pthread_join(threads[i], NULL);
}

/* No phases: the window lasts until all have done their operations. */
static void run_operations(struct cell *c, const pthread_t *threads,
			   struct window_result *r, struct usage *before,
			   struct usage *after)
{
	r->ramp_slope = NAN;
	if (!shared.unsynced)
		pthread_barrier_wait(&shared.ready);
	pace_await(c->n_workers);
	set_phase(DRAIN);
	read_after(c, after);
	if (c->scenario->stop)
		c->scenario->stop(c);
	for (unsigned i = 0; i < c->n_workers; i++)
		pthread_join(threads[i], NULL);
	pace_edges(c, &before->ns, &after->ns);
}

static void share_out(const struct cell *c, struct window_result *r)
{
	double ops[WORKERS_MAX];
	size_t n = 0;

	for (unsigned i = 0; i < c->n_workers; i++) {
		uint64_t own = worker_window_ops(&c->workers[i]);

		r->ops += own;
		if (!c->workers[i].auxiliary)
			ops[n++] = (double)own;
	}

	struct fairness f = fairness_of(ops, n);

	r->jain = f.jain;
	r->min_share = f.min_share;
	r->gini = f.gini;
	r->thread_cv = f.cv;
}

static void judge_machine(const struct usage *before, const struct usage *after,
			  struct window_result *r)
{
	unsigned cpus = machine_cpus();

	r->steal = machine_steal(&before->machine, &after->machine, cpus);
	r->foreign = machine_foreign(&before->machine, &after->machine, cpus);
	r->idle_involuntary =
		after->idle_involuntary - before->idle_involuntary;
}

/* The smallest share of the window that a thread spent in its loop. */
static double overlap(const struct cell *c, uint64_t from, uint64_t to)
{
	double least = 1;

	for (unsigned i = 0; i < c->n_workers; i++) {
		const struct turn *t = &c->workers[i].turn;
		uint64_t in = t->first_ns > from ? t->first_ns : from;
		uint64_t out = t->last_ns < to ? t->last_ns : to;
		double share =
			out > in ? (double)(out - in) / (double)(to - from) : 0;

		if (share < least)
			least = share;
	}
	return least;
}

static void handovers(const struct cell *c, struct window_result *r)
{
	uint64_t self = 0;

	for (unsigned i = 0; i < c->n_workers; i++)
		self += recorder_self_handovers(&c->workers[i]);
	if (c->order)
		order_log_figures(c->order, c->n_workers, &r->order,
				  &r->handovers);
	/* counted of all sections, not only of those written down */
	r->order.self_known = c->exclusive && r->ops > 0;
	if (r->order.self_known)
		r->order.self_handover = (double)self / (double)r->ops;
}

static void collect(struct cell *c, struct window_result *r,
		    const struct usage *before, const struct usage *after)
{
	r->window_ns = after->ns - before->ns;
	r->cpu_ns = after->cpu_ns - before->cpu_ns;
	r->voluntary_switches = after->voluntary - before->voluntary;
	r->involuntary_switches = after->involuntary - before->involuntary;
	judge_machine(before, after, r);
	counters_between(&before->counters, &after->counters, &r->counters);
	r->overlap = overlap(c, before->ns, after->ns);
	r->cs_ns_requested = c->cs_ns;
	r->ncs_ns_requested = c->ncs_ns;
	share_out(c, r);
	handovers(c, r);
	for (unsigned i = 0; i < c->n_workers; i++) {
		histogram_merge(&r->latency, &c->workers[i].recorder->latency);
		histogram_merge(&r->service, &c->workers[i].recorder->service);
		histogram_merge(&r->inside, &c->workers[i].recorder->inside);
		histogram_merge(&r->outside, &c->workers[i].recorder->outside);
	}
}

static bool setup(struct cell *c, struct window_result *r)
{
	const char *no = c->scenario->skip ? c->scenario->skip(c) : NULL;

	if (no) {
		r->skipped = true;
		snprintf(r->why, sizeof(r->why), "%s", no);
		return false;
	}
	if (!c->scenario->setup(c)) {
		r->environment = c->refused;
		snprintf(r->why, sizeof(r->why), "%s", c->why);
		return false;
	}
	return true;
}

void window_child(struct cell *c, const struct window_plan *plan,
		  struct window_result *r)
{
	pthread_t threads[WORKERS_MAX] = { 0 };
	struct usage before, after;
	cpu_set_t cpus;

	if (plan->mode == ORDER)
		c->order = order_log_new();
	shared.unsynced = plan->mode == UNSYNCED;

	sched_getaffinity(0, sizeof(cpus), &cpus);
	r->cpus = (unsigned)CPU_COUNT(&cpus);
	/* glibc's own futex calls are seen only by the kernel */
	counters_open(c->implementation &&
			      c->implementation->id->family != PTHREAD,
		      plan->mode == ORDER);
	if (!setup(c, r))
		return;
	make_workers(c, plan);
	pthread_barrier_init(&shared.ready, NULL, c->n_workers + 1);
	r->load = machine_load();
	r->step_ns_before = machine_step_ns();
	read_before(c, &before); /* threads may begin at once: mode unsynced */
	if (!start_threads(c, threads, r))
		return;
	if (pace_by_ops(plan))
		run_operations(c, threads, r, &before, &after);
	else
		run_phases(c, plan, threads, r, &before, &after);
	r->step_ns_after = machine_step_ns();
	c->window_ns = after.ns - before.ns;
	r->verified = c->scenario->verify(c) && c->why[0] == '\0';
	collect(c, r, &before, &after);
	snprintf(r->note, sizeof(r->note), "%s", c->note);
	memcpy(r->extras, c->extras, sizeof(r->extras));
	if (!r->verified)
		snprintf(r->why, sizeof(r->why), "%s",
			 c->why[0] ? c->why : "verify said no");
	pace_figures(c, plan, r);
	if (c->scenario->teardown)
		c->scenario->teardown(c);
	r->complete = true;
}

/* The cell that is asked for; false if this build has no such. */
static bool find_cell(const struct window_request *q, struct cell *c)
{
	c->scenario = lab_scenario(q->scenario);
	c->implementation = q->kind[0] ? lab_find(q->kind, q->name) : NULL;
	c->name = q->name;
	c->threads = q->threads;
	memcpy(c->values, q->values, sizeof(c->values));
	c->seed = q->seed;
	return c->scenario && (c->implementation || !q->kind[0]);
}

static void run_request(const struct window_request *q, struct window_result *r)
{
	struct layout layout = layout_of(q->seed);
	static struct cell cell;

	clock_cost_ns = q->clock_cost_ns;
	work_step_ns = q->work_step_ns;
	r->padding_bytes = (double)layout.padding;
	r->offset_bytes = (double)layout.offset;
	layout_place_objects(layout.offset);
	if (find_cell(q, &cell)) {
		window_child(&cell, &q->plan, r);
		return;
	}
	r->environment = true;
	snprintf(r->why, sizeof(r->why),
		 "%s has no scenario %s with %s%s%s: build it from sources "
		 "that have it",
		 window_executable, q->scenario, q->kind, q->kind[0] ? "/" : "",
		 q->name);
}

int command_window(int argc, char **argv)
{
	long fd = -1;
	char *end;

	if (argc == 2) {
		fd = strtol(argv[1], &end, 10);
		if (*end != '\0' || end == argv[1] || fd > INT_MAX)
			fd = -1;
	}

	struct exchange *x = exchange_take((int)fd);

	if (!x && errno == EPROTO)
		return EXIT_USAGE; /* the campaign says why */
	if (!x)
		return lab_fail("window: only a campaign can start it: use "
				"`synclab bench`");
	prctl(PR_SET_NAME, "synclab");
	run_request(&x->request, &x->result);
	fflush(NULL);
	_exit(0); /* what the scenario has left behind needs no exit handlers */
}

/* The least of several tries: whatever disturbs only makes it longer. */
void window_calibrate(void)
{
	enum { STEPS = 100000, TRIES = 21 };
	uint64_t clock_best = UINT64_MAX, work_best = UINT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		uint64_t t0 = now_ns();

		for (int j = 0; j < 100; j++)
			now_ns();

		uint64_t t1 = now_ns();

		section_work(STEPS);

		uint64_t t2 = now_ns();

		if (t1 - t0 < clock_best)
			clock_best = t1 - t0;
		if (t2 - t1 < work_best)
			work_best = t2 - t1;
	}
	clock_cost_ns = clock_best / 101;
	work_step_ns = (double)work_best / STEPS;
}
