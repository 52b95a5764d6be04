/* SPDX-License-Identifier: MIT */
/*
 * The part of the kit that runs inside a window: cells, workers, samples, work.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../registry.h"
#include "pace.h"

uint64_t clock_cost_ns;
double work_step_ns = 1;

uint64_t cell_param(const struct cell *c, const char *name)
{
	for (int i = 0; i < PARAMS_MAX && c->scenario->params[i].name; i++)
		if (strcmp(c->scenario->params[i].name, name) == 0)
			return c->values[i];
	fprintf(stderr,
		"synclab: scenario %s reads a parameter '%s' that it "
		"does not declare\n",
		c->scenario->name, name);
	abort();
}

bool cell_fail(struct cell *c, const char *format, ...)
{
	static _Atomic int taken;
	va_list args;

	/* relaxed: only one writes, and it is read after all are joined */
	if (atomic_exchange_explicit(&taken, 1, memory_order_relaxed))
		return false;
	va_start(args, format);
	vsnprintf(c->why, sizeof(c->why), format, args);
	va_end(args);
	return false;
}

void cell_figure(struct cell *c, const char *name, double value)
{
	int i = 0;

	if (isnan(value))
		return;
	while (i < EXTRAS_MAX && c->extras[i].name[0])
		i++;
	if (i == EXTRAS_MAX)
		abort();
	snprintf(c->extras[i].name, sizeof(c->extras[i].name), "%s", name);
	c->extras[i].value = value;
}

void *cell_alloc(size_t size)
{
	const size_t align = (size_t)2 * CACHE_LINE;
	size_t whole = (size + align - 1) & ~(align - 1);
	void *memory = aligned_alloc(align, whole ? whole : align);

	if (!memory) {
		fprintf(stderr,
			"synclab: no memory for %zu bytes: use fewer "
			"locks or threads\n",
			size);
		exit(2);
	}
	return memset(memory, 0, whole ? whole : align);
}

const struct registration *cell_companion(const struct cell *c,
					  const char *kind)
{
	enum family family = FUTEX;

	if (c->implementation && c->implementation->id->family != OTHER)
		family = c->implementation->id->family;
	return lab_find(kind, lab_family_name(family));
}

uint64_t cell_total_ops(const struct cell *c)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < c->n_workers; i++)
		sum += c->workers[i].turn.ops;
	return sum;
}

/* How many operations a thread had done when it saw a phase begin; one that
 * left before that has stopped counting. */
static uint64_t ops_at(const struct turn *t, uint32_t phase)
{
	/* relaxed: the thread has ended */
	return t->seen >= phase ? atomic_load_explicit(&t->marks[phase],
						       memory_order_relaxed)
				: t->ops;
}

uint64_t worker_window_ops(const struct worker *w)
{
	return ops_at(&w->turn, DRAIN) - ops_at(&w->turn, MEASURE);
}

uint64_t recorder_self_handovers(const struct worker *w)
{
	const struct turn *t = &w->turn;
	uint64_t from = t->seen >= MEASURE ? t->self_from : t->self_handovers;
	uint64_t to = t->seen >= DRAIN ? t->self_to : t->self_handovers;

	return to - from;
}

bool cell_refuse(struct cell *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->why, sizeof(c->why), format, args);
	va_end(args);
	c->refused = true;
	return false;
}

/* The clock was read twice; one reading lies between the two. */
static uint64_t without_clock(uint64_t ns)
{
	return ns > clock_cost_ns ? ns - clock_cost_ns : 0;
}

void worker_record(struct worker *w, uint64_t latency_ns)
{
	if (recording(&w->turn))
		histogram_add(&w->recorder->latency, without_clock(latency_ns));
}

void worker_record_section(struct worker *w, uint64_t inside_ns)
{
	if (recording(&w->turn))
		histogram_add(&w->recorder->inside, without_clock(inside_ns));
}

void worker_record_rest(struct worker *w, uint64_t outside_ns)
{
	if (recording(&w->turn))
		histogram_add(&w->recorder->outside, without_clock(outside_ns));
}

static struct recorded recorded(const struct histogram *h)
{
	if (h->total == 0)
		return (struct recorded){ 0, NAN, NAN, NAN };
	return (struct recorded){
		.n = h->total,
		.sum_ns = h->sum,
		.p50_ns = (double)histogram_quantile(h, 0.5),
		.p99_ns = (double)histogram_quantile(h, 0.99),
	};
}

struct recorded cell_latencies(const struct cell *c, unsigned first, unsigned n)
{
	struct histogram all = { 0 };

	for (unsigned i = first; i < first + n; i++)
		histogram_merge(&all, &c->workers[i].recorder->latency);
	return recorded(&all);
}

struct recorded cell_sections(const struct cell *c, unsigned first, unsigned n)
{
	struct histogram all = { 0 };

	for (unsigned i = first; i < first + n; i++)
		histogram_merge(&all, &c->workers[i].recorder->inside);
	return recorded(&all);
}

/* Of an operation that took so long: in open windows the time for which it had
 * been due before belongs to its latency. */
static void record(struct recorder *r, uint64_t ns)
{
	ns = without_clock(ns);
	if (r->pacer && r->pacer->gap_ns > 0) {
		histogram_add(&r->service, ns);
		ns += r->pacer->late_ns;
	}
	histogram_add(&r->latency, ns);
}

void worker_timed(struct worker *w, uint64_t ns)
{
	if (recording(&w->turn))
		record(w->recorder, ns);
	/* random, so that sampling never beats in time with the work */
	w->countdown = 1 + (uint32_t)(worker_random(w) >> 32) %
				   (2 * w->stride_mask + 1);
}

void recorder_section(void *recorder, uint64_t enter, uint64_t inside,
		      uint64_t leave, uint64_t outside)
{
	struct recorder *r = recorder;

	(void)leave;
	record(r, enter);
	histogram_add(&r->inside, without_clock(inside));
	histogram_add(&r->outside, without_clock(outside));
}

void work_ns(uint64_t ns)
{
	while (ns > NS_PER_MS) {
		section_work((uint32_t)((double)NS_PER_MS / work_step_ns));
		ns -= NS_PER_MS;
	}
	section_work((uint32_t)((double)ns / work_step_ns));
}
