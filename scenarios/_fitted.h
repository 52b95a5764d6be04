/* SPDX-License-Identifier: MIT */
/*
 * Locks used as a program uses them, of which only figures are known: how many
 * threads and locks there are, the share of the lock that is used most, and the
 * quantiles of how long sections and the rest last. `synclab run --profile`
 * writes campaigns of these (harness/run/profile_fit.h).
 *
 * Lengths are drawn independently, from the quantiles with a straight line in
 * the logarithm between them: a program's order of long and short is lost, and
 * nothing is longer than the last quantile. Sections are work on the CPU. Of
 * the rest as much is work as the program's was; what is left of a long one is
 * slept.
 */
#ifndef FITTED_H
#define FITTED_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "_kit.h"

enum { DRAWS = 1024 };

/* Less than this is not worth a sleep: timers are late by as much. */
enum { SLEEP_MIN_NS = 50000 };

/* What a lock guards, on lines of its own. */
struct fitted_lock {
	void *object;
	_Alignas(2 * CACHE_LINE) volatile uint64_t sections; /* its witness */
};

struct fitted {
	const struct implementation *id;
	struct fitted_lock *locks;
	unsigned n;
	unsigned hot_permille, rest_cpu_percent;
	uint64_t cs_ns[DRAWS], rest_ns[DRAWS];
};

/* clang-format off */
#define FITTED_LENGTHS(p10, p50, p90, p99)                                     \
	{ "cs_p10_ns", p10, 0, NS_PER_S, "sections: a tenth is shorter" },     \
	{ "cs_p50_ns", p50, 0, NS_PER_S, "half" },                             \
	{ "cs_p90_ns", p90, 0, NS_PER_S, "nine in ten" },                      \
	{ "cs_p99_ns", p99, 0, NS_PER_S, "99 in 100, the rest as long" },      \
	{ "ncs_p10_ns", p10, 0, NS_PER_S, "between sections: the same" },      \
	{ "ncs_p50_ns", p50, 0, NS_PER_S, "" },                                \
	{ "ncs_p90_ns", p90, 0, NS_PER_S, "" },                                \
	{ "ncs_p99_ns", p99, 0, NS_PER_S, "" },                                \
	{ "ncs_cpu_percent", 100, 0, 100, "of the time between them: work" }
#define FITTED_LOCKS                                                           \
	{ "locks", 1, 1, 1 << 16, "to choose from" },                          \
	{ "hot_permille", 0, 0, 1000, "sections of the first; 0: as the others" }
/* clang-format on */

/* The quantiles' inverse at a probability. */
static inline uint64_t fitted_length(const uint64_t quantiles[4], double u)
{
	static const double at[] = { 0.1, 0.5, 0.9, 0.99 };
	int i = 0;

	if (u <= at[0])
		return quantiles[0];
	if (u >= at[3])
		return quantiles[3];
	while (u > at[i + 1])
		i++;

	double low = log((double)quantiles[i] + 1);
	double high = log((double)quantiles[i + 1] + 1);
	double share = (u - at[i]) / (at[i + 1] - at[i]);

	return (uint64_t)(exp(low + share * (high - low)) - 0.5);
}

static inline bool fitted_lengths(struct cell *c, const char *what,
				  uint64_t draws[DRAWS])
{
	static const char *const names[] = { "p10", "p50", "p90", "p99" };
	uint64_t quantiles[4];
	char name[32];

	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "%s_%s_ns", what, names[i]);
		quantiles[i] = cell_param(c, name);
		if (i && quantiles[i] < quantiles[i - 1])
			return cell_fail(c,
					 "%s = %llu is less than %s_%s_ns: "
					 "quantiles rise",
					 name, (unsigned long long)quantiles[i],
					 what, names[i - 1]);
	}
	for (int i = 0; i < DRAWS; i++)
		draws[i] = fitted_length(quantiles, (i + 0.5) / DRAWS);
	return true;
}

/* In setup; init is the implementation's, or NULL. */
static inline bool fitted_setup(struct cell *c, int (*init)(void *object))
{
	struct fitted *f = c->state = cell_alloc(sizeof(*f));

	f->id = c->implementation->id;
	f->n = (unsigned)cell_param(c, "locks");
	f->hot_permille = (unsigned)cell_param(c, "hot_permille");
	f->rest_cpu_percent = (unsigned)cell_param(c, "ncs_cpu_percent");
	f->locks = cell_alloc(f->n * sizeof(f->locks[0]));
	for (unsigned i = 0; i < f->n; i++) {
		f->locks[i].object = cell_object(c->implementation);
		if (init && !kit_ok(c, "lock", init(f->locks[i].object)))
			return false;
	}
	return fitted_lengths(c, "cs", f->cs_ns) &&
	       fitted_lengths(c, "ncs", f->rest_ns);
}

static inline struct fitted_lock *fitted_choose(const struct fitted *f,
						struct worker *w)
{
	uint64_t random = worker_random(w) >> 16;

	if (f->n == 1)
		return &f->locks[0];
	if (!f->hot_permille)
		return &f->locks[random % f->n];
	if (random % 1000 < f->hot_permille)
		return &f->locks[0];
	return &f->locks[1 + (random >> 10) % (f->n - 1)];
}

static inline uint64_t fitted_draw(const uint64_t draws[DRAWS],
				   struct worker *w)
{
	return draws[(worker_random(w) >> 20) % DRAWS];
}

/* As a writer, or as the only one: returns whether it was alone. */
static inline bool fitted_write(struct fitted_lock *l, uint64_t ns)
{
	uint64_t mine = l->sections + 1;

	l->sections = mine;
	work_ns(ns);
	return l->sections == mine;
}

static inline bool fitted_read(struct fitted_lock *l, uint64_t ns)
{
	uint64_t before = l->sections;

	work_ns(ns);
	return l->sections == before;
}

static inline void fitted_rest(const struct fitted *f, struct worker *w,
			       bool timed)
{
	uint64_t ns = fitted_draw(f->rest_ns, w);
	uint64_t asleep = ns * (100 - f->rest_cpu_percent) / 100;
	uint64_t start = timed ? now_ns() : 0;

	if (asleep < SLEEP_MIN_NS)
		asleep = 0;
	work_ns(ns - asleep);
	if (asleep)
		kit_sleep(asleep);
	if (timed)
		worker_record_rest(w, now_ns() - start);
}

/* In verify: so many sections were written, by all threads together. */
static inline bool fitted_verify(struct cell *c, unsigned long long written)
{
	const struct fitted *f = c->state;
	unsigned long long seen = 0;

	for (unsigned i = 0; i < f->n; i++)
		seen += f->locks[i].sections;
	if (!kit_no_violations(c, "a section was not alone"))
		return false;
	return seen == written ||
	       cell_fail(c,
			 "%llu sections were run and %llu left a trace: "
			 "exclusion or visibility is broken",
			 written, seen);
}

#endif
