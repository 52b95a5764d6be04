/* SPDX-License-Identifier: MIT */
/*
 * A spinlock that takes a set share of an operation longer: it learns within
 * the ramp how long an operation is, from one acquisition to the next, and from
 * then on works for that share of it inside lock. What two of these differ in
 * is the share alone.
 *
 * Where the lock is what limits the threads, so many per cent are what the rate
 * falls by; with other work beside the sections they would be hidden in it.
 */
#ifndef SHARE_H
#define SHARE_H

#include "../../primitives/mutex.h"

enum { STRETCHES = 8 }; /* to learn from: the least counts */
#define STRETCH_NS (NS_PER_MS / 2)

struct share {
	_Atomic uint32_t held;
	/* guarded by the lock */
	uint32_t steps; /* of section_work, once known */
	unsigned stretches;
	uint64_t since, n; /* of the current stretch */
	double least;	   /* of an operation, ns */
	double step_ns;	   /* constant after init */
};

static int share_init(struct share *m)
{
	enum { TRIES = 9, STEPS = 20000 };
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		uint64_t start = now_ns();

		section_work(STEPS);

		uint64_t ns = now_ns() - start;

		if (ns < best)
			best = ns;
	}
	m->step_ns = (double)best / STEPS;
	m->least = (double)UINT64_MAX;
	return 0;
}

/* One operation more has begun. */
static COLD void share_learn(struct share *m, double share)
{
	uint64_t now = now_ns();

	if (m->since == 0) {
		m->since = now;
		return;
	}
	m->n++;
	if (now - m->since < STRETCH_NS)
		return;

	double ns = (double)(now - m->since) / (double)m->n;

	if (ns < m->least)
		m->least = ns;
	m->since = now;
	m->n = 0;
	if (++m->stretches == STRETCHES)
		m->steps = (uint32_t)(share * m->least / m->step_ns + 0.5);
}

static ALWAYS_INLINE void share_lock(struct share *m, double share)
{
	struct spinner s = { 0 };

	while (atomic_exchange_explicit(&m->held, 1, memory_order_acquire))
		while (atomic_load_explicit(&m->held, memory_order_relaxed))
			spin_once(&s, DEADLINE_NEVER);
	if (unlikely(m->stretches < STRETCHES))
		share_learn(m, share);
	section_work(m->steps);
}

static ALWAYS_INLINE void share_unlock(struct share *m)
{
	atomic_store_explicit(&m->held, 0, memory_order_release);
}

#define SHARE_MUTEX(name_, brief_, share_)                                     \
	static int init(void *mutex)                                           \
	{                                                                      \
		return share_init(mutex);                                      \
	}                                                                      \
                                                                               \
	static void lock(void *mutex, void *node)                              \
	{                                                                      \
		(void)node;                                                    \
		share_lock(mutex, share_);                                     \
	}                                                                      \
                                                                               \
	static void unlock(void *mutex, void *node)                            \
	{                                                                      \
		(void)node;                                                    \
		share_unlock(mutex);                                           \
	}                                                                      \
                                                                               \
	REGISTER_MUTEX(.id = { .name = name_,                                  \
			       .brief = brief_,                                \
			       .source = "planted",                            \
			       .unsupported = "a known answer has no try or "  \
					      "timed form",                    \
			       .flags = IMPL_NEEDS_INIT | IMPL_LARGE,          \
			       .size = sizeof(struct share) },                 \
		       .init = init, .lock = lock, .unlock = unlock)

#endif
