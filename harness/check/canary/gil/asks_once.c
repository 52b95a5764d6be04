/* SPDX-License-Identifier: MIT */
/*
 * A waiter asks the holder once to drop the lock, and then sleeps until it
 * does: "the request stays until it is honoured". But who takes the lock clears
 * it for all, and is asked by nobody if another one was quicker.
 *
 * Bug:       gil-asks-once
 * Source:    planted; take_gil in CPython's ceval_gil.c asks again after each
 *            interval without a switch
 * Scenario:  three threads that compute and yield
 * Violation: starvation: the third one waits for ever
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: asks_again (livelock)
 */
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

static int init(void *gil, uint64_t interval_ns)
{
	struct gil *g = gil;

	if (interval_ns == 0)
		return SYNC_INVALID;
	*g = (struct gil){ 0 };
	atomic_init(&g->interval, interval_ns);
	return SYNC_OK;
}

/* A number that no other thread has had: an address would come back. */
static uint64_t own_number(void)
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
static bool await(struct gil *g, bool ask)
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

static void acquire(void *gil)
{
	struct gil *g = gil;
	bool asked = false;

	/* [L] */
	while (atomic_exchange_explicit(&g->locked, 1, memory_order_acquire))
		asked |= await(g, !BROKEN || !asked);
	atomic_store_explicit(&g->request, 0, memory_order_relaxed);
	if (g->last_holder == own_number())
		return;
	if (g->last_holder)
		atomic_fetch_add_explicit(&g->switches, 1,
					  memory_order_relaxed);
	g->last_holder = own_number();
	atomic_fetch_add_explicit(&g->turn, 1, memory_order_relaxed);
	futex_wake_all(&g->turn);
}

static void release(void *gil)
{
	struct gil *g = gil;
	/* While nobody else has taken it, it stays the caller's turn. */
	uint32_t turn = atomic_load_explicit(&g->turn, memory_order_relaxed);

	/* pairs with [L] */
	atomic_store_explicit(&g->locked, 0, memory_order_release);
	futex_wake(&g->locked, 1);
	if (!atomic_load_explicit(&g->request, memory_order_relaxed))
		return;
	while (atomic_load_explicit(&g->turn, memory_order_relaxed) == turn)
		futex_wait(&g->turn, turn, DEADLINE_NEVER);
}

static bool yield(void *gil)
{
	struct gil *g = gil;

	if (!atomic_load_explicit(&g->request, memory_order_relaxed))
		return false;
	release(g);
	acquire(g);
	return true;
}

static void set_interval(void *gil, uint64_t interval_ns)
{
	struct gil *g = gil;

	atomic_store_explicit(&g->interval, interval_ns, memory_order_relaxed);
}

static uint64_t switches(void *gil)
{
	struct gil *g = gil;

	return atomic_load_explicit(&g->switches, memory_order_relaxed);
}

REGISTER_GIL(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a waiter asks for a drop once"),
		.source = "planted",
		.flags = IMPL_NEEDS_INIT,
		.size = sizeof(struct gil),
	},
	.init = init,
	.acquire = acquire,
	.release = release,
	.yield = yield,
	.set_interval = set_interval,
	.switches = switches);
