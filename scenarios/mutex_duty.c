/* SPDX-License-Identifier: MIT */
/*
 * Each turn of a thread is some work, a share of it under the mutex: how much
 * do more threads get done?
 *
 * Source: J. Preshing, "Locks Aren't Slow; Lock Contention Is" (2011): two
 * threads that hold the lock for half of their work do 1.5 times one's. As
 * there, the lengths of the work inside and outside are exponential.
 *
 * The model beside it is the closed queue of one repairman (the mutex) and N
 * machines (the threads), with the P CPUs shared evenly among those who run: a
 * birth-death chain in the number of threads at the mutex, which exponential
 * lengths make exact (E. Lazowska et al., "Quantitative System Performance",
 * 1984, ch. 8). Its waiters sleep and its mutex costs nothing, so a real one
 * stays below it, by what it costs. CPUs that share a core are not in it.
 */
#include "_roles.h"

static uint64_t inside_ns(const struct cell *c)
{
	return cell_param(c, "work_ns") * cell_param(c, "hold_percent") / 100;
}

static uint64_t outside_ns(const struct cell *c)
{
	return cell_param(c, "work_ns") - inside_ns(c);
}

static uint64_t exponential(struct worker *w, uint64_t mean_ns)
{
	/* uniform in (0, 1] */
	double u = (double)((worker_random(w) >> 11) + 1) * 0x1p-53;

	return (uint64_t)(-log(u) * (double)mean_ns);
}

static void work(struct worker *w)
{
	uint64_t cs_ns = inside_ns(w->cell), ncs_ns = outside_ns(w->cell);

	roles_enter(w);
	while (worker_next(w)) {
		roles_section(w->cell->state, w, exponential(w, cs_ns));
		work_ns(exponential(w, ncs_ns));
	}
	roles_leave(w);
}

/* ---- the model ---- */

/* The part of its work's speed that each thread has, with so many at the mutex:
 * one of them runs, and all who are not there. */
static double speed(unsigned threads, unsigned at_mutex, unsigned cpus)
{
	unsigned running = threads - at_mutex + (at_mutex > 0);

	return running > cpus ? (double)cpus / running : 1;
}

/* Operations per second: how likely there are how many threads at the mutex
 * (as logarithms, which do not overflow), and how fast it then serves. */
static double model(unsigned threads, unsigned cpus, double cs_ns,
		    double ncs_ns)
{
	double weights[THREADS_MAX + 1] = { 0 }, most = 0;
	double sum = 0, served = 0;

	for (unsigned i = 1; i <= threads; i++) {
		double arrive = (threads - i + 1) *
				speed(threads, i - 1, cpus) / ncs_ns;
		double serve = speed(threads, i, cpus) / cs_ns;

		weights[i] = weights[i - 1] + log(arrive / serve);
		most = fmax(most, weights[i]);
	}
	for (unsigned i = 0; i <= threads; i++) {
		double weight = exp(weights[i] - most);

		sum += weight;
		if (i > 0)
			served += weight * speed(threads, i, cpus) / cs_ns;
	}
	return served / sum * (double)NS_PER_S;
}

static unsigned cpus_allowed(void)
{
	cpu_set_t set;

	sched_getaffinity(0, sizeof(set), &set);
	return (unsigned)CPU_COUNT(&set);
}

static bool verify(struct cell *c)
{
	/* nothing at all would divide by zero; a picosecond is nothing */
	double rate = model(c->threads, cpus_allowed(),
			    fmax((double)inside_ns(c), 1e-3),
			    fmax((double)outside_ns(c), 1e-3));
	double measured = roles_ops(c, 0, c->threads) * (double)NS_PER_S /
			  (double)c->window_ns;

	cell_figure(c, "model_ops_per_s", rate);
	cell_figure(c, "measured_over_model", measured / rate);
	return roles_verify(c);
}

SCENARIO(
	.name = "mutex_duty",
	.kind = "mutex",
	.bound = BOUND_MICRO,
	.brief = "one turn of work, a share of it under the mutex",
	.models = "threads that compute and put their results into one place",
	.params = {
		{ "hold_percent", 50, 0, 100, "of the work, under the mutex" },
		{ "work_ns", 50000, 1000, NS_PER_S, "of a turn, on average" },
	},
	.slow = true,
	.setup = roles_setup,
	.work = work,
	.verify = verify);
