/* SPDX-License-Identifier: MIT */
/*
 * What the gallery's GILs have in common: CPython's take_gil and drop_gil over
 * futexes, with two choices to get wrong.
 */
#ifndef SWITCH_H
#define SWITCH_H

#include "../../../../primitives/gil.h"
#include "../canary.h"

struct gil {
	_Atomic uint32_t locked;
	_Atomic uint32_t request; /* somebody has waited the interval */
	_Atomic uint32_t turn;	  /* how often somebody else has taken it */
	_Atomic uint64_t switches;
	_Atomic uint64_t interval;
	uint64_t last_holder; /* the holder's; 0: nobody yet */
};

struct gil_choices {
	bool asks_once;	 /* a waiter requests a drop no second time */
	bool waits_once; /* whoever drops sleeps once, in no loop */
};

static int gil_init(void *gil, uint64_t interval_ns)
{
	struct gil *g = gil;

	if (interval_ns == 0)
		return SYNC_INVALID;
	*g = (struct gil){ 0 };
	atomic_init(&g->interval, interval_ns);
	return SYNC_OK;
}

/* A number that no other thread has had: an address would come back. */
static uint64_t gil_self(void)
{
	static _Atomic uint64_t threads;
	static _Thread_local uint64_t self;

	if (!self)
		self = atomic_fetch_add_explicit(&threads, 1,
						 memory_order_relaxed) +
		       1;
	return self;
}

/* Wait for the lock; ask for it when the interval has passed unused. */
static bool gil_await(struct gil *g, bool ask)
{
	uint32_t turn = atomic_load_explicit(&g->turn, memory_order_relaxed);
	uint64_t interval =
		atomic_load_explicit(&g->interval, memory_order_relaxed);

	if (futex_wait(&g->locked, 1,
		       ask ? deadline_in(interval) : DEADLINE_NEVER) !=
		    ETIMEDOUT ||
	    turn != atomic_load_explicit(&g->turn, memory_order_relaxed))
		return false;
	atomic_store_explicit(&g->request, 1, memory_order_relaxed);
	return true;
}

static ALWAYS_INLINE void gil_take(struct gil *g, struct gil_choices choices)
{
	bool asked = false;

	/* [L] */
	while (atomic_exchange_explicit(&g->locked, 1, memory_order_acquire))
		asked |= gil_await(g, !asked || !choices.asks_once);
	atomic_store_explicit(&g->request, 0, memory_order_relaxed);
	if (g->last_holder == gil_self())
		return;
	if (g->last_holder)
		atomic_fetch_add_explicit(&g->switches, 1,
					  memory_order_relaxed);
	g->last_holder = gil_self();
	atomic_fetch_add_explicit(&g->turn, 1, memory_order_relaxed);
	futex_wake_all(&g->turn);
}

static ALWAYS_INLINE void gil_drop(struct gil *g, struct gil_choices choices)
{
	/* While nobody else has taken it, it stays the caller's turn. */
	uint32_t turn = atomic_load_explicit(&g->turn, memory_order_relaxed);

	/* pairs with [L] */
	atomic_store_explicit(&g->locked, 0, memory_order_release);
	futex_wake(&g->locked, 1);
	if (!atomic_load_explicit(&g->request, memory_order_relaxed))
		return;
	while (atomic_load_explicit(&g->turn, memory_order_relaxed) == turn) {
		futex_wait(&g->turn, turn, DEADLINE_NEVER);
		if (choices.waits_once)
			break;
	}
}

static ALWAYS_INLINE bool gil_yield(struct gil *g, struct gil_choices choices)
{
	if (!atomic_load_explicit(&g->request, memory_order_relaxed))
		return false;
	gil_drop(g, choices);
	gil_take(g, choices);
	return true;
}

static void gil_set_interval(void *gil, uint64_t interval_ns)
{
	struct gil *g = gil;

	atomic_store_explicit(&g->interval, interval_ns, memory_order_relaxed);
}

static uint64_t gil_switches(void *gil)
{
	struct gil *g = gil;

	return atomic_load_explicit(&g->switches, memory_order_relaxed);
}

/* The hooks, and the registration, of a file that defines CHOICES. */
#define REGISTER_BROKEN_GIL(brief_, source_)                                   \
	static void acquire(void *gil)                                         \
	{                                                                      \
		gil_take(gil, CHOICES);                                        \
	}                                                                      \
	static void release(void *gil)                                         \
	{                                                                      \
		gil_drop(gil, CHOICES);                                        \
	}                                                                      \
	static bool yield(void *gil)                                           \
	{                                                                      \
		return gil_yield(gil, CHOICES);                                \
	}                                                                      \
	REGISTER_GIL(                                                          \
		.id = {                                                        \
			.name = CANARY_NAME,                                   \
			.brief = brief_,                                       \
			.source = source_,                                     \
			.flags = IMPL_NEEDS_INIT | IMPL_LARGE,                 \
			.size = sizeof(struct gil),                            \
		},                                                             \
		.init = gil_init, .acquire = acquire, .release = release,      \
		.yield = yield, .set_interval = gil_set_interval,              \
		.switches = gil_switches)

#endif
